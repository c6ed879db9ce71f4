"""The repeated parts of a job log's end events: CPU usage lines and the table of resources.

Both recur with the same text thousands of times in one log, so that what a text means is remembered (bounded).
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

import msgspec

TABLE = "Partitionable Resources"
_COLUMNS = ("usage", "request", "allocated", "assigned")
_CELL = re.compile(r"\S+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_USAGE = re.compile(r"Usr (\d+) (\d\d):(\d\d):(\d\d), Sys (\d+) (\d\d):(\d\d):(\d\d)", re.ASCII)


class Usage(msgspec.Struct, frozen=True, gc=False):
    """CPU seconds as ``getrusage`` counts them."""

    user_s: int = 0
    system_s: int = 0


class Resource(msgspec.Struct, frozen=True, gc=False):
    """One row of the resource table, in ``unit`` (KB, MB, s, or None for a count). Empty cells are None."""

    unit: str | None = None
    usage: float | None = None
    request: float | None = None
    allocated: float | None = None
    assigned: str | None = None


def number(text: str) -> float | None:
    """A plain finite number, None for anything else (``undefined``, an expression, NaN)."""
    value = float(text) if len(text) < 40 and _NUMBER.fullmatch(text) else None
    return None if value is None or math.isinf(value) else value


@lru_cache(maxsize=8192)
def usage(text: str) -> Usage | None:
    """``Usr 0 00:00:59, Sys 0 00:00:00`` (days, then the clock) as seconds; None for other text."""
    found = _USAGE.match(text)
    if found is None:
        return None
    d, h, m, s, d2, h2, m2, s2 = (int(part[:9]) for part in found.groups())
    return Usage(d * 86400 + h * 3600 + m * 60 + s, d2 * 86400 + h2 * 3600 + m2 * 60 + s2)


def resource_table(text: str) -> dict[str, Resource]:
    """The rows below ``Partitionable Resources :  Usage  Request Allocated [Assigned]``, by name without unit.

    Cells are set flush right under their column's name, and may be empty: a value belongs to the first column that
    does not end before it. What stands right of ``Allocated`` is the list of assigned devices.
    """
    head, *lines = text.split("\n")
    columns = _columns(head)
    rows: dict[str, Resource] = {}
    for line in lines:
        row = _row(columns, line)
        if row is None:
            break
        rows[row[0]] = row[1]
    return rows


@lru_cache(maxsize=256)
def _columns(head: str) -> tuple[tuple[int, str], ...]:
    """Names of the columns and where they end, counted from the colon."""
    cells = head.partition(":")[2]
    return tuple((m.end(), m[0].lower()) for m in _CELL.finditer(cells) if m[0].lower() in _COLUMNS)


@lru_cache(maxsize=16384)
def _row(columns: tuple[tuple[int, str], ...], line: str) -> tuple[str, Resource] | None:
    label, colon, cells = line.partition(":")
    if not colon:
        return None
    name, _, unit = label.strip().partition(" (")
    found = cells.split()
    values: dict[str, str] = {}
    if len(found) == 3 == len(columns):
        values = dict(zip((column for _, column in columns), found, strict=True))
    else:
        for cell in _CELL.finditer(cells):
            column = next((c for end, c in columns if end >= cell.end() and c != "assigned"), "assigned")
            values[column] = f"{values[column]} {cell[0]}" if column in values else cell[0]
    return name, Resource(
        unit.rstrip(")") or None,
        number(values.get("usage", "")),
        number(values.get("request", "")),
        number(values.get("allocated", "")),
        values.get("assigned", "").strip('"') or None,
    )
