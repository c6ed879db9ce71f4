"""The statistics as CSV: a file a section, with a heading; every row says which workflow it is of (empty: all)."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from stampede.analysis.statistics.report import Statistics
from stampede.cli import options, output, text
from stampede.cli.stats_jobs import rows
from stampede.cli.stats_sums import Asked
from stampede.errors import UsageError

Row = dict[str, Any]


def write(folder: str, asked: Asked, whole: Statistics, apart: list[Statistics], sections: Iterable[str]) -> None:
    """Write the sections into a folder, or (``-``) one after the other to standard output."""
    tables = [name for section in sections for name in _TABLES_OF.get(section, (section,))]
    for i, name in enumerate(tables):
        with _file(folder, name, first=i == 0, alone=len(tables) == 1) as file:
            found = (flat(r) for r in rows(asked)) if name == "jobs" else _rows(name, whole, apart)
            _write(file, found)
    if folder != "-" and not options.VERBOSE.quiet:
        output.show(output.text(f"{text.count(len(tables), 'file')} written to {folder}"))


@contextmanager
def _file(folder: str, name: str, *, first: bool, alone: bool) -> Iterator[Any]:
    if folder == "-":
        if not alone:
            click.echo(("" if first else "\n") + f"# {name}")
        yield sys.stdout
        return
    path = Path(folder) / f"{name}.csv"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w", encoding="utf-8", errors="replace", newline="")
    except OSError as e:
        raise UsageError(f"{path} cannot be written: {e.strerror}.") from e
    with file:
        yield file


def _write(file: io.TextIOBase, found: Iterable[Row]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    heads: list[str] = []
    times: list[bool] = []
    for row in found:
        if not heads:
            heads = list(row)
            times = [name.endswith("_ts") for name in heads]
            writer.writerow(heads)
        writer.writerow([
            text.rfc3339(value) if time and value is not None else _cell(value)
            for value, time in zip(row.values(), times, strict=True)
        ])  # fmt: skip


def _cell(value: Any) -> Any:
    kind = type(value)
    if kind is float:
        return format(round(value, 6), ".15g")
    if kind is str:
        return value if value.isprintable() else text.clean(value)
    return int(value) if kind is bool else value


def flat(value: Any, prefix: str = "") -> Row:
    """A struct as one row: nested ones with their name before that of the column."""
    row: Row = {}
    for name, item in msgspec.to_builtins(value).items():
        if isinstance(item, dict):
            row |= flat(item, f"{prefix}{name}_")
        else:
            row[prefix + name] = item
    return row


def _rows(name: str, whole: Statistics, apart: list[Statistics]) -> Iterator[Row]:
    for one in [*apart, whole]:
        line = None if one is whole else one.workflows[0]
        who = {"wf_uuid": line.wf_uuid if line else "", "workflow": line.label if line else ""} if apart else {}
        for row in _TABLES[name](one):
            yield who | row


def _summary(s: Statistics) -> Iterator[Row]:
    for kind, counts in (("tasks", s.tasks), ("jobs", s.jobs), ("sub_workflows", s.sub_workflows)):
        yield {"type": kind, **flat(counts)}


def _times(s: Statistics) -> Iterator[Row]:
    yield {**flat(s.walls), "restarts": s.restarts, **flat(s.all), "integrity_errors": s.integrity.errors,
           "integrity_failures": s.integrity.failures}  # fmt: skip


def _groups(s: Statistics) -> Iterator[Row]:
    for by, groups in (("type", s.types), ("transformation", s.transformations), ("site", s.sites)):
        for one in groups:
            yield {"by": by, **flat(one)}


_TABLES_OF: Final = {"summary": ("summary", "summary-time")}
_TABLES: Final[dict[str, Callable[[Statistics], Iterable[Row]]]] = {
    "summary": _summary,
    "summary-time": _times,
    "workflows": lambda s: map(flat, s.workflows),
    "transformations": lambda s: map(flat, s.programs),
    "phases": lambda s: map(flat, s.phases),
    "efficiency": _groups,
    "hosts": lambda s: map(flat, s.hosts),
    "time": lambda s: map(flat, s.periods),
    "integrity": lambda s: map(flat, s.integrity.checks),
}
