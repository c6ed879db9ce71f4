"""One owner at a time: others are refused while it lives, follow it at once when it is gone, and it writes no more."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stampede.errors import BusyError, DatabaseError, FencedError
from stampede.events import catalogue as ev
from stampede.store import lease as module
from stampede.store.lease import Holder, Lease, Leases, myself
from stampede.store.loader import Loader, Position
from stampede.store.sqlite import SqliteConnection

from .samples import WF, attempt, contents, job, start

#: a process that may be running somewhere
ELSEWHERE = Holder("other.example.org", 4711, "another boot pid:[1]", 99)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "x.db"
    Loader(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def connect(database: Path) -> Iterator[Callable[[], sqlite3.Connection]]:
    made: list[sqlite3.Connection] = []

    def connection() -> sqlite3.Connection:
        made.append(sqlite3.connect(database, isolation_level=None, timeout=0.1, factory=SqliteConnection))
        return made[-1]

    yield connection
    for one in made:
        one.close()


@pytest.fixture
def connection(connect: Callable[[], sqlite3.Connection]) -> sqlite3.Connection:
    return connect()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets time pass that nobody waits for."""
    now = [time.monotonic()]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])

    def passes(seconds: float) -> None:
        now[0] += seconds

    return passes


def rows(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT name, fence, beat FROM lease ORDER BY name").fetchall()


def other(what: str = "load") -> Holder:
    """Another process of this machine that is there: the one that started us."""
    pid = os.getppid()
    return Holder(myself().host, pid, myself().realm, module._start_ticks(pid) or 0, what)


# ---- two who want it ------------------------------------------------------------------------------------------------


def test_the_second_is_refused_while_the_first_is_there_and_told_who_that_is(
    connect: Callable[[], sqlite3.Connection],
) -> None:
    first, second = Lease(connect(), "/run", other()), Lease(connect(), "/run", myself())
    first.take()
    before = rows(connect())
    for _ in range(3):
        with pytest.raises(BusyError, match=rf"/run is being read by process {os.getppid()} on .*\(load\)") as refused:
            second.take()
        assert refused.value.holder == str(other())
    assert rows(connect()) == before
    assert second.fence == -1
    first.guard(first._connection)


def test_the_second_gets_it_when_the_first_gives_it_back(connect: Callable[[], sqlite3.Connection]) -> None:
    first, second = Lease(connect(), "/run", other()), Lease(connect(), "/run", myself())
    first.take()
    first.release()
    second.take()
    assert [r[0] for r in rows(connect())] == ["/run"]
    first.release()  # once more: it is not his any longer
    second.guard(second._connection)


def test_leases_of_different_names_are_independent(connect: Callable[[], sqlite3.Connection]) -> None:
    first, second = Lease(connect(), "/run", other()), Lease(connect(), "/other", myself())
    first.take()
    second.take()
    assert [r[0] for r in rows(connect())] == ["/other", "/run"]


def test_a_process_may_take_what_it_has(connect: Callable[[], sqlite3.Connection]) -> None:
    """It lost sight of it, after trouble with the database."""
    first, again = Lease(connect(), "/run", myself()), Lease(connect(), "/run", myself())
    first.take()
    again.take()
    with pytest.raises(FencedError):
        first.guard(first._connection)


# ---- an owner that is gone ------------------------------------------------------------------------------------------

_HOLD = (
    "import sqlite3, sys, time\nfrom stampede.store.lease import Lease, myself\n"
    "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    "Lease(connection, '/run', myself()).take()\nprint('taken', flush=True)\ntime.sleep(60)\n"
)


@pytest.fixture
def owner(database: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has the lease."""
    process = subprocess.Popen([sys.executable, "-c", _HOLD, str(database)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"taken\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_killed_owner_is_succeeded_at_once(owner: subprocess.Popen[bytes], connection: sqlite3.Connection) -> None:
    mine = Lease(connection, "/run", myself())
    with pytest.raises(BusyError):
        mine.take()
    owner.kill()
    owner.wait()
    mine.take()
    mine.guard(connection)


def test_a_killed_owner_that_nobody_has_buried_is_succeeded_at_once(
    owner: subprocess.Popen[bytes], connection: sqlite3.Connection
) -> None:
    """In a container the first process may never ask for its children's ends."""
    owner.kill()
    end = time.monotonic() + 5
    while time.monotonic() < end and Path(f"/proc/{owner.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
    Lease(connection, "/run", myself()).take()


def test_a_stopped_owner_is_succeeded_after_patience(
    owner: subprocess.Popen[bytes], connection: sqlite3.Connection, clock: Callable[[float], None]
) -> None:
    """It lives but does nothing (suspended, or its disk hangs): whoever waits long enough goes on in its place."""
    owner.send_signal(signal.SIGSTOP)
    mine = Lease(connection, "/run", myself())
    with pytest.raises(BusyError):
        mine.take()
    clock(module.PATIENCE_S - 1)
    with pytest.raises(BusyError):
        mine.take()
    clock(2)
    mine.take()


def test_a_later_process_with_the_number_of_the_owner_is_not_the_owner(connection: sqlite3.Connection) -> None:
    before = msgspec.structs.replace(other(), start_ticks=other().start_ticks - 1)
    Lease(connection, "/run", before).take()
    Lease(connection, "/run", myself()).take()


def test_an_owner_on_another_machine_is_succeeded_only_when_its_beat_stands_still(
    connect: Callable[[], sqlite3.Connection], clock: Callable[[float], None]
) -> None:
    """Whether its process is there cannot be seen from here; clocks are not compared."""
    theirs, mine = Lease(connect(), "/run", ELSEWHERE), Lease(connect(), "/run", myself())
    theirs.take()
    for _ in range(5):
        with pytest.raises(BusyError, match=r"process 4711 on other\.example\.org"):
            mine.take()
        clock(module.PATIENCE_S - 1)
        theirs.beat()
    with pytest.raises(BusyError):
        mine.take()
    clock(module.PATIENCE_S - 1)
    with pytest.raises(BusyError):
        mine.take()
    clock(1.5)
    mine.take()
    with pytest.raises(FencedError):
        theirs.guard(theirs._connection)


def test_patience_begins_when_the_owner_is_first_seen(
    connect: Callable[[], sqlite3.Connection], clock: Callable[[float], None]
) -> None:
    """However long it was not looked at: its last beat may just have been."""
    theirs, mine = Lease(connect(), "/run", ELSEWHERE), Lease(connect(), "/run", myself())
    theirs.take()
    clock(10_000)
    with pytest.raises(BusyError):
        mine.take()
    theirs.release()
    theirs.take()  # another fence: another owner
    clock(module.PATIENCE_S + 1)
    with pytest.raises(BusyError):
        mine.take()
    clock(module.PATIENCE_S + 1)
    mine.take()


@pytest.mark.parametrize("jump", [-1e9, 1e9])
def test_clocks_that_jump_do_not_matter(
    connect: Callable[[], sqlite3.Connection], monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    theirs, mine = Lease(connect(), "/run", ELSEWHERE), Lease(connect(), "/run", myself())
    theirs.take()
    wall = time.time() + jump
    monkeypatch.setattr(module.time, "time", lambda: wall)
    with pytest.raises(BusyError):
        mine.take()
    theirs.beat()
    theirs.guard(theirs._connection)


def test_where_nothing_is_known_of_processes_only_the_beat_counts(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, clock: Callable[[float], None]
) -> None:
    monkeypatch.setattr(module, "_realm", lambda: "")
    gone = Holder(myself().host, 4711, "", 99)
    Lease(connection, "/run", gone).take()
    mine = Lease(connection, "/run", myself())
    with pytest.raises(BusyError):
        mine.take()
    clock(module.PATIENCE_S + 1)
    mine.take()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"host": 1}', "null", b"\xff\xfe", 7, 1.5])
def test_a_damaged_owner_is_nobody(connection: sqlite3.Connection, text: Any) -> None:
    connection.execute("INSERT INTO lease(name, fence, beat, holder, taken_ts) VALUES ('/run', 1, 0, ?, 0)", (text,))
    mine = Lease(connection, "/run", myself())
    mine.take()
    mine.guard(connection)


# ---- what a fenced owner writes -------------------------------------------------------------------------------------


def take_over(connection: sqlite3.Connection) -> None:
    """Somebody else has become the owner."""
    connection.execute("UPDATE lease SET fence = fence + 1")


def test_a_fenced_owner_writes_nothing(database: Path, connection: sqlite3.Connection) -> None:
    """What it was about to write is undone to the last row, its place too; and it is told."""
    with Loader(f"sqlite:///{database}") as loader:
        mine = Lease(loader.connection, "/run", myself())
        mine.take()
        loader.apply_all([([job("a"), start()], Position("log", 10))], guard=mine.guard)
        before, places = contents(database), loader.positions()
        take_over(connection)
        taken = connection.execute("SELECT * FROM lease").fetchall()
        batches = [([*attempt("a", 1, 100)], Position("log", 20)), ([job("b")], Position("log", 30))]
        for _ in range(2):
            with pytest.raises(FencedError, match="/run was taken over"):
                loader.apply_all(batches, guard=mine.guard)
            assert loader.positions() == places
        assert connection.execute("SELECT * FROM lease").fetchall() == taken
    del before["lease"]
    after = contents(database)
    assert {table: after[table] for table in before} == before


def test_the_guard_is_asked_in_the_transaction_it_guards(database: Path) -> None:
    """Nobody can become the owner between the question and the writing."""
    with Loader(f"sqlite:///{database}") as loader:
        seen = []

        def guard(connection: sqlite3.Connection) -> None:
            seen.append((connection is loader.connection, connection.in_transaction))
            other = sqlite3.connect(database, timeout=0)
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("UPDATE lease SET fence = 0")
            other.close()

        assert loader.apply_all([([job("a")], Position("log", 10))], guard=guard) == 1
    assert set(seen) == {(True, True)}


def test_a_loader_that_was_fenced_writes_again_when_it_is_the_owner_again(
    database: Path, connection: sqlite3.Connection, tmp_path: Path
) -> None:
    """What another wrote meanwhile is built upon."""
    with Loader(f"sqlite:///{database}") as loader:
        mine = Lease(loader.connection, "/run", myself())
        mine.take()
        loader.apply_all([([job("a"), start()], Position("log", 10))], guard=mine.guard)
        take_over(connection)
        with pytest.raises(FencedError):
            loader.apply_all([([job("b")], Position("log", 20))], guard=mine.guard)
        with Loader(f"sqlite:///{database}") as theirs:
            theirs.apply_all([([job("b"), *attempt("a", 1, 100)], Position("log", 20))])
        mine.take()
        loader.apply_all([([*attempt("b", 2, 200)], Position("log", 30))], guard=mine.guard)
        mine.release()
    whole = tmp_path / "whole.db"
    with Loader(f"sqlite:///{whole}") as loader:
        loader.apply([job("a"), start(), job("b"), *attempt("a", 1, 100), *attempt("b", 2, 200)], Position("log", 30))
    ours, theirs_ = contents(database), contents(whole)
    assert {table: ours[table] for table in theirs_} == theirs_


def test_an_event_that_has_to_be_changed_is_guarded_too(database: Path, connection: sqlite3.Connection) -> None:
    with Loader(f"sqlite:///{database}") as loader:
        mine = Lease(loader.connection, "/run", myself())
        mine.take()
        asked = []

        def guard(c: sqlite3.Connection) -> None:
            mine.guard(c)
            asked.append(c.in_transaction)

        plan = ev.WfPlan(ts=5.0, xwf_id=WF, dax_label="\ud800", submit_dir="/w")
        loader.apply_all([([plan], Position("log", 10))], guard=guard)
        assert asked == [True, True]


# ---- beats ----------------------------------------------------------------------------------------------------------


def test_the_beat_is_counted_up_now_and_then(connection: sqlite3.Connection, clock: Callable[[float], None]) -> None:
    """By writing as by doing nothing, but not at each transaction."""
    mine = Lease(connection, "/run", myself())
    mine.take()
    for _ in range(5):
        mine.beat()
        mine.guard(connection)
    assert rows(connection)[0][2] == 0
    clock(module.BEAT_S)
    mine.beat()
    mine.beat()
    assert rows(connection)[0][2] == 1
    clock(module.BEAT_S)
    mine.guard(connection)
    assert rows(connection)[0][2] == 2


def test_a_beat_of_one_who_was_replaced_is_an_error(
    connect: Callable[[], sqlite3.Connection], clock: Callable[[float], None]
) -> None:
    mine = Lease(connect(), "/run", myself())
    mine.take()
    take_over(connect())
    before = rows(connect())
    clock(module.BEAT_S)
    with pytest.raises(FencedError):
        mine.beat()
    assert rows(connect()) == before
    assert not mine._connection.in_transaction


def test_an_owner_whose_row_is_gone_is_none(connection: sqlite3.Connection) -> None:
    mine = Lease(connection, "/run", myself())
    mine.take()
    connection.execute("DELETE FROM lease")
    with pytest.raises(FencedError):
        mine.guard(connection)


# ---- a database that refuses ----------------------------------------------------------------------------------------


def test_a_locked_database_is_one_clear_error_and_nothing_is_left_open(
    connect: Callable[[], sqlite3.Connection], clock: Callable[[float], None]
) -> None:
    mine, writer = Lease(connect(), "/run", myself()), connect()
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match="locked"):
        mine.take()
    writer.execute("ROLLBACK")
    mine.take()
    clock(module.BEAT_S)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match="locked"):
        mine.beat()
    mine.release()  # never raises; the next owner will see that we are gone
    writer.execute("ROLLBACK")
    assert not mine._connection.in_transaction


# ---- several together -----------------------------------------------------------------------------------------------


def test_of_several_all_are_taken_or_none(connect: Callable[[], sqlite3.Connection]) -> None:
    Lease(connect(), "/b", other()).take()
    mine = Leases(connect(), ["/c", "/a", "/b", "/a"], myself())
    for _ in range(2):
        with pytest.raises(BusyError, match="/b"):
            mine.take()
        assert not mine.held
        assert [r[0] for r in rows(connect())] == ["/b"]
    connect().execute("DELETE FROM lease")
    mine.take()
    assert mine.held
    assert [r[0] for r in rows(connect())] == ["/a", "/b", "/c"]
    mine.release()
    assert not mine.held
    assert rows(connect()) == []


def test_of_several_each_is_guarded(connect: Callable[[], sqlite3.Connection]) -> None:
    for name in ("/a", "/b", "/c"):
        mine = Leases(connect(), ["/a", "/b", "/c"], myself())
        mine.take()
        mine.guard(connect())
        connect().execute("UPDATE lease SET fence = 1 WHERE name = ?", (name,))
        with pytest.raises(FencedError, match=name):
            mine.guard(connect())


def test_of_several_that_were_lost_none_is_given_back(connect: Callable[[], sqlite3.Connection]) -> None:
    mine = Leases(connect(), ["/a", "/b"], myself())
    mine.take()
    theirs = Leases(connect(), ["/a", "/b"], myself())
    theirs.take()
    mine.lose()
    assert not mine.held
    mine.release()
    theirs.guard(connect())


def test_of_several_all_beat(connect: Callable[[], sqlite3.Connection], clock: Callable[[float], None]) -> None:
    mine = Leases(connect(), ["/a", "/b"], myself())
    mine.take()
    clock(module.BEAT_S)
    mine.beat()
    assert [r[2] for r in rows(connect())] == [1, 1]
