"""All rows that belong to a workflow and those below it, table by table, as they are stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stampede.query.aging import aged
from stampede.query.workflows import Workflow
from stampede.store.belonging import BELOW, LEFT_OUT, Kind, Shape, shapes
from stampede.store.reader import Reader, Row
from stampede.store.sqlite import PEGASUS_VERSION, STAMPEDE_VERSION


def rows_of(reader: Reader, shape: Shape, root: Workflow) -> Iterator[Row]:
    """The rows of one table in the order of its key: the columns of ``shape.columns``, None where the database was made
    before there was such a column. Raises DatabaseError."""
    there = reader.columns(shape.table)
    if not there:
        return iter(())
    columns = ", ".join(f'"{c}"' if c in there else "NULL" for c in shape.columns)
    sql = f'{BELOW} SELECT {columns} FROM "{shape.table}" WHERE {shape.condition} ORDER BY {_named(shape.key)}'
    return reader.iterate(sql, {"id": root.wf_id})


def lowest(reader: Reader, shape: Shape, root: Workflow) -> int:
    """The lowest number of its rows of a table that numbers them; 0 without rows."""
    if not reader.columns(shape.table):
        return 0
    sql = f'{BELOW} SELECT min({shape.identity}) FROM "{shape.table}" WHERE {shape.condition}'
    row = reader.one(sql, {"id": root.wf_id})
    return int(row[0]) if row is not None and row[0] is not None else 0


def ended_before(reader: Reader, end_ts: float, label: str | None = None) -> list[str]:
    """The uuids of root workflows whose last record, and that of all below them, is older, the oldest first; ``label``
    may hold ``*``. Those that run are left out, however old their last record is."""
    return [run.wf_uuid for run in aged(reader, before_ts=end_ts, label=label) if run.state != "running"]


def _named(columns: Sequence[str]) -> str:
    return ", ".join(f'"{c}"' for c in columns)


__all__ = [
    "LEFT_OUT", "PEGASUS_VERSION", "STAMPEDE_VERSION", "Kind", "Shape", "ended_before", "lowest", "rows_of", "shapes",
]  # fmt: skip
