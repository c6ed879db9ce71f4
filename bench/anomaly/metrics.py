"""How well scores rank: the two usual figures, ties counted as they should be. Both need positives and negatives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby


def roc_auc(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """Chance that a positive ranks above a negative, ties half (Mann-Whitney); None without either of them."""
    positives = sum(positive)
    negatives = len(positive) - positives
    if not positives or not negatives:
        return None
    above = 0.0
    passed = 0
    for hit, missed in _steps(scores, positive):
        passed += missed
        above += hit * (negatives - passed + missed / 2)
    return above / (positives * negatives)


def average_precision(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """Mean of the precision over the positives, highest score first, equal scores taken together; None without any."""
    positives = sum(positive)
    if not positives:
        return None
    total = 0.0
    taken = found = 0
    for hit, missed in _steps(scores, positive):
        taken += hit + missed
        found += hit
        total += hit * found / taken
    return total / positives


def _steps(scores: Sequence[float], positive: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Positives and negatives at each score, from the highest down."""
    ranked = sorted(zip(scores, positive, strict=True), key=lambda pair: -pair[0])
    for _, tied in groupby(ranked, key=lambda pair: pair[0]):
        found = [p for _, p in tied]
        yield sum(found), len(found) - sum(found)
