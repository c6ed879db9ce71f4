"""Events of made-up runs of one workflow, in which a host is slow, or fails, or a job never ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stampede.events import catalogue as ev
from stampede.events.base import Event

LABEL = "sky"
JOBS = 24
BEGIN_TS = 1_700_000_000.0
#: what a job takes, in seconds
USUAL_S = 100.0
#: between the starts of two runs
_DAY_S = 86_400.0


def uuid(run: int) -> str:
    """The workflow of a run."""
    return f"5b0c6c2e-0000-4000-8000-{run:012d}"


def run_events(
    run: int,
    *,
    slow: str = "",
    factor: float = 4.0,
    failing: str = "",
    unended: str = "",
    jobs: int = JOBS,
    gap_s: float = 0.0,
    ends: bool = True,
) -> Iterator[Event]:
    """All events of a run: ``jobs`` jobs one after the other on four hosts.

    Jobs on the host ``slow`` take ``factor`` times as long, those on ``failing`` fail, the job ``unended`` has no end;
    ``gap_s`` of silence come before the last job.
    """
    wf, clock = uuid(run), BEGIN_TS + run * _DAY_S
    yield ev.WfPlan(ts=clock, xwf_id=wf, root_xwf_id=wf, dax_label=LABEL, dag_file_name="sky.dag")
    for i in range(jobs):
        yield ev.JobInfo(ts=clock, xwf_id=wf, job_id=f"j{i}", submit_file=f"j{i}.sub", type_desc="compute", clustered=0,
                         max_retries=0, executable="/bin/true", task_count=1, transformation="look")  # fmt: skip
    yield ev.XwfStart(ts=clock, xwf_id=wf, restart_count=0)
    failed = False
    for i in range(jobs):
        host = f"h{(i + run) % 4}"
        took = USUAL_S * (1 + 0.02 * ((i * 7 + run * 3) % 5)) * (factor if host == slow else 1.0)
        clock += gap_s if i == jobs - 1 else 0.0
        bad = host == failing
        failed |= bad
        yield from _try(wf, f"j{i}", i + 1, clock, took, host, bad=bad, ends=f"j{i}" != unended)
        clock += took + 5.0
    if ends:
        yield ev.XwfEnd(ts=clock, xwf_id=wf, restart_count=0, status=1 if failed else 0)


def _try(wf: str, job: str, seq: int, ts: float, took: float, host: str, *, bad: bool, ends: bool) -> Iterator[Event]:
    base: dict[str, Any] = {"xwf_id": wf, "job_id": job, "job_inst_id": seq, "sched_id": f"{seq}.0"}
    yield ev.JobInstSubmitStart(**base, ts=ts, js_id=1)
    yield ev.JobInstSubmitEnd(**base, ts=ts, js_id=1, status=0)
    yield ev.JobInstMainStart(**base, ts=ts + 1, js_id=2)
    if not ends:
        return
    end = ts + 1 + took
    yield ev.JobInstMainTerm(**base, ts=end, js_id=3, status=0)
    yield ev.InvEnd(ts=end, xwf_id=wf, job_id=job, job_inst_id=seq, inv_id=1, start_time=ts + 2, dur=took - 2,
                    remote_cpu_time=USUAL_S * 0.8, exitcode=256 if bad else 0, transformation="look")  # fmt: skip
    yield ev.JobInstHostInfo(ts=end, xwf_id=wf, job_id=job, job_inst_id=seq, site="here", hostname=host, ip="::1")
    yield ev.JobInstMainEnd(**base, ts=end, js_id=4, status=-1 if bad else 0, exitcode=1 if bad else 0, site="here")
