"""A database beside that of an undisturbed load: what is not there, what is there twice, what differs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from test_growth import facts

#: who may write is no fact of a run
_OURS = ("lease",)
#: rows shown of each table that differs
_SHOWN = 4


class Difference(NamedTuple):
    """Of all tables: rows that only the load has, rows that are there more often than in the load, rows that only the
    disturbed database has, and the tables they are in. ``rows`` is how many were compared."""

    lost: int
    doubled: int
    other: int
    tables: tuple[str, ...]
    rows: int
    shown: str

    @property
    def none(self) -> bool:
        """Whether both are equal."""
        return not (self.lost or self.doubled or self.other)


def difference(disturbed: Path, reference: Path, without: tuple[str, ...] = ()) -> Difference:
    """Compare two databases table by table, but for tables ``without`` meaning here."""
    ours, theirs = facts(disturbed), facts(reference)
    lost = doubled = other = rows = 0
    tables, shown = [], []
    for table in sorted((ours.keys() | theirs.keys()) - {*_OURS, *without}):
        mine, wanted = Counter(ours.get(table, [])), Counter(theirs.get(table, []))
        rows += wanted.total()
        gone, more = wanted - mine, mine - wanted
        twice = {row: n for row, n in more.items() if row in wanted}
        lost += gone.total()
        doubled += sum(twice.values())
        other += more.total() - sum(twice.values())
        if gone or more:
            tables.append(table)
            for sign, found in (("-", gone), ("+", more)):
                shown += [f"{table} {sign} {n} x {row[:600]}" for row, n in list(found.items())[:_SHOWN]]
    return Difference(lost, doubled, other, tuple(tables), rows, "\n".join(shown))
