"""Lost connections, and several loaders at once: nothing is lost, nothing doubled."""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stampede import pipeline
from stampede.query import open_database
from stampede.query.status import status
from stampede.query.workflows import list_workflows
from stampede.store.connection import open_writer
from stampede.store.loader import Loader
from stampede.store.server import silence
from stampede.store.server.connection import ServerConnection
from tests.contract.store.conftest import RUNS
from tests.contract.store.tables import all_tables, differences


def _connection_class(url: str) -> type[ServerConnection]:
    if url.startswith("postgresql"):
        from stampede.store.postgres import PostgresConnection

        return PostgresConnection
    from stampede.store.mariadb import MariaConnection

    return MariaConnection


def _kill(connection: Any) -> None:
    """End the session at the server, from another one."""
    other = connection._connect()
    if hasattr(connection.driver, "thread_id"):
        with other.cursor() as cursor:
            cursor.execute(f"KILL {connection.driver.thread_id()}")
    else:
        other.execute(f"SELECT pg_terminate_backend({connection.driver.info.backend_pid:d}::int)")
    other.close()


@pytest.mark.parametrize("at", [12, 25, 40, 55, 70, 95, 130])
def test_a_connection_that_is_lost_costs_nothing(
    empty: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """The session is ended at the server before its ``at``-th statement, and before each twentieth one after it."""
    kind = _connection_class(empty)
    Loader(empty).close()
    _interfere(monkeypatch, kind, lambda n, text: n >= at and (n - at) % 20 == 0)
    _load_like_a_file(empty, corpus, tmp_path)


def test_a_commit_whose_answer_is_lost_is_not_done_twice(
    empty: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server has committed, but the loader never hears of it: it writes the batch again."""
    kind = _connection_class(empty)
    Loader(empty).close()
    commits = 0
    real = kind.run

    def run(self: ServerConnection, text: str, given: Any = None) -> Any:
        nonlocal commits
        answer = real(self, text, given)
        if text == "COMMIT":
            commits += 1
            if commits % 3 == 1:
                _kill(self)
                real(self, "SELECT 1")
        return answer

    monkeypatch.setattr(kind, "run", run)
    _load_like_a_file(empty, corpus, tmp_path)
    assert commits > 3


def _interfere(
    monkeypatch: pytest.MonkeyPatch, kind: type[ServerConnection], when: Callable[[int, str], bool]
) -> None:  # fmt: skip
    count = 0
    real = kind.run

    def run(self: ServerConnection, text: str, given: Any = None) -> Any:
        nonlocal count
        count += 1
        if count < 200 and self._scratch and when(count, text):  # (a question whose connection is lost is asked again)
            _kill(self)
        return real(self, text, given)

    monkeypatch.setattr(kind, "run", run)


def _load_like_a_file(url: str, corpus: Path, tmp_path: Path) -> None:
    paths = [corpus / name for name in ("dm_g_hold", "dm_e_subdag")]
    file = f"sqlite:///{tmp_path / 'same.db'}"
    pipeline.load(paths, file)
    pipeline.load(paths, url)
    assert not differences(all_tables(file), all_tables(url))


def test_several_loaders_write_one_database_at_once(empty: str, corpus: Path, sqlite: str) -> None:
    """Four loaders begin at the same moment on an empty database, each with a run of its own."""
    errors: list[BaseException] = []

    def load(name: str) -> None:
        try:
            pipeline.load([corpus / name], empty)
        except BaseException as e:
            errors.append(e)

    threads = [threading.Thread(target=load, args=(name,)) for name in RUNS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert _standing(empty) == {k: v for k, v in _standing(sqlite).items() if k in _standing(empty)}
    assert len(_standing(empty)) == 8


def _standing(url: str) -> dict[str, Any]:
    with open_database(url) as reader, reader.snapshot():
        return {
            one.wf_uuid: (one.state, one.nodes, one.attempts, one.problems)
            for root in list_workflows(reader)
            for one in status(reader, root)
        }


def test_who_stands_still_in_a_transaction_does_not_keep_out_others(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends the transaction of a loader that says nothing more, which may be cut off; it can go on later."""
    monkeypatch.setattr("stampede.store.server.silence.STILL_S", 1)
    still, other = open_writer(empty), open_writer(empty)
    try:
        still.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")
        other.execute("COMMIT")
        with pytest.raises(sqlite3.Error) as caught:
            still.execute("SELECT value FROM stampede_meta WHERE key = 'turn'")
        assert still.recover(caught.value, 10)
        still.execute("BEGIN IMMEDIATE")
        still.execute("COMMIT")
    finally:
        still.close()
        other.close()


def test_a_server_that_vanishes_is_noticed(empty: str) -> None:
    """Its machine is asked for a sign of life, and has to acknowledge what it gets."""
    writer: Any = open_writer(empty)
    try:
        number = writer.driver.fileno() if hasattr(writer.driver, "fileno") else writer.driver._sock.fileno()
        with socket.socket(fileno=os.dup(number)) as line:
            assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == silence.IDLE_S
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == silence.UNHEARD_S * 1000
    finally:
        writer.close()
