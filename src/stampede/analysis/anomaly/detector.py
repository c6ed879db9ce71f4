"""The detector: one ended try after the other in, a judgement of each out, at once and for good.

It is never told what is a fault. It compares with the past of the same node or transformation (``history``), pools what
it finds by host and sets hosts against their neighbours (``hosts``), and follows failure rates (``failures``). Time is
that of the tries. Memory is bounded by nodes, transformations and hosts, each up to a limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import exp
from typing import Final

import msgspec

from stampede.analysis.anomaly import words
from stampede.analysis.anomaly.failures import FailureRates, Jump
from stampede.analysis.anomaly.finding import Anomaly
from stampede.analysis.anomaly.history import FARTHEST, Expected, History
from stampede.analysis.anomaly.hosts import HostPool, RunPools, evidence
from stampede.analysis.anomaly.observation import CPU, DURATION, EFFORT, STAGING, WAITING, Observation, measures

#: mean number of spreads from which on a host is suspect, and the jobs that must show it before it is told
SUSPECT: Final = 2.0
_JOBS: Final = 3
#: a job counts as slow for its host beyond so many spreads
_SLOW: Final = 2.0
#: a job is told by itself beyond so many spreads, if it took so many times what was expected and so many seconds more
_ALONE: Final = 6.0
_TIMES: Final = 2.0
_SECONDS: Final = 20.0
#: an auxiliary job ranks below every job that computes
_BELOW: Final = -5.0


class Judgement(msgspec.Struct, frozen=True, gc=False):
    """What is thought of one ended try.

    ``score`` ranks all tries by how strange they are, ``slow`` by how much longer than usual jobs took on that host in
    this run (mean spreads). ``alarm`` says that it is worth a word: the host is suspect, or the job alone is far off.
    ``z`` is how many spreads its own duration lies from what was usual (positive: longer).
    """

    score: float
    slow: float
    alarm: bool
    z: float


_NOTHING = Judgement(_BELOW, 0.0, False, 0.0)


class Detector:
    """Judges the tries of one workflow label, run after run, in the order in which they ended.

    ``judge`` answers with a judgement; what is worth telling is in ``found`` until the next call.
    """

    def __init__(self) -> None:
        self.found: list[Anomaly] = []
        self._history = History()
        self._failures = FailureRates()
        self._run = ""
        self._pools = RunPools()

    def judge(self, o: Observation) -> Judgement:
        """What is thought of a try, with all that ended before it and nothing that ended after it."""
        if self.found:
            self.found = []
        if o.run != self._run:
            self._begin(o.run)
        self._follow_failures(o)
        if o.failed:  # how long it took says nothing of how long it takes
            return _NOTHING
        values = measures(o)
        usual = self.expected(o.transformation, o.job)  # before it has learnt from this very try
        z = self._history.judge(o.transformation, o.job, values)
        if self._history.shifted:
            self.found += self._shifts(o)
        own = z[DURATION]
        alone = _is_alone(o, own, usual)
        if o.auxiliary or not o.host:
            if alone and usual is not None:
                self.found.append(_job(o, own, usual, None))
            return Judgement(_BELOW + 0.1 * own, 0.0, alone, own)
        if values[CPU] is None:  # then all that is known is how long it took
            z[WAITING] = z[EFFORT] = own
        if values[STAGING] is None:
            z[STAGING] = own
        pool = self._pools.add(o.host, z, own > _SLOW)
        score, slow = evidence(pool)
        suspect = slow >= SUSPECT
        if alone and usual is not None:
            self.found.append(_job(o, own, usual, pool))
        if suspect and pool.jobs >= max(_JOBS, 2 * pool.told):
            pool.told = pool.jobs
            self.found.append(_host(o, pool, slow, own, usual))
        return Judgement(score, slow, suspect or alone, own)

    def expected(self, transformation: str, job: str) -> Expected | None:
        """How long a job is expected to take (logarithm of seconds); None when too little is known."""
        return self._history.expected(transformation, job, DURATION)

    def _begin(self, run: str) -> None:
        self._run = run
        self._pools = RunPools()
        self._failures.begin_run()

    def _shifts(self, o: Observation) -> Iterator[Anomaly]:
        for quantity, before in self._history.shifted:
            if quantity == DURATION and o.duration_s is not None:
                yield _baseline(o, before)

    def _follow_failures(self, o: Observation) -> None:
        for what, name in (("transformation", o.transformation), ("host", o.host)):
            if name:
                jump = self._failures.learn(f"{what} {name}", o.failed, o.ended_ts)
                if jump is not None:
                    self.found.append(_failure_rate(o, what, name, jump))


def _is_alone(o: Observation, z: float, usual: Expected | None) -> bool:
    if usual is None or o.duration_s is None or (-_ALONE < z < _ALONE):
        return False
    middle = exp(usual.centre)
    longer, shorter = max(o.duration_s, middle), min(o.duration_s, middle)
    return longer >= _TIMES * max(shorter, 1.0) and longer - shorter >= _SECONDS


def _job(o: Observation, z: float, usual: Expected, pool: HostPool | None) -> Anomaly:
    middle, low, high = words.bounds(usual)
    assert o.duration_s is not None
    reason = f"{words.expectation(usual)}, took {words.seconds(o.duration_s)}"
    if pool is not None and pool.slow > 1:
        reason += f"; {words.some_of(pool.slow, pool.jobs, o.host)}"
    reason += f"; {words.source(usual, o.transformation)}"
    return Anomaly(
        kind="job", subject=f"{o.job} {o.attempt}", ts=o.ended_ts, reason=reason, job=o.job, attempt=o.attempt,
        host=o.host or None, transformation=o.transformation, observed=o.duration_s, expected=middle, low=low,
        high=high, score=abs(z), jobs=None if pool is None else pool.slow, of_jobs=None if pool is None else pool.jobs,
    )  # fmt: skip


def _host(o: Observation, pool: HostPool, slow: float, z: float, usual: Expected | None) -> Anomaly:
    reason = f"{words.some_of(pool.slow, pool.jobs, o.host)}, by {slow:.1f} spreads on average"
    shared = pool.neighbours.jobs - pool.jobs
    if shared:
        others = f"of {shared:,} jobs on its neighbours {pool.neighbours.slow - pool.slow:,} were"
        reason += f"; {others}"
    if usual is not None and o.duration_s is not None and z >= _SLOW:
        reason += f"; the last, {o.job}: {words.expectation(usual)}, took {words.seconds(o.duration_s)}"
    return Anomaly(
        kind="host", subject=o.host, ts=o.ended_ts, reason=reason, host=o.host, unit="spreads", observed=slow,
        expected=0.0, high=SUSPECT, jobs=pool.slow, of_jobs=pool.jobs, score=slow,
    )  # fmt: skip


def _baseline(o: Observation, before: Expected) -> Anomaly:
    middle, low, high = words.bounds(before)
    assert o.duration_s is not None
    reason = (
        f"most jobs of {o.transformation} no longer take what they did: {words.expectation(before)}, "
        f"took {words.seconds(o.duration_s)} now; the expectation is learnt anew"
    )
    return Anomaly(
        kind="baseline", subject=o.transformation, ts=o.ended_ts, reason=reason, transformation=o.transformation,
        observed=o.duration_s, expected=middle, low=low, high=high,
    )  # fmt: skip


def _failure_rate(o: Observation, what: str, name: str, jump: Jump) -> Anomaly:
    share = jump.failed / jump.tries
    where = f"jobs of {name}" if what == "transformation" else f"jobs on {name}"
    reason = f"{jump.failed:,} of the last {jump.tries:,} {where} failed; expected {100 * jump.usual:.0f} %"
    return Anomaly(
        kind="failure_rate", subject=f"{what} {name}", ts=o.ended_ts, reason=reason,
        host=name if what == "host" else None, transformation=name if what == "transformation" else None,
        unit="share", observed=share, expected=jump.usual, jobs=jump.failed, of_jobs=jump.tries, score=jump.score,
    )  # fmt: skip


__all__ = ["FARTHEST", "SUSPECT", "Detector", "Judgement"]
