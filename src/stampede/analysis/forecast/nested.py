"""Forecasts of workflows within workflows: what is probable below decides over the try of the job that runs it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stampede.analysis.forecast.evidence import Evidence
from stampede.analysis.forecast.facts import Ahead, Group, OpenJob, Running
from stampede.analysis.forecast.forecast import Forecast, forecast
from stampede.analysis.forecast.lessons import Lessons
from stampede.analysis.forecast.model import Experience, outlook
from stampede.query.prospects import PendingJob, Prospects


class Level(msgspec.Struct, frozen=True):
    """A workflow of a forest: its key, that of the one above (None: the root), how many jobs it has, its state if it
    has ended (None: it goes on), and the time of its last record."""

    wf_id: int
    parent_id: int | None
    total: int
    ended: str | None
    last_ts: float | None = None


def forest_forecast(
    levels: Sequence[Level], found: Prospects, evidence: Evidence, experience: Experience, label: str, now: float
) -> Forecast:
    """The forecast of a forest, whose root is the first of ``levels`` (parents come first).

    All evidence of the forest is weighed together. From the bottom up, each workflow that runs gives the probability
    that the present try of its job fails; it is certain as soon as a job below has failed for good.
    """
    nested = _Nested(levels, found, experience.lessons(label), now)
    for level in reversed(levels[1:]):
        ahead = nested.ahead(level)
        if ahead.exhausted and not ahead.decided_by_final:
            nested.below[level.wf_id] = 1.0
        elif level.ended is None:
            nested.below[level.wf_id] = outlook(evidence, ahead, nested.lessons, now).raw
    return forecast(evidence, nested.ahead(levels[0]), experience, label, now)


class _Nested:
    """The forest on the way up: ``below`` holds the probability that a workflow fails, of those that were looked at."""

    def __init__(self, levels: Sequence[Level], found: Prospects, lessons: Lessons, now: float) -> None:
        self.levels = {level.wf_id: level for level in levels}
        self.found, self.lessons, self.now = found, lessons, now
        self.below: dict[int, float] = {}
        self.pending: dict[int, list[PendingJob]] = {}
        for job in found.pending:
            self.pending.setdefault(job.wf_id, []).append(job)
        self.waiting: dict[int, list[Group]] = {}
        for w in found.waiting:
            self.waiting.setdefault(w.wf_id, []).append(Group(w.kind, w.tries, w.count))

    def ahead(self, level: Level) -> Ahead:
        """What is ahead of one workflow, with what its sub-workflows tell."""
        groups = list(self.waiting.get(level.wf_id, ()))
        pending = self.pending.get(level.wf_id, [])
        open_jobs, running, exhausted = [], [], list(self.found.lost.get(level.wf_id, ()))
        for job in pending:
            below = self._below(job)
            if below == 1.0 and job.failed + 1 >= job.tries:
                exhausted.append(job.path)  # the workflow that it runs is lost, and no try is left for another
                continue
            held_long = _held_long(job, self.lessons, self.now)
            if job.failed or below is not None or held_long:
                open_jobs.append(OpenJob(
                    job=job.path, kind=job.kind, tries=job.tries, failed=job.failed, last_host=job.last_machine,
                    host=job.machine, below=below, held_long=held_long,
                ))  # fmt: skip
            else:
                groups.append(Group(job.kind, job.tries, 1))
            if job.execute_ts is not None and below is None:
                running.append(Running(job.path, job.kind, job.machine, job.execute_ts))
        return Ahead(
            total=level.total, groups=_merged(groups), open_jobs=open_jobs, running=running, exhausted=exhausted,
            decided_by_final=level.wf_id in self.found.finals, held=sum(job.held_ts is not None for job in pending),
            ended=level.ended,
        )  # fmt: skip

    def _below(self, job: PendingJob) -> float | None:
        """The probability that the workflow fails that the present try of a job runs. What is known of an earlier try's
        does not count."""
        level = self.levels.get(job.subwf_id or 0)
        if level is None or job.submit_ts is None:
            return None
        if level.ended is not None and (level.last_ts is None or level.last_ts <= job.submit_ts):
            return None
        return self.below.get(level.wf_id)


def _held_long(job: PendingJob, lessons: Lessons, now: float) -> bool:
    longest = lessons.longest_s(job.kind) if job.held_ts is not None else None
    return longest is not None and job.held_ts is not None and now - job.held_ts > longest


def _merged(groups: list[Group]) -> list[Group]:
    counts: dict[tuple[str, int], int] = {}
    for g in groups:
        counts[g.kind, g.tries] = counts.get((g.kind, g.tries), 0) + g.count
    return [Group(kind, tries, n) for (kind, tries), n in counts.items()]
