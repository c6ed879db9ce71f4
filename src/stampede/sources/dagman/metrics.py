"""Reads ``x.dag.metrics``: DAGMan's own account of its last process, as JSON.

Version 1 (HTCondor up to 23.x, no ``metrics_version``) counts nodes under ``jobs*``; version 2 (25.x) under
``nodes*``, and uses ``jobs_failed`` and ``jobs_succeeded`` for job procs, where every proc that left the queue counts
as succeeded: these two say nothing of success and are kept as ``procs_*``. ``duration`` is that of the last DAGMan
process only. With a FINAL node that succeeds after a failure the exit code is 0."""

from __future__ import annotations

from pathlib import Path

import msgspec

from stampede.files import open_regular
from stampede.sources.dagman.problem import FileProblem

#: Real files have about a kilobyte.
_MAX_SIZE = 1 << 20


class Counts(msgspec.Struct, frozen=True):
    """Nodes of one kind: how many there are, how many failed, how many succeeded."""

    total: int | None = None
    failed: int | None = None
    succeeded: int | None = None


class Metrics(msgspec.Struct):
    """One metrics file. Times are epoch seconds, ``duration_s`` of the last DAGMan process. ``nodes`` are plain job
    nodes, ``dag_nodes`` sub-DAGs; ``total_nodes_run`` counts nodes that ran in this process. ``dag_status`` is
    DAGMan's number (0 ok, 1 error, 2 a node failed, 3 aborted, 4 removed, 5 cycle, 6 halted). ``rescue_number`` is 0
    without a rescue file."""

    path: str
    version: int | None = None
    client_version: str | None = None
    start_ts: float | None = None
    end_ts: float | None = None
    duration_s: float | None = None
    exit_code: int | None = None
    dagman_id: str | None = None
    parent_dagman_id: str | None = None
    rescue_number: int | None = None
    dag_status: int | None = None
    has_final_node: bool | None = None
    nodes: Counts = Counts()
    dag_nodes: Counts = Counts()
    service_nodes: Counts = Counts()
    total_nodes: int | None = None
    total_nodes_run: int | None = None
    procs_submitted: int | None = None
    procs_failed: int | None = None
    procs_succeeded: int | None = None
    problems: list[FileProblem] = []


def read_metrics(path: Path) -> Metrics:
    """Read one file. Content never raises; ``OSError`` does, when the file cannot be read. A planner's file of the same
    format (``x.metrics``, client ``pegasus-plan``) is recognised and left with a problem."""
    with open_regular(path) as file:
        data = file.read(_MAX_SIZE + 1)
    metrics = Metrics(str(path))
    try:
        raw = msgspec.json.decode(data) if len(data) <= _MAX_SIZE else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _unusable(metrics, f"The metrics file is no JSON ({error}): written half, or damaged. Left out.")
    if not isinstance(raw, dict):
        return _unusable(metrics, "The metrics file is no JSON object, or too large: left out.")
    if raw.get("client", "condor_dagman") != "condor_dagman":
        return _unusable(metrics, "The metrics file is not DAGMan's (another client wrote it): left out.")
    _fill(metrics, raw)
    return metrics


def _unusable(metrics: Metrics, message: str) -> Metrics:
    metrics.problems = [FileProblem("unusable-metrics", message, metrics.path, 0)]
    return metrics


def _fill(metrics: Metrics, raw: dict[str, object]) -> None:
    version = _int(raw, "metrics_version")
    metrics.version = 1 if version is None else version
    metrics.client_version = _text(raw, "version")
    metrics.start_ts, metrics.end_ts = _float(raw, "start_time"), _float(raw, "end_time")
    metrics.duration_s = _float(raw, "duration")
    metrics.exit_code = _int(raw, "exitcode")
    metrics.dagman_id, metrics.parent_dagman_id = _text(raw, "dagman_id"), _text(raw, "parent_dagman_id")
    metrics.rescue_number = _int(raw, "rescue_dag_number")
    metrics.dag_status = _int(raw, "DagStatus")
    word = "nodes" if metrics.version >= 2 or "nodes" in raw else "jobs"
    metrics.nodes = _counts(raw, word)
    metrics.dag_nodes = _counts(raw, f"dag_{word}")
    metrics.service_nodes = _counts(raw, "service_nodes")
    metrics.total_nodes, metrics.total_nodes_run = _int(raw, f"total_{word}"), _int(raw, f"total_{word}_run")
    if word == "nodes":
        final = raw.get("has_final_node")
        metrics.has_final_node = final if isinstance(final, bool) else None
        metrics.procs_submitted = _int(raw, "jobs_submitted")
        metrics.procs_failed, metrics.procs_succeeded = _int(raw, "jobs_failed"), _int(raw, "jobs_succeeded")


def _counts(raw: dict[str, object], word: str) -> Counts:
    return Counts(_int(raw, word), _int(raw, f"{word}_failed"), _int(raw, f"{word}_succeeded"))


def _int(raw: dict[str, object], name: str) -> int | None:
    value = raw.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _float(raw: dict[str, object], name: str) -> float | None:
    value = raw.get(name)
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12 else None
    )


def _text(raw: dict[str, object], name: str) -> str | None:
    value = raw.get(name)
    return value if isinstance(value, str) and value else None
