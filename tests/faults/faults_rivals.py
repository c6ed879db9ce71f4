"""Signals, and others who do the same: a second watch, a load."""

from __future__ import annotations

import json
import signal
import sqlite3
import threading
import time

from .catalogue import fault
from .lab import Lab, Outcome
from .player import Pace

_PATIENCE_S = 2.0


@fault("SIGTERM", "pg_hier_fail", Pace(300, 5), key="sigterm")
@fault("SIGTERM", "made_broken", Pace(700, 20), key="sigterm_made", long=True)
def sigterm(lab: Lab) -> Outcome:
    """It ends with 0, and the next one goes on."""
    lab.player.begin()
    lab.watch()
    lab.player.start()
    tries = 0
    while tries < 6 and lab.player.playing:
        watch = lab.watches[-1]
        lab.until(lambda: _holder(lab) == lab.watches[-1].pid, "taking the lease")  # before, a signal ends it as usual
        lab.rest(lab.random.uniform(0, 0.7))
        watch.signal(signal.SIGTERM)
        assert watch.wait() == 0, watch.said()
        lab.again()
        tries += 1
    return lab.outcome(tries=tries)


@fault("SIGSTOP for 3 s, then SIGCONT", "pg_retry", Pace(300, 5))
def stopped(lab: Lab) -> Outcome:
    lab.player.begin()
    lab.watch()
    lab.player.play(0.2)
    lab.caught_up()
    for share in (0.5, 0.8):
        lab.watches[-1].signal(signal.SIGSTOP)
        lab.player.play(share)
        time.sleep(2)
        lab.watches[-1].signal(signal.SIGCONT)
        lab.recover()
    return lab.outcome(tries=2)


def _holder(lab: Lab) -> int | None:
    """The process that has the lease."""
    for (text,) in lab.ask("SELECT holder FROM lease WHERE holder IS NOT NULL"):
        return int(json.loads(text)["pid"])
    return None


@fault("SIGSTOP until another watch takes over", "pg_fail", Pace(150, 5), key="fenced")
@fault("SIGSTOP until another watch takes over", "dm_e_subdag", Pace(300, 5), key="fenced_plain", long=True)
def fenced(lab: Lab) -> Outcome:
    """The second one waits, takes over when the first no longer beats, and keeps it when the first goes on."""
    change = ("--patience", str(_PATIENCE_S))
    lab.player.begin()
    first = lab.watch("--json", changes=change)
    lab.player.play(0.2)
    lab.caught_up()
    assert _holder(lab) == first.pid
    second = lab.watch("--json", changes=change)
    time.sleep(1.5)
    assert _holder(lab) == first.pid, second.said()
    first.signal(signal.SIGSTOP)
    lab.until(lambda: _holder(lab) == second.pid, "taking over")
    lab.recover()
    lab.player.play(0.5)
    first.signal(signal.SIGCONT)
    lab.recover()
    lab.until(lambda: '"trouble"' in first.said(), "the first one saying that it is replaced")
    lab.player.play(0.6)
    assert _holder(lab) == second.pid, first.said()
    lab.settle()
    first.wait()
    return Outcome(1, [lab.compare()], lab.recoveries_s)


@fault("two watches from the start", "pg_hier_fail", Pace(300, 5))
def two(lab: Lab) -> Outcome:
    """The one that does not write takes over at once when the other is killed, again and again."""
    lab.player.begin()
    lab.watch()
    lab.watch()
    tries = 0
    for share in (0.2, 0.4, 0.6, 0.8):
        lab.player.play(share)
        lab.caught_up()
        owner = _holder(lab)
        (watch,) = (w for w in lab.watches if w.pid == owner)
        watch.kill()
        tries += 1
        lab.recover()
        lab.watch()
    lab.settle()
    for watch in lab.watches:
        watch.wait()
    return Outcome(tries, [lab.compare()], lab.recoveries_s)


@fault("two watches from the start", "made_300", Pace(2500, 20), long=True)
def many(lab: Lab) -> Outcome:
    """Five of them at once, into a database that is not there yet."""
    lab.player.begin()
    for _ in range(5):
        lab.watch()
    lab.player.play()
    lab.settle()
    codes = [watch.wait() for watch in lab.watches]
    assert set(codes) == {0}, codes
    return Outcome(5, [lab.compare()], lab.recoveries_s)


@fault("load in the middle of a watch", "pg_retry", Pace(200, 5), key="load_within")
@fault("load in the middle of a watch", "made_300", Pace(1500, 20), key="load_within_made", long=True)
def load_within(lab: Lab) -> Outcome:
    """It is refused, or does what a watch does; in either case nothing is lost or doubled."""
    lab.player.begin()
    lab.watch()
    lab.player.start()
    said: list[int] = []
    while lab.player.playing and len(said) < 4:
        time.sleep(0.7)
        load = lab.stampede("load", str(lab.folder), "--db", lab.url)
        assert "Traceback" not in load.stderr, load.stderr
        said.append(load.returncode)
        lab.recover()
    return lab.outcome(tries=len(said), notes=f"load ended with {sorted(set(said))}")


@fault("load while the watch is stopped", "pg_retry", Pace(300, 5))
def load_between(lab: Lab) -> Outcome:
    """A load of the half of the run goes before, between and behind watches."""
    lab.player.begin()
    lab.player.play(0.2)
    for share in (0.4, 0.6, 0.8):
        assert lab.stampede("load", str(lab.folder), "--db", lab.url).returncode == 0
        lab.watch()
        lab.recover()
        lab.player.play(share)
        lab.caught_up()
        lab.watches[-1].kill()
    lab.watch()
    return lab.outcome(tries=3)


@fault("watch begins while a load is at it", "made_300", Pace(20000, 100))
def watch_during_load(lab: Lab) -> Outcome:
    lab.player.begin()
    lab.player.play(0.9)
    codes: list[int] = []
    thread = threading.Thread(
        target=lambda: codes.append(lab.stampede("load", str(lab.folder), "--db", lab.url).returncode)
    )
    thread.start()
    time.sleep(0.3)
    lab.watch()
    lab.recover()
    thread.join()
    return lab.outcome(notes=f"load ended with {codes}")


@fault("readers ask all the time", "made_broken", Pace(700, 10))
def readers(lab: Lab) -> Outcome:
    """Three of them, each with questions that take the whole database."""
    lab.player.begin()
    lab.watch()
    over = threading.Event()
    answers: list[int] = []

    def ask() -> None:
        while not over.is_set():
            try:
                connection = sqlite3.connect(f"file:{lab.database}?mode=ro", uri=True, timeout=5)
                answers.append(connection.execute("SELECT count(*) FROM jobstate a, jobstate b").fetchone()[0])
                connection.close()
            except sqlite3.Error:
                time.sleep(0.05)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for share in (0.3, 0.6, 0.9):
            lab.player.play(share)
            lab.recover()
        lab.play_out()
    finally:
        over.set()
        for thread in threads:
            thread.join()
    return lab.outcome(tries=3, notes=f"{len(answers)} answers")
