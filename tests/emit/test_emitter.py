"""``stampede.emit`` on real server processes: each event once, in order, through outages and kills."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from serving import Server, free_port

from stampede import emit
from stampede.errors import UsageError
from stampede.query import open_database
from stampede.query.status import status
from stampede.query.workflows import find


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))


def _numbers(database: Path) -> list[int]:
    """The values of the metadata ``n…`` that were stored, in the order of their rows."""
    rows = sqlite3.connect(database).execute("SELECT key FROM workflow_meta WHERE key LIKE 'n%' ORDER BY rowid")
    return [int(r[0][1:]) for r in rows]


def test_the_common_life_of_a_workflow(tmp_path: Path) -> None:
    """Two jobs, one of which fails and runs again: the database says so."""
    url = f"sqlite:///{tmp_path / 'in.sqlite'}"
    with Server(databases=[url]) as server, emit.Emitter(server.url, source="engine") as e:
        with e.workflow(label="survey") as wf:
            wf.task("T1", transformation="fit")
            first = wf.job("first", transformation="fit", task="T1")
            second = e.job("second", parents=[first], max_retries=1)
            with e.running(first):
                pass
            with pytest.raises(RuntimeError), e.running(second):
                raise RuntimeError("bad luck")
            with e.running(second) as attempt:
                attempt.succeed()
        assert e.flush(10)
    with open_database(url) as reader, reader.snapshot():
        (workflow,) = find(reader, wf.uuid)
        (now,) = status(reader, workflow)
        assert (now.state, now.nodes.done, now.nodes.total) == ("success", 2, 2)
        rows = reader.rows("SELECT job_submit_seq, outcome, main_exitcode, stderr_text FROM job_instance i JOIN job j "
                           "USING (job_id) WHERE exec_job_id = 'second' ORDER BY 1")  # fmt: skip
        assert [r[:3] for r in rows] == [(1, "failed", 256), (2, "success", 0)]
        assert "bad luck" in rows[0][3]
        assert reader.rows("SELECT transformation, abs_task_id FROM invocation ORDER BY 1 LIMIT 1") == [("fit", "T1")]


def test_a_run_that_raises_ends_badly(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'in.sqlite'}"
    with Server(databases=[url]) as server, emit.Emitter(server.url, source="engine") as e:
        with pytest.raises(ZeroDivisionError), e.workflow(label="w") as wf:
            raise ZeroDivisionError
        assert e.flush(10)
    with open_database(url) as reader:
        assert find(reader, wf.uuid)[0].state == "failed"


def test_what_was_sent_while_there_was_no_server_arrives_when_there_is_one(tmp_path: Path) -> None:
    database = tmp_path / "in.sqlite"
    port = free_port()
    with emit.Emitter(f"http://127.0.0.1:{port}", source="a", retry_s=0.2) as e:
        e.workflow(label="w")
        for n in range(500):
            e.event("xwf.meta", key=f"n{n}", value="x")
        assert not e.flush(0.5)
        assert e.trouble is not None
        assert e.waiting == 501
        with Server(databases=[f"sqlite:///{database}"], port=port):
            assert e.flush(20)
            assert e.trouble is None
    assert _numbers(database) == list(range(500))


_PROGRAM = """
import sys
from stampede import emit
e = emit.Emitter(sys.argv[1], source="killed", retry_s=0.2)
e.workflow(label="w")
n = int(sys.argv[2])
while True:
    e.event("xwf.meta", key=f"n{n}", value="x")
    print(n, flush=True)
    n += 1
"""


def test_a_killed_program_loses_no_event_that_was_sent(tmp_path: Path) -> None:
    """kill -9 again and again: what ``event`` returned for arrives, once and in order."""
    database = tmp_path / "in.sqlite"
    with Server(databases=[f"sqlite:///{database}"]) as server:
        told = [_killed(server, number) for number in range(4)]
        with emit.Emitter(server.url, source="killed") as e:
            assert e.flush(30)
    found = _numbers(database)
    for number, last in enumerate(told):
        mine = [n - number * 1_000_000 for n in found if n // 1_000_000 == number]
        assert mine == list(range(len(mine)))
        assert last + 1 <= len(mine) <= last + 2  # the last one may have been kept, and not told of any more


def _killed(server: Server, number: int) -> int:
    """Run a program that sends, kill it; the number of the last event that it says it sent."""
    command = [sys.executable, "-c", _PROGRAM, server.url, str(number * 1_000_000)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        until = time.monotonic() + 0.5
        last = program.stdout.readline()
        while time.monotonic() < until:
            last = program.stdout.readline()
        os.kill(program.pid, signal.SIGKILL)
        rest = program.stdout.read().split(b"\n")[:-1]
    return int(rest[-1] if rest else last) - number * 1_000_000


def test_a_server_with_another_database_gets_the_rest_and_is_told(tmp_path: Path) -> None:
    server = Server(databases=[f"sqlite:///{tmp_path / 'one.sqlite'}"])
    with server, emit.Emitter(server.url, source="a", retry_s=0.2) as e:
        e.workflow(label="w")
        for n in range(30_000):
            e.event("xwf.meta", key=f"n{n}", value="x" * 200)
        assert e.flush(30)
        server.kill()
        server.settings["databases"] = [f"sqlite:///{tmp_path / 'two.sqlite'}"]
        server.start()
        e.event("xwf.meta", key="n30000", value="x")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if (tmp_path / "two.sqlite").exists() and 30000 in _numbers(tmp_path / "two.sqlite"):
                break
            time.sleep(0.1)
        assert e.flush(10)
    two = sqlite3.connect(tmp_path / "two.sqlite")
    assert 30000 in _numbers(tmp_path / "two.sqlite")
    assert [r[0] for r in two.execute("SELECT kind FROM problem")] == ["forgotten"]


def test_a_full_spool_drops_and_tells(tmp_path: Path) -> None:
    database, port = tmp_path / "in.sqlite", free_port()
    with emit.Emitter(
        f"http://127.0.0.1:{port}", source="a", most_bytes=2_000, when_full="drop", retry_s=0.2
    ) as e:  # fmt: skip
        e.workflow(label="w")
        for n in range(100):
            e.event("xwf.meta", key=f"n{n}", value="x")
        assert e.dropped > 50
        with Server(databases=[f"sqlite:///{database}"], port=port):
            assert e.flush(20)
            dropped = e.dropped
            e.event("xwf.meta", key="n999", value="x")
            assert e.flush(20)
    assert _numbers(database) == [*range(100 - dropped), 999]
    told = sqlite3.connect(database).execute("SELECT kind, message FROM problem").fetchall()
    assert told == [("dropped", f"{dropped} events were dropped by their sender, whose spool was full.")]


def test_raising_when_full_raises(tmp_path: Path) -> None:
    with emit.Emitter("http://127.0.0.1:9", source="a", most_bytes=500, when_full="raise") as e:
        e.event("xwf.meta", xwf_id="w", key="n", value="x" * 300)
        with pytest.raises(emit.SpoolFullError):
            e.event("xwf.meta", xwf_id="w", key="n", value="x" * 300)
        e.close(0)


def test_programs_of_one_name_have_spools_of_their_own(tmp_path: Path) -> None:
    first = emit.Emitter("http://127.0.0.1:9", source="same")
    second = emit.Emitter("http://127.0.0.1:9", source="same")
    assert first._spool.folder != second._spool.folder
    first.close(0)
    second.close(0)


def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError):
        emit.Emitter("monitor.example:8642")


def test_a_refused_credential_is_trouble_and_keeps_the_events(tmp_path: Path) -> None:
    """Nothing that a server says makes the sender throw events away."""
    import http.server
    import threading

    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"detail": "Who are you?"}).encode()
            self.send_response(401)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        e = emit.Emitter(f"http://127.0.0.1:{server.server_port}", source="a", token="wrong")
        e.event("xwf.meta", xwf_id="w", key="k")
        deadline = time.monotonic() + 5
        while e.trouble is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert e.trouble == "the server answers 401: Who are you?"
        assert e.waiting == 1
        assert not e.close(0)
        server.shutdown()
