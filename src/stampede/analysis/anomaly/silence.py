"""Stalls: stretches in which nothing happened, longer than any other of the run, that no running job explains."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from stampede.analysis.anomaly import words
from stampede.analysis.anomaly.finding import Anomaly

#: shorter silences are nothing to speak of
LEAST_S: Final = 600.0
#: one that is so many times the longest other silence of the run is remarkable
_TIMES: Final = 3.0
_BUCKET_S: Final = 60.0
#: the longest jobs that are remembered to explain a silence
_LONGEST: Final = 10_000


class Activity:
    """When anything happened (to the minute, so that memory follows the length of the run) and what ran long."""

    def __init__(self) -> None:
        self._busy: dict[int, tuple[float, float]] = {}
        self._long: list[tuple[float, float, float, float | None]] = []

    def note(self, *moments: float | None) -> None:
        """Something happened at these times."""
        for ts in moments:
            if ts is not None:
                bucket = int(ts // _BUCKET_S)
                seen = self._busy.get(bucket)
                if seen is None:
                    self._busy[bucket] = (ts, ts)
                elif ts < seen[0] or ts > seen[1]:
                    self._busy[bucket] = (min(ts, seen[0]), max(ts, seen[1]))

    def ran(self, start_ts: float | None, end_ts: float, high_s: float | None) -> None:
        """A job ran, of which nearly all end within ``high_s`` (None: nothing is known of its kind)."""
        if start_ts is None or end_ts - start_ts < LEAST_S:
            return
        job = (end_ts - start_ts, start_ts, end_ts, high_s)
        if len(self._long) < _LONGEST:
            heapq.heappush(self._long, job)
        else:
            heapq.heappushpop(self._long, job)

    def stalls(self, pauses: Iterable[tuple[float, float]] = (), until_ts: float | None = None) -> list[Anomaly]:
        """What is remarkable of the silences, but for those in which the engine did not run (``pauses``).

        ``until_ts``: nothing has happened since the last activity up to then.
        """
        stopped = list(pauses)
        silences = [s for s in self._silences(until_ts) if not any(_meet(s, pause) for pause in stopped)]
        lengths = sorted((end - start for start, end in silences), reverse=True)[:2]
        found = []
        for start, end in silences:
            length = end - start
            other = 0.0 if len(lengths) < 2 else lengths[1] if length == lengths[0] else lengths[0]
            if length >= max(LEAST_S, _TIMES * other) and not self._explained(start, end):
                found.append(_stall(start, end, other, open_=end == until_ts))
        return found

    def _silences(self, until_ts: float | None) -> list[tuple[float, float]]:
        busy = [self._busy[bucket] for bucket in sorted(self._busy)]
        found = [(a[1], b[0]) for a, b in pairwise(busy)]
        if busy and until_ts is not None:
            found.append((busy[-1][1], until_ts))
        return [(start, end) for start, end in found if end - start >= _BUCKET_S]

    def _explained(self, start_ts: float, end_ts: float) -> bool:
        """Whether a job ran through it that took no longer than such jobs do."""
        return any(
            began <= start_ts and ended >= end_ts and (high is None or length <= high)
            for length, began, ended, high in self._long
        )


def _meet(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _stall(start: float, end: float, other: float, *, open_: bool) -> Anomaly:
    length = end - start
    longest = f"the longest other silence lasted {words.seconds(other)}" if other else "there was no other silence"
    so_far = " so far" if open_ else ""
    return Anomaly(
        kind="stall", subject=datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), ts=end,
        reason=f"nothing happened for {words.seconds(length)}{so_far}, and no job that ran explains it; {longest}",
        observed=length, expected=other, high=max(LEAST_S, _TIMES * other), score=length / max(other, LEAST_S),
    )  # fmt: skip
