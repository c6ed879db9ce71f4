"""Tries are judged as they end; what stands in the end does not depend on kills, batches or speed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from anomalous import run_events, uuid

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.query import open_database
from stampede.store.loader import Loader
from stampede.watching import online
from stampede.watching.online import OnlineJudge


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test learns from the runs of the user."""
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))


class Watch:
    """A loader and the judge beside it, as a followed path has them. Time passes with the events."""

    def __init__(self, database: Path) -> None:
        self.url = f"sqlite:///{database}"
        self.now = 100.0
        self.told: list[Event] = []
        self.start()

    def start(self) -> None:
        """Begin, or begin again after a kill: nothing is known but the database."""
        self.loader = Loader(self.url)
        self.judge = OnlineJudge(self.url)

    def kill(self) -> None:
        self.loader.connection.close()
        self.start()

    def write(self, events: list[Event], seconds: float = 1.5) -> list[Event]:
        """A batch, and a turn some time later; what was told."""
        self.loader.apply(events)
        self.judge.note(events, self.now)
        return self.rest(seconds)

    def rest(self, seconds: float) -> list[Event]:
        self.now += seconds
        return self._tell(self.judge.turn(self.now))

    def end(self) -> list[Event]:
        return self._tell(self.judge.end([uuid(0)]))

    def _tell(self, events: list[Event]) -> list[Event]:
        if events:
            self.loader.apply(events)
        self.told += events
        return events

    def rows(self) -> list[tuple[Any, ...]]:
        with open_database(self.url) as reader:
            return reader.rows("SELECT * FROM anomaly ORDER BY kind, subject")


def _batches(events: Iterable[Event], size: int) -> list[list[Event]]:
    everything = list(events)
    return [everything[at : at + size] for at in range(0, len(everything), size)]


def _whole(database: Path, events: Iterable[Event]) -> list[tuple[Any, ...]]:
    """The rows of an undisturbed load."""
    watch = Watch(database)
    watch.loader.apply(list(events))
    watch.end()
    watch.loader.close()
    return watch.rows()


def _bad() -> list[Event]:
    return list(run_events(0, slow="h1", failing="h3", unended="j9", jobs=60))


def test_a_slow_host_is_told_before_the_run_ends(tmp_path: Path) -> None:
    watch = Watch(tmp_path / "x.db")
    for batch in _batches(run_events(0, slow="h3", jobs=60, ends=False), 20):
        watch.write(batch)
    assert any(isinstance(e, ev.AnomalyHost) and e.subject == "h3" for e in watch.told)


@pytest.mark.parametrize("size", [7, 40, 1000])
def test_what_stands_in_the_end_is_that_of_one_load(tmp_path: Path, size: int) -> None:
    watch = Watch(tmp_path / "x.db")
    for batch in _batches(_bad(), size):
        watch.write(batch)
    watch.end()
    assert watch.rows() == _whole(tmp_path / "once.db", _bad())
    assert watch.rows()


@pytest.mark.parametrize("every", [1, 3])
def test_a_restart_is_no_restart(tmp_path: Path, every: int) -> None:
    """Killed after every few batches, the rows are those of a watch that was never killed, at each point."""
    calm, killed = Watch(tmp_path / "calm.db"), Watch(tmp_path / "killed.db")
    for number, batch in enumerate(_batches(_bad(), 30)):
        calm.write(batch)
        killed.write(batch)
        if number % every == 0:
            killed.kill()
    calm.end()
    killed.end()
    assert killed.rows() == calm.rows()
    assert calm.rows()


def test_a_kill_between_the_last_batch_and_the_last_word_is_made_up_for(tmp_path: Path) -> None:
    watch = Watch(tmp_path / "x.db")
    for batch in _batches(_bad(), 50):
        watch.loader.apply(batch)
    watch.kill()
    assert watch.end()
    assert watch.rows() == _whole(tmp_path / "once.db", _bad())
    assert watch.end() == []


def test_events_that_come_twice_are_judged_once(tmp_path: Path) -> None:
    watch, twice = Watch(tmp_path / "x.db"), Watch(tmp_path / "twice.db")
    for batch in _batches(run_events(0, slow="h3", jobs=60, ends=False), 25):
        watch.write(batch)
        twice.write(batch)
        twice.write(batch)
    assert [(e.NAME, e.subject, e.reason) for e in twice.told] == [  # type: ignore[attr-defined]
        (e.NAME, e.subject, e.reason)
        for e in watch.told  # type: ignore[attr-defined]
    ]


def test_what_comes_too_fast_is_judged_together_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(online, "_MOST_PENDING", 10)
    watch = Watch(tmp_path / "x.db")
    for batch in _batches(run_events(0, slow="h3", jobs=60, ends=False), 200):
        watch.write(batch)
    watch.rest(60.0)
    watch.rest(60.0)
    assert any(isinstance(e, ev.AnomalyHost) and e.subject == "h3" for e in watch.told)


def test_a_run_that_is_silent_is_told_of_while_it_is(tmp_path: Path) -> None:
    watch = Watch(tmp_path / "x.db")
    for batch in _batches(run_events(0, jobs=30, ends=False), 40):
        watch.write(batch)
    assert not watch.told
    watch.rest(40.0)
    assert not watch.told
    assert [type(e) for e in watch.rest(4000.0)] == [ev.AnomalyStall]


def test_a_log_of_long_ago_makes_no_alarm_by_its_age(tmp_path: Path) -> None:
    """The events are years old; for the judge the run's time goes on from its last record."""
    watch = Watch(tmp_path / "x.db")
    watch.write(list(run_events(0, jobs=30, ends=False)))
    watch.rest(35.0)
    assert not watch.told


def test_a_defect_of_the_judge_ends_the_judging_and_not_the_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no")

    watch = Watch(tmp_path / "x.db")
    monkeypatch.setattr(online, "judged", broken)
    told = watch.write(list(run_events(0)))
    assert [type(e) for e in told] == [ev.Problem]
    assert watch.write(list(run_events(1))) == []
    assert watch.end() == []
