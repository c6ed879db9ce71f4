"""Starts without an end: tries that began to run and of which nothing tells that they ended."""

from __future__ import annotations

from math import exp
from typing import Final

from stampede.analysis.anomaly import words
from stampede.analysis.anomaly.finding import Anomaly
from stampede.analysis.anomaly.history import Expected
from stampede.query.measured import OpenTry

#: one that still runs is overdue beyond so many spreads, times and seconds
_SPREADS: Final = 6.0
_TIMES: Final = 3.0
_LEAST_S: Final = 60.0


def unended(one: OpenTry, usual: Expected | None, now_ts: float | None) -> Anomaly | None:
    """Why the end of a try is missed; None when it may still come.

    ``now_ts`` is the time up to which everything is known, for tries that still run; None leaves those alone.
    """
    if one.superseded:
        return _missing(one, usual, one.last_ts, "a later try of the job began")
    if one.over:
        return _missing(one, usual, one.last_ts, "its workflow has ended")
    if now_ts is None or usual is None:
        return None
    running = now_ts - one.execute_ts
    limit = max(_LEAST_S, _TIMES * exp(usual.centre), exp(usual.centre + _SPREADS * usual.spread))
    return _missing(one, usual, now_ts, "it still runs") if running > limit else None


def _missing(one: OpenTry, usual: Expected | None, ts: float, why: str) -> Anomaly:
    running = max(ts - one.execute_ts, 0.0)
    reason = f"it began to run and nothing tells that it ended: {why}"
    middle = low = high = None
    if usual is not None:
        middle, low, high = words.bounds(usual)
        reason += f"; {words.expectation(usual)}, {words.seconds(running)} by then"
    return Anomaly(
        kind="start_without_end", subject=f"{one.path} {one.attempt}", ts=ts, reason=reason, job=one.path,
        attempt=one.attempt, host=one.machine, transformation=one.transformation, observed=running, expected=middle,
        low=low, high=high,
    )  # fmt: skip
