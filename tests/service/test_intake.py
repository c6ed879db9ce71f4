"""Events in, on a real server process: each record once, whatever happens to sender, server and database."""

from __future__ import annotations

import gzip
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from same import differences
from sent import UUID, run
from serving import Server

from stampede import pipeline


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "in.sqlite"


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))


@pytest.fixture
def server(database: Path) -> Iterator[Server]:
    with Server(databases=[f"sqlite:///{database}"], batch_bytes=1 << 20) as one:
        yield one


def _direct(tmp_path: Path, lines: list[bytes]) -> Path:
    """The same events loaded from a file."""
    file = tmp_path / "direct.jsonl"
    file.write_bytes(b"\n".join(lines) + b"\n")
    pipeline.load([file], f"sqlite:///{tmp_path / 'direct.sqlite'}")
    return tmp_path / "direct.sqlite"


def _deliver(server: Server, source: str, lines: list[bytes], *, size: int = 50, seconds: float = 30) -> None:
    """As a sender that comes again until it is told that all is stored."""
    stored, until = 0, time.monotonic() + seconds
    while stored < len(lines):
        assert time.monotonic() < until, "it did not get through"
        try:
            status, said = server.send(source, stored + 1, b"\n".join(lines[stored : stored + size]))
        except (OSError, ValueError):
            time.sleep(0.05)
            continue
        if status in (200, 409):
            stored = said["stored"]
        else:
            assert status == 503, said
            time.sleep(0.05)


def test_what_was_sent_is_as_if_loaded(server: Server, database: Path, tmp_path: Path) -> None:
    lines = run(120)
    _deliver(server, "a", lines)
    time.sleep(1.2)  # until the anomalies of the run that ended are judged
    assert differences(_direct(tmp_path, lines), database) == {}


def test_a_batch_that_comes_twice_is_stored_once(server: Server) -> None:
    body = b"\n".join(run(5))
    first, again = server.send("a", 1, body), server.send("a", 1, body)
    assert first[0] == again[0] == 200
    assert (first[1]["new"], again[1]["new"], again[1]["known"]) == (len(run(5)), 0, len(run(5)))
    assert first[1]["stored"] == again[1]["stored"]


def test_a_gap_is_refused_and_says_where_to_go_on(server: Server) -> None:
    lines = run(5)
    server.send("a", 1, b"\n".join(lines[:10]))
    status, said = server.send("a", 13, lines[12])
    assert (status, said["stored"], said["type"]) == (409, 10, "/problems/gap")
    assert server.ask("GET", "/api/v1/events/stored?source=a")[1]["stored"] == 10


def test_a_batch_that_overtook_another_waits_for_it(server: Server) -> None:
    lines = run(5)
    answers: dict[int, Any] = {}
    late = threading.Thread(target=lambda: answers.update({11: server.send("a", 11, b"\n".join(lines[10:20]))}))
    late.start()
    time.sleep(0.3)
    answers[1] = server.send("a", 1, b"\n".join(lines[:10]))
    late.join()
    assert [answers[n][1]["stored"] for n in (1, 11)] == [10, 20]


def test_sources_have_positions_of_their_own(server: Server) -> None:
    lines = run(30)
    server.send("a", 1, b"\n".join(lines[:50]))
    assert server.send("b", 1, b"\n".join(lines[:20]))[1]["stored"] == 20
    assert server.ask("GET", "/api/v1/events/stored?source=a")[1]["stored"] == 50


def test_what_cannot_be_taken_is_a_problem(server: Server, database: Path) -> None:
    status, said = server.send("a", 1, b'{"event":"stampede.what","xwf_id":"u"}\nnonsense\n{"a":')
    assert (status, said["new"]) == (200, 3)
    rows = sqlite3.connect(database).execute('SELECT file, "offset" FROM problem ORDER BY 2').fetchall()
    assert rows == [("a", 1), ("a", 2), ("a", 3)]
    assert said["problems"] == 3


@pytest.mark.parametrize("packing", ["gzip", "zstd", "deflate"])
def test_packed_bodies_are_taken(server: Server, packing: str) -> None:
    import zlib

    body = b"\n".join(run(5))
    pack = {"gzip": gzip.compress, "zstd": zstandard.compress, "deflate": zlib.compress}[packing]
    status, said = server.send("a", 1, pack(body), content_encoding=packing)
    assert (status, said["stored"]) == (200, len(run(5)))


@pytest.mark.parametrize(
    "body, packing, status",
    [
        (gzip.compress(b"x" * (2 << 20)), "gzip", 413),
        (zstandard.compress(b"x" * (2 << 20)), "zstd", 413),
        (gzip.compress(b"{}")[:-9], "gzip", 400),
        (b"no gzip", "gzip", 400),
        (b"no zstd", "zstd", 400),
        (b"{}", "br", 415),
        (b"", "", 422),
    ],
)
def test_bodies_that_cannot_be_taken_are_refused(server: Server, body: bytes, packing: str, status: int) -> None:
    assert server.send("a", 1, body, content_encoding=packing)[0] == status
    assert server.ask("GET", "/api/v1/events/stored?source=a")[1]["stored"] == 0


@pytest.mark.parametrize("headers", [{}, {"stampede-source": "a"}, {"stampede-source": "a", "stampede-sequence": "x"}])
def test_a_batch_without_name_or_number_is_refused(server: Server, headers: dict[str, str]) -> None:
    assert server.ask("POST", "/api/v1/events", b"{}", headers)[0] == 400


def test_many_who_send_at_once_lose_and_double_nothing(server: Server, database: Path) -> None:
    lines = {f"s{n}": run(40, uuid=f"{UUID[:-2]}{n:02d}") for n in range(6)}
    threads = [threading.Thread(target=_deliver, args=(server, s, some), kwargs={"size": 25})
               for s, some in lines.items()]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = sqlite3.connect(database).execute("SELECT count(*) FROM jobstate").fetchone()[0]
    assert found == 6 * 44 * 4
    positions = sqlite3.connect(database).execute("SELECT source, offset FROM source_position").fetchall()
    assert dict(positions) == {f"push:{s}": len(some) for s, some in lines.items()}


def test_killed_again_and_again_it_loses_and_doubles_nothing(server: Server, database: Path, tmp_path: Path) -> None:
    lines = run(400)
    sender = threading.Thread(target=_deliver, args=(server, "a", lines), kwargs={"size": 30, "seconds": 60})
    sender.start()
    chance = random.Random(7)
    kills = 0
    while sender.is_alive() and kills < 4:
        time.sleep(chance.uniform(0.05, 0.25))
        server.kill()
        server.start()
        kills += 1
    sender.join()
    time.sleep(1.2)
    assert kills
    assert differences(_direct(tmp_path, lines), database) == {}


def test_a_locked_database_only_delays(server: Server, database: Path, tmp_path: Path) -> None:
    lines = run(60)
    _deliver(server, "a", lines[:40])
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    sender = threading.Thread(target=_deliver, args=(server, "a", lines))
    sender.start()
    time.sleep(0.7)
    assert sender.is_alive()
    other.execute("ROLLBACK")
    sender.join()
    time.sleep(1.2)
    assert differences(_direct(tmp_path, lines), database) == {}


def test_a_database_that_was_away_is_gone_on_with(server: Server, database: Path, tmp_path: Path) -> None:
    """While it is away nothing is taken, and none is made in its place: what was stored in that would be lost."""
    lines = run(60)
    _deliver(server, "a", lines[:100])
    away = tmp_path / "away"
    away.mkdir()
    for file in tmp_path.glob("in.sqlite*"):
        file.rename(away / file.name)
    assert server.send("a", 101, b"\n".join(lines[100:120]))[0] == 503
    assert server.send("a", 1, b"\n".join(lines[:20]))[0] == 503
    assert not database.exists()
    for file in away.iterdir():
        file.rename(tmp_path / file.name)
    _deliver(server, "a", lines)
    time.sleep(1.2)
    assert differences(_direct(tmp_path, lines), database) == {}
