"""Where the failures of a run come from: chance, or a kind, a host, a site, a job or an hour in which things break.

A try fails when any of what it meets makes it fail: the chance of its kind, its host, its site, the job's own data,
the time. Each thing that saw a failure is either in order or broken; broken, it makes a share of its tries fail that is
one of ``STRENGTHS``. Its Bayes factor compares the two, the other things being what they are thought to be at the
moment; with how often such things are broken (:class:`Lessons`) that gives the probability that it is. Some rounds of
this settle what explains what. Whether a bad hour or broken things come first makes a difference, so both orders are
tried and the one stands that explains the run better. Costs a few hundred operations a failure, whatever the number of
successes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import exp, lgamma, log

import msgspec

from stampede.analysis.forecast.evidence import Evidence, Failure
from stampede.analysis.forecast.lessons import CONCENTRATION, MULTIPLIERS, Lessons

#: shares of its tries that a broken host or site makes fail
STRENGTHS = (0.35, 0.6, 0.85, 0.97)
#: the same for a broken kind, and for a bad hour
KIND_STRENGTHS = (0.6, 0.95)
TIME_STRENGTH = 0.6
#: a job whose own data is broken fails (nearly) always
JOB_STRENGTH = 0.99
ROUNDS = 3
#: from this probability on a suspect is named
NAMED_FROM = 0.5
#: the rate of chance is not thought to be higher, so that there is something to explain
MOST_CHANCE = 0.7
_LEAST, _MOST = 1e-4, 1 - 1e-4


class Suspect(msgspec.Struct, frozen=True, kw_only=True):
    """A thing under suspicion: ``what`` is kind, host, site, job or time.

    ``failed`` of ``tries`` tries that met it failed. ``log_bayes`` is the natural logarithm of the Bayes factor of
    "broken" against "in order", ``probability`` that it is broken, ``strength`` the share of tries that it makes fail.
    """

    what: str
    name: str
    failed: int
    tries: int
    log_bayes: float
    probability: float
    strength: float

    @property
    def effect(self) -> float:
        """The probability that it makes a try fail."""
        return self.probability * self.strength

    @property
    def convincing(self) -> bool:
        """Whether it should be named, and avoided: more probably broken than not, by more than a single failure."""
        return self.probability >= NAMED_FROM and self.failed >= 2


class BadHour(msgspec.Struct, frozen=True):
    """A stretch of the run in which more fails: from failure number ``first`` to ``last``; ``log_bayes`` and
    ``probability`` as of a suspect."""

    first: int
    last: int
    successes: int
    log_bayes: float
    probability: float


class Unfinished(msgspec.Struct, frozen=True):
    """A running try that did not fail so far: ``share`` of a success."""

    kind: str
    host: str | None
    share: float


class Explanation(msgspec.Struct, kw_only=True):
    """What is behind the failures of a run. ``chance`` is the rate of each kind in this run, ``by_chance`` how many of
    its tries and failures are put down to chance, ``multipliers`` the weights of ``MULTIPLIERS``."""

    kinds: dict[str, Suspect] = {}
    hosts: dict[str, Suspect] = {}
    sites: dict[str, Suspect] = {}
    site_of: dict[str, str] = {}
    jobs: dict[str, float] = {}
    hour: BadHour | None = None
    chance: dict[str, float] = {}
    by_chance: dict[str, tuple[float, float]] = {}
    multipliers: list[float]
    score: float = 0.0

    def host_effect(self, host: str | None) -> float:
        """The probability that a host, or the site that it belongs to, makes a try fail."""
        if host is None:
            return 0.0
        suspect, site = self.hosts.get(host), self.sites.get(self.site_of.get(host, ""))
        kept = 1.0 - suspect.effect if suspect is not None else 1.0
        return 1.0 - (kept * (1.0 - site.effect) if site is not None else kept)


def explain(evidence: Evidence, lessons: Lessons, unfinished: Sequence[Unfinished] = ()) -> Explanation:
    """What is behind the failures; ``unfinished`` are the tries that run."""
    broken_first = _Inquiry(evidence, lessons, unfinished).settled(hour_first=False)
    if len(evidence.failures) < 3:
        return broken_first
    hour_first = _Inquiry(evidence, lessons, unfinished).settled(hour_first=True)
    return hour_first if hour_first.score > broken_first.score else broken_first


class _Inquiry:
    """The state of the rounds: for each failure, what each thing that it met contributes."""

    def __init__(self, evidence: Evidence, lessons: Lessons, unfinished: Sequence[Unfinished]) -> None:
        self.evidence, self.lessons, self.unfinished = evidence, lessons, unfinished
        self.shares: dict[str, dict[str, list[float]]] = {"host": {}, "kind": {}}
        for u in unfinished:
            self.shares["kind"].setdefault(u.kind, []).append(u.share)
            if u.host is not None:
                self.shares["host"].setdefault(u.host, []).append(u.share)
        self.failures = evidence.failures
        kinds = {*evidence.by_kind, *(f.kind for f in self.failures), *(u.kind for u in unfinished)}
        self.usual = {kind: lessons.rate(kind) for kind in sorted(kinds)}
        self.chance = dict(self.usual)
        self.of_kind = _numbers(self.failures, "kind")
        self.of_host = _numbers(self.failures, "host")
        self.of_site = self._telling_sites()
        self.of_job = {job: found for job, found in _numbers(self.failures, "job").items() if job in evidence.unsolved}
        self.kinds: dict[str, Suspect] = {}
        self.hosts: dict[str, Suspect] = {}
        self.sites: dict[str, Suspect] = {}
        self.jobs: dict[str, float] = {}
        self.hour: BadHour | None = None
        self.by_chance: dict[str, tuple[float, float]] = {}
        self.multipliers = _normalised(lessons.multipliers)
        # of each failure: the probability that chance, kind, host, site, job, time made it happen
        self.met = [[self.chance[f.kind], 0.0, 0.0, 0.0, 0.0, 0.0] for f in self.failures]
        # of each failure: the probability that none of it did
        self.spared = [1.0 - met[0] for met in self.met]

    def _telling_sites(self) -> dict[str, list[int]]:
        """Failures of sites that are more than one host, where there is more than one site."""
        found = _numbers(self.failures, "site")
        if len({*found, *self.evidence.by_site}) < 2:
            return {}
        return {site: of for site, of in found.items() if len({self.failures[i].host for i in of}) > 1}

    def settled(self, *, hour_first: bool) -> Explanation:
        """The explanation after some rounds."""
        for number in range(ROUNDS):
            if hour_first or number:
                self._judge_hour()
            self._judge_places(self.of_site, 3, "site", self.evidence.by_site, self.sites)
            self._judge_places(self.of_host, 2, "host", self.evidence.by_host, self.hosts)
            self._judge_kinds()
            self._judge_jobs()
            self._leave_to_chance()
        return Explanation(
            kinds=self.kinds, hosts=self.hosts, sites=self.sites, site_of=self.evidence.site_of,
            jobs=self.jobs, hour=self.hour, chance=self.chance,
            by_chance=self.by_chance, multipliers=self.multipliers, score=self._score(),
        )  # fmt: skip

    def _others(self, number: int, leave: int) -> float:
        """The probability that a failure happened without the thing in column ``leave``."""
        others = 1.0 - self.spared[number] / (1.0 - self.met[number][leave])
        return _LEAST if others < _LEAST else _MOST if others > _MOST else others

    def _put(self, number: int, column: int, probability: float) -> None:
        """Set what a thing contributes to a failure."""
        met = self.met[number]
        self.spared[number] *= (1.0 - probability) / (1.0 - met[column])
        met[column] = probability

    def _compare(
        self, failures: list[int], column: int, successes: int, strengths: Sequence[float], shares: Sequence[float]
    ) -> tuple[float, float]:
        """Log Bayes factor of "broken", and the expected strength if it is."""
        others = Counter(self._others(i, column) for i in failures)  # many are alike
        logs = []
        for s in strengths:
            told = successes * log(1.0 - s) + sum(log(1.0 - s * share) for share in shares)
            told += sum(n * log((1.0 - (1.0 - q) * (1.0 - s)) / q) for q, n in others.items())
            logs.append(told)
        top = max(logs)
        weights = [exp(x - top) for x in logs]
        strength = sum(s * w for s, w in zip(strengths, weights, strict=True)) / sum(weights)
        return top + log(sum(weights) / len(weights)), strength

    def _judge_places(
        self, places: dict[str, list[int]], column: int, what: str, successes: dict[str, int], into: dict[str, Suspect]
    ) -> None:
        for name, failures in places.items():
            n = successes.get(name, 0)
            shares = self.shares["host"].get(name, []) if what == "host" else []
            bayes, strength = self._compare(failures, column, n, STRENGTHS, shares)
            into[name] = self._suspect(what, name, failures, n, bayes, strength)
            for i in failures:
                self._put(i, column, into[name].effect)

    def _judge_kinds(self) -> None:
        for kind, failures in self.of_kind.items():
            n = self.evidence.by_kind.get(kind, 0)
            shares = self.shares["kind"].get(kind, [])
            bayes, strength = self._compare(failures, 1, n, KIND_STRENGTHS, shares)
            self.kinds[kind] = self._suspect("kind", kind, failures, n, bayes, strength)
            for i in failures:
                self._put(i, 1, self.kinds[kind].effect)

    def _suspect(
        self, what: str, name: str, failures: list[int], successes: int, bayes: float, strength: float
    ) -> Suspect:
        probability = _posterior(self.lessons.broken_rate(what), bayes)
        return Suspect(
            what=what, name=name, failed=len(failures), tries=successes + len(failures), log_bayes=bayes,
            probability=probability, strength=strength,
        )  # fmt: skip

    def _judge_jobs(self) -> None:
        prior = self.lessons.broken_rate("job")
        for job, failures in self.of_job.items():
            bayes = -sum(log(self._others(i, 4)) for i in failures)
            self.jobs[job] = JOB_STRENGTH * _posterior(prior, bayes)
            for i in failures:
                self._put(i, 4, self.jobs[job])

    def _judge_hour(self) -> None:
        """The stretch that speaks most for a bad hour: the largest sum of what its tries say (Kadane's scan)."""
        best, first, last = 0.0, 0, -1
        current, begin, seen = 0.0, 0, 0
        for i, failure in enumerate(self.failures):
            current += (failure.after - seen) * log(1.0 - TIME_STRENGTH)
            seen = failure.after
            if current <= 0.0:
                current, begin = 0.0, i
            q = self._others(i, 5)
            current += log((1.0 - (1.0 - q) * (1.0 - TIME_STRENGTH)) / q)
            if current > best:
                best, first, last = current, begin, i
        for i in range(len(self.failures)):
            self._put(i, 5, 0.0)
        self.hour = None
        if last >= first:
            # the stretch was looked for: its ends could have been anywhere
            bayes = best - self._searched()
            probability = _posterior(self.lessons.broken_rate("time"), bayes)
            successes = self.failures[last].after - self.failures[first].after
            self.hour = BadHour(first, last, successes, bayes, probability)
            for i in range(first, last + 1):
                self._put(i, 5, TIME_STRENGTH * probability)

    def _searched(self) -> float:
        return 2.0 * log(self.evidence.tries + 1) - 1.0

    def _leave_to_chance(self) -> None:
        """The rates of chance from what nothing else explains, and how much more than usual this run fails."""
        left = dict.fromkeys(self.usual, 0.0)
        for failure, met in zip(self.failures, self.met, strict=True):
            left[failure.kind] += met[0] / sum(met)
        tries = {kind: failed + self.evidence.by_kind.get(kind, 0) for kind, failed in left.items()}
        for u in self.unfinished:
            tries[u.kind] += u.share
        self.by_chance = {kind: (tries[kind], left[kind]) for kind in left}
        logs = []
        for multiplier, weight in zip(MULTIPLIERS, _normalised(self.lessons.multipliers), strict=True):
            logs.append(log(weight) + sum(
                _log_beta_binomial(n, failed, min(self.usual[kind] * multiplier, MOST_CHANCE))
                for kind, (n, failed) in self.by_chance.items()
            ))  # fmt: skip
        top = max(logs)
        self.multipliers = _normalised([exp(x - top) for x in logs])
        for kind, (n, failed) in self.by_chance.items():
            self.chance[kind] = sum(
                weight * (min(self.usual[kind] * multiplier, MOST_CHANCE) * CONCENTRATION + failed)
                for multiplier, weight in zip(MULTIPLIERS, self.multipliers, strict=True)
            ) / (CONCENTRATION + n)  # fmt: skip
        for i, failure in enumerate(self.failures):
            self._put(i, 0, self.chance[failure.kind])

    def _score(self) -> float:
        """How well all of it explains the run: its log likelihood and what the broken things cost."""
        e, of = self.evidence, self.lessons.broken_rate
        score = sum(log(min(max(1.0 - spared, _LEAST), _MOST)) for spared in self.spared)
        score += sum(n * log(1.0 - self.chance[kind]) for kind, n in e.by_kind.items())
        for what, suspects in (("kind", self.kinds), ("host", self.hosts), ("site", self.sites)):
            for suspect in suspects.values():
                score += (suspect.tries - suspect.failed) * log(1.0 - suspect.effect)
                score += suspect.probability * _logit(of(what))
        score += sum(probability * _logit(of("job")) for probability in self.jobs.values())
        if self.hour is not None:
            effect = TIME_STRENGTH * self.hour.probability
            score += self.hour.successes * log(1.0 - effect)
            score += self.hour.probability * (_logit(of("time")) - self._searched())
        return score


def _numbers(failures: list[Failure], field: str) -> dict[str, list[int]]:
    """Which failures met each kind, host, site or job."""
    found: dict[str, list[int]] = {}
    for i, failure in enumerate(failures):
        name = getattr(failure, field)
        if name is not None:
            found.setdefault(name, []).append(i)
    return found


def _posterior(prior: float, log_bayes: float) -> float:
    return 1.0 / (1.0 + exp(-min(max(_logit(prior) + log_bayes, -50.0), 50.0)))


def _logit(probability: float) -> float:
    return log(probability / (1.0 - probability))


def _normalised(weights: list[float]) -> list[float]:
    total = sum(weights)
    return [w / total for w in weights]


def _log_beta_binomial(n: float, failed: float, mean: float) -> float:
    """Log of the probability of the failures (without the binomial coefficient) under a Beta of this mean."""
    a, b = mean * CONCENTRATION, (1.0 - mean) * CONCENTRATION
    return _log_beta(a + failed, b + n - failed) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
