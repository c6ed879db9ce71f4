"""Figures of probabilities against what came true. Empty or one-sided data has no figure (None)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence


def auc(truth: Sequence[bool], score: Sequence[float]) -> float | None:
    """Area under the ROC curve: how often a case that came true was rated above one that did not; ties count half."""
    positive = sum(truth)
    negative = len(truth) - positive
    if not positive or not negative:
        return None
    ranked = sorted(zip(score, truth, strict=True))
    ranks = 0.0
    i = 0
    while i < len(ranked):
        j = i
        while j < len(ranked) and ranked[j][0] == ranked[i][0]:
            j += 1
        ranks += sum(t for _, t in ranked[i:j]) * (i + j + 1) / 2
        i = j
    return (ranks - positive * (positive + 1) / 2) / (positive * negative)


def brier(truth: Sequence[bool], score: Sequence[float]) -> float | None:
    """Mean squared difference."""
    return sum((t - s) ** 2 for t, s in zip(truth, score, strict=True)) / len(truth) if truth else None


def ece(truth: Sequence[bool], score: Sequence[float], *, bins: int = 10) -> float | None:
    """Expected calibration error: of bins of equal width, the difference between what was said and what came true,
    weighted by their size. Even a perfect forecaster has one, from chance."""
    if not truth:
        return None
    off: dict[int, float] = defaultdict(float)
    for t, s in zip(truth, score, strict=True):
        off[min(int(s * bins), bins - 1)] += t - s
    return sum(map(abs, off.values())) / len(truth)


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value that this share of the values does not exceed."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[min(int(share * len(ranked)), len(ranked) - 1)]
