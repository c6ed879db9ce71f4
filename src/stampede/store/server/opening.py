"""What is done to a database of a server when it is opened: its tables are made, or its revision is looked at."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import resources
from typing import Final, TypeVar

from stampede import __version__
from stampede.errors import DatabaseError, FutureDatabaseError, NoDatabaseError, OutdatedDatabaseError
from stampede.store.server.connection import REVISION_SAID, TURN, ServerConnection
from stampede.store.sqlite import PEGASUS_VERSION, STAMPEDE_VERSION
from stampede.store.urls import Kind, shown

C = TypeVar("C", bound=ServerConnection)
_INSERT: Final = "INSERT OR IGNORE INTO stampede_meta(key, value) VALUES (?, ?)"


def opened(
    connection: C, url: str, work: Callable[[C], None], *, faults: tuple[type[Exception], ...],
    said: Callable[[Exception], object],
) -> C:  # fmt: skip
    """A new connection once the work that comes first is done; closed when that fails. ``faults`` are what it may
    raise, ``said`` makes words of one. Raises DatabaseError for them, and what the work raises itself."""
    try:
        work(connection)
    except faults as e:
        connection.close()
        raise DatabaseError(f"{shown(url)}: {said(e)}.") from e
    except BaseException:
        connection.close()
        raise
    return connection


def ddl(server: str) -> str:
    """The CREATE statements of a kind of server."""
    return resources.files("stampede.store").joinpath(f"ddl/{server}.sql").read_text()


def statements(script: str) -> list[str]:
    """The statements of a script of ours: each ends with a semicolon at the end of a line, comments begin lines."""
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    return [part.strip(" ;\n") for part in "\n".join(lines).split(";\n") if part.strip(" ;\n")]


def check_readable(connection: ServerConnection, url: str, tables: set[str]) -> None:
    """Raise NoDatabaseError or FutureDatabaseError for a database that cannot be read; one of Pegasus can."""
    if "stampede_meta" not in tables and not tables.isdisjoint(("workflow", "master_workflow")):
        return
    if "stampede_meta" not in tables:
        raise NoDatabaseError(f"There are no tables of Stampede in {shown(url)}. Make them: stampede db init --db URL, "
                              "or load a workflow.")  # fmt: skip
    _refuse_newer(connection, url)


def prepare(connection: ServerConnection, url: str, tables: set[str], server: Kind) -> None:
    """Make the tables where there are none, as the only one who does.

    Raises DatabaseError, FutureDatabaseError, and OutdatedDatabaseError: what several hosts use is not changed by the
    first of them that has a new release.
    """
    if "stampede_meta" in tables and _version(connection) is not None:
        _refuse_newer(connection, url)
        _refuse_older(connection, url, server)
        return
    if "workflow" in tables and "stampede_meta" not in tables:
        raise DatabaseError(
            f"{shown(url)} has tables that were not made by Stampede, which does not change databases of others. "
            "Name another database."
        )
    for statement in statements(ddl(server)):
        connection.run(statement)
    now = str(int(time.time()))
    connection.execute(
        "INSERT INTO dbversion(version_number, version, version_timestamp) SELECT ?, ?, ? "
        "WHERE NOT EXISTS (SELECT 1 FROM dbversion)",
        (PEGASUS_VERSION, str(PEGASUS_VERSION), int(now)),
    )
    for key, value in (
        (TURN, "0"), ("created_by", f"stampede {__version__}"), ("created_ts", now),
        ("schema_version", str(STAMPEDE_VERSION)),
    ):  # fmt: skip
        connection.execute(_INSERT, (key, value))
    _noted(connection)


def _version(connection: ServerConnection) -> int | None:
    row = connection.execute("SELECT value FROM stampede_meta WHERE key = 'schema_version'").fetchone()
    return int(row[0]) if row is not None and str(row[0]).isdigit() else None


def _noted(connection: ServerConnection) -> tuple[str, ...]:
    """What the database says of its revision, kept to be held against at the beginning of each transaction."""
    connection.revision = tuple(value for (value,) in connection.execute(REVISION_SAID))
    return connection.revision


def _refuse_newer(connection: ServerConnection, url: str) -> None:
    version = _version(connection)
    if version is not None and version > STAMPEDE_VERSION:
        raise FutureDatabaseError(
            f"{shown(url)} has schema version {version}; this Stampede ({__version__}) knows {STAMPEDE_VERSION}. "
            "Use the release that wrote it, or a newer one."
        )


def _refuse_older(connection: ServerConnection, url: str, server: Kind) -> None:
    if _noted(connection) == (str(STAMPEDE_VERSION),):
        return
    from stampede.store.migrations.shape import standing

    found = standing(connection, server)
    if found.moving:
        raise OutdatedDatabaseError(
            f"The tables of {shown(url)} are being changed by another process, or that was broken off. When none is at "
            "it, go on with: stampede db upgrade --db URL."
        )
    if found.revision < STAMPEDE_VERSION:
        raise OutdatedDatabaseError(
            f"{shown(url)} has revision {found.revision} of the tables; this Stampede ({__version__}) writes "
            f"{STAMPEDE_VERSION}. Stop those who write to it with an earlier release, then: "
            "stampede db upgrade --db URL."
        )
