"""A path and its database: whatever happens to the database is said, waited for, and costs nothing of what is read."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import CORPUS
from test_growth import facts

from stampede import pipeline
from stampede.places import default_url
from stampede.sources.follow import Forest, Wake
from stampede.sources.follow.vital import Vital
from stampede.sources.roots import is_workflow, owned_names
from stampede.store import lease
from stampede.store.lease import Holder, Leases, myself
from stampede.store.loader import Loader
from stampede.store.sqlite import path_of
from stampede.watching import databases as databases_module
from stampede.watching.databases import Database, Databases
from stampede.watching.followed import Followed

RUN = "dm_c_rescue"
#: where the log of that run is cut
PART = 30_000


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is locked is not waited for; no process of this machine is a recorded DAGMan."""
    monkeypatch.setattr(databases_module, "_PATIENCE_S", 0.02)
    monkeypatch.setattr(Vital, "here", lambda self, pid: False)


class Watched:
    """A run that grows, followed into a database. Time passes only from turn to turn."""

    def __init__(self, folder: Path, database: Path) -> None:
        self.folder = folder
        self.database = database
        self.log = folder / f"{RUN}.dag.dagman.out"
        self.whole = self.log.read_bytes()
        os.truncate(self.log, PART)
        self.wake = Wake(polling=True)
        self.databases = Databases()
        self.now = time.monotonic()
        self.one = Followed(folder, self.find, self.wake)

    def find(self, path: Path) -> Database | None:
        return self.databases.of(f"sqlite:///{self.database}") if is_workflow(path) else None

    def grow(self) -> None:
        """Everything is written."""
        with self.log.open("ab") as file:
            file.write(self.whole[self.log.stat().st_size :])
        self.one.notice(self.log)

    def turns(self, times: int = 3, seconds: float = 0.4) -> int:
        """The events of some turns, each when it is due."""
        events = 0
        for _ in range(times):
            self.now = max(self.now + seconds, min(self.one.due, self.now + 10))
            events += self.one.turn(self.now)
            while self.one.more:
                self.now += 0.01
                events += self.one.turn(self.now)
        return events

    def until(self, state: str) -> None:
        """Turns until it is in a state."""
        for _ in range(40):
            if self.one.state == state:
                return
            self.turns(1)
        raise AssertionError(f"{self.one.state}: {self.one.trouble}")

    def close(self) -> None:
        self.one.close()
        self.databases.close()
        self.wake.close()

    def differences(self, *more: Path) -> list[str]:
        """Tables in which the database is not that of one load (of more folders, too)."""
        once = self.database.with_suffix(".once")
        once.unlink(missing_ok=True)
        for path in (*more, self.folder):
            pipeline.load([path], f"sqlite:///{once}")
        ours, theirs = facts(self.database), facts(once)
        return [t for t in ours if ours[t] != theirs[t] and t != "lease"]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    folder = Path(shutil.copytree(CORPUS / RUN, tmp_path / "run"))
    made = Watched(folder, tmp_path / "own" / "x.db")
    yield made
    made.close()


def leases(database: Path) -> list[Any]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute("SELECT name FROM lease ORDER BY 1").fetchall()
    finally:
        connection.close()


# ---- when nothing is wrong ------------------------------------------------------------------------------------------


def test_it_follows_to_the_end_and_gives_the_path_back(watched: Watched) -> None:
    assert (watched.one.state, watched.one.url, watched.one.workflows) == ("waiting", None, [])
    assert watched.turns() > 0
    assert (watched.one.state, watched.one.trouble) == ("following", None)
    assert watched.one.url == f"sqlite:///{watched.database}"
    assert [wf.dag.name for wf in watched.one.workflows] == [f"{RUN}.dag"]
    assert watched.one.progress.live == 1
    assert leases(watched.database) == [(name,) for name in sorted(owned_names(watched.folder))]
    watched.grow()
    watched.until("ended")
    assert watched.one.progress.ended == 1
    assert watched.one.events > 50
    watched.one.close()
    assert leases(watched.database) == []
    assert watched.differences() == []


def test_a_path_where_nothing_is_yet_is_waited_for(watched: Watched, tmp_path: Path) -> None:
    watched.folder.rename(tmp_path / "hidden")
    assert watched.turns() == 0
    assert (watched.one.state, watched.one.trouble, watched.one.more) == ("waiting", None, False)
    assert watched.now < watched.one.due < watched.now + 2
    assert not watched.database.exists()
    (tmp_path / "hidden").rename(watched.folder)
    watched.turns()
    assert watched.one.state == "following"
    watched.grow()
    watched.until("ended")
    assert watched.differences() == []


def test_a_run_that_ended_is_followed_again_when_its_log_goes_on(watched: Watched) -> None:
    first = watched.whole.index(b"\n", watched.whole.index(b"EXITING WITH STATUS")) + 1
    os.truncate(watched.log, first)
    watched.until("ended")
    assert not watched.one.notice(watched.folder / "nobody's.log")
    assert watched.one.state == "ended"
    watched.grow()
    assert watched.one.state == "following"
    watched.until("ended")
    assert watched.differences() == []


# ---- a database that refuses ----------------------------------------------------------------------------------------


def refused(watched: Watched, word: str) -> None:
    """It is stuck and says why; however often it is tried, nothing is written, and it is tried ever less often."""
    waits = []
    for _ in range(9):
        watched.turns(1)
        assert (watched.one.state, watched.one.more) == ("stuck", False)
        assert word in (watched.one.trouble or "")
        waits.append(watched.one.due - watched.now)
    assert waits == sorted(waits)
    assert waits[0] < 0.5
    assert waits[-1] == pytest.approx(5.0)


def goes_on(watched: Watched) -> None:
    watched.until("following")
    assert watched.one.trouble is None
    watched.grow()
    watched.until("ended")
    assert watched.differences() == []


@pytest.mark.parametrize("when", ["at the beginning", "in the middle"])
def test_a_locked_database_is_waited_for(watched: Watched, when: str) -> None:
    Loader(f"sqlite:///{watched.database}").close()
    if when == "in the middle":
        os.truncate(watched.log, PART // 2)
        watched.turns()
        with watched.log.open("ab") as file:
            file.write(watched.whole[PART // 2 : PART])
        watched.one.notice(watched.log)
    blocker = sqlite3.connect(watched.database, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    refused(watched, "locked")
    blocker.execute("ROLLBACK")
    blocker.close()
    goes_on(watched)


def test_a_database_that_is_locked_when_nothing_is_to_be_written_is_waited_for(watched: Watched) -> None:
    """Only the beat is due then."""
    watched.turns()
    blocker = sqlite3.connect(watched.database, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    assert watched.one._leases is not None
    for one in watched.one._leases._leases:
        one._beaten -= 100
    watched.turns(1)
    assert watched.one.state == "stuck"
    blocker.close()
    goes_on(watched)


def test_a_database_that_may_only_be_read_is_waited_for(watched: Watched) -> None:
    os.truncate(watched.log, PART // 2)
    watched.turns()
    connection = watched.databases.of(f"sqlite:///{watched.database}").loader.connection
    connection.execute("PRAGMA query_only = 1")
    with watched.log.open("ab") as file:
        file.write(watched.whole[PART // 2 : PART])
    watched.one.notice(watched.log)
    refused(watched, "readonly")
    connection.execute("PRAGMA query_only = 0")
    goes_on(watched)


def test_a_full_disk_is_waited_for(watched: Watched) -> None:
    for path in (watched.folder / "out").glob("*.out"):
        path.write_text("a line of output\n" * 3000)
    os.truncate(watched.log, 6_000)
    watched.turns()
    connection = watched.databases.of(f"sqlite:///{watched.database}").loader.connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    watched.grow()
    refused(watched, "full")
    connection.execute("PRAGMA max_page_count = 1000000")
    goes_on(watched)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_folder_that_may_not_be_written_is_waited_for(watched: Watched) -> None:
    watched.database.parent.mkdir()
    watched.database.parent.chmod(0o500)
    refused(watched, "cannot be")
    watched.database.parent.chmod(0o700)
    goes_on(watched)


def test_a_place_that_cannot_be_a_database_is_waited_for(watched: Watched) -> None:
    watched.database.parent.write_text("a file where the folder should be")
    refused(watched, "cannot be")
    watched.database.parent.unlink()
    goes_on(watched)


# ---- a database that is gone ----------------------------------------------------------------------------------------


def away(database: Path) -> None:
    for path in database.parent.glob(database.name + "*"):
        path.unlink()


def test_a_deleted_database_is_made_anew_with_all_that_was_in_it(watched: Watched) -> None:
    watched.turns()
    away(watched.database)
    watched.turns(1, seconds=2.0)
    assert watched.one.state == "stuck"
    assert "taken away or replaced" in (watched.one.trouble or "")
    goes_on(watched)


def test_a_database_that_is_deleted_with_its_folder_is_made_anew(watched: Watched) -> None:
    watched.turns()
    shutil.rmtree(watched.database.parent)
    watched.turns(1, seconds=2.0)
    goes_on(watched)


def test_a_database_replaced_by_another_is_gone_on_with(watched: Watched, tmp_path: Path) -> None:
    """What is in the other one stays; what it lacks of this run is read again."""
    watched.turns()
    pipeline.load([CORPUS / "dm_g_hold"], f"sqlite:///{tmp_path / 'other.db'}")
    away(watched.database)
    (tmp_path / "other.db").rename(watched.database)
    watched.turns(1, seconds=2.0)
    watched.until("following")
    watched.grow()
    watched.until("ended")
    assert watched.differences(CORPUS / "dm_g_hold") == []


@pytest.mark.parametrize("what", ["text", "somebody else's"])
def test_a_database_replaced_by_something_else_is_left_alone_and_waited_for(watched: Watched, what: str) -> None:
    watched.turns()
    away(watched.database)
    if what == "text":
        watched.database.write_text("no database at all, but long enough to look like one\n" * 50)
    else:
        connection = sqlite3.connect(watched.database)
        connection.execute("CREATE TABLE theirs(x)")
        connection.close()
    before = watched.database.read_bytes()
    watched.turns(1, seconds=2.0)
    refused(watched, "database")
    assert watched.database.read_bytes() == before
    away(watched.database)
    goes_on(watched)


@pytest.mark.parametrize("table", ["source_position", "lease", "job"])
def test_a_damaged_database_is_said_and_ends_nothing(watched: Watched, table: str) -> None:
    """A page of it is garbage; when it is taken away, a new one is made."""
    watched.turns()
    watched.one.close()
    watched.databases.close()
    connection = sqlite3.connect(watched.database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with watched.database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)
    watched.databases = Databases()
    watched.one = Followed(watched.folder, watched.find, watched.wake)
    with watched.log.open("ab") as file:
        file.write(watched.whole[PART : PART + 5000])
    refused(watched, "malformed")
    away(watched.database)
    watched.turns(1, seconds=2.0)
    goes_on(watched)


# ---- others who follow the same path --------------------------------------------------------------------------------


def other(what: str = "watch") -> Holder:
    """A process of this machine that is there."""
    pid = os.getppid()
    return Holder(myself().host, pid, myself().realm, lease._start_ticks(pid) or 0, what)


def test_while_another_follows_the_path_nothing_is_written_and_then_it_is_taken_over(watched: Watched) -> None:
    with Loader(f"sqlite:///{watched.database}") as theirs:
        owner = Leases(theirs.connection, owned_names(watched.folder), other())
        owner.take()
        for _ in range(4):
            assert watched.turns(1) == 0
            assert (watched.one.state, watched.one.more) == ("busy", False)
            assert f"process {os.getppid()} on " in (watched.one.trouble or "")
            assert watched.one.due <= watched.now + 1.0
        assert theirs.connection.execute("SELECT count(*) FROM workflow").fetchone() == (0,)
        owner.release()
    goes_on(watched)


def test_another_who_names_the_log_instead_of_the_folder_is_another_all_the_same(watched: Watched) -> None:
    with Loader(f"sqlite:///{watched.database}") as theirs:
        owner = Leases(theirs.connection, owned_names(watched.log), other())
        owner.take()
        watched.turns(1)
        assert watched.one.state == "busy"
        owner.release()
    goes_on(watched)


def test_one_who_was_replaced_writes_nothing_and_goes_on_when_it_may_again(watched: Watched) -> None:
    """It stood still too long. What the other one has written meanwhile is not written again, nor lost."""
    watched.turns()
    with Loader(f"sqlite:///{watched.database}") as theirs:
        theirs.connection.execute("DELETE FROM lease")
        owner = Leases(theirs.connection, owned_names(watched.folder), other())
        owner.take()
        before = facts(watched.database)
        watched.grow()
        watched.turns(3)
        assert watched.one.state == "busy"
        assert [wf.dag.name for wf in watched.one.workflows] == [f"{RUN}.dag"]
        assert facts(watched.database) == before
        forest = Forest(watched.folder, {}, watched.wake, theirs.standing)
        assert forest.step(watched.now)  # the other one reads and writes
        forest.close()
        owner.release()
    watched.until("ended")
    assert watched.differences() == []


def test_a_load_while_it_is_followed_is_refused_and_harms_nothing(watched: Watched) -> None:
    from stampede.errors import BusyError

    watched.turns()
    connection = sqlite3.connect(watched.database, isolation_level=None)
    text = connection.execute("SELECT holder FROM lease").fetchone()[0]
    assert f'"what":"watch {watched.folder}"' in text
    theirs = text.replace(f'"pid":{os.getpid()}', f'"pid":{os.getppid()}')
    theirs = theirs.replace(f'"start_ticks":{myself().start_ticks}', f'"start_ticks":{other().start_ticks}')
    connection.execute("UPDATE lease SET holder = ?", (theirs,))
    connection.close()
    with pytest.raises(BusyError):
        pipeline.load([watched.folder], f"sqlite:///{watched.database}")
    goes_on(watched)


# ---- what cannot be foreseen ----------------------------------------------------------------------------------------


def test_a_defect_is_said_and_reading_begins_anew(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.turns()
    real, left = Forest.step, [2]

    def step(self: Forest, now: float) -> Any:
        if left[0]:
            left[0] -= 1
            raise RuntimeError("nobody thought of this")
        return real(self, now)

    monkeypatch.setattr(Forest, "step", step)
    watched.grow()
    watched.turns(1)
    assert watched.one.state == "stuck"
    assert "defect of Stampede" in (watched.one.trouble or "")
    assert "nobody thought of this" in (watched.one.trouble or "")
    watched.until("ended")
    assert watched.differences() == []


def test_a_defect_that_comes_again_and_again_is_raised_and_the_path_left_alone(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(self: Forest, now: float) -> Any:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(Forest, "step", step)
    with pytest.raises(RuntimeError, match="nobody thought of this"):
        watched.turns(20)
    assert watched.one.state == "stuck"
    assert watched.one.due > watched.now + 30


def test_the_database_of_a_path_is_its_own_unless_it_is_named(watched: Watched) -> None:
    one = Followed(watched.folder, lambda path: watched.databases.of(default_url(path)), watched.wake)
    one.turn(watched.now)
    assert one.url is not None
    assert path_of(one.url) == watched.folder / f"{RUN}.dag.stampede.sqlite"
    one.close()
