"""A server is had to look at the tables that were written to, and at no others."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from stampede.store.connection import open_writer
from stampede.store.server import shapes
from stampede.store.server.connection import ServerConnection
from tests.servers import SERVERS, database


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_looks_at_what_changed_noticeably_and_at_what_it_does_not_know(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[list[str]] = []
    with database(server) as url:
        opened = _opened(url)
        opened.close()
        kind = opened.__class__
        really = kind.look

        def look(self: ServerConnection, tables: Iterable[str]) -> None:
            looked.append(list(tables))
            really(self, tables)

        monkeypatch.setattr(kind, "look", look)

        _write(_opened(url), 20)
        assert looked == []  # few rows in a new table

        _write(_opened(url), 400)
        (first,) = looked
        assert "workflow_meta" in first
        assert server != "postgresql" or first == shapes.names()  # MariaDB counts what is empty by itself

        looked.clear()
        _write(_opened(url), 70)
        assert looked == []  # a sixth of what is known

        _write(_opened(url), 300)
        assert looked == [["workflow_meta"]]


def _opened(url: str) -> ServerConnection:
    connection = open_writer(url, 10.0)
    assert isinstance(connection, ServerConnection)
    return connection


def _write(connection: ServerConnection, rows: int) -> None:
    """Rows that nobody has written yet, and the end of the connection."""
    (before,) = connection.execute("SELECT count(*) FROM workflow_meta").fetchone() or (0,)
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        "INSERT OR REPLACE INTO workflow_meta(wf_id, key, value) VALUES (?, ?, ?)",
        [(1, f"key{number}", "x") for number in range(before, before + rows)],
    )
    connection.execute("COMMIT")
    connection.settle()
    connection.close()
