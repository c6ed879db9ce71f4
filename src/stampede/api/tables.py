"""Lists as tables of Arrow and pandas, where those are installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import msgspec

from stampede.errors import UsageError
from stampede.query.collections import Column
from stampede.query.literals import Kind

#: rows that are held as Python objects at a time
_BLOCK: Final = 10_000
_MICROSECONDS: Final = 1_000_000


def arrow_table(columns: Sequence[Column], items: Iterable[Any]) -> Any:
    """A ``pyarrow.Table``: one column each, but an exit becomes two (its code, and its signal).

    Raises UsageError where pyarrow is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError:
        raise UsageError("Arrow tables need pyarrow: pip install 'stampede-wf[analytics]'.") from None
    types = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "time": pa.timestamp("us", tz="UTC"),
        "boolean": pa.bool_(),
    }
    schema = pa.schema(
        [(name, types[kind]) for column in columns for name, kind in _kinds(column)], metadata=_notes(columns)
    )
    batches = [pa.RecordBatch.from_pydict(block, schema=schema) for block in _blocks(columns, items)]
    return pa.Table.from_batches(batches, schema=schema)


def data_frame(columns: Sequence[Column], items: Iterable[Any]) -> Any:
    """A ``pandas.DataFrame``. Raises UsageError where pandas is not installed."""
    try:
        import pandas as pd
    except ImportError:
        raise UsageError("Data frames need pandas: pip install pandas pa.") from None
    found: pd.DataFrame = arrow_table(columns, items).to_pandas()
    return found


def _kinds(column: Column) -> list[tuple[str, Kind]]:
    if column.kind == "exit":
        return [(f"{column.name}_code", "integer"), (f"{column.name}_signal", "integer")]
    return [(column.name, column.kind)]


def _notes(columns: Sequence[Column]) -> dict[str, str]:
    return {column.name: column.note for column in columns}


def _blocks(columns: Sequence[Column], items: Iterable[Any]) -> Iterator[dict[str, list[Any]]]:
    """Values by column, some thousand rows at a time."""
    rest = iter(items)
    while block := list(islice(rest, _BLOCK)):
        rows = [item if isinstance(item, dict) else msgspec.structs.asdict(item) for item in block]
        made: dict[str, list[Any]] = {}
        for column in columns:
            values = [row[column.name] for row in rows]
            if column.kind == "exit":
                made[f"{column.name}_code"] = [v and v.code for v in values]
                made[f"{column.name}_signal"] = [v and v.signal for v in values]
            elif column.kind == "time":
                made[column.name] = [v if v is None else round(v * _MICROSECONDS) for v in values]
            elif column.kind == "number":
                made[column.name] = [v if v is None else float(v) for v in values]
            else:
                made[column.name] = values
        yield made
