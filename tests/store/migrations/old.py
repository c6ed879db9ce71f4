"""Databases of earlier revisions with recorded runs in them.

``shapes/`` has the tables as they were made then, frozen. The rows are those that a load writes today, as far as the
old tables have columns for them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from stampede.store.migrations.plan import newest
from stampede.store.server.connection import ServerConnection
from stampede.store.server.opening import ddl, statements
from stampede.store.sqlite import SqliteConnection, declared
from stampede.store.urls import Kind

SHAPES = Path(__file__).with_name("shapes")
NEWEST = newest("sqlite")
#: revisions of which the tables in files are kept as they were made
FROZEN = tuple(sorted(int(path.name[:4]) for path in SHAPES.glob("*.sqlite.sql")))
#: what a database said of itself before revisions were counted
SAID = [("schema_version", "1"), ("created_by", "stampede 0.1.0.dev0"), ("turn", "7")]
Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]


def shape(revision: int, kind: Kind = "sqlite") -> str:
    """The statements that make the tables of a revision; of the newest those that ship."""
    if revision == NEWEST:
        return declared() if kind == "sqlite" else ddl(kind)
    return (SHAPES / f"{revision:04}.{kind}.sql").read_text()


def connect(place: Path | str = ":memory:") -> SqliteConnection:
    """A file as it is."""
    return sqlite3.connect(place, isolation_level=None, factory=SqliteConnection)


def rows_of(source: Path) -> Rows:
    """All rows of a file that was loaded today."""
    with closing(connect(source)) as connection:
        named = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
            "AND name NOT LIKE 'job_text%'"
        )
        tables = [name for (name,) in named]
        found = {}
        for table in tables:
            names = [r[1] for r in connection.execute(f'PRAGMA table_info("{table}")')]
            found[table] = (names, connection.execute(f"SELECT * FROM {table}").fetchall())
        del found["stampede_meta"]
        return found


def make_file(path: Path | str, script: str, rows: Rows | None = None) -> SqliteConnection:
    """A file with these tables, and of these rows what they have columns for."""
    connection = connect(path)
    connection.executescript(script)
    _fill(connection, rows or {}, connection.places())
    return connection


def make_server(connection: ServerConnection, script: str, rows: Rows | None = None) -> None:
    """The same on a server."""
    for statement in statements(script):
        connection.run(statement)
    _fill(connection, rows or {}, connection.places())


def _fill(connection: Any, rows: Rows, places: Iterable[str]) -> None:
    connection.executemany("INSERT INTO stampede_meta(key, value) VALUES (?, ?)", SAID)
    for table, (names, values) in rows.items():
        kept = [n for n, name in enumerate(names) if f"{table}.{name}" in places]
        if not kept or not values:
            continue
        listed = ", ".join(f'"{names[n]}"' for n in kept)
        marks = ", ".join("?" * len(kept))
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            f"INSERT INTO {table}({listed}) VALUES ({marks})", [tuple(row[n] for n in kept) for row in values]
        )
        connection.execute("COMMIT")


def exact_shape(connection: sqlite3.Connection) -> dict[str, Any]:
    """All tables and indexes of a file, as they are declared; columns in whatever order."""
    found: dict[str, Any] = {}
    for kind, name, sql in connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%' AND name NOT LIKE 'job_text%'"
    ).fetchall():
        if kind == "table":
            columns = sorted(tuple(r[1:]) for r in connection.execute(f'PRAGMA table_info("{name}")'))
            keys = sorted(tuple(r[2:]) for r in connection.execute(f'PRAGMA foreign_key_list("{name}")'))
            found[name] = (columns, keys, "WITHOUT ROWID" in sql, "AUTOINCREMENT" in sql)
        else:
            found[name] = sql
    return found
