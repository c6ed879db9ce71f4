"""Stamps of servers: each is asked by itself."""

from __future__ import annotations

import socket
import threading

import pytest

from stampede import pipeline
from stampede.store.server.stamping import stamp
from tests.servers import SERVERS, database


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_that_does_not_answer_holds_up_no_other(server: str) -> None:
    with database(server) as url, socket.create_server(("127.0.0.1", 0)) as silent:
        pipeline.make_database(url)
        scheme = url.partition("://")[0]
        away = f"{scheme}://me@127.0.0.1:{silent.getsockname()[1]}/wf"
        answers: list[bytes] = []
        asking = threading.Thread(target=lambda: answers.append(stamp(away)))
        asking.start()
        connection, _ = silent.accept()  # it waits for the answer now, and has its lock
        assert stamp(url).startswith(b"server.")
        assert answers == []
        connection.close()
        silent.close()
        asking.join()
        assert answers == [b""]
