"""Metrics files of both versions give node counts under the same names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stampede.sources.dagman.metrics import Counts, Metrics, read_metrics

COMMON = {"client": "condor_dagman", "version": "1", "start_time": 1.5, "end_time": 3.0, "duration": 1.5, "exitcode": 1,
          "dagman_id": "32", "parent_dagman_id": "", "rescue_dag_number": 1, "DagStatus": 2}  # fmt: skip
OLD = COMMON | {"jobs": 5, "jobs_failed": 1, "jobs_succeeded": 3, "dag_jobs": 1, "dag_jobs_failed": 0,
                "dag_jobs_succeeded": 1, "total_jobs": 6, "total_jobs_run": 5}  # fmt: skip
NEW = COMMON | {"metrics_version": 2, "nodes": 5, "nodes_failed": 1, "nodes_succeeded": 3, "dag_nodes": 1,
                "dag_nodes_failed": 0, "dag_nodes_succeeded": 1, "total_nodes": 6, "total_nodes_run": 5,
                "jobs_submitted": 10, "jobs_succeeded": 10, "jobs_failed": 0, "has_final_node": False}  # fmt: skip


def metrics(tmp_path: Path, text: str | bytes) -> Metrics:
    path = tmp_path / "x.dag.metrics"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_metrics(path)


@pytest.mark.parametrize("raw", [OLD, NEW])
def test_both_versions_count_nodes_alike(tmp_path: Path, raw: dict[str, object]) -> None:
    found = metrics(tmp_path, json.dumps(raw))
    assert found.problems == []
    assert (found.nodes, found.dag_nodes) == (Counts(5, 1, 3), Counts(1, 0, 1))
    assert (found.total_nodes, found.total_nodes_run, found.exit_code, found.dag_status) == (6, 5, 1, 2)
    assert (found.start_ts, found.end_ts, found.duration_s, found.dagman_id) == (1.5, 3.0, 1.5, "32")


def test_job_counts_of_version_2_are_procs_and_not_nodes(tmp_path: Path) -> None:
    found = metrics(tmp_path, json.dumps(NEW))
    assert (found.version, found.procs_submitted, found.procs_succeeded, found.procs_failed) == (2, 10, 10, 0)
    assert metrics(tmp_path, json.dumps(OLD)).procs_succeeded is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", b"\xff\0", "[" * 100_000, '{"client": "pegasus-plan"}', " " * 2_000_000]
)
def test_what_is_no_metrics_file_is_told(tmp_path: Path, text: str | bytes) -> None:
    assert [p.kind for p in metrics(tmp_path, text).problems] == ["unusable-metrics"]


def test_values_of_a_wrong_kind_are_unknown(tmp_path: Path) -> None:
    odd = {name: [1] for name in OLD} | {"client": "condor_dagman"}
    found = metrics(tmp_path, json.dumps(odd))
    assert (found.nodes, found.start_ts, found.dagman_id, found.exit_code) == (Counts(), None, None, None)


def test_recorded_metrics_add_up(shared: Path) -> None:
    paths = list((shared / "corpus").glob("runs*/*/submit/**/*.dag.metrics"))
    assert len(paths) > 50
    for path in paths:
        found = read_metrics(path)
        assert found.problems == [], path
        assert found.start_ts is not None
        assert found.total_nodes is not None
