"""``stampede triage``: what is wrong, causes first."""

from __future__ import annotations

import re
import shlex
import textwrap
from typing import TYPE_CHECKING

import click
import msgspec

from stampede.analysis.cause import Cause
from stampede.analysis.lift import Lift
from stampede.analysis.triage import Triage
from stampede.analysis.triage import triage as judge
from stampede.cli import options, output, text
from stampede.cli.naming import workflows_of
from stampede.cli.status import as_object, headline
from stampede.query.evidence import evidence
from stampede.query.status import WorkflowStatus
from stampede.query.status import status as ask
from stampede.query.trouble import TouchedFile

if TYPE_CHECKING:
    from rich.text import Text


#: what differs between consequences that say the same of several tries
_DIGITS = re.compile(r"\d+")


@click.command(epilog=options.example("stampede triage runs/run0001", "stampede triage diamond --json"))
@click.argument("name", required=False)
@click.option("--full", is_flag=True, help="All nodes and all lines of output.")
@options.database
@options.as_json
@options.as_of
@options.common
@click.pass_context
def triage(
    ctx: click.Context, name: str | None, full: bool, db: str | None, json_: bool, as_of: float | str | None
) -> None:
    """What is wrong with a workflow and all below it: causes first, what follows from them under them.

    Ends with 1 when something is wrong that has not been mended by itself.
    """
    with workflows_of(db, name, options.time_of(as_of)) as (reader, roots):
        found = judge(evidence(reader, roots))
        workflows = [s for root in roots for s in ask(reader, root)]
    if json_:
        output.print_json({"workflows": [as_object(s) for s in workflows], **msgspec.to_builtins(found)})
    else:
        _print(found, workflows, {r.wf_uuid for r in roots}, full, db)
    ctx.exit(1 if any(not c.resolved for c in found.causes) else 0)


def _print(found: Triage, workflows: list[WorkflowStatus], roots: set[str], full: bool, db: str | None) -> None:
    for s in workflows:
        if s.wf_uuid in roots:
            output.show(headline(s))
    wrong = [c for c in found.causes if not c.resolved]
    mended = [c for c in found.causes if c.resolved]
    if not found.causes:
        output.show(output.text("\nNothing is wrong." if not _ended_badly(workflows) else
                                "\nThe logs name no cause. See the end of the .dag.dagman.out file."))  # fmt: skip
    for i, cause in enumerate(wrong, 1):
        click.echo()
        _cause(cause, f"{i}. ", full, db)
    if mended:
        again = "Mended by itself or over:" if wrong else "Nothing is wrong now. Mended by itself or over:"
        output.show(output.text((f"\n{again}", "bold")))
        for cause in mended:
            _mended(cause, full)
    if found.never_run:
        sample = _some(found.never_run_sample, 20 if full else 3, found.never_run)
        _block("\nCan never run now: ", f"{text.count(found.never_run, 'node')}: {sample}")
    if found.incomplete:
        _block("", f"Of the {found.judged_tries:,} tries that went wrong the rarest kinds are not told.")
    if found.next_steps:
        output.show(output.text(("\nNext:", "bold")))
        for step in found.next_steps:
            _block("  ", step)


def _ended_badly(workflows: list[WorkflowStatus]) -> bool:
    return any(s.state in ("failed", "removed", "lost") for s in workflows)


def _cause(c: Cause, number: str, full: bool, db: str | None) -> None:
    indent = " " * len(number)
    where = f": {_nodes(c, full)}" if c.nodes else ""
    _block(number, f"{c.title[:1].upper()}{c.title[1:]}{where}", style="bold red")
    _block(indent, c.message)
    output.show(output.facts(_facts(c, full), indent=len(number)))
    _block(indent + ("→ " if output.utf8() else "> "), c.next_step, style="green")
    if c.command:
        output.show(output.text((f"{indent}  {_with_database(c.command, db)}", "green")), wrap=False)
    if c.sample_output.strip():
        kept, left = text.shortened(c.sample_output, 0 if full else 6)
        more = f" (last {len(kept)} lines)" if left else ""
        output.show(output.text((f"{indent}output of {c.sample_job}{more}", "dim")))
        for line in kept:
            output.show(_quoted(line, indent, full))


def _with_database(command: str, db: str | None) -> str:
    """The command, with the database that was asked for when it is one of ours."""
    return f"{command} --db {shlex.quote(db)}" if db and command.startswith("stampede ") else command


def _facts(c: Cause, full: bool) -> list[tuple[str, str | Text]]:
    rows: list[tuple[str, str | Text]] = []
    tries = text.count(c.attempts, "try", "tries") if c.attempts else ""
    if tries and 0 < c.share < 1:
        tries += f" ({_percent(c.share)} of all that went wrong)"
    when = text.time(c.first_ts) if c.first_ts is not None else ""
    if c.last_ts is not None and c.last_ts != c.first_ts:
        when += f" to {text.clock(c.last_ts, after=c.first_ts)}"
    if when:
        rows.append(("when", f"{when}{f', {tries}' if tries else ''}"))
    if c.hosts:
        rows.append(("on", _some(c.hosts, 3, len(c.hosts))))
    rows += [("note", _lift(lift)) for lift in c.lifts]
    unlike: dict[str, str] = {}
    for consequence in c.consequences:
        unlike.setdefault(consequence if full else _DIGITS.sub("", consequence), consequence)
    rows += [("so", consequence) for consequence in unlike.values()]
    if c.blocks:
        rows.append(("so", f"{text.count(c.blocks, 'node')} can never run"))
    if c.retries_left:
        rows.append(("left", text.count(c.retries_left, "retry", "retries")))
    if c.tasks:
        rows.append(("tasks", _some(c.tasks, 20 if full else 3, len(c.tasks))))
    if c.files:
        names = [f"{file.lfn} ({_role(file)})" for file in c.files]
        rows.append(("data", _some(names, 20 if full else 4, len(names))))
    if c.sample_files:
        rows.append(("files", ", ".join(c.sample_files)))
    if not c.retry_helps:
        rows.append(("retry", "trying again will not help"))
    return rows


def _role(file: TouchedFile) -> str:
    if file.missing:
        return "not made" if file.output else "not there"
    return "out" if file.output else "in"


_PLACES = {"host": "on", "site": "at", "transformation": "of"}
_DID = {"host": "ran", "site": "ran", "transformation": "makes up"}


def _lift(lift: Lift) -> str:
    """``all 15 on node7, which ran 4 % of all tries``"""
    many = f"all {lift.tries:,}" if lift.tries == lift.of else f"{lift.tries:,} of {lift.of:,}"
    return f"{many} {_PLACES[lift.kind]} {lift.name}, which {_DID[lift.kind]} {_percent(lift.base_share)} of all tries"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"


def _mended(c: Cause, full: bool) -> None:
    where = f": {_nodes(c, full)}" if c.nodes else ""
    _block("  ✓ " if output.utf8() else "  * ", f"{c.title}{where}")
    _block("    ", c.message, style="dim")


def _nodes(c: Cause, full: bool) -> str:
    return _some(c.nodes, 50 if full else 3, c.node_count)


def _some(names: list[str], most: int, total: int) -> str:
    left = total - min(len(names), most)
    return ", ".join(names[:most]) + (f" and {left:,} more" if left > 0 else "")


def _block(lead: str, message: str, *, style: str = "") -> None:
    """A paragraph whose first line begins with ``lead`` and whose others stand under it."""
    gap, lead = ("\n", lead[1:]) if lead.startswith("\n") else ("", lead)
    lines = textwrap.wrap(
        text.clean(message), output.console().width, initial_indent=lead, subsequent_indent=" " * min(len(lead), 8),
        break_on_hyphens=False,
    )  # fmt: skip
    output.show(output.text((gap + "\n".join(lines), style)))


def _quoted(line: str, indent: str, full: bool) -> Text:
    """A line of output behind a bar: cut at the edge of the screen, or in full on several."""
    bar = f"{indent}│ " if output.utf8() else f"{indent}| "
    limit = max(output.console().width - len(bar), 10)
    shown = text.clean(line)
    if len(shown) > limit and not full:
        shown = shown[: limit - 1] + "…"
    pieces = [shown[at : at + limit] for at in range(0, len(shown), limit)] or [""]
    parts = [part for piece in pieces for part in ((f"\n{bar}", "dim"), piece)]
    return output.text((bar, "dim"), *parts[1:])
