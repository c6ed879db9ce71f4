"""Bars and lanes of the same window tell of the same tries and the same time on machines."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from stampede.places import url_of
from stampede.query import Reader, open_database
from stampede.query.columns import gantt
from stampede.query.columns.bars import FAILED, RUNNING, WAITING
from stampede.query.columns.lanes import OTHERS
from stampede.query.columns.tries import ended_within
from stampede.query.pictures.window import Window, window_of
from stampede.query.workflows import Workflow, list_workflows
from stampede.store.sqlite import open_writer

from .made import START, made

_START = START


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """700 jobs of 70 kinds on five hosts, of which some failed and five still run."""
    path = tmp_path_factory.mktemp("db") / "made.sqlite"
    dice = random.Random(3)
    connection = open_writer(url_of(path))
    connection.execute("BEGIN")
    connection.execute(
        "INSERT INTO workflow(wf_id, wf_uuid, root_wf_id, state, first_ts, last_ts) "
        "VALUES (1, 'u', 1, 'running', ?, ?)",
        (_START, _START + 5000),
    )
    for n in range(1, 701):
        begin = _START + dice.random() * 4000
        runs = n > 695
        end = None if runs else begin + dice.expovariate(1 / 60)
        outcome = None if runs else "failed" if dice.random() < 0.1 else "success"
        connection.execute(
            "INSERT INTO job(job_id, wf_id, exec_job_id, submit_file, type_desc, clustered, max_retries, executable, "
            "task_count, transformation, last_job_instance_id) VALUES (?, 1, ?, '', 'compute', 0, 0, '', 1, ?, ?)",
            (n, f"job{n}", f"kind{n % 70}", n),
        )
        connection.execute(
            "INSERT INTO job_instance(job_instance_id, job_id, job_submit_seq, submit_ts, execute_ts, end_ts, "
            "state_ts, outcome, slot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (n, n, n, begin - 5, begin, end, (end or begin) + 1, outcome, f"host{n % 5}"),
        )
    connection.execute("COMMIT")
    connection.close()
    return open_database(url_of(path))


@pytest.fixture(scope="module")
def workflows(reader: Reader) -> list[Workflow]:
    return list_workflows(reader)


@pytest.mark.parametrize("since, until", [(None, None), (500, 900), (1000, 1003), (3990, 5000), (0, 5000)])
def test_areas_are_conserved(
    reader: Reader, workflows: list[Workflow], since: float | None, until: float | None
) -> None:
    window = _window(workflows, since, until)
    bars = gantt(reader, workflows, window, by="host")
    lanes = gantt(reader, workflows, window, by="host", most=1)
    assert (bars.level, lanes.level) == ("bars", "lanes")
    width = window.duration_s / lanes.facts["bins"]
    table = lanes.tables["bins"]
    assert sum(table["running"]) * width == pytest.approx(_area(bars.tables["tries"], window), rel=1e-3)
    failed = [s == FAILED for s in bars.tables["tries"]["state"]]
    assert sum(table["failing"]) * width == pytest.approx(
        _area(bars.tables["tries"], window, failed), rel=1e-3, abs=0.1
    )
    assert set(lanes.facts["lanes"]) == set(bars.facts["lanes"])
    assert sum(lanes.tables["lanes"]["tries"]) == len(failed)


def _window(workflows: list[Workflow], since: float | None, until: float | None) -> Window:
    return window_of(
        workflows,
        since_ts=None if since is None else _START + since,
        until_ts=None if until is None else _START + until,
    )


def _area(table: dict[str, list[float]], window: Window, chosen: list[bool] | None = None) -> float:
    found = 0.0
    for number, (a, b) in enumerate(zip(table["execute"], table["end"], strict=True)):
        if chosen is None or chosen[number]:
            found += max(0.0, min(b, window.duration_s) - max(a, 0.0))
    return found


def test_lanes_are_no_more_than_can_be_drawn_and_the_rest_is_one(reader: Reader, workflows: list[Workflow]) -> None:
    frame = gantt(reader, workflows, window_of(workflows), most=1)
    assert len(frame.facts["lanes"]) == 61
    assert frame.facts["lanes"][-1] == OTHERS
    assert sum(frame.tables["lanes"]["tries"]) == 700
    assert max(frame.tables["bins"]["bin"]) < frame.facts["bins"]


def test_bars_are_in_the_order_in_which_they_began_and_those_that_run_last_until_now(
    reader: Reader, workflows: list[Workflow]
) -> None:
    window = window_of(workflows)
    table = gantt(reader, workflows, window).tables["tries"]
    assert list(table["execute"]) == sorted(table["execute"])
    running = [n for n, state in enumerate(table["state"]) if state == 0]
    assert {table["job"][n] for n in running} == {f"job{n}" for n in range(696, 701)}
    assert all(table["end"][n] == pytest.approx(window.now_ts - window.start_ts) for n in running)


def test_a_run_that_has_not_begun_has_no_bars(tmp_path: Path) -> None:
    open_writer(url_of(tmp_path / "empty.sqlite")).close()
    with open_database(url_of(tmp_path / "empty.sqlite")) as empty:
        frame = gantt(empty, [], Window(start_ts=0.0, end_ts=1.0, now_ts=0.0))
        assert frame.level == "bars"
        assert not frame.tables["tries"]["job"]


_TRIES: list[dict[str, Any]] = [
    {"name": "again", "transformation": "t", "tries": [
        {"pre_start_ts": 10, "submit_ts": 20, "execute_ts": 50, "end_ts": 150, "state_ts": 160, "outcome": "failed"},
        {"submit_ts": 200, "execute_ts": 250, "end_ts": 900, "state_ts": 900, "outcome": "success"},
    ]},
    {"name": "held", "transformation": "t", "tries": [
        {"submit_ts": 300, "execute_ts": 400, "state_ts": 600, "held": [(600, None)]},
    ]},
    {"name": "waits", "transformation": "u", "tries": [{"submit_ts": 700, "state_ts": 700}]},
]  # fmt: skip


@pytest.mark.parametrize(
    "attempts, expected",
    [
        ("all", {("again", 1), ("again", 2), ("held", 1), ("waits", 1)}),
        ("last", {("again", 2), ("held", 1), ("waits", 1)}),
        ("failed", {("again", 1)}),
        (2, {("again", 2)}),
    ],
)
def test_tries_are_chosen_by_attempt(tmp_path: Path, attempts: Any, expected: set[tuple[str, int]]) -> None:
    with made(tmp_path / "x.sqlite", _TRIES) as reader:
        workflows = list_workflows(reader)
        table = gantt(reader, workflows, window_of(workflows), attempts=attempts).tables["tries"]
    assert set(zip(table["job"], table["attempt"], strict=True)) == expected


def test_a_bar_has_the_edges_of_its_phases(tmp_path: Path) -> None:
    with made(tmp_path / "x.sqlite", _TRIES) as reader:
        workflows = list_workflows(reader)
        frame = gantt(reader, workflows, window_of(workflows))
    table, holds = frame.tables["tries"], frame.tables["holds"]
    rows = {
        (job, attempt): [table[edge][n] for edge in ("begin", "submit", "execute", "end", "over")]
        for n, (job, attempt) in enumerate(zip(table["job"], table["attempt"], strict=True))
    }
    assert rows["again", 1] == [10, 20, 50, 150, 160]
    assert rows["held", 1] == [300, 300, 400, 600, 5000], "what is held has left its machine"
    assert rows["waits", 1] == [700, 700, 5000, 5000, 5000]
    assert [table["state"][table["job"].index(job)] for job in ("held", "waits")] == [RUNNING, WAITING]
    assert [(table["job"][n], a, b) for n, a, b in zip(*holds.values(), strict=True)] == [("held", 600, 5000)]
    assert frame.facts["kinds"] == ["t", "u"]


def test_those_that_wait_give_way_when_they_are_many(tmp_path: Path) -> None:
    with made(tmp_path / "x.sqlite", _TRIES) as reader:
        workflows = list_workflows(reader)
        frame = gantt(reader, workflows, window_of(workflows), most=3)
    assert (frame.level, frame.facts["unstarted"]) == ("bars", False)
    assert "waits" not in frame.tables["tries"]["job"]


def test_by_path_each_job_of_it_is_a_lane_in_its_order(tmp_path: Path) -> None:
    jobs = [
        {"name": name, "node_state": "done", "node_state_ts": start + 100,
         "tries": [{"submit_ts": start, "execute_ts": start, "end_ts": start + 100, "state_ts": start + 100,
                    "outcome": "success"}]}
        for name, start in (("z", 0.0), ("y", 100.0), ("x", 200.0))
    ]  # fmt: skip
    with made(tmp_path / "x.sqlite", jobs, [("z", "y"), ("y", "x")]) as reader:
        workflows = list_workflows(reader)
        frame = gantt(reader, workflows, window_of(workflows, since_ts=START + 150), by="path")
    assert frame.facts["lanes"] == ["z", "y", "x"]
    assert frame.tables["tries"]["job"] == ["y", "x"]


def test_bins_leave_out_what_is_skipped(reader: Reader, workflows: list[Workflow]) -> None:
    window = _window(workflows, 0, 5000)
    skip = [(_START + 4900.0, _START + 4990.0)]
    whole = gantt(reader, workflows, window, most=1, width=400)
    folded = gantt(reader, workflows, window, most=1, width=400, skip=skip)
    cut = sum(n * 90 for n in [5])  # five jobs run all through it
    assert sum(whole.tables["bins"]["running"]) * 25 - cut == pytest.approx(
        sum(folded.tables["bins"]["running"]) * (4910 / 200), rel=1e-3
    )


@pytest.mark.parametrize("since, until", [(500, 900), (1000, 1003), (3990, 4800)])
def test_a_window_holds_the_same_with_and_without_its_index(
    reader: Reader, workflows: list[Workflow], since: float, until: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = _window(workflows, since, until)
    told = gantt(reader, workflows, window)
    assert told.tables["tries"]["job"]
    monkeypatch.setattr(Reader, "has_index", lambda *_: False)
    assert gantt(reader, workflows, window) == told


def test_a_window_is_read_by_classes_of_tries(reader: Reader) -> None:
    part = ended_within(reader, _START + 1000, _START + 1060)
    plan = reader.rows(f"EXPLAIN QUERY PLAN SELECT i.job_id FROM {part.tries} WHERE {part.when}")
    assert any("job_instance_span_idx (<expr>=? AND execute_ts>? AND execute_ts<?)" in row[3] for row in plan)
