"""What sums mean: shares, percentiles, phases, walls; sums of several databases are put together."""

from __future__ import annotations

from typing import Any

import pytest

from stampede.analysis.statistics.calendar import hosts, periods
from stampede.analysis.statistics.groups import group
from stampede.analysis.statistics.outcomes import line, wall_s
from stampede.analysis.statistics.phases import phases
from stampede.analysis.statistics.report import Sums, each_workflow, statistics
from stampede.analysis.statistics.transformations import transformations
from stampede.model.histogram import Histogram, bin_of
from stampede.query.statistics.integrity import Checks
from stampede.query.statistics.invocations import Invocations
from stampede.query.statistics.times import Machine, Span
from stampede.query.statistics.tries import Tries
from stampede.query.statistics.workflows import Counts, Run, Tried
from stampede.query.status import Attempts, Nodes, WorkflowStatus


def of(*values: float) -> Histogram:
    one = Histogram({})
    for value in values:
        one.bins[bin_of(value)] = one.bins.get(bin_of(value), 0) + 1
    return one


def tries(type_desc: str = "compute", outcome: str = "success", **sums: Any) -> Tries:
    return Tries(
        wf_id=sums.pop("wf_id", None), sub=sums.pop("sub", False), type_desc=type_desc, transformation="t", site="s",
        outcome=outcome, **sums,
    )  # fmt: skip


def invocations(*, succeeded: bool = True, name: str = "t", **sums: Any) -> Invocations:
    given: dict[str, Any] = {
        "invocations": 1, "with_cpu": 0, "with_maxrss": 0, "with_avg_cpu": 0, "runtime_s": 1.0, "runtime_min_s": 1.0,
        "runtime_max_s": 1.0, "cpu_s": 0.0, "cpu_wall_s": 0.0, "maxrss_kb": None, "maxrss_min_kb": None,
        "maxrss_max_kb": None, "avg_cpu": None, "avg_cpu_min": None, "avg_cpu_max": None, "runtime": of(1.0),
        "maxrss": of(),
    }  # fmt: skip
    return Invocations(wf_id=None, transformation=name, script=False, succeeded=succeeded, **{**given, **sums})


def counts(*runs: tuple[float | None, float | None], state: str = "success", last: float = 100.0) -> Counts:
    status = WorkflowStatus(
        wf_uuid="u", parent_wf_uuid=None, parent_job=None, label="w", dag=None, submit_dir=None, state=state,
        reason=None, halted=False, restart_count=0, nodes=Nodes(total=5, done=3, failed=1), attempts=Attempts(),
        running=0, idle=0, held=0, started_ts=0.0, last_ts=last, duration_s=last, problems=0,
    )  # fmt: skip
    return Counts(
        wf_id=1, root=True, status=status, sub_nodes=Nodes(total=2, done=1),
        runs=[Run(start_ts=a, end_ts=b) for a, b in runs],
        jobs=Tried(jobs_tried=2, tries=3, tasks=4, tasks_tried=3, tasks_succeeded=2, tasks_failed=1, task_tries=5),
        sub=Tried(jobs_tried=1, tries=1),
    )  # fmt: skip


def test_jobs_are_the_nodes_that_are_no_workflows() -> None:
    told = line(counts())
    assert (told.jobs.succeeded, told.jobs.failed, told.jobs.total, told.jobs.retries) == (2, 1, 3, 1)
    assert (told.sub_workflows.succeeded, told.sub_workflows.total, told.sub_workflows.incomplete) == (1, 2, 1)
    assert (told.tasks.incomplete, told.tasks.retries, told.tasks.executed) == (1, 2, 5)


@pytest.mark.parametrize(("runs", "wall"), [
    (((10, 30),), 20), (((10, 30), (50, 60)), 30), (((10, None),), 90), (((10, None), (50, 60)), 50),
    (((None, 30),), None), ((), None),
])  # fmt: skip
def test_the_wall_is_that_of_all_runs_and_a_run_without_an_end_lasts_to_the_next(runs: Any, wall: float | None) -> None:
    assert wall_s(counts(*runs), last_ts=100.0) == wall


def test_phases_take_the_transfers_of_pegasuslite_out_of_the_run() -> None:
    found = {p.phase: p for p in phases([
        tries(with_run=2, run_s=20.0, stage_in_s=3.0, stage_out_s=2.0, queue_s=5.0, run=of(10, 10), queue=of(2, 3)),
        tries("stage-in-tx", run_s=4.0, run=of(4)), tries("cleanup", run_s=1.0, run=of(1), held_s=7.0),
        tries("dax", sub=True, run_s=1000.0, run=of(1000)),
    ])}  # fmt: skip
    assert {name: p.total_s for name, p in found.items()} == {
        "queue": 5.0, "stage-in": 7.0, "run": 15.0, "stage-out": 2.0, "housekeeping": 1.0, "held": 7.0,
    }  # fmt: skip
    assert sum(p.share or 0 for p in found.values()) == pytest.approx(1)
    assert (found["run"].spread.count, found["run"].spread.mean) == (2, 10)
    assert found["held"].spread.count == 0


def test_phases_do_not_go_below_nothing_where_clocks_differ() -> None:
    """Transfers that took longer than the job as DAGMan saw it (whole seconds)."""
    found = {p.phase: p.total_s for p in phases([tries(run_s=1.0, run=of(1), stage_in_s=1.5, stage_out_s=0.5)])}
    assert found == {"stage-in": 1.0, "run": 0.0}


def test_efficiency_and_the_cost_of_retries() -> None:
    one = group([
        tries(tries=3, wall_s=30, with_cpu=2, cpu_s=5, cpu_wall_s=20, with_memory=3, memory_used_mb=300,
              memory_requested_mb=1200, memory_max_mb=150, memory=of(50, 100, 150)),
        tries(outcome="failed", tries=1, superseded=1, wall_s=10, superseded_wall_s=10, superseded_delay_s=60),
    ], "x")  # fmt: skip
    assert (one.tries, one.succeeded, one.failed, one.bad_wall_s) == (4, 3, 1, 10)
    assert (one.efficiency.cpu, one.efficiency.memory) == (0.25, 0.25)
    assert one.efficiency.memory_mb.p99 == 150
    assert (one.retries.retries, one.retries.lost, one.retries.delay_s) == (1, 0.25, 60)


def test_nothing_at_all_has_shares_of_nothing() -> None:
    told = statistics(Sums(), lambda ts: ts)
    assert told.all.tries == 0
    assert told.all.efficiency.cpu is told.walls.goodput is told.walls.workflows_s is None
    assert told.phases == told.programs == told.periods == []


def test_transformations_of_several_databases_are_one() -> None:
    (one,) = transformations([
        invocations(invocations=2, runtime_s=4.0, runtime_min_s=1.0, runtime_max_s=3.0, runtime=of(1, 3)),
        invocations(runtime_s=8.0, runtime_min_s=8.0, runtime_max_s=8.0, runtime=of(8), with_maxrss=1, maxrss_kb=2048,
                    maxrss_min_kb=2048, maxrss_max_kb=2048, maxrss=of(2048)),
    ])  # fmt: skip
    assert (one.count, one.runtime_s.min, one.runtime_s.max, one.runtime_s.mean, one.total_s) == (3, 1, 8, 4, 12)
    assert one.runtime.p99 == 8
    assert one.memory_mb.max == one.memory.p50 == 2


def test_walls_leave_out_scripts_and_jobs_that_are_workflows() -> None:
    told = statistics(Sums(
        counts=[counts((10, 30))],
        invocations=[invocations(runtime_s=5.0), invocations(succeeded=False, runtime_s=2.0),
                     invocations(name="condor::dagman", runtime_s=500.0)],
        tries=[tries(wall_s=6, unnested_wall_s=6), tries(outcome="failed", wall_s=2, unnested_wall_s=2),
               tries("dax", sub=True, wall_s=500)],
    ), lambda ts: ts).walls  # fmt: skip
    assert (told.jobs_s, told.bad_jobs_s, told.seen_s, told.bad_seen_s, told.goodput) == (7, 2, 8, 2, 0.75)
    assert (told.workflows_s, told.running) == (20, False)


def test_half_hours_become_days_and_hosts_are_put_together() -> None:
    span = {"wf_id": None, "site": None, "hostname": None, "tries": 1, "tries_failed": 0, "invocations": 2,
            "tries_s": 3.0, "tries_failed_s": 0.0, "invocations_s": 4.0}  # fmt: skip
    found = periods([Span(begun_ts=ts, **span) for ts in (0, 1800, 3600, 90000)], lambda ts: ts // 86400 * 86400)  # type: ignore[arg-type]
    assert [(p.start_ts, p.tries, p.invocations_s) for p in found] == [(0, 2, 8.0), (86400, 1, 4.0)]
    machine = {"wf_id": None, "site": "s", "hostname": "h", "tries": 4, "tries_failed": 1, "invocations": 4,
               "tries_s": 8.0, "tries_failed_s": 2.0, "invocations_s": 7.0}  # fmt: skip
    (host,) = hosts([Machine(first_ts=10, last_ts=20, **machine), Machine(first_ts=5, last_ts=None, **machine)])  # type: ignore[arg-type]
    assert (host.tries, host.failure_rate, host.first_ts, host.last_ts) == (8, 0.25, 5, 20)


def test_each_workflow_has_its_own_and_is_its_own_root() -> None:
    first, second = counts((0, 10)), counts((0, 30))
    second.wf_id, second.root = 2, False
    sums = Sums(
        counts=[first, second], tries=[tries(wf_id=1, tries=1), tries(wf_id=2, tries=5)],
        checks=[Checks(wf_id=2, type="check", file_type="input", files=3, duration_s=0.5)],
    )  # fmt: skip
    one, other = each_workflow(sums, lambda ts: ts)
    assert (one.all.tries, other.all.tries, other.walls.workflows_s) == (1, 5, 30)
    assert (one.integrity.checks, other.integrity.checks[0].files) == ([], 3)
