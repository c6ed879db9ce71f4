"""What a translation has to know of the tables: kinds of columns, and which columns tell rows apart.

SQLite needs no types in temporary tables, and knows by itself what a row of ``INSERT OR REPLACE`` takes the place of; a
server has to be told both.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, Literal, cast

from sqlalchemy import Boolean, Integer, LargeBinary, Numeric, Table, UniqueConstraint

from stampede.store.schema import metadata

Kind = Literal["integer", "real", "text", "blob"]

#: what columns of temporary tables hold whose names no table has
_OTHERS: Final[dict[str, Kind]] = {
    name: kind
    for kind, names in cast(dict[Kind, str], {
        "integer": "sub seq lone factor nested superseded evictions holds executions try task_seq begun main_over "
                   "by_main delta step begun_ts used of_run",
        "real": "local_s held_s held_early_s held_late_s first_ts cores cpu_s used_mb requested_mb bytes_in bytes_out "
                "start_ts runtime_s program_s in_s out_s in_bytes out_bytes",
        "text": "task name",
    }).items()
    for name in names.split()
}  # fmt: skip
#: of names that tables use for different things: what temporary tables mean
_MEANT: Final[dict[str, Kind]] = {"block": "integer", "value": "text", "count": "integer", "exitcode": "integer"}


def kind_of(column: Any) -> Kind:
    """What a declared column holds."""
    if isinstance(column.type, (Integer, Boolean)):
        return "integer"
    if isinstance(column.type, Numeric):
        return "real"
    return "blob" if isinstance(column.type, LargeBinary) else "text"


@cache
def kinds() -> dict[str, Kind]:
    """What the columns of that name hold, of all tables together."""
    found: dict[str, Kind] = {}
    for table in metadata.sorted_tables:
        for column in table.columns:
            found.setdefault(column.name, kind_of(column))
    return found | _OTHERS | _MEANT


def names() -> list[str]:
    """All tables."""
    return sorted(metadata.tables)


@cache
def columns_of(table: str) -> dict[str, Kind]:
    """The columns of a table in order; empty when there is no such table."""
    found = metadata.tables.get(table)
    return {} if found is None else {c.name: kind_of(c) for c in found.columns}


@cache
def key_of(table: str, given: frozenset[str]) -> tuple[str, ...]:
    """The columns that tell rows of a table apart, of those that a statement gives: its key, or a unique constraint."""
    keys = keys_of(metadata.tables[table])
    return next((key for key in keys if given.issuperset(key)), keys[0])


def keys_of(table: Table) -> list[tuple[str, ...]]:
    """The primary key of a table, and its unique constraints."""
    unique = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    found = [tuple(c.name for c in table.primary_key.columns)]
    return found + [tuple(c.name for c in u.columns) for u in sorted(unique, key=lambda u: str(u.name))]


@cache
def number_of(table: str) -> str | None:
    """The column that the database numbers rows by when a statement gives no value; None when there is none."""
    found = metadata.tables.get(table)
    columns = list(found.primary_key.columns) if found is not None else []
    return columns[0].name if len(columns) == 1 and kind_of(columns[0]) == "integer" else None
