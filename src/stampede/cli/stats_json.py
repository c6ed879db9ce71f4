"""The statistics for programs: one JSON document; tries are written as they are read."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from stampede.analysis.statistics.report import Statistics
from stampede.cli import output
from stampede.cli.stats_jobs import rows
from stampede.cli.stats_sums import Asked

#: section -> the fields of ``Statistics`` that it holds
_FIELDS = {
    "summary": ("tasks", "jobs", "sub_workflows", "restarts", "walls", "all", "integrity"),
    "workflows": ("workflows",),
    "transformations": ("programs",),
    "phases": ("phases",),
    "efficiency": ("all", "types", "transformations", "sites"),
    "hosts": ("hosts",),
    "time": ("periods",),
    "integrity": ("integrity",),
}


def write_json(asked: Asked, whole: Statistics, apart: list[Statistics], sections: Iterable[str]) -> None:
    """Print what was asked for: the statistics of all, ``per_workflow`` those of each, ``tries`` one by one."""
    sections = tuple(sections)
    answer = _object(whole, sections)
    if asked.each:
        answer["per_workflow"] = [{"workflow": one.workflows[0], **_object(one, sections)} for one in apart]
    if "jobs" not in sections:
        output.print_json(answer)
        return
    body = msgspec.json.encode(output.dated(answer))
    _write(body[:-1] + (b"," if answer else b"") + b'"tries":[\n')
    _write_rows(rows(asked))
    _write(b"]}\n")


def _object(s: Statistics, sections: Iterable[str]) -> dict[str, Any]:
    names = dict.fromkeys(name for section in sections for name in _FIELDS.get(section, ()))
    return {name: getattr(s, name) for name in names}


def _write_rows(found: Iterator[Any]) -> None:
    for i, row in enumerate(found):
        _write((b"," if i else b"") + msgspec.json.encode(output.dated(row)) + b"\n")


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
