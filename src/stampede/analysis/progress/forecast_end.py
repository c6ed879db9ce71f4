"""When a workflow ends: many plays of what is left, each under another possible truth, and the spread of their ends."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Final

import msgspec

from stampede.analysis.progress.bound import bound, shape
from stampede.analysis.progress.delays import Delays, delays
from stampede.analysis.progress.durations import Kind, Observed, kinds
from stampede.analysis.progress.simulation import Terms, play
from stampede.analysis.progress.slots import Slots, slots
from stampede.query.remaining import Past, Remaining

#: node events of all plays together: what keeps an answer below 50 ms
PLAYED: Final = 6_000
FEWEST_PLAYS: Final = 6
MOST_PLAYS: Final = 120
BOUNDS: Final = 80
#: what no play knows: spread of the logarithm common to all durations from now on, of the whole forecast (played, or
#: bounded), and seconds by which any forecast is off (logs have whole seconds, DAGMan looks every few seconds)
PACE: Final = 0.06
MODEL: Final = 0.05
COARSE_MODEL: Final = 0.2
ABSOLUTE_S: Final = 2.5
#: by how much the intervals of all that together held too many ends (bench/eta, generated runs of other seeds)
CALIBRATED: Final = 0.88
#: chance that a try fails before any was seen, and how many tries that is worth; of jobs in the pool and beside it
FAILING: Final = {True: (0.02, 15.0), False: (0.003, 40.0)}
#: quantiles of the standard normal distribution
_Z = 1.2815515655446004


class End(msgspec.Struct, kw_only=True):
    """Seconds from now until the end: a median, and an interval that holds it with ``confidence``; with what the plays
    tell besides: the share of the time in which jobs wait for slots, the last chain of nodes of a typical play."""

    median_s: float
    low_s: float
    high_s: float
    waiting_share: float
    chain: list[str]
    slots: Slots
    submit_s: float
    durations: dict[str, Kind]


def end_of(rest: Remaining, now: float, earlier: Sequence[Sequence[Past]] = (), *, widen: float = 1.0) -> End:
    """Forecast the end from what is left; ``earlier`` are the tries of past runs, ``widen`` stretches the interval."""
    durations = kinds(observed(rest, now, earlier))
    failing = _Failing(rest, earlier)
    flow = slots(rest.past, rest.left, now, earlier)
    waits = delays(rest.past, earlier)
    rng = random.Random(f"{now:.0f} {rest.nodes_left}")
    if rest.whole:
        count = max(FEWEST_PLAYS, min(MOST_PLAYS, PLAYED // max(1, rest.nodes_left)))
        plays = [play(rest.left, _terms(durations, failing, flow, waits, rng), now, rng) for _ in range(count)]
        ends = [p.lasted_s for p in plays]
        typical = sorted(plays, key=lambda p: p.lasted_s)[len(plays) // 2]
        chain = [rest.left[at].name for at in typical.chain]
        share = sum(p.waited_s for p in plays) / max(1e-9, sum(ends))
    else:
        put_together = shape(rest, now)
        bounds = [bound(put_together, _terms(durations, failing, flow, waits, rng), rng) for _ in range(BOUNDS)]
        ends, chain = [b[0] for b in bounds], []
        share = min(1.0, sum(b[1] for b in bounds) / max(1e-9, sum(ends)))
    low, median, high = interval(ends, MODEL if rest.whole else COARSE_MODEL, widen)
    return End(
        median_s=median, low_s=low, high_s=high, waiting_share=min(1.0, share), chain=chain, slots=flow,
        submit_s=waits.submit.mean_s, durations=durations,
    )  # fmt: skip


def interval(ends: Sequence[float], model: float, widen: float) -> tuple[float, float, float]:
    """The 10 %, 50 % and 90 % quantiles of the end, in seconds from now: those of the plays, with what no play knows
    added (variances add up on the logarithm)."""
    logs = sorted(math.log(max(e, 0.5)) for e in ends)
    n = len(logs)
    median = 0.5 * (logs[(n - 1) // 2] + logs[n // 2])
    if n >= 40:
        below, above = median - _quantile(logs, 0.1), _quantile(logs, 0.9) - median
    else:
        mean = sum(logs) / n
        sd = math.sqrt(sum((x - mean) ** 2 for x in logs) / max(1, n - 1)) * (1 + 1.5 / n)
        median, below, above = mean, _Z * sd, _Z * sd
    centre = math.exp(median)
    extra2 = (_Z * model) ** 2 + (_Z * ABSOLUTE_S / max(centre, ABSOLUTE_S)) ** 2
    widen *= CALIBRATED
    low = centre * math.exp(-widen * math.sqrt(below**2 + extra2))
    high = centre * math.exp(widen * math.sqrt(above**2 + extra2))
    return low, centre, high


def _quantile(values: Sequence[float], q: float) -> float:
    at = q * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (at - low) * (values[high] - values[low])


def observed(rest: Remaining, now: float, earlier: Sequence[Sequence[Past]]) -> dict[str, Observed]:
    """Durations by kind: of this run, of what still runs, of earlier runs; and every kind that is left."""
    found: dict[str, Observed] = {}

    def of(kind: str, pooled: bool) -> Observed:
        if kind not in found:
            found[kind] = Observed(pooled, [], [], [])
        return found[kind]

    for kind, pooled in rest.pooled.items():
        of(kind, pooled)
    for p in rest.past:
        took = _took(p)
        if took is not None:
            of(p.kind, p.pooled).ended.append(took)
    for n in rest.left:
        o = of(n.kind, n.pooled)
        if n.phase == "running" and n.execute_ts is not None and not n.inside:
            o.running.append(max(0.0, now - n.execute_ts))
    for run in earlier:
        took_then: dict[str, list[float]] = {}
        for p in run:
            took = _took(p)
            if took is not None and p.kind in found:
                took_then.setdefault(p.kind, []).append(took)
        for kind, values in took_then.items():
            found[kind].earlier.append(values)
    return found


def _took(p: Past) -> float | None:
    if p.failed or p.execute_ts is None or p.end_ts is None:
        return None
    return max(0.0, p.end_ts - p.execute_ts)


class _Failing:
    """The chance that a try of a kind fails: few are known by themselves, so each leans on all."""

    def __init__(self, rest: Remaining, earlier: Sequence[Sequence[Past]]) -> None:
        self.kinds = {n.kind: n.pooled for n in rest.left} | rest.pooled
        self._own: dict[str, list[int]] = {}
        every = {True: [0, 0], False: [0, 0]}
        for p in (*rest.past, *(p for run in earlier for p in run)):
            counts = self._own.setdefault(p.kind, [0, 0])
            for c in (counts, every[p.pooled]):
                c[0] += p.failed
                c[1] += 1
        self._every = {}
        for pooled, (failed, tried) in every.items():
            chance, worth = FAILING[pooled]
            self._every[pooled] = (failed + chance * worth) / (tried + worth)

    def draw(self, rng: random.Random) -> dict[str, float]:
        """A possible chance for each kind."""
        drawn = {}
        for kind, pooled in self.kinds.items():
            failed, tried = self._own.get(kind, (0, 0))
            worth = FAILING[pooled][1]
            a = failed + self._every[pooled] * worth
            drawn[kind] = rng.betavariate(max(a, 1e-3), max(tried + worth - a, 1e-3))
        return drawn


def _terms(durations: dict[str, Kind], failing: _Failing, flow: Slots, waits: Delays, rng: random.Random) -> Terms:
    common = rng.gauss(0.0, 1.0)
    return Terms(
        slots=flow.draw(rng), submit=waits.submit.draw(rng), match=waits.match.draw(rng), start=waits.start.draw(rng),
        finish=waits.finish.draw(rng), stall=rng.random(), pace=math.exp(rng.gauss(0.0, PACE)),
        durations={name: (*kind.draw(rng, common), kind) for name, kind in durations.items()},
        failing=failing.draw(rng),
    )  # fmt: skip
