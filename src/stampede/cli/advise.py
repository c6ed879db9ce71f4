"""``stampede advise``: what to do next, for scripts of DAGMan, site selectors and people."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stampede.cli import options, output, text
from stampede.cli.naming import workflows_of
from stampede.errors import UsageError

if TYPE_CHECKING:
    from stampede.analysis.advice.resources import Amount, ResourceAdvice
    from stampede.analysis.advice.retry import RetryAdvice
    from stampede.analysis.advice.sites import PlaceRank, SiteAdvice
    from stampede.query import Reader
    from stampede.query.workflows import Workflow

#: exit code of ``advise retry`` that says "do not try again"; for UNLESS-EXIT of DAGMan's RETRY
GIVE_UP = 42

A = TypeVar("A")


@click.group(epilog=options.example("stampede advise retry --job B diamond", "stampede advise resources diamond"))
def advise() -> None:
    """What to do next: try a job again or not, where to run, what to ask for."""


@advise.command(
    epilog=options.example(
        "stampede advise retry --job findrange_ID0000003 runs/run0001",
        "SCRIPT POST B stampede advise retry --job $JOB --exitcode $RETURN",
    )
)
@click.argument("name", required=False)
@click.option("--job", required=True, help="The job: its node name, INNER/NODE, or its HTCondor id.")
@click.option("--exitcode", type=int, help="Exit code of the try that just ended ($RETURN in a POST script).")
@options.database
@options.as_json
@options.as_of
@options.common
@click.pass_context
def retry(
    ctx: click.Context, name: str | None, job: str, exitcode: int | None, db: str | None, json_: bool,
    as_of: float | str | None,
) -> None:  # fmt: skip
    """Whether to try a job again, which hosts to avoid, how much memory to ask for.

    Ends with 0 when the job's last try went well, with 1 when another try makes sense, with 42 when it does not: with
    "RETRY NODE 3 UNLESS-EXIT 42" DAGMan then gives the node up at once.
    """
    from stampede.advising import retry as ask

    found = _asked(db, name, as_of, lambda reader, root, now: ask(reader, root, job, now, exitcode=exitcode))
    if json_:
        output.print_json(found)
    else:
        _print_retry(found)
    ctx.exit({"succeeded": 0, "retry": 1, "give_up": GIVE_UP}[found.decision])


@advise.command(epilog=options.example("stampede advise site --transformation findrange diamond --json"))
@click.argument("name", required=False)
@click.option("--transformation", required=True, help="What the jobs run.")
@click.option("--no-history", is_flag=True, help="Leave out the earlier runs of the label.")
@options.database
@options.as_json
@options.as_of
@options.common
@click.pass_context
def site(
    ctx: click.Context, name: str | None, transformation: str, no_history: bool, db: str | None, json_: bool,
    as_of: float | str | None,
) -> None:  # fmt: skip
    """Sites and machines ranked for a transformation: how surely and how soon jobs end well there.

    Ends with 1 when no try of it has ended yet.
    """
    from stampede.advising import site as ask

    found = _asked(db, name, as_of, lambda reader, root, now: ask(
        reader, root, transformation, now, history=not no_history
    ))  # fmt: skip
    if json_:
        output.print_json(found)
    else:
        _print_site(found)
    ctx.exit(0 if found.tries else 1)


@advise.command(epilog=options.example("stampede advise resources runs/run0001", "stampede advise resources --json"))
@click.argument("name", required=False)
@click.option("--transformation", help="Only this one.")
@click.option("--no-history", is_flag=True, help="Leave out the earlier runs of the label.")
@options.database
@options.as_json
@options.as_of
@options.common
@click.pass_context
def resources(
    ctx: click.Context, name: str | None, transformation: str | None, no_history: bool, db: str | None, json_: bool,
    as_of: float | str | None,
) -> None:  # fmt: skip
    """What jobs of each transformation should ask for, as lines of a submit file, against what they ask for and use.

    The 95th percentile of what successful tries used, and a fifth more; never less than what was too little. Ends with
    1 when there is too little data to advise anything.
    """
    from stampede.advising import resources as ask
    from stampede.analysis.advice.sites import bare_name

    found = _asked(db, name, as_of, lambda reader, root, now: ask(reader, root, now, history=not no_history))
    if transformation is not None:
        found = [one for one in found if transformation in (one.transformation, bare_name(one.transformation))]
    if json_:
        output.print_json({"transformations": found})
    else:
        _print_resources(found)
    ctx.exit(0 if any(one.lines for one in found) else 1)


def _asked(
    db: str | None, name: str | None, as_of: float | str | None, ask: Callable[[Reader, Workflow, float], A]
) -> A:
    """The answer about the one workflow that is meant. Raises UsageError when several are."""
    at = options.time_of(as_of)
    with workflows_of(db, name, at) as (reader, roots):
        if len(roots) != 1:
            raise UsageError(f"Advice is about one workflow; {len(roots)} are meant. Name one by its uuid or label.")
        root = roots[0]
        now = at if at is not None else root.last_ts if as_of is not None else None
        return ask(reader, root, time.time() if now is None else now)


_WORDS = {"succeeded": ("went well", "green"), "retry": ("try again", "yellow"), "give_up": ("do not try again", "red")}


def _print_retry(found: RetryAdvice) -> None:
    judged = bool(found.label or found.success is not None)
    word, style = _WORDS[found.decision] if judged else ("nothing to advise yet", "dim")
    tries = f" (try {found.try_number} of {found.tries})" if found.try_number else ""
    output.show(output.text((found.job, "bold"), f"{tries}: ", (word, style)))
    rows: list[tuple[str, Any]] = [("why", reason) for reason in found.why]
    if found.avoid_hosts:
        rows.append(("avoid", ", ".join(found.avoid_hosts)))
    if found.request_memory_mb is not None:
        rows.append(("ask for", f"request_memory = {found.request_memory_mb} MB"))
    output.show(output.facts(rows, indent=2))


def _print_site(found: SiteAdvice) -> None:
    if not found.tries:
        output.show(output.text(f"No try of {found.transformation} has ended: nothing is known."))
        return
    counted = text.count(found.tries, "try", "tries")
    output.show(output.text((found.transformation, "bold"), f": {counted}, {found.failed:,} failed"))
    for heading, ranks in (("site", found.sites), ("host", found.hosts)):
        if ranks:
            click.echo()
            output.show(_ranking(heading, ranks))
    if found.avoid:
        output.show(output.text("\n", ("Avoid: ", "bold red"), ", ".join(found.avoid)))


def _ranking(heading: str, ranks: list[PlaceRank]) -> Any:
    made = output.table(
        heading, "tries", "well", "90 %", "queue", "runs", "until done", right=("tries", "well", "queue", "runs"),
        short=("90 %",),
    )  # fmt: skip
    for p in ranks:
        made.add_row(
            output.text((p.name, "red") if p.avoid else p.name), f"{p.tries:,}", f"{100 * p.success_rate:.0f} %",
            f"{100 * p.low:.0f} to {100 * p.high:.0f} %", text.duration(p.queue_s), text.duration(p.runtime_s),
            text.duration(p.expected_s),
        )  # fmt: skip
    return made


def _print_resources(found: list[ResourceAdvice]) -> None:
    if not found:
        output.show(output.text("No try has ended: nothing is known."))
    for i, one in enumerate(found):
        if i:
            click.echo()
        counted = text.count(one.tries, "try", "tries")
        output.show(output.text((one.transformation, "bold"), f": {counted}, {one.successes:,} of them well"))
        rows = [
            (name, _used(amount, show))
            for name, amount, show in (
                ("memory", one.memory_mb, text.megabytes), ("disk", one.disk_mb, text.megabytes),
                ("cpus", one.cpus, _plain),
            )
            if amount.requested is not None or amount.used_max is not None
        ]  # fmt: skip
        rows += [("", remark) for remark in one.remarks]
        output.show(output.facts(list(rows), indent=2))
        for line in one.lines:
            output.show(output.text(("  " + line, "green")), wrap=False)


def _used(amount: Amount, show: Callable[[float | None], str]) -> str:
    asked = f"asks for {show(amount.requested)}" if amount.requested is not None else "asks for nothing"
    if amount.used_max is None:
        return f"{asked}; what is used is not known"
    used = f"uses {show(amount.used_median)}, 95 % at most {show(amount.used_p95)}, all {show(amount.used_max)}"
    return f"{asked}; {used}"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.2g}"
