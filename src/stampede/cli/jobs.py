"""``stampede jobs``: the jobs of a workflow by filter."""

from __future__ import annotations

import click

from stampede.cli import options, output, text
from stampede.cli.naming import workflows_of
from stampede.model.states import NODE_STATES
from stampede.query.jobs import SORTS, JobRow, list_jobs
from stampede.query.workflows import forest

_STATES = ("running", *NODE_STATES)
#: hold reasons printed at most
_HELD_SHOWN = 8


@click.command(epilog=options.example("stampede jobs runs/run0001 --state failed", "stampede jobs diamond --held"))
@click.argument("name", required=False)
@options.database
@click.option("--state", type=click.Choice(_STATES), help="Only jobs in this state.")
@click.option("--name", "pattern", metavar="GLOB", help="Only jobs of this name; may hold *.")
@click.option("--type", "kind", help="Only jobs of this type: compute, stage-in-tx, cleanup, dax …")
@click.option("--transformation", metavar="GLOB", help="Only jobs that run this transformation; may hold *.")
@click.option("--held", is_flag=True, help="Only jobs that are held.")
@click.option("--retried", is_flag=True, help="Only jobs with more than one try.")
@click.option("--sort", type=click.Choice(sorted(SORTS)), default="name", show_default=True)
@click.option("--desc", is_flag=True, help="Largest or last first.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@click.option("--all", "below", is_flag=True, help="Jobs of sub-workflows too.")
@options.as_json
@options.as_of
@options.common
def jobs(
    name: str | None, db: str | None, state: str | None, pattern: str | None, kind: str | None,
    transformation: str | None, held: bool, retried: bool, sort: str, desc: bool, limit: int, below: bool, json_: bool,
    as_of: float | str | None,
) -> None:  # fmt: skip
    """List the jobs of a workflow: state, tries, where and how long the last try ran."""
    with workflows_of(db, name, options.time_of(as_of)) as (reader, roots):
        wanted = [w for root in roots for w in forest(reader, root)] if below else roots
        found = list_jobs(
            reader, wanted, state=state, name=pattern, type_desc=kind, transformation=transformation, held=held,
            retried=retried, sort=sort, descending=desc, limit=limit,
        )  # fmt: skip
    if json_:
        output.print_json({"jobs": found})
    elif not found:
        output.show(output.text("No job matches."))
    else:
        _print(found)
        if len(found) == limit:
            output.hint(f"There may be more: --limit {limit * 10}")


def _print(found: list[JobRow]) -> None:
    wide = output.width() >= 90
    made = output.table(
        "job", *(["type"] if wide else []), "state", "tries", "exit", "took", "where",
        right=("tries", "took"), short=("where",),
    )  # fmt: skip
    for j in found:
        made.add_row(
            output.text(j.path), *([output.text(j.type)] if wide else []), output.state(j.word),
            f"{j.attempts}" if j.attempts else "-", _exit(j), text.duration(j.duration_s),
            output.text(j.slot or j.site or "-"),
        )  # fmt: skip
    output.show(made)
    held = [(f"{j.path} held", j.hold_reason) for j in found if j.hold_reason]
    if held:
        click.echo()
        output.show(output.facts(list(held[:_HELD_SHOWN])))
        if len(held) > _HELD_SHOWN:
            output.hint(f"and {len(held) - _HELD_SHOWN} more held jobs: stampede triage groups them by cause")


def _exit(j: JobRow) -> str:
    if j.exit is None:
        return "-"
    return f"code {j.exit.code}" if j.exit.kind == "exited" else f"signal {j.exit.signal}"
