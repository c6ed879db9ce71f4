"""What was found not to be as it was."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from stampede.events import catalogue as ev
from stampede.store.loader import Loader

from ..samples import WF, ask, load_batches


def _told(reason: str = "slow") -> ev.AnomalyHost:
    return ev.AnomalyHost(ts=1.0, xwf_id=WF, subject="w1", reason=reason, host="w1", jobs=3, of_jobs=4, score=2.5)


def _cleared() -> ev.AnomalyCleared:
    return ev.AnomalyCleared(ts=2.0, xwf_id=WF, kind="host", subject="w1")


def test_told_again_it_replaces_what_was_told(database: Path) -> None:
    load_batches(database, [[_told()], [_told("slower")], [_told("slower")]])
    assert ask(database, "SELECT count(*), max(reason), max(kind) FROM anomaly") == (1, "slower", "host")


def test_what_is_cleared_is_gone_and_what_is_told_after_it_stays(database: Path) -> None:
    load_batches(database, [[_told(), _cleared()]])
    assert ask(database, "SELECT count(*) FROM anomaly") == (0,)
    load_batches(database, [[_cleared(), _told()]])
    assert ask(database, "SELECT count(*) FROM anomaly") == (1,)


def test_a_database_made_before_there_were_anomalies_gets_their_table(database: Path) -> None:
    load_batches(database, [[_told()]])
    connection = sqlite3.connect(database)
    connection.execute("DROP TABLE anomaly")
    connection.close()
    with Loader(f"sqlite:///{database}") as loader:
        loader.apply([_told()])
    assert ask(database, "SELECT count(*) FROM anomaly") == (1,)
