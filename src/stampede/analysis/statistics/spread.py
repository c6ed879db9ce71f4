"""How values are spread: their mean and percentiles."""

from __future__ import annotations

import msgspec

from stampede.model.histogram import Histogram


class Spread(msgspec.Struct, kw_only=True):
    """Mean and percentiles (to 1 %) of ``count`` values; None where there are none."""

    count: int
    mean: float | None = None
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None


def spread(histogram: Histogram, total: float, *, low: float | None = None, high: float | None = None) -> Spread:
    """The spread of values that add up to ``total``; percentiles keep within the exact extremes, where known."""
    count = histogram.count
    if not count:
        return Spread(count=0)
    told = histogram.percentiles(50, 90, 95, 99)
    if low is not None:
        told = [max(value, low) for value in told]
    if high is not None:
        told = [min(value, high) for value in told]
    return Spread(count=count, mean=total / count, p50=told[0], p90=told[1], p95=told[2], p99=told[3])


def scaled(one: Spread, factor: float) -> Spread:
    """The same spread in another unit."""
    values = [None if v is None else v * factor for v in (one.mean, one.p50, one.p90, one.p95, one.p99)]
    return Spread(count=one.count, mean=values[0], p50=values[1], p90=values[2], p95=values[3], p99=values[4])


def share(part: float, whole: float) -> float | None:
    """A part of a whole, from 0 to 1; None where there is no whole."""
    return part / whole if whole else None
