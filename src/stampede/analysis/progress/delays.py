"""What a job waits for beside its slot: DAGMan to submit it, HTCondor to match it, DAGMan to take note of its end.

A delay is drawn from what was seen while nothing queued there; where many queued, what was served in a second is a
limit of its own (DAGMan submits so many jobs an interval, and runs so many POST scripts at once).
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from stampede.query.remaining import SAMPLE, Past

#: delays believed in before any were seen, in seconds: parents done to submitted; submitted to started, of jobs in the
#: pool and beside it; ended to done
SUBMIT_S: Final = (0.5, 1.0, 2.0, 5.0)
MATCH_S: Final = {True: (0.5, 1.0, 2.0, 4.0, 8.0), False: (0.3, 0.7, 1.5, 3.0)}
FINISH_S: Final = (0.5, 1.0, 2.0, 4.0)
#: spread of the logarithm of all delays of a sort from what is believed, and from what was seen
UNSEEN_SPREAD: Final = 0.8
SEEN_SPREAD: Final = 0.12
#: from so many on the seen ones are drawn from, and so many are kept
ENOUGH: Final = 6
KEPT: Final = 200
#: a wait is one in a queue from this many times the usual on
QUEUED: Final = 3.0
QUEUED_S: Final = 2.0
#: the longest usual delay that is believed to be one, and no queue: of DAGMan's own, and of its POST scripts
LONGEST_S: Final = 60.0
LONGEST_POST_S: Final = 600.0
#: seconds of queueing that are needed to tell a rate
RATE_S: Final = 10.0


class Delay(msgspec.Struct, frozen=True):
    """Delays to draw from in seconds, the spread of a factor common to all, and what is served in a second while jobs
    queue (infinite: no limit was seen)."""

    seconds: list[float]
    spread: float
    per_s: float = math.inf

    def draw(self, rng: random.Random) -> tuple[list[float], float, float]:
        """One possible truth: delays, a factor for them, and the seconds between two that are served."""
        factor = math.exp(self.spread * rng.gauss(0.0, 1.0))
        gap = 0.0 if self.per_s == math.inf else math.exp(SEEN_SPREAD * rng.gauss(0.0, 1.0)) / self.per_s
        return self.seconds, factor, gap

    @property
    def mean_s(self) -> float:
        """The expected delay."""
        return sum(self.seconds) / len(self.seconds)


class Delays(msgspec.Struct, frozen=True):
    """All that is waited for: submission, match (of jobs in the pool, and beside it), note of the end."""

    submit: Delay
    match: Delay
    start: Delay
    finish: Delay


def delays(past: Sequence[Past], earlier: Sequence[Sequence[Past]]) -> Delays:
    """What the tries of this run tell, else those of earlier runs, else what is believed."""
    runs = [past, *earlier]
    return Delays(
        submit=_delay([_pairs(run, "ready_ts", "submit_ts") for run in runs], SUBMIT_S),
        match=_interrupted(_delay(_starts(runs, True), MATCH_S[True], queueing=False), runs, True),
        start=_interrupted(_delay(_starts(runs, False), MATCH_S[False]), runs, False),
        finish=_delay([_pairs(run, "end_ts", "done_ts") for run in runs], FINISH_S, longest_s=LONGEST_POST_S),
    )


_Pair = tuple[float, float]


def _starts(runs: Sequence[Sequence[Past]], pooled: bool) -> list[list[_Pair]]:
    calm = [[p for p in run if p.pooled == pooled and not p.interrupted] for run in runs]
    return [_pairs(free_starts(run) if pooled else run, "submit_ts", "execute_ts") for run in calm]


def free_starts(run: Sequence[Past]) -> list[Past]:
    """The tries that found a free slot when they were submitted: of those ahead of them in the queue so many had ended
    that there was one more than ever ran at once. What they waited is the match alone."""
    known = [p for p in run if p.submit_ts is not None and p.execute_ts is not None and p.end_ts is not None]
    known.sort(key=lambda p: p.submit_ts or 0.0)
    starts, ends = sorted(p.execute_ts or 0.0 for p in known), sorted(p.end_ts or 0.0 for p in known)
    most = max((i + 1 - bisect_right(ends, t) for i, t in enumerate(starts)), default=0)
    complete_from = -math.inf
    if len(run) >= SAMPLE // 2:  # only the last tries are known: those that ran beside the first of them are missing
        took = sorted((p.end_ts or 0.0) - (p.execute_ts or 0.0) for p in known)
        complete_from = starts[0] + took[int(0.95 * len(took))] if starts else math.inf
    return [
        p
        for i, p in enumerate(known)
        if (p.submit_ts or 0.0) >= complete_from and i < most + bisect_right(ends, p.submit_ts or 0.0)
    ]


def match_patience_s(run: Sequence[Past]) -> float:
    """From which wait on a job in the pool is said to wait for a slot, not for a match."""
    calm = [p for p in run if p.pooled and not p.interrupted]
    waits = sorted(b - a for a, b in _pairs(free_starts(calm), "submit_ts", "execute_ts"))
    return 1.5 * waits[int(0.9 * (len(waits) - 1))] + 1.0 if waits else 15.0


def _interrupted(delay: Delay, runs: Sequence[Sequence[Past]], pooled: bool) -> Delay:
    """Add what holds and evictions cost, to as many of the delays as there were of them."""
    run = next((r for r in runs if len(r) >= ENOUGH), runs[0])
    own = [p for p in run if p.pooled == pooled]
    cost = [b - a for a, b in _pairs([p for p in own if p.interrupted], "submit_ts", "execute_ts")]
    if not cost:
        return delay
    usual = delay.seconds * max(1, round(len(cost) / len(delay.seconds)))
    times = max(1, round(len(own) / max(1, len(usual) + len(cost))))
    return replace(delay, seconds=usual * times + cost)


def _pairs(run: Sequence[Past], start: str, end: str) -> list[_Pair]:
    found = [(getattr(p, start), getattr(p, end)) for p in run]
    return [(a, max(a, b)) for a, b in found if a is not None and b is not None]


def _delay(
    runs: list[list[_Pair]], believed: Sequence[float], *, queueing: bool = True, longest_s: float = LONGEST_S
) -> Delay:
    """``queueing``: some of them may have queued, and then tell what is served in a second."""
    own, *earlier = runs
    rate = _rate(own, longest_s) if queueing else math.inf
    seen = _own_delays(own, rate, longest_s) if queueing else _thinned([b - a for a, b in own])
    if len(seen) >= ENOUGH:
        return Delay(seen, SEEN_SPREAD, rate)
    base: Sequence[float] = believed
    spread = UNSEEN_SPREAD
    then = next((run for run in earlier if len(run) >= ENOUGH), [])
    rate_then = _rate(then, longest_s) if queueing else math.inf
    known = _own_delays(then, rate_then, longest_s) if queueing else _thinned([b - a for a, b in then])
    if sum(known) > 0:
        base = known
        spread = 2 * SEEN_SPREAD
    # few: they say whether the others are right, and by how much not
    n, usual = len(seen), sum(base) / len(base)
    worth = 4.0 if spread < UNSEEN_SPREAD else 1.0
    scale = (sum(seen) + worth * usual) / ((n + worth) * usual) if usual > 0 else 1.0
    return Delay([scale * d for d in base], max(SEEN_SPREAD, spread / math.sqrt(1 + n)), min(rate, rate_then))


def _own_delays(pairs: Sequence[_Pair], rate: float, longest_s: float) -> list[float]:
    """The delays without the time for which others were served first; empty when that was all."""
    if rate == math.inf:
        return unqueued([b - a for a, b in pairs], longest_s)
    served = sorted(b for _, b in pairs)
    found = [max(0.0, b - a - (i - bisect_right(served, a)) / rate) for i, (a, b) in enumerate(sorted(pairs))]
    return unqueued(found, longest_s)


def unqueued(waits: Sequence[float], longest_s: float = LONGEST_S) -> list[float]:
    """Those of the waits that nobody else was the reason for; empty when all queued, which is said of waits that all
    are longer than some times ``longest_s``."""
    ordered = sorted(waits)
    if not ordered:
        return []
    limit = patience_s(ordered, longest_s)
    found = [w for w in ordered if w <= limit]
    return _thinned(found)


def _thinned(waits: Sequence[float]) -> list[float]:
    return list(waits[:: max(1, len(waits) // KEPT)])


def patience_s(ordered: Sequence[float], longest_s: float) -> float:
    """From which wait on a job is said to queue; ``ordered`` are the waits that were seen."""
    usual = ordered[len(ordered) // 4] if ordered else 5.0
    return QUEUED * min(usual, longest_s) + QUEUED_S


def _rate(pairs: Sequence[_Pair], longest_s: float) -> float:
    """What is served in a second while something has queued; infinite when nothing did for long."""
    limit = patience_s(sorted(b - a for a, b in pairs), longest_s)
    changes = sorted(
        (ts, change) for a, b in pairs if b - a > limit for ts, change in ((a + limit, 1), (b, -1))
    )  # fmt: skip
    if not changes:
        return math.inf
    waiting, start, spells = 0, 0.0, []
    for ts, change in changes:
        if waiting == 0 and change > 0:
            start = ts
        waiting += change
        if waiting == 0 and change < 0:
            spells.append((start, ts))
    # of what was served before the first that is known nothing is known; of the last of many only what has ended
    served = sorted(b for _, b in pairs)
    first, last = served[0], served[len(served) // 2 if len(served) >= SAMPLE // 2 else -1]
    spells = [(max(start, first), min(end, last)) for start, end in spells[-20:] if end > first and start < last]
    span = sum(end - start for start, end in spells)
    if span < RATE_S:
        return math.inf
    return max(1, sum(1 for b in served if any(start < b <= end for start, end in spells))) / span
