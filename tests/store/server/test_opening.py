"""What is done to a database of a server when it is opened."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from stampede.errors import DatabaseError, FutureDatabaseError, NoDatabaseError, OutdatedDatabaseError
from stampede.query import open_database
from stampede.store.connection import open_existing, open_writer
from stampede.store.server import opening
from stampede.store.server.connection import ServerConnection
from stampede.store.sqlite import STAMPEDE_VERSION
from stampede.store.urls import kind_of
from tests.servers import SERVERS, database


class RefusedError(Exception):
    """A driver's."""


class Opened:
    """As much of a connection as ``opened`` needs."""

    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("kind", SERVERS)
def test_each_statement_of_the_tables_is_one(kind: str) -> None:
    found = opening.statements(opening.ddl(kind))
    assert len(found) == opening.ddl(kind).count("CREATE ")
    assert all(s.startswith("CREATE ") and not s.endswith(";") for s in found)


def test_comments_are_no_statements() -> None:
    assert opening.statements("-- a; b\nCREATE TABLE a (\n  b\n);\n-- c\nDROP TABLE a;\n") == [
        "CREATE TABLE a (\n  b\n)", "DROP TABLE a",
    ]  # fmt: skip


@pytest.mark.parametrize("raised, told", [(RefusedError("no room"), DatabaseError), (FutureDatabaseError("new"), None)])
def test_a_connection_is_given_back_when_the_work_fails(raised: Exception, told: type[Exception] | None) -> None:
    connection = Opened()

    def work(_: object) -> None:
        raise raised

    with pytest.raises(told or type(raised)) as caught:
        opening.opened(
            connection, "postgresql://u:secret@h/d", work, faults=(RefusedError,), said=lambda e: f"it said {e}"
        )  # type: ignore[type-var]
    assert connection.closed
    assert "secret" not in str(caught.value)
    if told:
        assert str(caught.value) == "postgresql://u:***@h/d: it said no room."


@pytest.fixture(scope="module", params=SERVERS)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database that is empty for the first test, and has our tables from the second one on."""
    with database(request.param) as found:
        yield found


def test_tables_are_made_once_by_several_who_open_at_the_same_time(url: str) -> None:
    with pytest.raises(NoDatabaseError, match="stampede db init"):
        open_database(url)
    failed: list[Exception] = []

    def work() -> None:
        try:
            open_writer(url, 60).close()
        except Exception as e:
            failed.append(e)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with open_database(url) as reader:
        said = dict(reader.rows("SELECT key, value FROM stampede_meta"))
        assert said["schema_version"] == str(STAMPEDE_VERSION)
        assert said["turn"] == "0"
        assert reader.rows("SELECT version_number, version FROM dbversion") == [(14, "14")]


@pytest.mark.parametrize(
    "key, value, refused, read",
    [
        ("schema_version", "99", FutureDatabaseError, False),
        ("schema_version", str(STAMPEDE_VERSION - 1), OutdatedDatabaseError, True),
        ("moving", str(STAMPEDE_VERSION), OutdatedDatabaseError, True),
    ],
)
def test_what_has_another_revision_is_not_written(
    url: str, key: str, value: str, refused: type[Exception], read: bool
) -> None:
    with closing(open_existing(url)) as connection:
        connection.execute("INSERT OR REPLACE INTO stampede_meta(key, value) VALUES (?, ?)", (key, value))
        try:
            with pytest.raises(refused):
                open_writer(url, 5)
            if read:
                open_database(url).close()
            else:
                with pytest.raises(refused):
                    open_database(url)
        finally:
            connection.execute("DELETE FROM stampede_meta WHERE key = 'moving'")
            connection.execute(
                "UPDATE stampede_meta SET value = ? WHERE key = 'schema_version'", (str(STAMPEDE_VERSION),)
            )
    open_writer(url, 5).close()


def test_databases_of_others_are_not_changed(url: str) -> None:
    with closing(open_existing(url)) as connection:
        assert isinstance(connection, ServerConnection)
        mark = '"' if kind_of(url) == "postgresql" else "`"
        connection.run(f"ALTER TABLE {mark}stampede_meta{mark} RENAME TO theirs_meta")
        with pytest.raises(DatabaseError, match="not made by Stampede"):
            open_writer(url, 5)
        connection.run("ALTER TABLE theirs_meta RENAME TO stampede_meta")
