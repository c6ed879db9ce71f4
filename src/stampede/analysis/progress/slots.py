"""How many jobs run at a time, learnt from the tries that ended and from what runs and waits now.

The number of slots is the mean number of jobs that ran while others waited for a machine longer than a match takes:
Little's law makes it consistent with the logged durations, whatever lies between two jobs of a slot. As long as nobody
waited that long the pool showed no limit, and has at least as many slots as were used.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Final

import msgspec

from stampede.analysis.progress.delays import match_patience_s
from stampede.query.remaining import SAMPLE, Left, Past

#: slots believed in when nothing ran yet, and the spread of the logarithm of how many more there are than were used
UNSEEN_SLOTS: Final = 40.0
UNSEEN_SPREAD: Final = 1.2
#: spread of the logarithm of the number of slots from now on when it is known from a full pool
DRIFT: Final = 0.06
#: share of the most that ever ran that runs, on average, in a pool that is full
STEADY: Final = 0.6


class Slots(msgspec.Struct, kw_only=True):
    """``full`` when jobs waited for slots lately: then there are ``count`` (a mean, no whole number); else ``most`` is
    what ran at once so far."""

    count: float
    full: bool
    most: int

    def draw(self, rng: random.Random) -> float:
        """A possible number of slots."""
        if self.full:
            return max(1.0, self.count * math.exp(rng.gauss(0.0, DRIFT)))
        if self.most == 0:
            return max(1.0, UNSEEN_SLOTS * math.exp(rng.gauss(0.0, UNSEEN_SPREAD)))
        return max(1.0, self.most) * math.exp(abs(rng.gauss(0.0, UNSEEN_SPREAD)))


def slots(past: Sequence[Past], left: Sequence[Left], now: float, earlier: Sequence[Sequence[Past]] = ()) -> Slots:
    """What the tries tell; those of ``earlier`` runs count while this run has not filled the pool."""
    own = _capacity(_spans(past, left), match_patience_s(past), now)
    if own.full:
        return own
    for run in earlier:
        then = _capacity(_spans(run, ()), match_patience_s(run), math.inf)
        if then.full and then.count >= own.most:
            return Slots(count=then.count, full=True, most=max(own.most, then.most))
        own.most = max(own.most, then.most)
    return own


_Span = tuple[float, float, float]  # submitted, started, ended (infinite: not yet)


def _spans(past: Sequence[Past], left: Sequence[Left]) -> list[_Span]:
    found = [
        (p.execute_ts if p.interrupted else p.submit_ts, p.execute_ts, p.end_ts)
        for p in past
        if p.pooled and p.submit_ts is not None and p.execute_ts is not None and p.end_ts is not None
    ]
    for n in left:
        if n.pooled and n.phase == "running" and n.execute_ts is not None:
            found.append((n.execute_ts, n.execute_ts, math.inf))
        elif n.pooled and n.phase == "idle" and n.since_ts is not None:
            found.append((n.since_ts, math.inf, math.inf))
    return found


def _capacity(spans: list[_Span], patience: float, now: float) -> Slots:
    """What ran while others waited; of many tries only the last are known, so those that ran beside the first of them
    are not all there."""
    counted_from = -math.inf
    if len(spans) >= SAMPLE // 2:
        took = sorted(e - s for _, s, e in spans if e < math.inf)
        counted_from = min(s for _, s, _ in spans) + took[int(0.95 * len(took))] if took else -math.inf
    changes: list[tuple[float, int, int]] = []
    for submitted, started, ended in spans:
        if started < math.inf:
            changes.append((started, 1, 0))
        if ended < math.inf:
            changes.append((ended, -1, 0))
        if min(started, now) - submitted > patience:
            changes.append((submitted + patience, 0, 1))
            if started < math.inf:
                changes.append((started, 0, -1))
    changes.sort()
    if not changes:
        return Slots(count=0.0, full=False, most=0)
    running = waiting = most = 0
    area = length = 0.0
    start = before = changes[0][0]
    last_full = -math.inf
    for ts, run, wait in [*changes, *([(now, 0, 0)] if math.inf > now > changes[-1][0] else [])]:
        if waiting > 0 and before >= counted_from:
            area += running * (ts - before)
            length += ts - before
            last_full = ts
        running, waiting, before = running + run, waiting + wait, ts
        most = max(most, running)
    steady = length > 0 and area / length >= STEADY * most
    full = steady and (waiting > 0 or last_full > start + 0.5 * (before - start))
    return Slots(count=area / length if length else 0.0, full=full, most=most)
