"""What a revision of the tables is written with: Alembic's operations, told once for SQLite, PostgreSQL and MariaDB.

A revision is an Alembic script in ``store/schema/revisions``. ``tools/render_ddl.py`` has Alembic write what it does as
SQL, in offline mode, for each kind of database (``store/ddl/revisions``); that ships, and is what ``store.migrations``
runs. So nothing of this is imported at run time. How to add a revision is told in ``store/schema/revisions``.

Each statement can be run again when it was run before: MariaDB commits every change of a table by itself, so that an
upgrade that was killed goes on by beginning its revision anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, Literal

from alembic import op
from sqlalchemy import Column, Index, MetaData, Table
from sqlalchemy.schema import CreateIndex, CreateTable

from stampede.store.schema.base import Id
from stampede.store.schema.servers import Server, column_for, index_for, table_for, texts_of

Kind = Literal["sqlite", "postgresql", "mariadb"]
#: for ``unless`` and ``when``: what is there where a PostgreSQL keeps states by months (``store.months``)
PARTITIONED: Final = "jobstate:partitions"
_DIALECTS: dict[str, Kind] = {"sqlite": "sqlite", "postgresql": "postgresql", "mariadb": "mariadb"}


def kind() -> Kind:
    """The kind of database that SQL is written for right now."""
    return _DIALECTS[op.get_context().dialect.name]


def _server() -> Server | None:
    now = kind()
    return None if now == "sqlite" else now


def _say(statement: str) -> None:
    """Write a statement as it is, each on lines of its own without blank ones."""
    lines = [line.rstrip().replace("\t", "    ") for line in statement.strip().splitlines()]
    op.get_context().impl.static_output("\n".join(line for line in lines if line))


def _compiled(element: Any) -> str:
    return f"{str(element.compile(dialect=op.get_context().dialect)).strip()};"


def tables() -> MetaData:
    """A collection for the tables of one revision; those that rows refer to are there, as far as that takes."""
    found = MetaData()
    for name, key in (("workflow", "wf_id"), ("job", "job_id"), ("job_instance", "job_instance_id")):
        Table(name, found, Column(key, Id, primary_key=True))
    return found


def create_table(table: Table) -> None:
    """Make a table and its indexes, where there is none of that name."""
    server = _server()
    made = table if server is None else table_for(MetaData(), table, server)
    _say(_compiled(CreateTable(made, if_not_exists=True)))
    for index in sorted(made.indexes, key=lambda i: str(i.name)):
        _say(_compiled(CreateIndex(index, if_not_exists=True)))


def drop_table(name: str, *, derived: bool = False) -> None:
    """Drop a table. Unless what it holds is ``derived`` from other tables, a downgrade is refused while it has rows."""
    if not derived:
        _say(f"-- loses: {name}: SELECT count(*) FROM {name};")
    op.drop_table(name, if_exists=True)


def add_column(table: str, column: Column[Any]) -> None:
    """Add a column, without values (or with its default), where there is none of that name."""
    server = _server()
    if server is None:
        with unless(f"{table}.{column.name}"):
            op.add_column(table, column)
    else:
        op.add_column(table, column_for(column, server), if_not_exists=True)


def drop_column(table: str, name: str, *, derived: bool = False) -> None:
    """Drop a column; its indexes have to go first. Unless it is ``derived`` from others, a downgrade is refused while
    rows have a value in it."""
    if not derived:
        _say(f"-- loses: {table}.{name}: SELECT count(*) FROM {table} WHERE {name} IS NOT NULL;")
    if kind() == "sqlite":
        with when(f"{table}.{name}"):
            op.drop_column(table, name)
    else:
        op.drop_column(table, name, if_exists=True)


def create_index(index: Index) -> None:
    """Make an index of a declared table, where there is none of that name; a server may have no use for it."""
    assert index.table is not None
    server = _server()
    made: Index | None = index
    if server is not None:
        texts = texts_of(index.table)
        made = index_for(index, texts, server)
        if made is not None:
            Table(index.table.name, MetaData(), *(column_for(c, server) for c in index.table.columns), made)
    if made is not None:
        _say(_compiled(CreateIndex(made, if_not_exists=True)))


def drop_index(name: str, table: str) -> None:
    """Drop an index, where there is one of that name."""
    op.drop_index(name, table, if_exists=True)


def execute(sql: str) -> None:
    """Run a statement, given in SQLite's dialect."""
    server = _server()
    if server is not None:
        sql = _translated(sql, server)
    _say(f"{sql.strip().rstrip(';')};")


def raw(sql: str) -> None:
    """Run a statement that is in the dialect of the database already."""
    _say(f"{sql.strip().rstrip(';')};")


def fill(name: str) -> None:
    """Have values filled in that SQL cannot work out: a function of ``store/migrations/fills.py``."""
    _say(f"-- fill: {name};")


def marked(*places: str) -> None:
    """Say by which ``table.column`` a database of this revision is recognised, besides by what the revision adds."""
    for place in places:
        _say(f"-- mark: {place};")


def unless(place: str) -> AbstractContextManager[None]:
    """Pass over what is done inside when ``table.column`` is there already."""
    return _guarded(f"-- unless: {place}")


def when(place: str) -> AbstractContextManager[None]:
    """Pass over what is done inside when ``table.column`` is not there any more."""
    return _guarded(f"-- when: {place}")


@contextmanager
def _guarded(condition: str) -> Iterator[None]:
    impl = op.get_context().impl
    write = impl.static_output

    def guarded(text: str) -> None:
        write(f"{condition}\n{text}")

    impl.static_output = guarded  # type: ignore[method-assign]
    try:
        yield
    finally:
        del impl.static_output


def _translated(sql: str, server: Server) -> str:
    from stampede.store.server.mariadb_dialect import MariaTranslator
    from stampede.store.server.postgres_dialect import PostgresTranslator

    translator = PostgresTranslator("public") if server == "postgresql" else MariaTranslator("")
    return translator.translated(sql).text.replace("%%", "%")


__all__ = [
    "PARTITIONED", "add_column", "create_index", "create_table", "drop_column", "drop_index", "drop_table", "execute",
    "fill", "kind", "marked", "raw", "tables", "unless", "when",
]  # fmt: skip
