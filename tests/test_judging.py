"""Anomalies are found in what is stored, each once, and follow from nothing else."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from anomalous import run_events, uuid

from stampede import pipeline
from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.events.stream import encoder
from stampede.judging import judge_run, root_uuids
from stampede.query import open_database
from stampede.query.anomalies import anomalies, tries_by_host
from stampede.query.workflows import find, forest
from stampede.store.loader import Loader


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test learns from the runs of the user."""
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'x.db'}"


def _store(url: str, *runs: Any) -> None:
    with Loader(url) as loader:
        for events in runs:
            loader.apply(list(events))


def _judge(url: str, run: int) -> list[Event]:
    events = judge_run(url, uuid(run))
    if events:
        with Loader(url) as loader:
            loader.apply(events)
    return events


def _rows(url: str) -> list[tuple[Any, ...]]:
    with open_database(url) as reader:
        return reader.rows("SELECT kind, subject, ts, reason, observed FROM anomaly ORDER BY 1, 2")


def _kinds(url: str) -> set[str]:
    return {kind for kind, *_ in _rows(url)}


def test_runs_that_are_alike_have_no_anomalies(url: str) -> None:
    _store(url, *(run_events(n) for n in range(6)))
    for n in range(6):
        assert _judge(url, n) == []


def test_a_slow_host_is_told_with_what_was_expected_from_earlier_runs(url: str) -> None:
    _store(url, *(run_events(n) for n in range(5)), run_events(5, slow="h2"))
    _judge(url, 5)
    found = {(kind, subject): reason for kind, subject, _, reason, _ in _rows(url)}
    assert ("host", "h2") in found
    assert not {s for k, s in found if k == "host"} - {"h2"}
    jobs = [reason for (kind, _), reason in found.items() if kind == "job"]
    assert jobs
    assert all("expected 10" in reason and ", took 4" in reason for reason in jobs)


def test_within_a_first_run_the_jobs_before_are_the_measure(url: str) -> None:
    _store(url, run_events(0, slow="h3", jobs=60))
    _judge(url, 0)
    assert "host" in _kinds(url)


def test_judging_again_tells_nothing_new(url: str) -> None:
    _store(url, *(run_events(n) for n in range(4)), run_events(4, slow="h1", failing="h0", unended="j7", gap_s=9000))
    assert _judge(url, 4)
    assert _kinds(url) == {"host", "job", "failure_rate", "start_without_end", "stall"}
    before = _rows(url)
    assert _judge(url, 4) == []
    assert _rows(url) == before


def test_what_turns_out_to_be_none_is_cleared(url: str) -> None:
    _store(url, run_events(0, unended="j3"))
    _judge(url, 0)
    assert [(kind, subject) for kind, subject, *_ in _rows(url)] == [("start_without_end", "j3 4")]
    _store(url, run_events(0))
    told = _judge(url, 0)
    assert [type(e) for e in told] == [ev.AnomalyCleared]
    assert _rows(url) == []


def test_the_order_and_the_batches_of_loading_make_no_difference(url: str, tmp_path: Path) -> None:
    events = list(run_events(0, slow="h3", jobs=60))
    _store(url, events)
    _judge(url, 0)
    other = f"sqlite:///{tmp_path / 'y.db'}"
    declared, rest = events[:62], events[62:]
    _store(other, declared, *([rest[i] for i in range(at, len(rest), 7)] for at in range(7)))
    _judge(other, 0)
    assert _rows(other) == _rows(url)
    assert _rows(url)


def test_a_load_judges_what_it_loaded_and_a_second_load_changes_nothing(url: str, tmp_path: Path) -> None:
    stream = tmp_path / "events.jsonl"
    encode = encoder("jsonl", "current", pure=False)
    stream.write_bytes(b"".join(encode(e) for n in range(5) for e in run_events(n, slow="h2" if n == 4 else "")))
    pipeline.load([stream], url)
    before = _rows(url)
    assert {kind for kind, *_ in before} == {"host", "job"}
    pipeline.load([stream], url)
    assert _rows(url) == before


def test_a_load_that_was_killed_before_it_judged_is_made_up_for(url: str, tmp_path: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    stream = tmp_path / "events.jsonl"
    encode = encoder("jsonl", "current", pure=False)
    stream.write_bytes(b"".join(encode(e) for e in run_events(0, slow="h2", jobs=60)))
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "judge_run", lambda url, uuid: [])
        pipeline.load([stream], url)
    assert _rows(url) == []
    pipeline.load([stream], url)
    assert "host" in _kinds(url)


def test_by_host_all_that_began_is_counted_once(url: str) -> None:
    _store(url, run_events(0, failing="h1", unended="j2"))
    with open_database(url) as reader:
        root = find(reader, None)[0]
        hosts = {h.host: h for h in tries_by_host(reader, forest(reader, root))}
        assert sum(h.started for h in hosts.values()) == 24
        assert hosts["h1"].failed == hosts["h1"].ended == 6
        assert sum(h.unended for h in hosts.values()) == 1
        assert anomalies(reader, root) == []


def test_as_of_a_time_only_what_was_told_by_then_is_there(url: str) -> None:
    _store(url, *(run_events(n) for n in range(4)), run_events(4, slow="h2"))
    _judge(url, 4)
    with open_database(url) as reader:
        root = find(reader, uuid(4))[0]
        told = anomalies(reader, root)
        assert anomalies(reader, root, until_ts=(told[0].ts or 0) - 1) == []
        assert len(anomalies(reader, root, until_ts=told[0].ts)) < len(told)


def test_an_old_database_without_the_table_has_none(url: str, tmp_path: Path) -> None:
    _store(url, run_events(0))
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("DROP TABLE anomaly")
    connection.close()
    with open_database(url) as reader:
        assert anomalies(reader, find(reader, None)[0]) == []


def test_the_run_of_a_workflow_that_is_not_stored_is_none(url: str) -> None:
    _store(url, run_events(0))
    assert root_uuids(url, [uuid(0), uuid(7), uuid(0)]) == [uuid(0)]


def test_real_runs_that_went_well_have_few_words(corpus: Path, tmp_path: Path) -> None:
    """None of the recorded runs was slow; what failed in them is told by triage, too."""
    for name in ("pg_fail", "dm_e_subdag", "dm_c_rescue", "dm_g_hold"):
        target = f"sqlite:///{tmp_path / name}.db"
        pipeline.load([corpus / name], target)
        assert not _kinds(target) & {"job", "host", "baseline", "stall"}
