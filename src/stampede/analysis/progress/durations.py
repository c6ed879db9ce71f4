"""How long jobs take, and how sure that is: what this run and earlier ones say of each kind, with what still runs.

A duration is lognormal within a kind. The kinds' medians have a common distribution (partial pooling), so that a kind
of which nothing ran yet is expected to be like the others, only less surely so. What still runs counts as well: it has
taken *at least* so long; left out, the first to end would make their kind look quick.
"""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

import msgspec

#: what is believed of the median duration when nothing ran yet: seconds, and the spread of its logarithm; of jobs in
#: the pool, and of those that Pegasus runs beside it
UNSEEN: Final = {True: (5.0, 1.8), False: (3.0, 0.8)}
#: spread of the logarithm within a kind and between kinds when nothing is known, and how many observations (of jobs,
#: of kinds) that is worth
WITHIN: Final = 0.45
BETWEEN: Final = 0.7
WORTH: Final = 4.0
KINDS_WORTH: Final = 2.0
#: spread of the logarithm of a kind's median from one run of a workflow to the next, at least
RUN_TO_RUN: Final = 0.12
#: durations shorter than this are not told apart: logs have whole seconds
SHORTEST_S: Final = 0.3
#: from so many ended jobs of a kind on, its durations are drawn from them and not from a formula
PLENTY: Final = 20
#: kinds whose running jobs are counted in; running times of one kind are put together to so many
CAREFUL_KINDS: Final = 30
CENSORED: Final = 10

_STEPS = 41
_SPREADS = (0.6, 0.8, 1.0, 1.3, 1.7)


class Kind(msgspec.Struct):
    """What is known of the durations of a kind: the logarithm of its median as a table of values with their cumulated
    weights, the spread within the kind that goes with each, and the durations seen (few or none: the formula)."""

    medians: list[float]
    spreads: list[float]
    weights: list[float]
    seen: list[float]
    centre: float
    #: spread of what it shares with all kinds that nothing is known of
    shared: float
    #: the expected duration
    mean_s: float = 0.0

    def draw(self, rng: random.Random, common: float) -> tuple[float, float]:
        """One possible truth: logarithm of the median, and spread. ``common`` (a standard normal number) is drawn once
        for all kinds: what nobody knows of the workflow as a whole."""
        at = min(bisect(self.weights, rng.random() * self.weights[-1]), len(self.medians) - 1)
        return self.medians[at] + self.shared * common, self.spreads[at]

    def __post_init__(self) -> None:
        if len(self.seen) >= PLENTY:
            self.mean_s = sum(self.seen) / len(self.seen)
            return
        before, total = 0.0, 0.0
        for median, spread, upto in zip(self.medians, self.spreads, self.weights, strict=True):
            total += (upto - before) * math.exp(min(median + spread * spread / 2, 25.0))
            before = upto
        self.mean_s = total / self.weights[-1]


class Observed(msgspec.Struct):
    """Durations of one kind: of those that ended well, of those that still run, and of earlier runs, one list a run."""

    pooled: bool
    ended: list[float] = []
    running: list[float] = []
    earlier: list[list[float]] = []


class _Sums(msgspec.Struct):
    n: int
    mean: float
    squares: float

    @classmethod
    def of(cls, values: Sequence[float]) -> _Sums:
        logs = [math.log(max(v, SHORTEST_S)) for v in values]
        mean = sum(logs) / len(logs) if logs else 0.0
        return cls(len(logs), mean, sum((x - mean) ** 2 for x in logs))


def kinds(observed: dict[str, Observed]) -> dict[str, Kind]:
    """What each kind's durations are, with all that was seen of all of them."""
    sums = {name: _Sums.of(o.ended) for name, o in observed.items()}
    common = {pooled: _common(observed, sums, pooled) for pooled in (True, False)}
    shift = _shift(observed, sums)
    within = {p: _within(sums[k] for k, o in observed.items() if o.pooled == p) for p in (True, False)}
    by_need = sorted(observed, key=lambda k: len(observed[k].running), reverse=True)
    careful = {k for k in by_need[:CAREFUL_KINDS] if observed[k].running}
    found = {}
    for name, o in observed.items():
        median, unsure, between = common[o.pooled]
        own = sums[name]
        known = _from_earlier(o.earlier, shift)
        shared = 0.0 if known or own.n or (name in careful) else unsure
        prior = known or (median, between if shared else math.hypot(unsure, between), 0.0, 0)
        spread = _spread(own, prior[2:], within[o.pooled])
        running = thinned(o.running) if name in careful else []
        found[name] = _kind(own, prior[:2], spread, running, o.ended if own.n >= PLENTY else [], shared)
    return found


def _within(sums: Iterable[_Sums]) -> float:
    """The spread within kinds, from all kinds of which several ended."""
    n, squares = WORTH, WORTH * WITHIN * WITHIN
    for s in sums:
        if s.n > 1:
            n, squares = n + s.n - 1, squares + s.squares
    return math.sqrt(squares / n)


def _common(observed: dict[str, Observed], sums: dict[str, _Sums], pooled: bool) -> tuple[float, float, float]:
    """What a kind that was not seen yet is expected to be: mean of the logarithms of the medians of kinds, how unsure
    that is, and their spread."""
    unseen_s, unsure = UNSEEN[pooled]
    means = [sums[k].mean for k, o in observed.items() if o.pooled == pooled and sums[k].n]
    between2 = BETWEEN * BETWEEN
    weight, total = 1.0 / (unsure * unsure), math.log(unseen_s) / (unsure * unsure)
    for mean in means:
        weight, total = weight + 1 / between2, total + mean / between2
    centre = total / weight
    spread2 = (KINDS_WORTH * between2 + sum((m - centre) ** 2 for m in means)) / (KINDS_WORTH + len(means))
    return centre, math.sqrt(1 / weight), math.sqrt(spread2)


def _shift(observed: dict[str, Observed], sums: dict[str, _Sums]) -> tuple[float, float]:
    """How much slower (logarithm) this run is than earlier ones over all kinds, and how unsure that is."""
    weight, total = 1.0 / 0.15**2, 0.0
    for name, o in observed.items():
        earlier = [x for run in o.earlier for x in run]
        if sums[name].n and earlier:
            ours, theirs = sums[name], _Sums.of(earlier)
            variance = RUN_TO_RUN**2 + WITHIN**2 * (1 / ours.n + 1 / theirs.n)
            weight, total = weight + 1 / variance, total + (ours.mean - theirs.mean) / variance
    return total / weight, math.sqrt(1 / weight)


def _from_earlier(runs: list[list[float]], shift: tuple[float, float]) -> tuple[float, float, float, int] | None:
    """Median (logarithm) and how unsure it is, spread and number of durations, as earlier runs have them."""
    each = [_Sums.of(run) for run in runs if run]
    if not each:
        return None
    n = sum(s.n for s in each)
    centre = sum(s.mean for s in each) / len(each)
    between2 = (2 * RUN_TO_RUN**2 + sum((s.mean - centre) ** 2 for s in each)) / (2 + len(each))
    inside = sum(s.squares for s in each)
    freedom = max(1, n - len(each))
    unsure2 = between2 * (1 + 1 / len(each)) + shift[1] ** 2 + WITHIN**2 / n
    return centre + shift[0], math.sqrt(unsure2), math.sqrt(inside / freedom), n


def _spread(own: _Sums, earlier: tuple[float, int], within: float) -> float:
    """The spread within a kind: its own, as far as enough of it ended, else that of earlier runs, else the common."""
    n, squares = WORTH, WORTH * within * within
    if earlier[1] > 1:
        worth = min(earlier[1] - 1, 20)
        n, squares = n + worth, squares + worth * earlier[0] ** 2
    if own.n > 1:
        n, squares = n + own.n - 1, squares + own.squares
    return max(0.02, math.sqrt(squares / n))


def thinned(running: list[float]) -> list[tuple[float, float]]:
    """Running times as a few values with weights: neighbours are put together, the shortest first."""
    values = sorted(running)
    size = -(-len(values) // CENSORED) if values else 1
    blocks = [values[i : i + size] for i in range(0, len(values), size)]
    return [(max(sum(b) / len(b), 1e-3), float(len(b))) for b in blocks]


def _kind(
    own: _Sums, prior: tuple[float, float], spread: float, running: list[tuple[float, float]], seen: list[float],
    shared: float,
) -> Kind:  # fmt: skip
    """Weigh possible medians and spreads by what ended and what still runs."""
    centre, unsure = prior
    weight = 1 / unsure**2 + own.n / spread**2
    middle = (centre / unsure**2 + own.n * own.mean / spread**2) / weight
    reach = 1 / math.sqrt(weight)
    high = max([middle + 3.5 * reach] + [math.log(x) + spread for x, _ in running])
    low = middle - 3.5 * reach
    step = (high - low) / (_STEPS - 1) or 1e-6
    factors = _SPREADS if running or own.n < PLENTY else (1.0,)
    freedom = own.n + WORTH
    medians, spreads, weights = [], [], []
    logs = [(math.log(x), n) for x, n in running]
    for i in range(_STEPS):
        median = low + i * step
        base = -0.5 * ((median - centre) / unsure) ** 2
        for factor in factors:
            s = spread * factor
            fit = base - 0.5 * freedom * (math.log(factor) * 2 + 1 / factor**2 - 1) * 0.5
            fit -= 0.5 * own.n * ((own.mean - median) / s) ** 2
            for x, n in logs:
                fit += n * math.log(max(1e-12, 0.5 * math.erfc((x - median) / (s * 1.4142135623730951))))
            medians.append(median)
            spreads.append(s)
            weights.append(fit)
    best = max(weights)
    cumulated = list(accumulate(math.exp(w - best) for w in weights))
    return Kind(medians, spreads, cumulated, seen, own.mean, shared)
