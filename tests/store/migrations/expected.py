"""What a database that began with an earlier revision cannot hold, since nothing kept it then."""

from __future__ import annotations

from stampede.store.schema import metadata
from tests.contract.store.tables import Row

#: from which revision on a table or column is written
_SINCE = {
    "resource_usage.unmet_requirements": 2,
    "invocation.note": 2,
    "anomaly": 3,
    "anomaly_change": 4,
}
#: of those who write right now
_PASSING = frozenset({"lease", "stampede_meta"})


def without_what_came_after(revision: int, tables: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """All rows of a database (``tests.contract.store.tables``), without what a database of a revision had no place
    for."""
    later = {place for place, since in _SINCE.items() if since > revision}
    return {
        table: sorted((_row(table, row, later) for row in rows), key=repr)
        for table, rows in tables.items()
        if table not in later and table not in _PASSING
    }


def _row(table: str, row: Row, later: set[str]) -> Row:
    dropped = [place.partition(".")[2] for place in later if place.startswith(f"{table}.")]
    if not dropped:
        return row
    names = [c.name for c in metadata.tables[table].columns]
    skipped = len(names) - len(row)  # keys that a database gives out by itself come first, and are left out
    return tuple(v for name, v in zip(names[skipped:], row, strict=True) if name not in dropped)
