"""Progress of one workflow with everything below it, in one struct."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from stampede.analysis.progress.durations import Kind, kinds
from stampede.analysis.progress.forecast_end import end_of, observed
from stampede.analysis.progress.limits import Standing, limit, stopped
from stampede.query.remaining import Past, Remaining

#: how often the interval is meant to hold the true end
CONFIDENCE: Final = 0.8


class Progress(msgspec.Struct, kw_only=True):
    """How far a workflow is at ``as_of_ts``, and when it ends.

    ``percent_jobs`` counts nodes, ``percent_work`` weighs them with what they take. ``eta_ts`` is the median of the
    forecast, ``eta_low_ts`` and ``eta_high_ts`` hold the end with ``confidence``; all None when no end can be told,
    and then ``no_eta`` says why. ``limited_by`` is a word of :class:`stampede.analysis.progress.limits.Limit`,
    ``limit`` its sentence. ``chain`` are the nodes that a typical end waits for, one after the other.
    ``earlier_runs`` were used. Times are epoch seconds.
    """

    as_of_ts: float
    percent_jobs: float
    percent_work: float
    remaining_s: float | None = None
    eta_ts: float | None = None
    eta_low_ts: float | None = None
    eta_high_ts: float | None = None
    confidence: float = CONFIDENCE
    limited_by: str | None = None
    limit: str | None = None
    chain: list[str] = []
    earlier_runs: int = 0
    no_eta: str | None = None


def progress(
    rest: Remaining, standing: Standing, now: float, earlier: Sequence[Sequence[Past]] = (), *, widen: float = 1.0
) -> Progress:  # fmt: skip
    """How far a running workflow is; ``earlier`` are tries of past runs of it, ``widen`` stretches the interval (see
    :mod:`stampede.analysis.progress.widening`)."""
    stop = stopped(rest, standing)
    if stop is not None:
        found = kinds(observed(rest, now, earlier))
        return _progress(rest, found, now, limited_by=stop.by, limit=stop.text, no_eta=stop.text)
    end = end_of(rest, now, earlier, widen=widen)
    limits = limit(rest, end, now)
    return _progress(
        rest, end.durations, now, remaining_s=end.median_s, eta_ts=now + end.median_s, eta_low_ts=now + end.low_s,
        eta_high_ts=now + end.high_s, limited_by=limits.by, limit=limits.text, chain=end.chain,
        earlier_runs=len(earlier),
    )  # fmt: skip


def _progress(rest: Remaining, durations: dict[str, Kind], now: float, **told: object) -> Progress:
    jobs, work = percents(rest, durations, now)
    return Progress(as_of_ts=now, percent_jobs=jobs, percent_work=work, **told)  # type: ignore[arg-type]


def percents(rest: Remaining, durations: dict[str, Kind], now: float) -> tuple[float, float]:
    """Percent done by nodes, and by expected work (running jobs count for what they have run)."""
    done = sum(d for d, _ in rest.kinds.values())
    nodes = done + rest.nodes_left
    worked = sum(d * durations[k].mean_s for k, (d, _) in rest.kinds.items())
    left = sum(n * durations[k].mean_s for k, (_, n) in rest.kinds.items())
    under_way = sum(
        min(now - n.execute_ts, durations[n.kind].mean_s)
        for n in rest.left
        if n.phase == "running" and n.execute_ts is not None and not n.inside
    )
    under_way = max(0.0, min(under_way, left))
    by_nodes = 100.0 * done / nodes if nodes else 100.0
    by_work = 100.0 * (worked + under_way) / (worked + left) if worked + left > 0 else by_nodes
    return round(min(by_nodes, 100.0), 1), round(min(by_work, 100.0), 1)
