"""What ended runs taught: how often tries of a kind fail, how often something is broken, how long a failure takes.

Each figure begins with a value that stands for "not known", worth some observations, and gives way as runs come in. The
lessons of one label lean on those of all labels (``pool``) in the same manner.
"""

from __future__ import annotations

from math import exp

import msgspec

from stampede.analysis.forecast.evidence import PACES, SHORTEST_S, Evidence

#: how much more or less than usual everything of a run may fail
MULTIPLIERS = (0.2, 0.5, 1.0, 2.0, 5.0)
#: how much more the same kind scatters within a run than chance alone would have it: observations that the rate of its
#: history is worth
CONCENTRATION = 8.0

#: what may be broken -> (how often one thinks it is before any run has ended, tried things that is worth)
BROKEN = {"kind": (0.003, 300.0), "host": (0.01, 100.0), "site": (0.01, 100.0), "job": (0.0005, 2000.0),
          "time": (0.1, 20.0)}  # fmt: skip
#: share of tries that fail, before any run has ended, and the tries that is worth
RATE, RATE_WORTH = 0.02, 50.0
#: tries of a label's history that the rate of the pool is worth, and tries of a kind that its label's rate is worth
LABEL_WORTH, KIND_WORTH = 100.0, 30.0
#: tries of a kind that tell what 99 % of them take at most
ENOUGH_FOR_LONGEST = 50

#: Where in the usual duration of a kind failures end and successes do, before any run has ended: failures anywhere,
#: successes around one, with a tail (shape of the successful jobs of FlowBench, arXiv 2306.09930).
_FAILURES = (1.0,) * (len(PACES) + 1)
_SUCCESSES = (0, 0, 0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 2.5, 4.0, 3.0, 2.0, 1.0, 0.5)


class Lessons(msgspec.Struct):
    """See the module. Counts are of expected numbers, therefore no integers.

    ``kinds``: tries and failures that nothing but chance explains. ``broken``: things that were tried, and those that
    were broken. ``returned``: what share of failures on a broken host were tried there again, against the share of all
    tries that the host took.
    """

    runs: int = 0
    failed_runs: int = 0
    kinds: dict[str, tuple[float, float]] = {}
    broken: dict[str, tuple[float, float]] = {}
    multipliers: list[float] = msgspec.field(default_factory=lambda: [1.0, 2.0, 4.0, 2.0, 1.0])
    returned: tuple[float, float] = (0.0, 0.0)
    spent: dict[str, tuple[int, float]] = {}
    failure_paces: list[float] = msgspec.field(default_factory=lambda: list(_FAILURES))
    success_paces: list[float] = msgspec.field(default_factory=lambda: list(_SUCCESSES))
    lasted: dict[str, dict[int, int]] = {}
    pool: Lessons | None = None

    def rate(self, kind: str) -> float:
        """The share of tries of a kind that fail by chance."""
        general = self._general_rate()
        n, failed = self.kinds.get(kind, (0.0, 0.0))
        return (failed + general * KIND_WORTH) / (n + KIND_WORTH)

    def _general_rate(self) -> float:
        n, failed = self._all_tries()
        if self.pool is None:
            return (failed + RATE * RATE_WORTH) / (n + RATE_WORTH)
        return (failed + self.pool._general_rate() * LABEL_WORTH) / (n + LABEL_WORTH)

    def _all_tries(self) -> tuple[float, float]:
        return sum(n for n, _ in self.kinds.values()), sum(failed for _, failed in self.kinds.values())

    def broken_rate(self, what: str) -> float:
        """How often a thing (a key of ``BROKEN``) is broken; of ``time``: how often a run goes through a bad hour."""
        first, worth = BROKEN[what]
        if self.pool is not None:
            first = self.pool.broken_rate(what)
        n, broken = self.broken.get(what, (0.0, 0.0))
        return (broken + first * worth) / (n + worth)

    def return_factor(self) -> float:
        """How many times its share of all tries a broken host takes of the tries that follow a failure on it."""
        expected, returned = self.returned
        if self.pool is None:
            return (returned + 2.0) / (expected + 2.0)
        return (returned + self.pool.return_factor() * 5.0) / (expected + 5.0)

    def usual_s(self, kind: str, evidence: Evidence) -> float | None:
        """What a try of a kind takes when it succeeds (geometric mean), from this run and from history."""
        here, sum_here = evidence.spent.get(kind, (0, 0.0))
        then, sum_then = self.spent.get(kind, (0, 0.0))
        if not here and then < 3:
            return None
        worth = min(then, 5)
        mean_then = sum_then / then if then else 0.0
        return max(SHORTEST_S, exp((sum_here + worth * mean_then) / (here + worth)))

    def longest_s(self, kind: str) -> float | None:
        """What 99 % of the tries of a kind took at most from their submission to their end; None when too few tell."""
        counts = self.lasted.get(kind, {})
        total = sum(counts.values())
        if total < ENOUGH_FOR_LONGEST:
            return None
        seen = 0
        for octave in sorted(counts):
            seen += counts[octave]
            if seen >= 0.99 * total:
                return float(2.0 ** (octave / 4))
        return None

    def survived(self, pace: float) -> float:
        """How much of a success a try is that has run for ``pace`` times the usual duration, 0 to 1.

        Failures end earlier than successes, so that among the tries that ended there are too many failures as long as
        most tries still run.
        """
        source = self.pool or self
        still_failing = 1.0 - _ended(source.failure_paces, pace)
        still_running = 1.0 - _ended(source.success_paces, pace)
        return max(0.0, 1.0 - (still_failing + 1e-3) / (still_running + 1e-3))


def _ended(classes: list[float], pace: float) -> float:
    """The share of tries that had ended by then; within a class they end evenly."""
    ended = lower = 0.0
    for upper, count in zip((*PACES, 2 * PACES[-1]), classes, strict=True):
        if pace >= upper:
            ended += count
        elif pace > lower:
            ended += count * (pace - lower) / (upper - lower)
        lower = upper
    return ended / sum(classes)
