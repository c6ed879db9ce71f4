"""From what the model says to what comes true: a monotone map, fitted to runs that have ended.

The logarithm of the odds is shifted, stretched, and shifted again by how far the run is; the three numbers are those
that make what was said of ended runs most probable, under a prior that says "as it is" and gives way as runs come in
(logistic regression, Newton's method). The stretch is never below ``LEAST_STRETCH``, so that more always stays more.
Against isotonic regression (pool adjacent violators) it keeps the order of what is nearly equal, and needs fewer runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log
from typing import NamedTuple

import msgspec

#: what the prior is worth, as the inverse of its variance
PRIOR_WORTH = 5.0
LEAST_STRETCH = 0.1
_STEPS = 12
_LEAST = 1e-4


class Said(NamedTuple):
    """What was said of a run that has ended since: the model's probability, how far the run was (0 to 1), whether it
    failed."""

    probability: float
    done_share: float
    failed: bool


class Calibration(msgspec.Struct, frozen=True):
    """The map; as it stands before any run has ended it changes nothing. ``said`` is how many statements taught it."""

    shift: float = 0.0
    stretch: float = 1.0
    by_done: float = 0.0
    said: int = 0

    def __call__(self, probability: float, done_share: float) -> float:
        """The calibrated probability that a run fails of which the model says ``probability``."""
        return _logistic(self.shift + self.stretch * _logit(probability) + self.by_done * done_share)


def calibrated(said: Sequence[Said]) -> Calibration:
    """The map that fits best what was said of ended runs, without the runs that were doomed when it was said."""
    prior = (0.0, 1.0, 0.0)
    points = [((1.0, _logit(s.probability), s.done_share), float(s.failed)) for s in said]
    at = prior
    for _ in range(_STEPS):
        gradient = [PRIOR_WORTH * (p - x) for p, x in zip(prior, at, strict=True)]
        curvature = [[PRIOR_WORTH if i == j else 0.0 for j in range(3)] for i in range(3)]
        for features, failed in points:
            p = _logistic(sum(a * f for a, f in zip(at, features, strict=True)))
            weight = p * (1.0 - p)
            for i in range(3):
                gradient[i] += (failed - p) * features[i]
                for j in range(3):
                    curvature[i][j] += weight * features[i] * features[j]
        step = _solved(curvature, gradient)
        at = (at[0] + step[0], max(at[1] + step[1], LEAST_STRETCH), at[2] + step[2])
        if max(map(abs, step)) < 1e-6:
            break
    return Calibration(at[0], at[1], at[2], len(said))


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solution of three linear equations; the matrix is positive definite, so that no pivot has to be looked for."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(3):
        for k in range(3):
            if k != i:
                factor = rows[k][i] / rows[i][i]
                rows[k] = [x - factor * y for x, y in zip(rows[k], rows[i], strict=True)]
    return [rows[i][3] / rows[i][i] for i in range(3)]


def _logit(probability: float) -> float:
    p = min(max(probability, _LEAST), 1.0 - _LEAST)
    return log(p / (1.0 - p))


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + exp(-min(max(x, -50.0), 50.0)))
