"""Every try of every job, written as it is read: the table may have a million rows."""

from __future__ import annotations

from collections.abc import Iterator

import click

from stampede.cli import output, text
from stampede.cli.stats_sums import Asked, scopes
from stampede.query.statistics.jobs import TryRow, try_rows
from stampede.query.statistics.workflows import tries_begun

_WIDTHS = (32, 4, 12, 9, 9, 9, 5, 9, 9, 9, 9, 9, 24)
HEADS = ("JOB", "TRY", "SITE", "EXIT", "QUEUE", "RUN", "MULT", "PROGRAM", "CPU", "PRE", "POST", "CLUSTER", "HOST")
#: what a terminal that is too narrow goes without, first of all
_SPARED = ("MULT", "CLUSTER", "PRE", "SITE", "POST", "HOST", "PROGRAM", "CPU")
_GAP = 2
_NAMES = {HEADS.index(name) for name in ("JOB", "SITE", "HOST")}


def rows(asked: Asked) -> Iterator[TryRow]:
    """Every try of the workflows."""
    for one in scopes(asked):
        yield from try_rows(one, tries_begun(one))


def show(asked: Asked) -> None:
    """Print a line a try, workflow by workflow."""
    workflow = None
    columns = fitting(output.terminal_width())
    for row in rows(asked):
        if row.wf_uuid != workflow:
            workflow = row.wf_uuid
            click.echo()
            output.show(output.text((row.workflow or "-", "bold"), f" ({row.wf_uuid})"))
            click.echo(_line(HEADS, columns))
        click.echo(_line(_cells(row), columns))


def fitting(width: int | None) -> list[int]:
    """Numbers of the columns that a terminal of that width has room for; all of them without a terminal."""
    kept = list(range(len(HEADS)))
    for name in _SPARED:
        if width is None or sum(_WIDTHS[i] + _GAP for i in kept) - _GAP <= width:
            break
        kept.remove(HEADS.index(name))
    return kept


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


def _line(cells: tuple[str, ...], columns: list[int]) -> str:
    """Cells under each other: names to the left, numbers to the right; a long name takes the room it needs."""
    padded = [cells[i].ljust(_WIDTHS[i]) if i in _NAMES else cells[i].rjust(_WIDTHS[i]) for i in columns]
    return (" " * _GAP).join(padded).rstrip()
