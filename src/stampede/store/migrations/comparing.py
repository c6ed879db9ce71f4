"""What differs between the tables of a database and those that are declared."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from stampede.store.migrations.revision import revisions
from stampede.store.reader import Reader
from stampede.store.sqlite import declared
from stampede.store.urls import Kind, kind_of

if TYPE_CHECKING:
    from sqlalchemy import Index

_DRIVERS: Final[dict[Kind, str]] = {"postgresql": "postgresql+psycopg", "mariadb": "mariadb+pymysql"}
_TABLES: Final = "SELECT name, sql LIKE '%WITHOUT ROWID%' FROM {}sqlite_master WHERE type = 'table'"
_INDEXES: Final = "SELECT name, sql FROM {}sqlite_master WHERE type = 'index' AND sql IS NOT NULL"


def differences(reader: Reader) -> list[str]:
    """What is missing or is not as declared, a sentence each; nothing when all is. Tables and indexes that others have
    added are not looked at.

    On a server Alembic compares, where it is installed, kinds of columns too; else only names are looked at.
    """
    kind = kind_of(reader.url)
    if kind == "sqlite":
        return _of_file(reader)
    partitioned = frozenset[str]()
    found: list[str] = []
    if kind == "postgresql":
        partitioned, found = _of_parts(reader)
    try:
        return found + _of_server(reader.url, kind, partitioned)
    except ImportError:
        return found + _of_names(reader.places(), kind)


def _of_parts(reader: Reader) -> tuple[frozenset[str], list[str]]:
    """The tables that are laid out in partitions, and what is wrong with those."""
    from stampede.store.months.standing import BY_TIME, standing

    if "jobstate" not in reader.tables():
        return frozenset(), []
    found = standing(reader.rows)
    if found.by is None:
        return frozenset(), []
    wrong = [] if found.by == BY_TIME else [f"jobstate is partitioned by {found.by}, not by {BY_TIME}"]
    if found.rest is None:
        wrong.append("jobstate has no partition for the rest: states of months that there are none of are refused")
    return frozenset({"jobstate"}), wrong


def _of_file(reader: Reader) -> list[str]:
    found = []
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(declared())
        there: dict[str, int] = dict(reader.rows(_TABLES.format("main.")))
        for table, unnumbered in made.execute(_TABLES.format("")):
            if table.startswith("sqlite_"):
                continue
            if table not in there:
                found.append(f"there is no table {table}")
                continue
            if there[table] != unnumbered:
                found.append(f"{table} has {'numbers of rows' if unnumbered else 'no numbers of rows'}")
            wanted = _columns(made.execute(f'PRAGMA table_info("{table}")').fetchall())
            found += _unequal(table, wanted, _columns(reader.rows(f'PRAGMA main.table_info("{table}")')))
        indexes: dict[str, str] = dict(reader.rows(_INDEXES.format("main.")))
        for name, sql in made.execute(_INDEXES.format("")):
            if name not in indexes:
                found.append(f"there is no index {name}")
            elif _plain(indexes[name]) != _plain(sql):
                found.append(f"the index {name} is of {indexes[name].partition(' ON ')[2]}")
    return found


def _columns(rows: list[Any]) -> dict[str, str]:
    """What each column is: its kind, whether it must have a value, its default, and its place in the key."""
    return {
        name: f"{kind}{' NOT NULL' if needed else ''}{'' if default is None else f' DEFAULT {default}'}"
        f"{f' KEY {key}' if key else ''}"
        for _, name, kind, needed, default, key in rows
    }


def _unequal(table: str, wanted: dict[str, str], there: dict[str, str]) -> list[str]:
    found = [f"there is no column {table}.{name}" for name in wanted if name not in there]
    found += [f"the column {table}.{name} is not declared" for name in there if name not in wanted]
    return found + [
        f"the column {table}.{name} is {there[name]}, not {kind}"
        for name, kind in wanted.items()
        if there.get(name, kind) != kind
    ]


def _plain(sql: str) -> str:
    return " ".join(sql.split())


def _of_names(places: frozenset[str], kind: Kind) -> list[str]:
    missing = {mark for revision in revisions(kind) for mark in revision.marks} - places
    return [f"there is no {'column ' if '.' in name else 'table or index '}{name}" for name in sorted(missing)]


def _of_server(url: str, kind: Kind, partitioned: frozenset[str]) -> list[str]:
    """Raises ImportError where Alembic is not installed."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine

    from stampede.store.schema.servers import tables_for

    assert kind != "sqlite"
    engine = create_engine(f"{_DRIVERS[kind]}://{url.split('://', 1)[1]}")
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            changes = compare_metadata(context, tables_for(kind, partitioned))
    finally:
        engine.dispose()
    flat = [one for change in changes for one in (change if isinstance(change, list) else [change])]
    there: dict[str | None, Index] = {one[1].name: one[1] for one in flat if one[0] == "remove_index"}
    return [said for one in flat if (said := _said(one, there))]


def _said(change: Any, there: dict[str | None, Index]) -> str:
    """A change that would make the database what is declared, as what is wrong now; empty for what is not looked at.
    ``there`` are indexes that seem to be others than those that are declared."""
    match change:
        case ("add_table", table):
            return f"there is no table {table.name}"
        case ("add_column", _, table, column):
            return f"there is no column {table}.{column.name}"
        case ("remove_column", _, table, column):
            return f"the column {table}.{column.name} is not declared"
        case ("modify_type", _, table, column, _, kind, wanted):
            return f"the column {table}.{column} is {kind}, not {wanted}"
        case ("modify_nullable", _, table, column, _, nullable, _):
            return f"the column {table}.{column} {'may' if nullable else 'may not'} lack a value"
        case ("add_index", index) if index.name not in there:
            return f"there is no index {index.name}"
        case ("add_index", index) if there[index.name].columns:  # one of an expression is told in other words
            return f"the index {index.name} is of other columns"
        case ("add_constraint", constraint):
            return f"there is no constraint {constraint.name}"
    return ""
