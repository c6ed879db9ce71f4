"""A service with processes that read: it answers as one without, and goes on whichever of them is killed."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from listening import Stream
from litestar.testing import TestClient
from sent import UUID, run

from service.conftest import FAILED_JOB, PEGASUS
from service.guard.lab import Service, cookie_of

ROOT = Path(__file__).resolve().parent.parent.parent.parent
WORKERS = 2
#: what stands in a path for what
_NAMES = {"uuid": PEGASUS, "name": FAILED_JOB, "number": "1", "cause": "nothing"}
#: questions that need more than a path
_QUERIES = {
    "/api/v1/search": {"q": "findrange"}, "/api/v1/trend": {"label": "pg_fail"},
    "/api/v1/workflows/{uuid}/trace": {"name": FAILED_JOB},
}  # fmt: skip
#: what depends on the process or on the clock
_OWN = ("/api/v1/me", "/metrics", "progress", "forecast", "throughput", "resources", "sites", "retry")


@pytest.fixture(scope="module")
def service(urls: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    named = [word for url in urls for word in ("--db", url)]
    with Service(tmp_path_factory.mktemp("state"), *named, "--workers", str(WORKERS)) as started:
        yield started


@pytest.fixture
def own(urls: list[str], tmp_path: Path) -> Iterator[Service]:
    """A service whose processes the test may kill."""
    with Service(tmp_path, "--db", urls[0], "--workers", str(WORKERS)) as started:
        started.ask("/api/v1")
        yield started


def _paths() -> list[str]:
    document = json.loads((ROOT / "docs" / "reference" / "openapi.json").read_text())
    found = []
    for path, item in document["paths"].items():
        if "get" not in item or path.endswith("/stream"):
            continue
        kinds = next((p["schema"]["enum"] for p in item["get"].get("parameters", [])
                      if p["in"] == "path" and "enum" in p["schema"]), [None])  # fmt: skip
        found += [path if kind is None else path.replace("{kind}", kind) for kind in kinds]
    return found


def _asked(path: str) -> str:
    query = _QUERIES.get(path)
    for name, value in _NAMES.items():
        path = path.replace("{" + name + "}", value)
    return f"{path}?{urlencode(query)}" if query else path


@pytest.mark.parametrize("path", _paths())
def test_each_question_is_answered_as_by_one_process(service: Service, client: TestClient, path: str) -> None:
    asked = _asked(path)
    expected, answer = client.get(asked), service.ask(asked)
    if path == "/metrics":
        return  # only a whole service has it
    assert answer.status == expected.status_code, answer.body
    if not path.endswith(_OWN):
        assert answer.body == expected.content
        assert answer.headers.get("link") == expected.headers.get("link")


@pytest.mark.parametrize("form", ["csv", "columns"])
def test_other_forms_are_made_there_too(service: Service, client: TestClient, form: str) -> None:
    path = f"/api/v1/workflows/{PEGASUS}/{'jobs' if form == 'csv' else 'gantt'}?format={form}"
    assert service.ask(path).body == client.get(path).content


def test_it_is_answered_by_other_processes(service: Service) -> None:
    service.ask(f"/api/v1/workflows/{PEGASUS}/status")
    assert 1 <= metric(service, "stampede_workers") <= WORKERS
    assert len(readers_of(service)) == metric(service, "stampede_workers")


# ---- what ends ------------------------------------------------------------------------------------------------------


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == pid and state != "Z":
            found.append(int(stat.parent.name))
    return found


def nursery_of(service: Service) -> int:
    (found,) = children(service.pid)
    return found


def readers_of(service: Service) -> list[int]:
    return children(nursery_of(service))


def metric(service: Service, name: str) -> float:
    lines = service.ask("/metrics").body.decode().splitlines()
    return next(float(line.rpartition(" ")[2]) for line in lines if line.partition(" ")[0] == name)


def until(true: Callable[[], Any], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def questions(prefix: str) -> Iterator[str]:
    """Each asked once, so that nothing is kept."""
    return (f"/api/v1/workflows/{PEGASUS}/jobs?duration_s>={prefix}{n}" for n in range(10**6))


def test_questions_are_answered_while_readers_are_killed(own: Service) -> None:
    """One reader after the other is killed with -9, while it has questions; nobody who asks notices."""
    answers: list[int] = []
    refused: list[str] = []
    over = threading.Event()

    def ask(number: int) -> None:
        for path in questions(f"-{number}"):
            if over.is_set():
                return
            answer = own.ask(path)
            answers.append(answer.status)
            if answer.status != 200:
                refused.append(answer.body.decode())

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    killed: set[int] = set()
    try:
        for _ in range(4):
            until(lambda: set(readers_of(own)) - killed)
            pid = min(set(readers_of(own)) - killed)
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
            enough = len(answers) + 5
            until(lambda enough=enough: len(answers) >= enough)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert refused == []
    until(lambda: metric(own, "stampede_workers_lost_total") == len(killed))


def test_without_anybody_to_fork_it_answers_itself(own: Service) -> None:
    ask = questions("1.")
    assert own.ask(next(ask)).status == 200
    readers = readers_of(own)
    os.kill(nursery_of(own), signal.SIGKILL)
    assert own.ask(next(ask)).status == 200
    for pid in readers:
        os.kill(pid, signal.SIGKILL)
    assert [own.ask(next(ask)).status for _ in range(5)] == [200] * 5
    assert metric(own, "stampede_workers") == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_behind(own: Service, number: signal.Signals) -> None:
    own.ask(next(questions("2.")))
    left = [nursery_of(own), *readers_of(own)]
    code, said = own.end(number)
    assert code == (-number if number == signal.SIGKILL else 0), said
    until(lambda: not any(_is_alive(pid) for pid in left))


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


# ---- what is of the process that serves, whoever reads --------------------------------------------------------------


def test_sessions_and_limits_of_wrong_credentials_hold_for_all(urls: list[str], tmp_path: Path) -> None:
    with Service(tmp_path, "--db", urls[0], "--workers", str(WORKERS), "--always-ask") as service:
        token = service.stampede("serve", "token", "create", "--user", "ada", "--right", "admin").strip()
        form = urlencode({"user": "ada", "password": token}).encode()
        entered = service.ask("/login", "POST", body=form, Origin=service.url)
        cookie = cookie_of(entered)
        found = [service.ask(next(questions(f"3.{n}")), Cookie=cookie).status for n in range(8)]
        assert found == [200] * 8
        wrong = [service.ask("/api/v1/me", token=f"stp_{n:08x}_x").status for n in range(14)]
        assert wrong == [401] * 10 + [429] * 4
        assert service.ask(next(questions("4.")), Cookie=cookie).status == 200
        until = time.monotonic() + 20
        asked: list[Any] = []
        while len(asked) < 9 and time.monotonic() < until:  # a line may be written after its answer was given
            asked = [line for line in service.audit() if line.get("path", "").endswith("/jobs")]
        assert {line["by"] for line in asked} == {f"session token {token.split('_')[1]}"}
        assert len(asked) == 9


def test_what_is_sent_in_is_read_and_told_once(tmp_path: Path) -> None:
    """Batches come in while pages are asked, some of them twice; a listener hears each change once, also the one who
    comes back with the last id, and readers see what was answered to be stored."""
    lines = run(40)
    url = f"sqlite:///{tmp_path / 'in.sqlite'}"
    with Service(tmp_path, "--db", url, "--workers", str(WORKERS)) as service:
        server: Any = SimpleNamespace(settings={"host": "127.0.0.1", "port": service.port})
        heard: list[str] = []
        last = "beginning"
        for at in range(0, len(lines), 60):
            body = b"\n".join(lines[at : at + 60])
            for _ in range(2):
                answer = service.ask(
                    "/api/v1/events", "POST", body=body, Stampede_Source="a", Stampede_Sequence=str(at + 1)
                )
                assert answer.json["stored"] == min(at + 60, len(lines)), answer.body
            page = service.ask(f"/api/v1/workflows/{UUID}/jobs?limit=100").json
            assert len(page["items"]) == sum(b"job.info" in line for line in lines[: at + 60])
            stream = Stream(server, "/api/v1/stream" + ("?last_event_id=beginning" if not at else ""), last_id=last)
            heard += [e.id for e in stream.events(0.6) if e.id is not None]
            last = stream.last_id or last
            stream.close()
        assert len(heard) == len(set(heard))
        done = service.ask(f"/api/v1/workflows/{UUID}/status").json["workflows"][0]["nodes"]["done"]
        assert done == 40
