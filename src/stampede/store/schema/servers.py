"""The tables as servers hold them: the same names and columns, with types that take whatever SQLite takes.

* Whole numbers and truth values have 64 bits, fractions are double, text has no limit: nothing that SQLite stores is
  refused. Truth values are 0 and 1.
* Text is compared byte by byte, as in SQLite: collation ``C``, in MariaDB ``utf8mb4_nopad_bin``.
* References are not enforced, as SQLite does not either: events may come before what they refer to, and
  ``stampede db check`` looks for what refers to nothing.
* What SQLite numbers by itself in the order of writing has a column ``row_id`` where something reads on from it.
* A site may have its PostgreSQL keep ``jobstate`` by months (``store.months``).
* MariaDB cannot make text of any length a primary key: such keys are unique constraints (it compares a hash and then
  the text), with an index of the beginnings beside them. It has neither partial indexes nor those of expressions: the
  columns of the ones are indexed whole, the others left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal, cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DefaultClause,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.mysql import LONGBLOB, LONGTEXT
from sqlalchemy.sql.elements import TextClause

from stampede.store.schema.base import metadata

Server = Literal["postgresql", "mariadb"]

#: tables of which the live stream reads what is new, and that SQLite numbers by ``rowid``
NUMBERED: Final = frozenset({"jobstate", "workflowstate", "workflow_event"})
ROW_NUMBER: Final = "row_id"
#: indexes that only statements written for SQLite's planner ask for
_OTHER_WAYS: Final = frozenset({"job_instance_span_idx"})
#: characters of a text that an index of MariaDB holds: several have to fit into 3,072 bytes
_BEGINNING: Final = 64


def tables_for(server: Server, partitioned: frozenset[str] = frozenset()) -> MetaData:
    """The declarations of all tables for a kind of server; those that are ``partitioned`` have no unique key that lacks
    the column they are partitioned by (``store.months``)."""
    found = MetaData()
    for table in metadata.sorted_tables:
        table_for(found, table, server, partitioned=table.name in partitioned)
    return found


def texts_of(table: Table) -> set[str]:
    """The columns of a table that hold text."""
    return {c.name for c in table.columns if not isinstance(c.type, (Integer, Boolean, Numeric, LargeBinary))}


def table_for(found: MetaData, table: Table, server: Server, *, partitioned: bool = False) -> Table:
    """The declaration of one table for a kind of server, within a collection."""
    numbered = [c.name for c in table.primary_key.columns]
    columns = [column_for(c, server, alone=numbered == [c.name]) for c in table.columns]
    texts = texts_of(table)
    key = tuple(numbered)
    parts: list[Any] = []
    if table.name in NUMBERED:
        columns.append(
            Column(
                ROW_NUMBER,
                BigInteger,
                *([Identity()] if server == "postgresql" else []),
                nullable=False,
                primary_key=server == "mariadb",
                autoincrement=True,
            )
        )
    if server == "mariadb" and (texts.intersection(key) or table.name in NUMBERED):
        parts.append(UniqueConstraint(*key, name=f"KEY_{table.name.upper()}"))
        parts += _beginnings(f"{table.name}_key_idx", key, texts)
    else:
        parts.append(PrimaryKeyConstraint(*key))
    for unique in (c for c in table.constraints if isinstance(c, UniqueConstraint)):
        names = tuple(c.name for c in unique.columns)
        if server == "postgresql" and names[-1] == "message":  # an index of it holds 2,700 bytes at most
            first = [text(f'"{name}"') for name in names[:-1]]
            parts.append(Index(_named(unique.name, table).lower(), *first, text("md5(message)"), unique=True))
            continue
        parts.append(UniqueConstraint(*names, name=_named(unique.name, table)))
        if server == "mariadb":
            parts += _beginnings(f"{_named(unique.name, table)}_idx".lower(), names, texts)
    parts += [
        made for index in sorted(table.indexes, key=lambda i: str(i.name)) if (made := index_for(index, texts, server))
    ]
    if server == "postgresql" and table.name in NUMBERED:
        parts.append(Index(f"{table.name}_row_idx", ROW_NUMBER, unique=not partitioned))
    return Table(table.name, found, *columns, *parts, mariadb_engine="InnoDB", mariadb_default_charset="utf8mb4",
                 mariadb_collate="utf8mb4_nopad_bin")  # fmt: skip


def _named(name: Any, table: Table) -> str:
    return str(name) if name else f"UNIQUE_{table.name.upper()}"


def column_for(column: Column[Any], server: Server, *, alone: bool = False) -> Column[Any]:
    """The declaration of a column for a kind of server; ``alone``: it is the whole key of its table."""
    kind: Any
    number = isinstance(column.type, (Integer, Boolean))
    if number:
        kind = BigInteger()
    elif isinstance(column.type, Numeric):
        kind = Double()
    elif isinstance(column.type, LargeBinary):
        kind = LargeBinary() if server == "postgresql" else LONGBLOB()
    else:
        kind = Text(collation="C") if server == "postgresql" else LONGTEXT()
    own = alone and number
    default = column.server_default
    return Column(
        column.name, kind, *([Identity()] if own and server == "postgresql" else []), nullable=bool(column.nullable),
        server_default=cast(Any, default.arg) if isinstance(default, DefaultClause) else None, autoincrement=own,
    )  # fmt: skip


def index_for(index: Index, texts: set[str], server: Server) -> Index | None:
    """The declaration of an index for a kind of server, or None when it has no use for it.

    Without values come first, as SQLite sorts, so that PostgreSQL reads pages in the order of the index.
    """
    if index.name in _OTHER_WAYS:
        return None
    names = [e.name if isinstance(e, Column) else None for e in index.expressions]
    where = index.dialect_options["sqlite"]["where"]
    if server == "mariadb":
        plain = [n for n in names if n is not None]
        if len(plain) < len(names):
            return None
        plain = plain[:16]
        lengths = _lengths(plain, texts)
        return Index(index.name, *plain, mysql_length=lengths, mariadb_length=lengths)
    return Index(
        str(index.name).lower(), *(_ordered(e) for e in index.expressions),
        postgresql_where=None if where is None else text(_condition(str(where))),
    )  # fmt: skip


def _ordered(expression: Any) -> TextClause:
    if isinstance(expression, Column):
        return text(f'"{expression.name}" NULLS FIRST')
    return text(f"({expression}) NULLS FIRST")


def _condition(sqlite: str) -> str:
    """The condition of a partial index, word for word as questions are translated, so that it is recognised."""
    from stampede.store.server.postgres_dialect import PostgresTranslator

    tree = PostgresTranslator("public").tree(f"SELECT 1 FROM t WHERE {sqlite}")
    return str(tree.args["where"].this.sql(dialect="postgres", identify=True))


def _lengths(names: Iterable[str], texts: set[str]) -> dict[str, int]:
    return {name: _BEGINNING for name in names if name in texts}


def _beginnings(name: str, key: tuple[str, ...], texts: set[str]) -> list[Index]:
    """An index to find rows by a key with text: the one that keeps it unique holds hashes."""
    if not texts.intersection(key):
        return []
    lengths = {n: 191 if len(key) < 4 else _BEGINNING for n in key if n in texts}
    return [Index(name, *key, mysql_length=lengths, mariadb_length=lengths)]


__all__ = ["NUMBERED", "ROW_NUMBER", "Server", "column_for", "index_for", "table_for", "tables_for", "texts_of"]
