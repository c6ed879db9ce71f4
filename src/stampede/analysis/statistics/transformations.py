"""Invocations by transformation, those that succeeded apart from those that failed."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from stampede.analysis.statistics.spread import Spread, scaled, share, spread
from stampede.model.histogram import Histogram
from stampede.query.statistics.invocations import Invocations


class Measured(msgspec.Struct, kw_only=True):
    """A quantity of ``count`` invocations; None where nothing is known."""

    count: int
    min: float | None
    max: float | None
    mean: float | None


class Transformation(msgspec.Struct, kw_only=True):
    """Invocations of a transformation that succeeded, or those that failed. Runtimes in seconds, times the multiplier
    of the job; memory (largest resident set) in MB; ``avg_cpu`` is the share of a core that kickstart saw."""

    transformation: str
    script: bool
    succeeded: bool
    count: int
    runtime_s: Measured
    total_s: float
    runtime: Spread
    memory_mb: Measured
    memory: Spread
    avg_cpu: Measured
    cpu: float | None


_KB = 1024.0


def transformations(invocations: Iterable[Invocations]) -> list[Transformation]:
    """By name; those of several databases are put together."""
    by_key: dict[tuple[str, bool, bool], list[Invocations]] = {}
    for one in invocations:
        by_key.setdefault((one.transformation, bool(one.script), bool(one.succeeded)), []).append(one)
    return [_one(key, own) for key, own in sorted(by_key.items())]


def _one(key: tuple[str, bool, bool], own: list[Invocations]) -> Transformation:
    name, script, succeeded = key
    runtime, maxrss = Histogram({}), Histogram({})
    for part in own:
        runtime.add(part.runtime)
        maxrss.add(part.maxrss)
    total = sum(i.runtime_s for i in own)
    low, high = min(i.runtime_min_s for i in own), max(i.runtime_max_s for i in own)
    count = sum(i.invocations for i in own)
    rss = _measured(own, "with_maxrss", "maxrss_kb", "maxrss_min_kb", "maxrss_max_kb", 1 / _KB)
    kb = [None if v is None else v * _KB for v in (rss.min, rss.max)]
    return Transformation(
        transformation=name, script=script, succeeded=succeeded, count=count,
        runtime_s=Measured(count=count, min=low, max=high, mean=total / count), total_s=total,
        runtime=spread(runtime, total, low=low, high=high), memory_mb=rss,
        memory=scaled(spread(maxrss, sum(i.maxrss_kb or 0 for i in own), low=kb[0], high=kb[1]), 1 / _KB),
        avg_cpu=_measured(own, "with_avg_cpu", "avg_cpu", "avg_cpu_min", "avg_cpu_max", 1.0),
        cpu=share(sum(i.cpu_s for i in own), sum(i.cpu_wall_s for i in own)),
    )  # fmt: skip


def _measured(own: list[Invocations], number: str, total: str, low: str, high: str, factor: float) -> Measured:
    count = sum(getattr(i, number) for i in own)
    if not count:
        return Measured(count=0, min=None, max=None, mean=None)
    known = [i for i in own if getattr(i, number)]
    return Measured(
        count=count, min=min(getattr(i, low) for i in known) * factor,
        max=max(getattr(i, high) for i in known) * factor, mean=sum(getattr(i, total) for i in known) / count * factor,
    )  # fmt: skip
