"""The live stream on a real server process: everything once, in order, whatever ends in between."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from listening import OPEN, Event, Stream
from sent import UUID, run
from serving import Server

from stampede import pipeline
from stampede.events.stream import Decoder
from stampede.query import open_database
from stampede.query.changes import BEGINNING, changes
from stampede.store.loader import Loader

OTHER = UUID[:-1] + "2"


@pytest.fixture(autouse=True)
def _clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))
    yield
    while OPEN:
        OPEN.pop().close()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'live.sqlite'}"


@pytest.fixture
def server(url: str) -> Iterator[Server]:
    _write(url, run(3))
    with Server(databases=[url], heartbeat_s=1.0, listener_bytes=20_000) as one:
        yield one


def _write(url: str, lines: list[bytes]) -> None:
    decoder = Decoder("jsonl")
    events = [e for some, _ in (*decoder.feed(b"\n".join(lines) + b"\n"), *decoder.finish()) for e in some]
    with Loader(url) as loader:
        for at in range(0, len(events), 40):
            loader.apply(events[at : at + 40])


def _news(events: list[Event]) -> list[Event]:
    return [e for e in events if e.id is not None]


def _everything(url: str) -> int:
    with open_database(url) as reader, reader.snapshot():
        return len(changes(reader, BEGINNING, limit=10**6)[0])


def _until_quiet(stream: Stream, seconds: float = 10.0) -> list[Event]:
    """All that comes until half a second passes without anything."""
    found: list[Event] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        some = stream.events(0.5)
        found += some
        if not _news(some) and found:
            break
    return _news(found)


def test_it_begins_with_the_numbers_and_goes_on_with_what_comes(server: Server, url: str) -> None:
    stream = Stream(server, "/api/v1/stream")
    (first,) = stream.events(5, until=1)
    assert (first.name, first.data["label"], first.data["done"], first.id) == ("summary", "sent", 3, None)
    _write(url, run(2, uuid=OTHER))
    news = _until_quiet(stream)
    assert {e.name for e in news} == {"try", "state", "workflow"}
    assert {e.data["wf_uuid"] for e in news} == {OTHER}
    assert [e.data["state"] for e in news if e.name == "state" and e.data["job"] == "j0"] == [
        "SUBMIT", "EXECUTE", "JOB_TERMINATED", "JOB_SUCCESS",
    ]  # fmt: skip
    assert next(e for e in news if e.name == "state").data["ts"].endswith("Z")


def test_a_new_client_may_ask_for_everything(server: Server, url: str) -> None:
    news = _until_quiet(Stream(server, "/api/v1/stream?last_event_id=beginning"))
    assert len(news) == _everything(url)
    assert len({e.id for e in news}) == len(news)


def test_whoever_comes_back_hears_the_rest_once(server: Server, url: str) -> None:
    """The client goes at any event, the server is killed meanwhile, more happens: all of it, none of it twice."""
    _write(url, run(30, uuid=OTHER))
    stream = Stream(server, "/api/v1/stream?last_event_id=beginning")
    heard = _news(stream.events(5, until=37))
    last = stream.last_id
    heard = heard[: next(n for n, e in enumerate(heard) if e.id == last) + 1]
    stream.close()
    server.kill()
    _write(url, run(5, uuid=OTHER[:-1] + "3"))
    server.start()
    back = Stream(server, "/api/v1/stream", last_id=last)
    rest = _until_quiet(back)
    ids = [e.id for e in (*heard, *rest)]
    assert len(ids) == len(set(ids)) == _everything(url)


def test_a_slow_client_loses_nothing_and_holds_up_nobody(server: Server, url: str) -> None:
    """Its queue has room for 20 kB; ten times that happens while it does not read."""
    slow = Stream(server, "/api/v1/stream", buffer_bytes=4096)
    quick = Stream(server, "/api/v1/stream")
    slow.events(1, until=1)
    before = _everything(url)
    _write(url, run(600, uuid=OTHER))
    assert len(_until_quiet(quick)) == _everything(url) - before
    heard = _until_quiet(slow, 20)
    ids = [e.id for e in heard]
    assert len(ids) == len(set(ids)) == _everything(url) - before


@pytest.mark.parametrize(
    "path, names",
    [
        ("/api/v1/stream?types=workflow", {"workflow"}),
        ("/api/v1/stream?types=try,state&state=EXECUTE", {"try", "state"}),
        (f"/api/v1/stream?workflow={UUID}&types=state", {"state"}),
        (f"/api/v1/workflows/{UUID}/stream?types=state", {"state"}),
        (f"/api/v1/workflows/{UUID}/stream?types=state&scope=forest", {"state"}),
    ],
)
def test_a_client_hears_what_it_asks_for(server: Server, url: str, path: str, names: set[str]) -> None:
    stream = Stream(server, path)
    stream.events(0.5)
    _write(url, run(2, uuid=OTHER))
    _write(url, run(6)[2:])
    news = _until_quiet(stream)
    assert {e.name for e in news} == names
    if "EXECUTE" in path:
        assert {e.data["state"] for e in news if e.name == "state"} == {"EXECUTE"}
    if UUID in path:
        assert {e.data["wf_uuid"] for e in news} == {UUID}


def test_a_forest_is_heard_with_its_sub_workflows(tmp_path: Path, corpus: Path) -> None:
    url = f"sqlite:///{tmp_path / 'forest.sqlite'}"
    pipeline.load([corpus / "dm_e_subdag"], url)
    with open_database(url) as reader:
        root, sub = (reader.one(f"SELECT wf_uuid FROM workflow WHERE {w}")[0]  # type: ignore[index]
                     for w in ("parent_wf_id IS NULL", "dax_label = 'inner_ok'"))  # fmt: skip
    with Server(databases=[url]) as server:

        def heard(path: str) -> set[str]:
            return {e.data["wf_uuid"] for e in _until_quiet(Stream(server, path + "last_event_id=beginning"))}

        assert len(heard(f"/api/v1/workflows/{sub}/stream?scope=forest&")) == 5
        assert heard(f"/api/v1/workflows/{sub}/stream?") == {sub}
        assert heard(f"/api/v1/workflows/{root}/stream?types=state&") == {root}


def test_a_place_in_another_database_is_told(server: Server, url: str, tmp_path: Path) -> None:
    stream = Stream(server, f"/api/v1/workflows/{UUID}/stream")
    stream.events(0.5)
    wrong = f"aaaaaaaa{(stream.last_id or '')[8:]}"
    first, *_ = Stream(server, f"/api/v1/workflows/{UUID}/stream", last_id=wrong).events(5, until=1)
    assert (first.name, first.id) == ("resync", stream.last_id)


def test_who_is_too_far_behind_is_told_to_begin_anew(url: str) -> None:
    _write(url, run(30))
    with Server(databases=[url], listener_behind=20) as server:
        events = Stream(server, "/api/v1/stream?last_event_id=beginning").events(2)
    assert [e.name for e in events] == ["summary", "resync"]


def test_silence_is_told_from_death(server: Server, url: str) -> None:
    """A comment now and then, with the id of what was passed over because nobody asked for it."""
    stream = Stream(server, "/api/v1/stream?types=problem")
    stream.events(0.3)
    before = stream.last_id
    _write(url, run(2, uuid=OTHER))
    assert stream.events(3.5) == []
    assert stream.comments >= 2
    assert stream.last_id != before


def test_a_database_that_appears_is_heard(tmp_path: Path) -> None:
    """Without a list of databases those of the registry are served, whichever come."""
    with Server() as server:
        stream = Stream(server, "/api/v1/stream")
        assert stream.status == 200
        stream.events(0.5)
        body = b"\n".join(run(2))
        assert server.send("a", 1, body)[0] == 200
        news = _until_quiet(stream, 15)
        assert {e.name for e in news} == {"try", "state", "workflow"}
        assert len({e.id for e in news}) == len(news)


@pytest.mark.parametrize(
    "path, last, status",
    [
        ("/api/v1/stream?types=nonsense", None, 400),
        ("/api/v1/stream?state=", None, 400),
        ("/api/v1/stream", "nonsense", 400),
        ("/api/v1/stream", "a" * 20_000, 400),
        ("/api/v1/workflows/nobody/stream", None, 404),
        (f"/api/v1/workflows/{UUID}/stream?scope=galaxy", None, 400),
    ],
)
def test_wrong_questions_are_refused(server: Server, path: str, last: str | None, status: int) -> None:
    assert Stream(server, path, last_id=last).status == status


def test_there_are_no_more_listeners_than_there_may_be(url: str) -> None:
    _write(url, run(3))
    with Server(databases=[url], listeners=2) as server:
        open_: list[Any] = [Stream(server, "/api/v1/stream") for _ in range(2)]
        for one in open_:
            one.events(0.3)
        assert Stream(server, "/api/v1/stream").status == 503
        open_[0].close()
        time.sleep(0.5)
        assert Stream(server, "/api/v1/stream").status == 200


def test_a_service_that_ends_ends_its_streams(server: Server) -> None:
    stream = Stream(server, "/api/v1/stream")
    stream.events(0.3)
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 4
    stream.events(1)
    assert stream.ended
