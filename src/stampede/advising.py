"""Advice from the databases: facts of the workflow that is asked about, experience from its label's earlier runs."""

from __future__ import annotations

from collections.abc import Sequence

from stampede.analysis.advice.resources import ResourceAdvice, resource_advice
from stampede.analysis.advice.retry import RetryAdvice, retry_advice, succeeded, untried
from stampede.analysis.advice.sites import SiteAdvice, site_advice
from stampede.analysis.forecast import Ahead, OpenJob, gathered
from stampede.analysis.forecast.model import outlook
from stampede.errors import StampedeError
from stampede.forecasting import experience_of, in_forecasts
from stampede.model.machine import machine_of
from stampede.query import Reader, open_database
from stampede.query.ended import EndedTry, ended_tries
from stampede.query.evidence_tries import failed_tries_of
from stampede.query.history import PastRun, past_runs, tries_of
from stampede.query.job import find_job
from stampede.query.job.find import key_of
from stampede.query.prospects import brief_tries
from stampede.query.usage import TryUsage, usage
from stampede.query.workflows import Workflow, find, forest, paths

#: earlier runs that are looked at for sites and resources
MOST_RUNS = 10


def retry(reader: Reader, root: Workflow, name: str, now: float, *, exitcode: int | None = None) -> RetryAdvice:
    """Whether to try a job again. ``exitcode`` is that of the try that has just ended, where a script knows it.

    Raises UsageError when there is no such job.
    """
    job = find_job(reader, [root], name)
    tries = job.max_retries + 1
    last = job.tries[-1] if job.tries else None
    if exitcode == 0 or (exitcode is None and last is not None and last.outcome == "success"):
        return succeeded(job.path, tries)
    workflows = forest(reader, root)
    by_id = {w.wf_id: w for w in workflows}
    job_id = key_of(reader, job.wf_uuid, job.job)
    failures = failed_tries_of(reader, job_id, by_id, paths(workflows))
    run = max((t.restart_count for t in failures), default=0)
    this_run = [t for t in failures if t.restart_count == run]
    if not failures and exitcode is None:
        return untried(job.path, tries, futile=job.state == "futile")
    experience = experience_of(reader, root, now)
    lessons = experience.lessons(root.label or "")
    evidence = gathered(map(in_forecasts, brief_tries(reader, workflows)))
    told = outlook(evidence, Ahead(total=root.total), lessons, now)
    over = sum(t.outcome is not None for t in this_run)
    one = OpenJob(
        job=job.path, kind=job.transformation or job.type, tries=tries, failed=min(over, tries),
        last_host=machine_of(this_run[-1].slot) if this_run else None,
    )  # fmt: skip
    return retry_advice(one, this_run, usage(reader, workflows, job_id=job_id), told, lessons)


def site(reader: Reader, root: Workflow, transformation: str, now: float, *, history: bool = True) -> SiteAdvice:
    """Where jobs of a transformation end well, from this run and (``history``) the earlier ones of its label."""
    tries: list[EndedTry] = []
    for run in _runs(reader, root, now) if history else ():
        try:
            tries += tries_of(run)
        except StampedeError:
            continue  # history is a help, never a condition
    tries += ended_tries(reader, forest(reader, root))
    return site_advice(transformation, tries, experience_of(reader, root, now), root.label or "")


def resources(reader: Reader, root: Workflow, now: float, *, history: bool = True) -> list[ResourceAdvice]:
    """What jobs of each transformation should ask for, from this run and (``history``) the earlier ones."""
    tries: list[TryUsage] = usage(reader, forest(reader, root))
    for run in _runs(reader, root, now) if history else ():
        try:
            with open_database(run.url) as other, other.snapshot():
                tries += usage(other, forest(other, find(other, run.wf_uuid)[0]))
        except StampedeError:
            continue
    return resource_advice(tries)


def _runs(reader: Reader, root: Workflow, now: float) -> Sequence[PastRun]:
    if not root.label:
        return ()
    return past_runs(root.label, before_ts=now, without=[root.wf_uuid], urls=[reader.url], limit=MOST_RUNS)
