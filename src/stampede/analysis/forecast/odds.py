"""The probability that a workflow ends well: a product over all that is still to be done.

Jobs of a kind share the unknown rate of the kind, all of them how much more than usual this run fails and which hosts
are broken; so the product is taken for each value that those may have, and the mean of the products counts. A job fails
for good when all its tries that are left fail; what fails on a broken host may come back to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import exp, log, sqrt

import msgspec

from stampede.analysis.forecast.evidence import RECENT_STARTS, Evidence
from stampede.analysis.forecast.facts import Ahead, Group, OpenJob, Running
from stampede.analysis.forecast.lessons import CONCENTRATION, MULTIPLIERS, Lessons
from stampede.analysis.forecast.suspects import MOST_CHANCE, Explanation

#: points of a normal distribution that stand for a sixth of it each
_SIXTHS = (-1.65, -0.84, -0.25, 0.25, 0.84, 1.65)
#: returns to a broken host that what is usual is worth against those of this run
_RETURN_WORTH = 20.0
#: what a broken host makes fail on the average, and how much a success says against a broken kind
_HOST_STRENGTH = 0.3
_SUCCESS_SPEAKS = 0.2
_NO_STORY_STRENGTH = 0.9
#: share of the tries that a host takes, where no host is known
_UNKNOWN_SHARE = 0.05


class Hosts(msgspec.Struct, frozen=True):
    """Where tries go: ``share`` of each host of the last starts, ``anywhere`` the probability that the host of a fresh
    try makes it fail, ``back`` that a broken host is met again right after, and ``after`` that the host makes the try
    fail that follows a failure on the worst host."""

    share: dict[str, float]
    anywhere: float
    back: float
    after: float


class JobOdds(msgspec.Struct, frozen=True):
    """Of one job: the probability that its present (or next) try fails, and that it fails for good."""

    try_fails: float
    job_fails: float


def hosts_of(evidence: Evidence, running: Sequence[Running], explanation: Explanation, lessons: Lessons) -> Hosts:
    """Which hosts the tries to come will meet, judged by the last starts."""
    starts = sorted([*evidence.starts, *((r.start_ts, r.host) for r in running if r.host is not None)])
    last = Counter(host for _, host in starts[-RECENT_STARTS:])
    total = sum(last.values())
    share = {host: n / total for host, n in last.items()}
    known = sum(part * explanation.host_effect(host) for host, part in share.items())
    # hosts that were not met yet may be broken too
    anywhere = known + lessons.broken_rate("host") * _HOST_STRENGTH / (1.0 + total / 10.0)
    worst = max(explanation.hosts, key=lambda h: (explanation.host_effect(h), h), default=None)
    back = _back(evidence, explanation, lessons, share.get(worst, 0.0) if worst else _UNKNOWN_SHARE)
    return Hosts(share, anywhere, back, _next_to(worst, share, anywhere, back, explanation))


def _next_to(
    host: str | None, share: dict[str, float], anywhere: float, back: float, explanation: Explanation
) -> float:
    """The probability that the host makes a try fail that follows a failure on ``host``."""
    effect = explanation.host_effect(host)
    elsewhere = max(anywhere - share.get(host or "", 0.0) * effect, 0.0)
    return back * effect + (1.0 - back) * elsewhere


def _back(evidence: Evidence, explanation: Explanation, lessons: Lessons, share: float) -> float:
    """How often what failed on a broken host is tried there again: as in this run, and as is usual for its share."""
    usual = min(lessons.return_factor() * share, 0.95)
    again = [f for f in evidence.failures if f.again_on is not None and explanation.host_effect(f.host) > 0.1]
    back = sum(f.again_on == f.host for f in again)
    return (back + usual * _RETURN_WORTH) / (len(again) + _RETURN_WORTH)


class _Kind(msgspec.Struct):
    """What is ahead of a kind: fresh jobs as (tries, count, host effect of the first try), and jobs with a story as
    (job, host effect of the next try)."""

    fresh: list[tuple[int, int, float]]
    open_jobs: list[tuple[OpenJob, float]]


def survival(ahead: Ahead, explanation: Explanation, lessons: Lessons, hosts: Hosts) -> float:
    """The probability that no job fails for good."""
    kinds = _by_kind(ahead, explanation, hosts)
    job_broken = lessons.broken_rate("job")
    total = 0.0
    for multiplier, weight in zip(MULTIPLIERS, explanation.multipliers, strict=True):
        survives = weight
        for name, kind in kinds.items():
            rates = _rates(name, multiplier, explanation, lessons)
            by_chance = sum(_kind_survives(kind, r, job_broken, explanation, hosts) for r in rates) / len(rates)
            broken, strength = _kind_broken(name, explanation, lessons)
            if_broken = _kind_survives(kind, strength, 0.0, explanation, None)
            survives *= (1.0 - broken) * by_chance + broken * if_broken
        total += survives
    return min(max(total, 0.0), 1.0)


def odds_of(job: OpenJob, explanation: Explanation, lessons: Lessons, hosts: Hosts) -> JobOdds:
    """The odds of one job, with what is known of its kind, its hosts and its own tries."""
    effect = _next_effect(job, explanation, hosts)
    broken, strength = _kind_broken(job.kind, explanation, lessons)
    chance = explanation.chance.get(job.kind, lessons.rate(job.kind))
    own = explanation.jobs.get(job.job, lessons.broken_rate("job"))
    chain = _all_fail(chance, effect, job.left, hosts, job.below)
    first = _all_fail(chance, effect, 1, hosts, job.below)
    return JobOdds(
        own + (1.0 - own) * (broken * max(strength, first) + (1.0 - broken) * first),
        own + (1.0 - own) * (broken * max(strength**job.left, chain) + (1.0 - broken) * chain),
    )


def _by_kind(ahead: Ahead, explanation: Explanation, hosts: Hosts) -> dict[str, _Kind]:
    kinds: dict[str, _Kind] = {}
    here = _running_on_suspects(ahead, explanation)
    for group in ahead.groups:
        kind = kinds.setdefault(group.kind, _Kind([], []))
        kind.fresh += _split(group, here.pop(group.kind, []), hosts)
    for job in ahead.open_jobs:
        kind = kinds.setdefault(job.kind, _Kind([], []))
        kind.open_jobs.append((job, _next_effect(job, explanation, hosts)))
    return kinds


def _running_on_suspects(ahead: Ahead, explanation: Explanation) -> dict[str, list[float]]:
    """Host effects of the first tries that run, by kind."""
    told = {job.job for job in ahead.open_jobs}
    found: dict[str, list[float]] = {}
    for r in ahead.running:
        if r.job not in told and r.host is not None:
            found.setdefault(r.kind, []).append(explanation.host_effect(r.host))
    return found


def _split(group: Group, running: list[float], hosts: Hosts) -> list[tuple[int, int, float]]:
    """A group by the host effect of the first try: what runs has its host, the others may meet any."""
    effects = Counter(round(e, 3) for e in running[: group.count])
    parts = [(group.tries, n, effect) for effect, n in sorted(effects.items())]
    left = group.count - sum(effects.values())
    return [*parts, (group.tries, left, hosts.anywhere)] if left else parts


def _next_effect(job: OpenJob, explanation: Explanation, hosts: Hosts) -> float:
    """The probability that the host of its present or next try makes it fail."""
    if job.host is not None:
        return explanation.host_effect(job.host)
    if job.last_host is not None:
        return _next_to(job.last_host, hosts.share, hosts.anywhere, hosts.back, explanation)
    return hosts.anywhere


def _rates(kind: str, multiplier: float, explanation: Explanation, lessons: Lessons) -> list[float]:
    """Sixths of the distribution of a kind's rate of chance (a log-normal with the moments of the Beta posterior)."""
    mean = min(lessons.rate(kind) * multiplier, MOST_CHANCE)
    n, failed = explanation.by_chance.get(kind, (0.0, 0.0))
    a, b = mean * CONCENTRATION + failed, (1.0 - mean) * CONCENTRATION + n - failed
    mean = a / (a + b)
    variance = log(1.0 + (1.0 - mean) / (mean * (a + b + 1.0)))
    middle, spread = log(mean) - variance / 2.0, sqrt(variance)
    return [min(exp(middle + spread * z), 0.98) for z in _SIXTHS]


def _kind_broken(kind: str, explanation: Explanation, lessons: Lessons) -> tuple[float, float]:
    """The probability that a kind is broken, and what share of its tries then fails."""
    suspect = explanation.kinds.get(kind)
    if suspect is not None:
        return suspect.probability, suspect.strength
    well, _ = explanation.by_chance.get(kind, (0.0, 0.0))
    return lessons.broken_rate("kind") * _SUCCESS_SPEAKS ** min(well, 4.0), _NO_STORY_STRENGTH


def _kind_survives(kind: _Kind, rate: float, job_broken: float, explanation: Explanation, hosts: Hosts | None) -> float:
    """The probability that all jobs of a kind end well at this rate; without ``hosts`` the rate is all there is."""
    survives = 1.0
    for tries, count, effect in kind.fresh:
        fails = job_broken + (1.0 - job_broken) * _all_fail(rate, effect, tries, hosts, None)
        survives *= (1.0 - fails) ** count
    for job, effect in kind.open_jobs:
        own = explanation.jobs.get(job.job, job_broken) if hosts is not None else 0.0
        survives *= 1.0 - (own + (1.0 - own) * _all_fail(rate, effect, job.left, hosts, job.below))
    return survives


def _all_fail(rate: float, effect: float, tries: int, hosts: Hosts | None, below: float | None) -> float:
    """The probability that so many tries in a row fail, the first on a host of this effect. ``below`` is that of a
    sub-workflow, which a new try takes up where it failed."""
    if below is not None:
        return float(below**tries)
    if hosts is None:
        return float(rate**tries)
    all_fail = 1.0
    for _ in range(tries):
        fails = 1.0 - (1.0 - rate) * (1.0 - effect)
        all_fail *= fails
        of_host = effect / fails if fails > 0.0 else 0.0
        effect = of_host * hosts.after + (1.0 - of_host) * hosts.anywhere
    return all_fail
