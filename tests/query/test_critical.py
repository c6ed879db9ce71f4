"""The critical path leads from a job that waited for nothing to the one that ended last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stampede.query.critical import critical_path
from stampede.query.workflows import list_workflows

from .columns.made import START, made


def _job(name: str, end: float, **more: Any) -> dict[str, Any]:
    return {
        "name": name, "node_state": "done", "node_state_ts": START + end,
        "tries": [{"submit_ts": 0, "execute_ts": 0, "end_ts": end, "state_ts": end, "outcome": "success"}], **more,
    }  # fmt: skip


def _path(tmp_path: Path, jobs: list[dict[str, Any]], edges: list[tuple[str, str]]) -> list[str]:
    with made(tmp_path / "x.sqlite", jobs, edges) as reader:
        return [step.job for step in critical_path(reader, list_workflows(reader))]


_DIAMOND = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]


def test_of_several_parents_it_goes_through_the_one_that_ended_last(tmp_path: Path) -> None:
    jobs = [_job("a", 10), _job("b", 90), _job("c", 50), _job("d", 100), _job("e", 95)]
    assert _path(tmp_path, jobs, _DIAMOND) == ["a", "b", "d"]


def test_while_jobs_are_under_way_it_leads_to_the_one_that_is_so_longest(tmp_path: Path) -> None:
    under_way: dict[str, Any] = {
        "node_state": "queued",
        "tries": [{"submit_ts": 60, "execute_ts": 60, "state_ts": 60}],
    }
    jobs = [_job("a", 10), _job("b", 90), _job("c", 50), _job("d", 95, **under_way), _job("e", 60, **under_way)]
    assert _path(tmp_path, jobs, [*_DIAMOND, ("c", "e")]) == ["a", "c", "e"]


def test_parents_that_were_never_tried_are_no_part_of_it(tmp_path: Path) -> None:
    jobs = [_job("a", 10, attempts=0, tries=[]), _job("b", 90)]
    assert _path(tmp_path, jobs, [("a", "b")]) == ["b"]


def test_a_run_in_which_nothing_was_tried_has_none(tmp_path: Path) -> None:
    assert _path(tmp_path, [], []) == []


def test_a_circle_which_no_dag_has_ends(tmp_path: Path) -> None:
    jobs = [_job("a", 10), _job("b", 90)]
    assert _path(tmp_path, jobs, [("a", "b"), ("b", "a")]) == ["a", "b"]
