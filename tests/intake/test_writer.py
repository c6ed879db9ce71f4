"""The thread that stores what comes in outlives whatever a database does."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from stampede.errors import DatabaseError
from stampede.events.base import Event
from stampede.intake import Batch, GapError, Writer
from stampede.intake.judges import Judges
from tests.sent import run

_LINES = run(4)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database that is not waited for long while somebody else writes."""
    monkeypatch.setattr("stampede.intake.database._PATIENCE_S", 0.1)
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))
    return tmp_path / "in.sqlite"


@pytest.fixture
def writer(database: Path) -> Iterator[Writer]:
    with closing(Writer(f"sqlite:///{database}")) as one:
        yield one


def _batch(first: int, last: int, patience_s: float = 0.3) -> Batch:
    return Batch(source="a", first=first, lines=_LINES[first - 1 : last], patience_s=patience_s)


def test_a_database_that_refuses_while_a_batch_waits_for_those_before_it_is_written_afterwards(
    database: Path, writer: Writer
) -> None:
    assert writer.submit(_batch(1, 3)).result(20).stored == 3
    early = writer.submit(_batch(7, 9, patience_s=60))
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseError):
            writer.submit(_batch(4, 5)).result(20)
        other.execute("ROLLBACK")
    again = [writer.submit(_batch(4, 6)), writer.submit(_batch(7, 9))]
    assert [one.result(20).stored for one in again] == [6, 9]
    assert early.done()


def test_a_database_that_refuses_as_a_batch_has_waited_too_long_is_written_afterwards(
    database: Path, writer: Writer
) -> None:
    assert writer.submit(_batch(1, 3)).result(20).stored == 3
    early = writer.submit(_batch(7, 9, patience_s=0.0))
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseError):
            writer.submit(_batch(4, 5)).result(20)
        other.execute("ROLLBACK")
    assert isinstance(early.exception(20), (GapError, DatabaseError))
    assert writer.submit(_batch(4, 6)).result(20).stored == 6


def test_judges_that_fail_are_not_asked_again_and_what_comes_next_is_judged(
    database: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """All of it, however much came at once."""
    monkeypatch.setattr("stampede.intake.writer._UNJUDGED", 2)
    asked: list[int] = []

    def fails(self: Judges, events: list[Event], now: float) -> None:
        asked.append(len(events))
        if len(asked) == 1:
            raise ValueError("a defect")

    monkeypatch.setattr(Judges, "note", fails)
    with closing(Writer(f"sqlite:///{database}")) as writer:
        assert writer.submit(_batch(1, 3)).result(20).stored == 3
        time.sleep(0.3)
        assert writer.submit(_batch(4, 9)).result(20).stored == 9
    assert asked[:2] == [3, 6]
    assert caplog.text.count("ValueError: a defect") == 1


def test_a_database_that_is_away_as_what_came_is_to_be_judged_is_asked_again(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What was stored is judged when the database is there again; nobody is shown a traceback."""
    monkeypatch.setattr("stampede.intake.writer._JUDGED_AGAIN_S", 0.1)
    judged: list[int] = []
    note = Judges.note

    def noted(self: Judges, events: list[Event], now: float) -> None:
        note(self, events, now)
        judged.append(len(events))

    monkeypatch.setattr(Judges, "note", noted)

    def away(_events: list[Event]) -> None:
        database.rename(tmp_path / "away")

    with closing(Writer(f"sqlite:///{database}", told=away)) as writer:
        assert writer.submit(_batch(1, 3)).result(20).stored == 3
        until = time.monotonic() + 20
        while "judged later" not in caplog.text and time.monotonic() < until:
            time.sleep(0.02)
        assert judged == []
        (tmp_path / "away").rename(database)
        while not judged and time.monotonic() < until:
            time.sleep(0.02)
    assert judged == [3]
    assert "Traceback" not in caplog.text
