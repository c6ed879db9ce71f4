"""The registry as a watch keeps it: what is watched, how it stands, and no trouble with it for the watch."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from stampede import pipeline
from stampede.query import open_database
from stampede.query.workflows import find
from stampede.store.registry import Registry
from stampede.watching import bookkeeper as module
from stampede.watching.bookkeeper import Bookkeeper
from stampede.watching.whole import Whole, whole


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder."""
    folder = tmp_path / "state"
    monkeypatch.setenv("STAMPEDE_STATE", str(folder))
    return folder


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets time pass that nobody waits for."""
    passed, time_, monotonic = [0.0], time.time, time.monotonic
    monkeypatch.setattr(module.time, "time", lambda: time_() + passed[0])
    monkeypatch.setattr(module.time, "monotonic", lambda: monotonic() + passed[0])

    def passes(seconds: float) -> None:
        passed[0] += seconds

    return passes


@pytest.fixture(scope="module")
def seen(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A run that failed."""
    folder = tmp_path_factory.mktemp("bookkeeper")
    run = shutil.copytree(corpus / "dm_g_hold", folder / "run")
    url = f"sqlite:///{folder}/x.db"
    pipeline.load([Path(run)], url)
    with open_database(url) as reader:
        return whole(reader, find(reader, None)[0].wf_uuid)


def test_a_workflow_is_entered_as_it_stands(seen: Whole) -> None:
    books = Bookkeeper([Path("/run")])
    books.note("sqlite:////x.db", seen, user="wf")
    books.close()
    with Registry.reading() as registry:
        (entry,) = registry.workflows()
    assert (entry.wf_uuid, entry.state, entry.user) == (seen.root.wf_uuid, "failed", "wf")
    assert (entry.done, entry.total, entry.failed, entry.held) == (4, 6, seen.nodes.failed, seen.held)
    assert entry.percent_done == pytest.approx(seen.percent_done)
    assert entry.db_url == "sqlite:////x.db"
    assert entry.ended_ts == seen.root.last_ts
    assert entry.submit_dir == seen.root.submit_dir


def test_one_that_goes_on_has_no_end(seen: Whole) -> None:
    books = Bookkeeper([])
    going = msgspec.structs.replace(seen, root=msgspec.structs.replace(seen.root, state="running"))
    books.note("sqlite:////x.db", going, user=None)
    books.close()
    with Registry.reading() as registry:
        assert [(e.state, e.ended_ts) for e in registry.workflows()] == [("running", None)]


def test_only_news_is_written_and_now_and_then_that_there_is_none(seen: Whole, clock: Callable[[float], None]) -> None:
    def last() -> float:
        with Registry.reading() as registry:
            return registry.workflows()[0].last_seen_ts

    books = Bookkeeper([])
    books.note("sqlite:////x.db", seen, user=None)
    first = last()
    clock(10)
    books.note("sqlite:////x.db", seen, user=None)
    assert last() == first
    books.note("sqlite:////x.db", msgspec.structs.replace(seen, held=7), user=None)
    changed = last()
    assert changed > first
    clock(61)
    books.note("sqlite:////x.db", msgspec.structs.replace(seen, held=7), user=None)
    assert last() > changed
    books.close()


def test_a_watcher_is_entered_while_it_watches() -> None:
    books = Bookkeeper([Path("/run"), Path("/other")], auto=True, db="sqlite:////x.db", log="/x.log")
    books.beat(["u1"], "")
    books.beat(["u1", "u2"], "stuck")
    with Registry.reading() as registry:
        (watcher,) = registry.watchers()
    assert (watcher.paths, watcher.auto, watcher.db_url) == (("/run", "/other"), True, "sqlite:////x.db")
    assert (watcher.log, watcher.wf_uuids, watcher.note) == ("/x.log", ("u1", "u2"), "stuck")
    books.close()
    with Registry.reading() as registry:
        assert registry.watchers() == []


def test_a_watcher_that_was_struck_enters_itself_again() -> None:
    """Somebody has taken the registry away, or put another in its place."""
    books = Bookkeeper([Path("/run")])
    books.beat([], "")
    with Registry.open() as registry:
        assert registry.end_watch(registry.watchers()[0].id)
    books.beat(["u1"], "")
    with Registry.reading() as registry:
        assert [w.wf_uuids for w in registry.watchers()] == [("u1",)]
    books.close()


def test_whatever_is_wrong_with_the_registry_the_watch_hears_nothing(
    seen: Whole, state: Path, clock: Callable[[float], None]
) -> None:
    """It is left alone for a while, then tried again, and has everything when it is well."""
    state.write_text("a file where the folder should be")
    books = Bookkeeper([Path("/run")])
    books.note("sqlite:////x.db", seen, user=None)
    books.beat([seen.root.wf_uuid], "")
    state.unlink()
    books.beat([seen.root.wf_uuid], "")
    assert not state.exists()
    clock(31)
    books.beat([seen.root.wf_uuid], "")
    clock(61)
    books.note("sqlite:////x.db", seen, user=None)
    with Registry.reading() as registry:
        assert len(registry.watchers()) == len(registry.workflows()) == 1
    books.close()


def test_a_registry_that_is_damaged_while_it_is_used_harms_nothing(seen: Whole) -> None:
    books = Bookkeeper([Path("/run")])
    books.beat([], "")
    with Registry.reading() as registry:
        path = registry.path
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE watcher")
    connection.execute("DROP TABLE workflow")
    connection.commit()
    connection.close()
    books.beat([], "")
    books.note("sqlite:////x.db", seen, user=None)
    books.close()


def test_closed_before_anything_was_entered_it_makes_no_file(state: Path) -> None:
    Bookkeeper([Path("/run")]).close()
    assert not state.exists()


def test_others_who_are_at_the_registry_are_not_waited_for(
    seen: Whole, clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The logs wait meanwhile. It is tried again a moment later, and said when it lasts; then everything is entered."""
    waits: list[float] = []
    connect = sqlite3.connect

    def connected(*args: object, **options: float) -> sqlite3.Connection:
        waits.append(options.get("timeout", 5.0))
        return connect(*args, **options)  # type: ignore[call-overload,no-any-return]

    with Registry.open() as registry:
        path = registry.path
    other = connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(sqlite3, "connect", connected)
    books = Bookkeeper([Path("/run")])
    for _ in range(6):
        books.note("sqlite:////x.db", seen, user=None)
        books.beat([seen.root.wf_uuid], "")
        clock(2.5)
    assert waits
    assert max(waits) < 0.05
    assert "locked" in (books.trouble or "")
    other.execute("ROLLBACK")
    other.close()
    books.note("sqlite:////x.db", seen, user=None)
    books.beat([seen.root.wf_uuid], "")
    assert books.trouble is None
    with Registry.reading() as registry:
        assert len(registry.watchers()) == len(registry.workflows()) == 1
    books.close()
