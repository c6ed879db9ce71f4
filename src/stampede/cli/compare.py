"""``stampede compare``: what differs between two runs, or a run and its past, beyond noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stampede.analysis.compare.compare import Change, Comparison
from stampede.analysis.compare.compare import compare as judge
from stampede.analysis.compare.plan import PlanChange
from stampede.cli import options, output, text
from stampede.cli.naming import workflows_of
from stampede.comparing import past_of
from stampede.errors import UnknownWorkflowError
from stampede.query.run_facts import RunFacts, facts_of

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

#: changes and differences of the plan that are printed
_SHOWN = 15
#: measures that are shares of tries
_SHARES = frozenset({"failed", "held", "evicted", "site", "machine"})
_WORDS = {
    "runtime": "run", "queue": "wait in the queue", "stage_in": "stage-in on the machine",
    "stage_out": "stage-out on the machine", "cpu_share": "processor share", "memory_mb": "memory",
    "failed": "failed tries", "held": "held tries", "evicted": "evicted tries", "site": "share of the jobs",
    "machine": "share of the jobs",
}  # fmt: skip


@click.command(epilog=options.example(
    "stampede compare runs/run0001 runs/run0002", "stampede compare runs/run0007 --runs 5",
    "stampede compare 4c58fd30 9d481c08 --json",
))  # fmt: skip
@click.argument("old", metavar="A")
@click.argument("new", metavar="[B]", required=False)
@click.option("--runs", type=click.IntRange(1, 50), default=5, show_default=True,
              help="Earlier runs that A is held against when there is no B.")  # fmt: skip
@options.database
@options.as_json
@options.common
@click.pass_context
def compare(ctx: click.Context, old: str, new: str | None, runs: int, db: str | None, json_: bool) -> None:
    """What differs between two runs of a workflow beyond noise, and what changed first.

    B is held against A; without B, A is held against the earlier runs of its label that ended well. A and B are submit
    directories, uuids or their starts, or labels. Ends with 1 when something changed, with 0 when nothing did.
    """
    with workflows_of(db, new if new is not None else old) as (reader, roots):
        root = roots[-1]
        past = [_facts(db, old)] if new is not None else past_of(root, db, runs)
        if not past:
            raise UnknownWorkflowError(
                f"No earlier run of {root.label or root.wf_uuid[:8]} that ended well is known. Name two runs, or a "
                "database that has it with --db."
            )
        facts = facts_of(reader, root)
    found = judge(past, facts)
    if json_:
        output.print_json(found)
    else:
        _print(found, facts)
    ctx.exit(1 if found.changed else 0)


def _facts(db: str | None, name: str) -> RunFacts:
    with workflows_of(db, name) as (reader, roots):
        return facts_of(reader, roots[-1])


def _print(found: Comparison, facts: RunFacts) -> None:
    against = found.old_uuids[0][:8] if found.old_runs == 1 else f"{found.old_runs} earlier runs"
    label = facts.label or ""
    output.show(output.text((f"{label} {found.new_uuid[:8]}".strip(), "bold"), f" against {against}"))
    took = f"{text.duration(found.old_makespan_s)} → {text.duration(found.new_makespan_s)}"
    state = found.new_state if found.new_state == found.old_state else f"{found.old_state} → {found.new_state}"
    output.show(output.facts([("length", took), ("state", state)]))
    if not found.changed:
        output.show(output.text(("\nNothing changed beyond noise", "green"), f" ({found.tested} comparisons)."))
        return
    if found.changes:
        click.echo()
        output.show(_table(found.changes[:_SHOWN]))
        _more(len(found.changes))
    if found.first is not None and len(found.changes) > 1:
        first = found.first
        output.show(output.text(
            "\nFirst seen: ", (f"{_WORDS[first.measure]} of {first.kind}", "bold"),
            f", {text.duration(first.first_s)} after the start.",
        ))  # fmt: skip
    if found.plan:
        output.show(output.text(("\nPlanned otherwise:", "bold")))
        for change in found.plan[:_SHOWN]:
            output.show(output.text("  " + _planned(change)))
        _more(len(found.plan))
    output.hint(f"\n{found.tested} comparisons; of those told, one in twenty may be chance.")


def _planned(p: PlanChange) -> str:
    words = " ".join(dict.fromkeys((*p.what.split("_"), *p.subject.split())))
    examples = f" ({', '.join(p.examples[:3])}{' …' if p.count > 3 else ''})" if p.examples else ""
    return f"{words}: {p.old or '-'} → {p.new or '-'}{examples}"


def _more(n: int) -> None:
    if n > _SHOWN:
        output.hint(f"and {n - _SHOWN} more: --json has all")


def _table(changes: list[Change]) -> Table:
    made = output.table(
        "what", "of", "before", "now", "ratio", "adds", right=("before", "now", "ratio", "adds"), short=("of",)
    )
    for c in changes:
        made.add_row(
            output.text(_WORDS[c.measure]), output.text(c.kind), _value(c, c.old), _value(c, c.new), _ratio(c), _adds(c)
        )
    return made


def _value(c: Change, value: float) -> str:
    if c.measure in _SHARES or c.measure == "cpu_share":
        return f"{100 * value:.0f} %"
    return text.megabytes(value) if c.measure == "memory_mb" else text.duration(round(value, 1))


def _ratio(c: Change) -> Text:
    if c.ratio is None:
        return output.text(f"p {c.p:.1g}")
    worse = c.ratio > 1 and c.measure != "cpu_share"
    told = f"×{c.ratio:.2f}"
    if output.width() >= 90:
        told += f" ({c.ratio_low:.2f}–{c.ratio_high:.2f})"
    told = told if output.utf8() else told.replace("×", "x").replace("–", "-")
    return output.text((told, "red" if worse else "green"))


def _adds(c: Change) -> str:
    if c.makespan_s is None or abs(c.makespan_s) < 0.05:
        return "-"
    return ("+" if c.makespan_s > 0 else "") + text.duration(round(c.makespan_s, 1))
