"""Tests of difference that need no distribution: ranks for sizes, exact tables for shares, and many tests at once.

Everything is antisymmetric: with the sides exchanged, estimates change their sign and probabilities stay.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec

#: values of a side that are looked at; of more, evenly spaced quantiles stand for all
MOST: Final = 150
_Z95 = 1.959963984540054


class Shift(msgspec.Struct, frozen=True):
    """By how much values of one side are larger than those of the other: the estimate of Hodges and Lehmann (median of
    all differences), its 95 % interval by Moses' method, and the probability of such ranks by chance (Mann and Whitney,
    normal approximation with ties)."""

    estimate: float
    low: float
    high: float
    p: float


def shift(old: Sequence[float], new: Sequence[float]) -> Shift:
    """The shift from ``old`` to ``new``; neither may be empty."""
    p = _rank_p(old, new)
    a, b = _thinned(old), _thinned(new)
    differences = sorted(y - x for x in a for y in b)
    n, m, size = len(a), len(b), len(differences)
    reach = _Z95 * math.sqrt(n * m * (n + m + 1) / 12.0)
    at = max(0, math.floor(size / 2.0 - reach))
    return Shift(_median(differences), differences[at], differences[size - 1 - at], p)


def _thinned(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    if len(ordered) <= MOST:
        return ordered
    return [ordered[round(i * (len(ordered) - 1) / (MOST - 1))] for i in range(MOST)]


def _median(ordered: Sequence[float]) -> float:
    n = len(ordered)
    return 0.5 * (ordered[(n - 1) // 2] + ordered[n // 2])


def median(values: Sequence[float]) -> float:
    """The middle value; the mean of the two middle ones of an even number."""
    return _median(sorted(values))


def _rank_p(old: Sequence[float], new: Sequence[float]) -> float:
    """The two-sided probability of ranks that differ so much."""
    n, m = len(old), len(new)
    ordered = sorted([(v, 0) for v in old] + [(v, 1) for v in new])
    total, ties, at = 0.0, 0.0, 0
    while at < len(ordered):
        upto = at
        while upto < len(ordered) and ordered[upto][0] == ordered[at][0]:
            upto += 1
        rank, same = (at + upto + 1) / 2.0, upto - at
        total += rank * sum(side for _, side in ordered[at:upto])
        ties += same**3 - same
        at = upto
    u = total - m * (m + 1) / 2.0
    size = n + m
    variance = n * m / 12.0 * (size + 1 - ties / (size * (size - 1))) if size > 1 else 0.0
    if variance <= 0:
        return 1.0
    z = max(0.0, abs(u - n * m / 2.0) - 0.5) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2.0))


def adjusted(probabilities: Sequence[float]) -> list[float]:
    """The probabilities after Benjamini and Hochberg: taken up to 0.05, one in twenty of those taken is chance."""
    order = sorted(range(len(probabilities)), key=lambda i: probabilities[i], reverse=True)
    found = [1.0] * len(probabilities)
    least = 1.0
    for place, i in enumerate(order):
        least = min(least, probabilities[i] * len(probabilities) / (len(probabilities) - place))
        found[i] = least
    return found
