"""What the tries of one run told so far, in numbers whose size follows the failures, not the tries.

Successes are counted by kind, host and site; failures are kept, the last ``MOST_FAILURES`` of them. It can be kept in a
file (msgspec) and fed try by try.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from math import ceil, exp, log, log2

import msgspec

from stampede.analysis.forecast.facts import Try

#: failures that are looked at; what ended before the first of them is forgotten with those before it
MOST_FAILURES = 2_000
#: starts from which one tells how much of the work a host takes: the last ones
RECENT_STARTS = 60
#: a try shorter than this says as little as one that took this long
SHORTEST_S = 0.1

#: upper bounds of the classes of durations, as shares of what the kind usually takes
PACES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 3.0)


class Failure(msgspec.Struct, array_like=True):
    """A failed try: what, where, after how many successes of the run, and how long it took.

    ``again_on`` is where the job was tried next.
    """

    job: str
    kind: str
    host: str | None
    site: str | None
    after: int
    duration_s: float | None
    again_on: str | None = None


class Evidence(msgspec.Struct):
    """See the module. ``unsolved`` holds the jobs that failed and have not succeeded since, with their failures."""

    successes: int = 0
    by_kind: dict[str, int] = {}
    by_host: dict[str, int] = {}
    by_site: dict[str, int] = {}
    site_of: dict[str, str] = {}
    failures: list[Failure] = []
    unsolved: dict[str, int] = {}
    #: how many successes told their duration, and the sum of the logarithms of it in seconds
    spent: dict[str, tuple[int, float]] = {}
    #: successes by the class of ``PACES`` that they fell into
    paces: list[int] = msgspec.field(default_factory=lambda: [0] * (len(PACES) + 1))
    starts: list[tuple[float, str]] = []
    #: tries by how long they took from their submission to their end, in quarters of octaves of a second
    lasted: dict[str, dict[int, int]] = {}

    @property
    def tries(self) -> int:
        """Tries that are counted here."""
        return self.successes + len(self.failures)

    def add(self, one: Try) -> None:
        """Take in the next try that ended; they must come in the order of their ends."""
        duration = None if one.start_ts is None else max(one.end_ts - one.start_ts, SHORTEST_S)
        if one.start_ts is not None and one.host is not None:
            self._started(one.start_ts, one.host)
        if one.submit_ts is not None:
            counts = self.lasted.setdefault(one.kind, {})
            octave = quarter_octave(one.end_ts - one.submit_ts)
            counts[octave] = counts.get(octave, 0) + 1
        if one.host is not None and one.site is not None:
            self.site_of[one.host] = one.site
        before = self.unsolved.get(one.job)
        if before is not None:
            self._tried_again(one)
        if one.failed:
            self.unsolved[one.job] = (before or 0) + 1
            self.failures.append(Failure(one.job, one.kind, one.host, one.site, self.successes, duration))
            if len(self.failures) >= 2 * MOST_FAILURES:
                del self.failures[:MOST_FAILURES]
        else:
            if before is not None:
                del self.unsolved[one.job]
            self._succeeded(one, duration)

    def _started(self, start_ts: float, host: str) -> None:
        if len(self.starts) < RECENT_STARTS or start_ts >= self.starts[0][0]:
            insort(self.starts, (start_ts, host))
            if len(self.starts) > RECENT_STARTS:
                del self.starts[0]

    def _tried_again(self, one: Try) -> None:
        for failure in reversed(self.failures):
            if failure.job == one.job:
                failure.again_on = one.host
                return

    def _succeeded(self, one: Try, duration_s: float | None) -> None:
        self.successes += 1
        for counts, name in ((self.by_kind, one.kind), (self.by_host, one.host), (self.by_site, one.site)):
            if name is not None:
                counts[name] = counts.get(name, 0) + 1
        if duration_s is None:
            return
        n, sum_of_logs = self.spent.get(one.kind, (0, 0.0))
        if n >= 3:
            self.paces[bisect_right(PACES, duration_s / exp(sum_of_logs / n))] += 1
        self.spent[one.kind] = n + 1, sum_of_logs + log(duration_s)


def quarter_octave(duration_s: float) -> int:
    """The class of a duration: a fourth of a doubling wide."""
    return ceil(4 * log2(max(duration_s, SHORTEST_S)))


def gathered(tries: Iterable[Try]) -> Evidence:
    """The evidence of tries in the order of their ends."""
    found = Evidence()
    for one in tries:
        found.add(one)
    return found
