"""``stampede forecast``: how probable it is that a workflow fails, and why."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click
import msgspec

from stampede.cli import options, output
from stampede.cli.naming import workflows_of
from stampede.cli.status import label
from stampede.query.workflows import Workflow, forest

if TYPE_CHECKING:
    from stampede.analysis.forecast import Forecast, JobRisk

#: a probability from which on the colour of the headline warns
_WARN_FROM = 0.5


@click.command(epilog=options.example("stampede forecast runs/run0001", "stampede forecast diamond --json"))
@click.argument("name", required=False)
@options.database
@options.as_json
@options.as_of
@options.common
@click.pass_context
def forecast(ctx: click.Context, name: str | None, db: str | None, json_: bool, as_of: float | str | None) -> None:
    """How probable it is that a workflow fails, why, and which jobs are in danger.

    Learned from the earlier runs of the same label that the registry knows, and from this run so far; without enough of
    them it says so. That a workflow is lost is told at once, and is certain: a job has failed in all its tries. Ends
    with 1 when it is lost or has failed.
    """
    from stampede.forecasting import forecast_of

    at = options.time_of(as_of)
    with workflows_of(db, name, at) as (reader, roots):
        found = [(root, forecast_of(reader, forest(reader, root), _now(root, at, as_of))) for root in roots]
    if json_:
        output.print_json({"workflows": [_object(root, told) for root, told in found]})
    else:
        for i, (root, told) in enumerate(found):
            if i:
                click.echo()
            _print(root, told)
    ctx.exit(1 if any(told.doomed for _, told in found) else 0)


def _now(root: Workflow, at: float | None, as_of: float | str | None) -> float:
    """The moment that is asked about: ``last`` is that of the last record."""
    if at is not None:
        return at
    return root.last_ts if as_of is not None and root.last_ts is not None else time.time()


def _object(root: Workflow, told: Forecast) -> dict[str, Any]:
    return {"wf_uuid": root.wf_uuid, "label": root.label, "state": root.state, **msgspec.to_builtins(told)}


def sentence(told: Forecast) -> str:
    """A forecast in a line: ``fails with probability 0.83``."""
    if told.doomed:
        return "lost: it cannot end well any more"
    if told.probability is None:
        return "not enough history to tell"
    return f"fails with probability {told.probability:.2f}"


def _print(root: Workflow, told: Forecast) -> None:
    risky = told.doomed or (told.probability or 0.0) >= _WARN_FROM
    style = "bold red" if risky else "dim" if told.probability is None else ""
    ended = told.reasons[:1] if root.state in ("success", "failed", "removed", "halted") else []
    output.show(output.text((label(root), "bold"), ": ", (ended[0] if ended else sentence(told), style)))
    dot = "•" if output.utf8() else "-"
    for reason in told.reasons[len(ended) :]:
        output.show(output.text(f"  {dot} {reason}"))
    if told.jobs:
        click.echo()
        output.show(_table(told.jobs))
    if told.needed:
        output.hint(f"\nFor a better answer: {'; '.join(told.needed)}.")


def _table(jobs: list[JobRisk]) -> Any:
    made = output.table(
        "job", "transformation", "try", "try fails", "job fails", "on",
        right=("try", "try fails", "job fails"), short=("transformation", "on"),
    )  # fmt: skip
    for j in jobs:
        made.add_row(
            output.text(j.job), output.text(j.transformation), f"{j.try_number} of {j.tries}",
            f"{100 * j.try_fails:.0f} %", f"{100 * j.job_fails:.0f} %", output.text(j.host or "-"),
        )  # fmt: skip
    return made
