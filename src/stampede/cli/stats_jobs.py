"""Every try of every job, written as it is read: the table may have a million rows."""

from __future__ import annotations

from collections.abc import Iterator

import click

from stampede.cli import output, text
from stampede.cli.stats_sums import Asked, scopes
from stampede.query.statistics.jobs import TryRow, try_rows
from stampede.query.statistics.workflows import tries_begun

_WIDTHS = (32, 4, 12, 9, 9, 9, 5, 9, 9, 9, 9, 9, 24)
_HEADS = ("JOB", "TRY", "SITE", "EXIT", "QUEUE", "RUN", "MULT", "PROGRAM", "CPU", "PRE", "POST", "CLUSTER", "HOST")


def rows(asked: Asked) -> Iterator[TryRow]:
    """Every try of the workflows."""
    for one in scopes(asked):
        yield from try_rows(one, tries_begun(one))


def show(asked: Asked) -> None:
    """Print a line a try, workflow by workflow."""
    workflow = None
    for row in rows(asked):
        if row.wf_uuid != workflow:
            workflow = row.wf_uuid
            click.echo()
            output.show(output.text((row.workflow or "-", "bold"), f" ({row.wf_uuid})"))
            click.echo(_line(_HEADS))
        click.echo(_line(_cells(row)))


def _cells(row: TryRow) -> tuple[str, ...]:
    seconds = (row.queue_s, row.run_s), (row.program_s, row.cpu_s, row.pre_s, row.post_s, row.cluster_s)
    before, after = ([_seconds(s) for s in part] for part in seconds)
    return (text.clean(row.job), str(row.number), text.clean(row.site or "-"), exit_word(row), *before,
            str(row.factor), *after, text.clean(row.hostname))  # fmt: skip


def exit_word(row: TryRow) -> str:
    """``0``, ``3``, ``SIGKILL``: how a try ended; ``-`` while it lasts."""
    if row.exit is None:
        return "-"
    return str(row.exit.code) if row.exit.kind == "exited" else str(row.exit).split("(")[-1].rstrip(")")


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")


def _line(cells: tuple[str, ...]) -> str:
    """Cells under each other: names to the left, numbers to the right; a long name takes the room it needs."""
    padded = [
        cell.ljust(width) if i in (0, 2, 12) else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True))
    ]
    return "  ".join(padded).rstrip()
