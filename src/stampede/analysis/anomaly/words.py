"""The sentences of the detector."""

from __future__ import annotations

from math import exp

from stampede.analysis.anomaly.history import Expected


def seconds(value: float) -> str:
    """A duration, as exact as it is worth: ``0.4 s``, ``61 s``, ``14,893 s``."""
    return f"{value:.1f} s" if value < 10 and value % 1 else f"{value:,.0f} s"


def bounds(usual: Expected) -> tuple[float, float, float]:
    """What is expected, and between what nearly all values lie (two spreads to either side), in seconds."""
    return exp(usual.centre), exp(usual.centre - 2 * usual.spread), exp(usual.centre + 2 * usual.spread)


def expectation(usual: Expected) -> str:
    """``expected 61 s (54–70)``."""
    middle, low, high = bounds(usual)
    return f"expected {seconds(middle)} ({_bare(low)}–{_bare(high)})"


def _bare(value: float) -> str:
    return seconds(value).removesuffix(" s")


def source(usual: Expected, transformation: str) -> str:
    """From what the expectation comes."""
    what = "this node" if usual.own else f"jobs of {transformation}"
    return f"learnt from {usual.values:,} ended {'runs of ' if usual.own else ''}{what}"


def some_of(part: int, whole: int, where: str) -> str:
    """``14 of 16 jobs on worker-1 slow``."""
    return f"{part:,} of {whole:,} job{'s' if whole != 1 else ''} on {where} slow"
