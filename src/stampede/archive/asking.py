"""Questions in SQL to an archive: read-only, of its own files only, for a limited time.

This is the one module that knows duckdb. A question is one SELECT (or EXPLAIN). DuckDB is kept from everything else
twice: the statement's kind is looked at before it runs, and the connection may open no file outside of the archive,
load no extension and change no setting (https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from stampede.archive.archiving import EVENT_COLUMNS
from stampede.archive.folder import Folder
from stampede.archive.manifest import EVENTS, Manifest
from stampede.errors import InputError, TimeUpError, UsageError
from stampede.query.belonging import Kind, shapes

_TYPES: Final[dict[Kind, str]] = {"integer": "BIGINT", "boolean": "BOOLEAN", "number": "DOUBLE", "text": "VARCHAR"}
#: what the names of folders add to each table
PARTITIONS: Final = ("month", "label")


class Answer(msgspec.Struct, kw_only=True):
    """Names of columns, and rows; ``cut`` when there are more rows than were asked for."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    cut: bool = False


def ask(
    folder: Folder, sql: str, *, seconds: float = 60.0, memory_mb: int = 1024, most: int | None = None
) -> Answer:  # fmt: skip
    """Answer one SELECT over views that are named like the tables of the database.

    Raises UsageError for what is no question or cannot be understood, TimeUpError when it takes longer than ``seconds``
    or more memory than ``memory_mb``, InputError when files of the archive cannot be read.
    """
    duckdb = _duckdb()
    manifests = folder.checked().manifests()
    with duckdb.connect(":memory:") as connection:
        _views(connection, folder, manifests)
        _lock(connection, folder, memory_mb)
        with _said(duckdb, folder, seconds, memory_mb), _limited(connection, seconds):
            _check(duckdb, connection, sql)
            found = connection.execute(sql)
            columns = [str(d[0]) for d in found.description or ()]
            rows = found.fetchall() if most is None else found.fetchmany(most + 1)
    cut = most is not None and len(rows) > most
    return Answer(columns=columns, rows=rows[:most] if cut else rows, cut=cut)


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError:
        raise UsageError("Questions to an archive need duckdb: pip install 'stampede-wf[analytics]'.") from None
    return duckdb


def _views(connection: Any, folder: Folder, manifests: Sequence[Manifest]) -> None:
    """A view for each table; one that no workflow has rows of is empty."""
    columns = {table: shape.columns for table, shape in shapes().items()} | {EVENTS: EVENT_COLUMNS}
    for table, kinds in columns.items():
        files = [str(folder.file(m.parts[table]).absolute()) for m in manifests if table in m.parts]
        typed = {**{c: _TYPES[k] for c, k in kinds.items()}, **dict.fromkeys(PARTITIONS, "VARCHAR")}
        if files:
            listed = ", ".join(_text(f) for f in files)
            source = (f"SELECT * EXCLUDE (\"table\") FROM read_parquet([{listed}], hive_partitioning=true, "
                      "hive_types_autocast=false, union_by_name=true)")  # fmt: skip
        else:
            nothing = ", ".join(f'NULL::{kind} AS "{c}"' for c, kind in typed.items())
            source = f"SELECT {nothing} WHERE false"
        connection.execute(f'CREATE VIEW "{table}" AS {source}')


def _lock(connection: Any, folder: Folder, memory_mb: int) -> None:
    """From now on nothing can be reached but files of the archive, and nothing of this can be changed."""
    for setting in (
        f"memory_limit = '{memory_mb}MB'", "temp_directory = ''", "python_enable_replacements = false",
        "autoinstall_known_extensions = false", "autoload_known_extensions = false",
        "allow_community_extensions = false", f"allowed_directories = [{_text(str(folder.path.absolute()))}]",
        "enable_external_access = false", "lock_configuration = true",
    ):  # fmt: skip
        connection.execute(f"SET {setting}")


def _check(duckdb: Any, connection: Any, sql: str) -> None:
    """One question, and no change. A file of the archive could be written over otherwise."""
    kinds = [statement.type for statement in connection.extract_statements(sql)]
    allowed = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
    if len(kinds) != 1:
        raise UsageError(f"Ask one question at a time; these are {len(kinds)}.")
    if kinds[0] not in allowed:
        raise UsageError(f"An archive is only read: {kinds[0].name} is no question. Write SELECT …")
    if kinds[0] == duckdb.StatementType.EXPLAIN and _runs_what_it_explains(duckdb, connection, sql):
        raise UsageError("EXPLAIN is for SELECT only here.")


def _runs_what_it_explains(duckdb: Any, connection: Any, sql: str) -> bool:
    """Whether what is explained is no question: EXPLAIN ANALYZE would run it."""
    words = sql.split(None, 1)
    rest = words[1] if len(words) > 1 else ""
    if rest[:7].upper() == "ANALYZE":
        rest = rest[7:]
    try:
        return any(s.type != duckdb.StatementType.SELECT for s in connection.extract_statements(rest))
    except duckdb.Error:
        return True


@contextmanager
def _limited(connection: Any, seconds: float) -> Iterator[None]:
    """Interrupt what runs inside when the time is over."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _said(duckdb: Any, folder: Folder, seconds: float, memory_mb: int) -> Iterator[None]:
    """What DuckDB says, as our errors."""
    try:
        yield
    except duckdb.InterruptException as e:
        raise TimeUpError(f"The question took longer than {seconds:g} s, and was stopped. Ask for less, or give more "
                          "with --seconds.") from e  # fmt: skip
    except duckdb.OutOfMemoryException as e:
        raise TimeUpError(f"The question takes more than {memory_mb} MB, and was stopped. Ask for less, or give more "
                          "with --memory.") from e  # fmt: skip
    except duckdb.PermissionException as e:
        raise UsageError(f"Only files of {folder.path} can be read: {_first(e)}.") from e
    except duckdb.IOException as e:
        raise InputError(f"The archive {folder.path} cannot be read: {_first(e)}.", path=str(folder.path)) from e
    except duckdb.Error as e:
        raise UsageError(f"{str(e).strip()}") from e


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
