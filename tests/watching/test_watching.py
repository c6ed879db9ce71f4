"""The loop of a watch: everybody gets a turn, nobody waits for another, and waiting costs nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import CORPUS
from test_growth import facts

from stampede import pipeline
from stampede.sources.follow import live_run, outside
from stampede.sources.follow.vital import Vital
from stampede.store.sqlite import path_of
from stampede.watching import Followed, Watching
from stampede.watching import databases as databases_module

Copy = Callable[..., Path]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little is waited for; no process of this machine is a recorded DAGMan."""
    monkeypatch.setattr(databases_module, "_PATIENCE_S", 0.05)
    monkeypatch.setattr(live_run, "_LINGER_S", 0.05)
    monkeypatch.setattr(live_run, "_ASIDE_S", 0.1)
    monkeypatch.setattr(outside, "_OUTSIDE_S", 0.3)
    monkeypatch.setattr(Vital, "here", lambda self, pid: False)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A recorded run where it may grow; with ``share``, its log is cut there."""

    def copied(name: str, *, share: float = 1.0, to: str = "") -> Path:
        folder = Path(shutil.copytree(CORPUS / name, tmp_path / (to or name)))
        if share < 1.0:
            (log,) = folder.glob("*.dagman.out")
            os.truncate(log, int(log.stat().st_size * share))
        return folder

    return copied


@pytest.fixture(params=["inotify", "polling"])
def watching(request: pytest.FixtureRequest) -> Iterator[Watching]:
    with Watching(polling=request.param == "polling") as made:
        yield made


def go_on(folder: Path) -> None:
    """The log is written to its end."""
    (log,) = folder.glob("*.dagman.out")
    rest = (CORPUS / folder.name / log.name).read_bytes()[log.stat().st_size :]
    with log.open("ab") as file:
        file.write(rest)


def until(watching: Watching, holds: Callable[[], bool], seconds: float = 15.0) -> None:
    """Turns until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, [(one.state, one.trouble) for one in watching.followed]
        watching.turn(0.1)


def database(one: Followed) -> Path:
    assert one.url is not None
    return path_of(one.url)


def differences(one: Followed, *folders: Path) -> list[str]:
    once = database(one).with_suffix(".once")
    for path in folders or (one.path,):
        pipeline.load([path], f"sqlite:///{once}")
    ours, theirs = facts(database(one)), facts(once)
    return [t for t in ours if ours[t] != theirs[t] and t != "lease"]


def test_several_paths_go_to_a_database_each(copy: Copy) -> None:
    """Without a name, into the one beside each DAG; all are told to their ends."""
    with Watching() as watching:
        found = [watching.add(copy(name)) for name in ("dm_c_rescue", "pg_fail", "dm_e_subdag")]
        assert not watching.ended
        until(watching, lambda: watching.ended)
        assert len({database(one) for one in found}) == 3
        for one in found:
            assert database(one).parent == one.path
            assert differences(one) == []


def test_several_paths_may_share_a_database(watching: Watching, copy: Copy, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/all.db"
    found = [watching.add(copy(name), url) for name in ("dm_c_rescue", "dm_g_hold")]
    until(watching, lambda: watching.ended)
    assert differences(found[0], *(one.path for one in found)) == []


def test_what_is_written_is_in_the_database_soon(watching: Watching, copy: Copy) -> None:
    folder = copy("dm_c_rescue", share=0.4)
    one = watching.add(folder)
    until(watching, lambda: one.events > 0 and not one.more)
    watching.turn(0.3)
    before = one.events
    timer = threading.Timer(0.1, go_on, [folder])
    timer.start()
    began = time.monotonic()
    until(watching, lambda: one.events > before)
    assert time.monotonic() - began < 2.0
    timer.join()
    until(watching, lambda: watching.ended)
    assert differences(one) == []


def test_a_run_that_ended_is_followed_again_when_its_log_goes_on(copy: Copy) -> None:
    folder = copy("dm_c_rescue")
    (log,) = folder.glob("*.dagman.out")
    data = log.read_bytes()
    os.truncate(log, data.index(b"\n", data.index(b"EXITING WITH STATUS")) + 1)
    with Watching(lasting=True) as watching:
        one = watching.add(folder)
        until(watching, lambda: watching.ended)
        timer = threading.Timer(0.1, go_on, [folder])
        timer.start()
        until(watching, lambda: one.state == "following")
        timer.join()
        until(watching, lambda: watching.ended)
        assert differences(one) == []


def test_a_path_whose_database_refuses_keeps_no_other_waiting(watching: Watching, copy: Copy, tmp_path: Path) -> None:
    blocked = watching.add(copy("dm_c_rescue"), f"sqlite:///{tmp_path}/blocked.db")
    free = watching.add(copy("dm_g_hold"))
    (tmp_path / "blocked.db").write_text("no database\n" * 100)
    until(watching, lambda: free.state == "ended")
    assert blocked.state == "stuck"
    assert not watching.ended
    (tmp_path / "blocked.db").unlink()
    until(watching, lambda: watching.ended)
    assert differences(blocked) == []


def test_a_path_that_is_dropped_is_given_back(copy: Copy, tmp_path: Path) -> None:
    """Its lease is free, its database closed unless another path needs it."""
    url = f"sqlite:///{tmp_path}/shared.db"
    with Watching() as watching:
        first, second = (watching.add(copy(name, share=0.5), url) for name in ("dm_c_rescue", "dm_g_hold"))
        until(watching, lambda: first.events > 0 and second.events > 0)
        watching.drop(first)
        names = leases(tmp_path / "shared.db")
        assert names
        assert all("dm_g_hold" in name for name in names)
        go_on(second.path)
        until(watching, lambda: watching.ended)
        watching.drop(second)
        assert not (tmp_path / "shared.db-wal").exists()
        assert leases(tmp_path / "shared.db") == []
        assert watching.ended


def leases(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [r[0] for r in connection.execute("SELECT name FROM lease").fetchall()]
    finally:
        connection.close()


def test_a_path_that_is_named_twice_is_followed_once(copy: Copy, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    folder = copy("dm_c_rescue", share=0.5)
    (folder.parent / "link").symlink_to(folder)
    with Watching() as watching:
        found = [watching.add(path, url) for path in (folder, folder / ".." / folder.name, folder.parent / "link")]
        assert len(watching.followed) == 1
        until(watching, lambda: all(one.state == "following" for one in found))
        go_on(folder)
        troubles: set[str | None] = set()
        end = time.monotonic() + 4
        while not watching.ended and time.monotonic() < end:
            watching.turn(0.1)
            troubles |= {one.trouble for one in found}
        assert watching.ended
        assert troubles == {None}


def test_a_folder_and_its_dag_named_together_are_told_to_the_end(copy: Copy, tmp_path: Path) -> None:
    """Two names of one workflow: one of them is told, and the watch ends when the workflow has."""
    url = f"sqlite:///{tmp_path}/x.db"
    folder = copy("dm_c_rescue")
    with Watching() as watching:
        one = watching.add(folder, url)
        watching.add(folder / "dm_c_rescue.dag", url)
        until(watching, lambda: watching.ended, seconds=3)
        assert differences(one) == []


def test_with_nothing_to_say_a_turn_waits(watching: Watching, copy: Copy) -> None:
    """As long as it may, or until it is due; and the processor has nothing to do."""
    watching.add(copy("dm_c_rescue", share=0.5))
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        watching.turn(0.1)
    cost, turns, end = time.thread_time(), 0, time.monotonic() + 0.6
    while time.monotonic() < end:
        watching.turn(0.5)
        turns += 1
    assert turns < 40
    assert time.thread_time() - cost < 0.3


def test_a_lasting_watch_waits_with_nothing_to_follow(copy: Copy) -> None:
    """Whether nothing is there yet or all has ended: somebody may add a path later, or a run may go on."""
    with Watching(lasting=True) as watching:
        for _ in range(2):
            began = time.monotonic()
            for _ in range(3):
                watching.turn(0.1)
            assert time.monotonic() - began > 0.2
            watching.add(copy("dm_c_rescue", to=f"run{len(watching.followed)}"))
            until(watching, lambda: watching.ended)


def test_a_path_that_cannot_be_read_ends_no_lasting_watch(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect that comes again and again is said; the other paths are followed to their ends."""
    real = Followed._turn

    def turn(self: Followed, now: float) -> int:
        if self.path.name == "dm_g_hold":
            raise RuntimeError("nobody thought of this")
        return real(self, now)

    monkeypatch.setattr(Followed, "_turn", turn)
    with Watching(lasting=True) as watching:
        bad, good = watching.add(copy("dm_g_hold")), watching.add(copy("dm_c_rescue"))
        bad._defects = 3
        until(watching, lambda: good.state == "ended")
        assert bad.state == "stuck"
        assert "nobody thought of this" in (bad.trouble or "")
        assert bad.due > time.monotonic() + 30


def test_an_interrupt_ends_a_turn(copy: Copy) -> None:
    reader, writer = os.pipe()
    try:
        with Watching(interrupt=reader) as watching:
            watching.add(copy("dm_c_rescue", share=0.5))
            end = time.monotonic() + 0.4
            while time.monotonic() < end:
                watching.turn(0.1)
            timer = threading.Timer(0.05, os.write, [writer, b"x"])
            timer.start()
            began = time.monotonic()
            watching.turn(20.0)
            assert time.monotonic() - began < 5.0
            timer.join()
    finally:
        os.close(reader)
        os.close(writer)


def test_without_inotify_logs_are_counted_as_looked_at(copy: Copy) -> None:
    with Watching(polling=True) as watching:
        watching.add(copy("dm_e_subdag"))
        watching.turn(0.0)
        assert watching.blind >= 2


def test_closed_everything_is_given_back(copy: Copy) -> None:
    """What was read is kept, no lease is left, the database is one file, and another watch goes on."""
    folder = copy("dm_c_rescue", share=0.6)
    with Watching() as watching:
        one = watching.add(folder)
        until(watching, lambda: one.events > 0 and not one.progress.unread_bytes > 500)
        path = database(one)
    connection = sqlite3.connect(path)
    states: list[Any] = connection.execute("SELECT count(*) FROM jobstate").fetchall()
    assert states != [(0,)]
    assert connection.execute("SELECT count(*) FROM lease").fetchone() == (0,)
    connection.close()
    go_on(folder)
    with Watching() as watching:
        again = watching.add(folder)
        until(watching, lambda: watching.ended)
        assert differences(again) == []
