"""Rows to Parquet and back: the one module of the archive that knows pyarrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from stampede.errors import InputError, UsageError
from stampede.query.belonging import Kind

Row = tuple[Any, ...]

#: rows that are held at a time, and of a row group
_AT_ONCE: Final = 65_536
_MISSING: Final = "An archive needs pyarrow and duckdb: pip install 'stampede-wf[analytics]'."


def _arrow() -> tuple[Any, Any]:
    """pyarrow and its module for Parquet. Raises UsageError where it is not installed."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise UsageError(_MISSING) from None
    return pa, pq


def write(path: Path, columns: dict[str, Kind], rows: Iterable[Row], notes: dict[str, str]) -> int:
    """Write rows into a file, compressed with zstd; how many there were. ``notes`` are kept in its footer.

    Raises InputError for a value that is not of its column's kind, or when the file cannot be written.
    """
    pa, pq = _arrow()
    kinds = {"integer": pa.int64(), "boolean": pa.bool_(), "number": pa.float64(), "text": pa.string()}
    schema = pa.schema([(name, kinds[kind]) for name, kind in columns.items()], metadata=notes)
    rest, count = iter(rows), 0
    try:
        with pq.ParquetWriter(path, schema, compression="zstd", compression_level=6) as writer:
            while block := list(islice(rest, _AT_ONCE)):
                given = zip(columns, zip(*block, strict=True), schema, strict=True)
                arrays = [_array(pa, column, values, field) for column, values, field in given]
                writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
                count += len(block)
    except OSError as e:
        raise InputError(f"{path} cannot be written: {e}.", path=str(path)) from e
    return count


def _array(pa: Any, column: str, values: tuple[Any, ...], field: Any) -> Any:
    """One column of a block."""
    try:
        if pa.types.is_boolean(field.type):
            values = tuple(None if v is None else bool(v) for v in values)
        elif pa.types.is_floating(field.type):
            values = tuple(None if v is None else float(v) for v in values)
        return pa.array(values, type=field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError, TypeError, OverflowError) as e:
        raise InputError(f"Column {column} has a value that is no {field.type}: {e}.") from e


def read(path: Path, columns: dict[str, Kind]) -> Iterator[Row]:
    """The rows of a file. A column that the file has not got is None everywhere, one that is not asked for is passed
    over. Raises InputError for a file that cannot be read."""
    pa, pq = _arrow()
    try:
        with pq.ParquetFile(path) as file:
            there = [c for c in columns if c in file.schema_arrow.names]
            for batch in file.iter_batches(_AT_ONCE, columns=there):
                found = {c: batch.column(c).to_pylist() for c in there}
                nothing = [None] * batch.num_rows
                yield from zip(*(found.get(c, nothing) for c in columns), strict=True)
    except (OSError, pa.ArrowException) as e:
        raise InputError(f"{path} cannot be read: {e}.", path=str(path)) from e


def rows_in(path: Path) -> int:
    """How many rows a file has, by its footer. Raises InputError."""
    pa, pq = _arrow()
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException) as e:
        raise InputError(f"{path} cannot be read: {e}.", path=str(path)) from e


def span(path: Path, column: str) -> tuple[int, int] | None:
    """The lowest and the highest value of a column of integers; None without rows."""
    values = [v for (v,) in read(path, {column: "integer"})]
    return (min(values), max(values)) if values else None


def need() -> None:
    """Raises UsageError where pyarrow is not installed."""
    _arrow()
