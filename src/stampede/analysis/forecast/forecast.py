"""The answer: how probable it is that a workflow fails, whether it is lost already, why, which jobs are in danger."""

from __future__ import annotations

import msgspec

from stampede.analysis.forecast.evidence import Evidence
from stampede.analysis.forecast.facts import Ahead, OpenJob
from stampede.analysis.forecast.model import Experience, Outlook, outlook
from stampede.analysis.forecast.odds import odds_of
from stampede.analysis.forecast.reasons import reasons_of, why_lost
from stampede.analysis.forecast.suspects import Suspect

#: ended runs of a label from which on its history is enough
ENOUGH_RUNS = 5
#: ended runs of any label, and ended tries of this run, that are enough together
ENOUGH_POOL, ENOUGH_TRIES = 20, 20
MOST_JOBS = 10


class JobRisk(msgspec.Struct, frozen=True, kw_only=True):
    """A job in danger: it is in (or waits for) try ``try_number`` of ``tries``; the probability that this try fails,
    and that the job fails for good. ``host``: where it runs now."""

    job: str
    transformation: str
    try_number: int
    tries: int
    try_fails: float
    job_fails: float
    host: str | None = None


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What will become of a workflow.

    ``probability`` that it fails, 0 to 1; None when there is not enough history to say so. ``doomed``: a job has failed
    in all its tries, so that it cannot end well (exact, whatever the history). ``reasons`` in words, the weightiest
    first. ``jobs`` are the riskiest ones, ``suspects`` what is probably broken, by their Bayes factors. ``past_runs``
    of the label were learned from; ``needed`` says what would make a better answer.
    """

    probability: float | None
    doomed: bool
    enough_history: bool
    past_runs: int
    reasons: list[str] = []
    jobs: list[JobRisk] = []
    suspects: list[Suspect] = []
    needed: list[str] = []


def forecast(evidence: Evidence, ahead: Ahead, experience: Experience, label: str, now: float) -> Forecast:
    """The forecast of a run of this label at this time (the clock of the facts)."""
    runs = experience.runs(label)
    if ahead.ended is not None:
        well = ahead.ended == "success"
        return Forecast(
            probability=0.0 if well else 1.0, doomed=not well, enough_history=True, past_runs=runs,
            reasons=[f"It has ended: {ahead.ended}.", *([] if well else why_lost(ahead))],
        )  # fmt: skip
    lessons = experience.lessons(label)
    told = outlook(evidence, ahead, lessons, now)
    suspects = _named(told)
    jobs = _in_danger(ahead, told, experience, label)
    if ahead.exhausted and not ahead.decided_by_final:
        return Forecast(
            probability=1.0, doomed=True, enough_history=True, past_runs=runs, jobs=jobs, suspects=suspects,
            reasons=[*why_lost(ahead), *reasons_of(evidence, ahead, told, lessons, suspects)],
        )  # fmt: skip
    enough = runs >= ENOUGH_RUNS or (experience.pool.runs >= ENOUGH_POOL and evidence.tries >= ENOUGH_TRIES)
    return Forecast(
        probability=experience.calibration(told.raw, ahead.done_share) if enough else None, doomed=False,
        enough_history=enough, past_runs=runs, jobs=jobs, suspects=suspects,
        reasons=reasons_of(evidence, ahead, told, lessons, suspects), needed=_needed(runs),
    )  # fmt: skip


def _named(told: Outlook) -> list[Suspect]:
    """What is probably broken, the strongest case first."""
    e = told.explanation
    found = [s for of in (e.sites, e.hosts, e.kinds) for s in of.values() if s.convincing]
    return sorted(found, key=lambda s: (-s.log_bayes, s.what, s.name))


def _in_danger(ahead: Ahead, told: Outlook, experience: Experience, label: str) -> list[JobRisk]:
    lessons = experience.lessons(label)
    found = []
    for job in ahead.open_jobs:
        odds = odds_of(job, told.explanation, lessons, told.hosts)
        found.append(_risk(job, odds.try_fails, odds.job_fails))
    tries = {g.kind: g.tries for g in ahead.groups}
    open_jobs = {job.job for job in ahead.open_jobs}
    for r in ahead.running:
        if r.job not in open_jobs and told.explanation.host_effect(r.host) > 0.1:
            job = OpenJob(job=r.job, kind=r.kind, tries=tries.get(r.kind, 1), host=r.host)
            odds = odds_of(job, told.explanation, lessons, told.hosts)
            found.append(_risk(job, odds.try_fails, odds.job_fails))
    found.sort(key=lambda j: (-j.job_fails, -j.try_fails, j.job))
    return found[:MOST_JOBS]


def _risk(job: OpenJob, try_fails: float, job_fails: float) -> JobRisk:
    return JobRisk(
        job=job.job, transformation=job.kind, try_number=min(job.failed + 1, job.tries), tries=job.tries,
        try_fails=try_fails, job_fails=job_fails, host=job.host,
    )  # fmt: skip


def _needed(runs: int) -> list[str]:
    if runs < ENOUGH_RUNS:
        return [f"{ENOUGH_RUNS - runs} more ended runs of this label (there are {runs})"]
    if runs < 4 * ENOUGH_RUNS:
        return [f"more ended runs of this label: {runs} tell its rates roughly"]
    return []
