"""Reasons of a forecast in words."""

from __future__ import annotations

from collections import Counter

from stampede.analysis.forecast.evidence import Evidence
from stampede.analysis.forecast.facts import Ahead
from stampede.analysis.forecast.lessons import Lessons
from stampede.analysis.forecast.model import Outlook
from stampede.analysis.forecast.suspects import Suspect

#: a rate is told when it is so many times what is usual
UNUSUAL = 2.0
#: failures that nothing but chance explains from which on a rate is told
LEAST_FAILURES = 1.5
#: kinds that are told of at most
MOST_KINDS = 3


def why_lost(ahead: Ahead) -> list[str]:
    """Why a workflow cannot end well any more."""
    if not ahead.exhausted:
        return []
    first = ahead.exhausted[0]
    more = len(ahead.exhausted) - 1
    others = f" (and {more:,} more)" if more else ""
    lost = "" if ahead.ended else ": the workflow cannot end well any more"
    return [f"Job {first}{others} has failed in all its tries{lost}."]


def reasons_of(evidence: Evidence, ahead: Ahead, told: Outlook, lessons: Lessons, suspects: list[Suspect]) -> list[str]:
    """What makes the forecast what it is, the weightiest first: what is broken, rates, last tries, what is left."""
    found = [_broken(s, evidence, lessons) for s in suspects]
    found += _hour(told)
    found += _rates(evidence, told, lessons, {s.name for s in suspects if s.what == "kind"})
    found += _own_trouble(told)
    found += _last_tries(ahead)
    found += _held(ahead)
    if ahead.exhausted and ahead.decided_by_final:
        found.append(f"Job {ahead.exhausted[0]} has failed in all its tries, but the FINAL node has the last word.")
    if lessons.runs:
        found.append(f"{lessons.failed_runs} of {_runs(lessons)} failed.")
    if ahead.left:
        found.append(f"{ahead.left:,} of {ahead.total:,} jobs are still to be done.")
    return found


def _broken(s: Suspect, evidence: Evidence, lessons: Lessons) -> str:
    rate = f"{s.failed:,} of {s.tries:,} tries"
    if s.what == "kind":
        usual = f", against {_percent(lessons.rate(s.name))} in {_runs(lessons)}" if lessons.runs else ""
        return f"{s.name} seems broken: {rate} failed here{usual}."
    part = f"{s.failed:,} of {len(evidence.failures):,} failures were on {s.what} {s.name}"
    return f"{part}, where {rate} failed."


def _hour(told: Outlook) -> list[str]:
    hour = told.explanation.hour
    if hour is None or hour.probability < 0.5:
        return []
    n = hour.last - hour.first + 1
    return [
        f"{n} failures came close together, with {hour.successes} successes between them: a bad time, not a bad job."
    ]


def _rates(evidence: Evidence, told: Outlook, lessons: Lessons, told_of: set[str]) -> list[str]:
    """Kinds that fail much more often here than they used to, for no other reason that was told."""
    failures = Counter(f.kind for f in evidence.failures)
    found = []
    for kind, failed in failures.most_common():
        tries = failed + evidence.by_kind.get(kind, 0)
        usual = lessons.rate(kind)
        n, by_chance = told.explanation.by_chance.get(kind, (0.0, 0.0))
        unusual = by_chance >= LEAST_FAILURES and by_chance >= UNUSUAL * usual * n
        if kind not in told_of and unusual and lessons.runs:
            found.append(
                f"{kind} fails {_percent(failed / tries)} here ({failed:,} of {tries:,} tries) against "
                f"{_percent(usual)} in {_runs(lessons)}."
            )
    return found[:MOST_KINDS]


def _own_trouble(told: Outlook) -> list[str]:
    jobs = sorted((j for j, p in told.explanation.jobs.items() if p >= 0.5), key=lambda j: -told.explanation.jobs[j])
    if not jobs:
        return []
    more = f" and {len(jobs) - 1} more" if len(jobs) > 1 else ""
    return [f"Job {jobs[0]}{more} fails where others of its kind do not: what it reads, or itself, may be broken."]


def _last_tries(ahead: Ahead) -> list[str]:
    """Jobs that have used up at least half of their tries."""
    counts = Counter(
        (job.kind, job.failed + 1, job.tries) for job in ahead.open_jobs if job.failed and 2 * job.failed >= job.tries
    )
    nearest = sorted(counts.items(), key=lambda c: (c[0][2] - c[0][1], -c[1], c[0]))
    return [
        f"{n:,} {'job' if n == 1 else 'jobs'} of {kind} {'is' if n == 1 else 'are'} on try {number} of {tries}."
        for (kind, number, tries), n in nearest[:MOST_KINDS]
    ]


def _held(ahead: Ahead) -> list[str]:
    held = [job.job for job in ahead.open_jobs if job.held_long]
    if not held:
        return [f"{ahead.held:,} {'job is' if ahead.held == 1 else 'jobs are'} held."] if ahead.held else []
    more = f" and {len(held) - 1} more" if len(held) > 1 else ""
    verb = "are" if more else "is"
    return [f"{held[0]}{more} {verb} held for longer than 99 % of such tries took: that counts as a failed try."]


def _runs(lessons: Lessons) -> str:
    return f"{lessons.runs:,} past {'run' if lessons.runs == 1 else 'runs'}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 or not share else f"{100 * share:.1f} %"
