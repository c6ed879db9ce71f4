"""The rest of a workflow, played: every node that is left becomes ready, waits, runs, ends, and frees its children.

List scheduling on a number of slots, first come, first served. A play ends when nothing is left that can run.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Final

import msgspec

from stampede.analysis.progress.durations import PLENTY, SHORTEST_S, Kind
from stampede.query.remaining import Left

_READY, _ARRIVED, _ENDED, _DONE = range(4)
#: draws of a duration that is longer than what has passed already, before its tail is guessed
_DRAWS: Final = 12
#: times the longest match, and seconds, that a job waits while nothing runs until it is said to be stalled
STALLED: Final = 2.0
STALLED_S: Final = 20.0


class Terms(msgspec.Struct):
    """What holds in one play: number of slots, the delays (what to draw from, a factor, and the seconds between two
    that are served) of submission, match, start beside the pool and note of the end, a factor for durations, and by
    kind the median (logarithm) and spread of durations and the chance that a try fails. ``stall`` is between 0 and 1:
    how much longer what stands still does."""

    slots: float
    submit: tuple[list[float], float, float]
    match: tuple[list[float], float, float]
    start: tuple[list[float], float, float]
    finish: tuple[list[float], float, float]
    stall: float
    pace: float
    durations: Mapping[str, tuple[float, float, Kind]]
    failing: Mapping[str, float]


class Play(msgspec.Struct):
    """How a play went: seconds until the last node was done, seconds for which jobs waited for a slot, and the last
    chain of nodes (places), each freed by the one before."""

    lasted_s: float
    waited_s: float
    chain: list[int]


def play(left: Sequence[Left], terms: Terms, now: float, rng: random.Random) -> Play:
    """Play the rest once."""
    waiting = [n.waiting for n in left]
    tries = [n.tries_left for n in left]
    freed_by = [-1] * len(left)
    hopeless: set[int] = set()
    used = sum(n.pooled and n.phase == "running" for n in left)
    stalled = not used and not any(n.phase in ("running", "post", "pre") for n in left)
    events = [e for at, n in enumerate(left) if (e := _first(at, n, terms, now, stalled, rng)) is not None]
    heapify(events)
    queue: deque[int] = deque()
    slots = max(1, int(terms.slots) + (rng.random() < terms.slots - int(terms.slots)))
    last, at_end, full_since, waited = 0.0, -1, -1.0, 0.0
    submit_s, submit_factor, submit_gap = terms.submit
    finish_s, finish_factor, finish_gap = terms.finish
    submit_free = finish_free = 0.0
    uniform = rng.random
    while events:
        t, what, at = heappop(events)
        node = left[at]
        if what == _READY:
            if node.inside:
                heappush(events, (t, _ENDED, at))
                continue
            t += submit_factor * submit_s[int(uniform() * len(submit_s))]
            if submit_gap:
                t = submit_free = max(t, submit_free + submit_gap)
            match_s, factor, _ = terms.match if node.pooled else terms.start
            heappush(events, (t + factor * match_s[int(uniform() * len(match_s))], _ARRIVED, at))
        elif what == _ARRIVED:
            if node.pooled and used >= slots:
                if not queue:
                    full_since = t
                queue.append(at)
                continue
            used += node.pooled
            heappush(events, (t + _duration(node, terms, 0.0, rng), _ENDED, at))
        elif what == _ENDED:
            if node.pooled:
                used -= 1
                while queue and used < slots:
                    then = queue.popleft()
                    used += 1
                    heappush(events, (t + _duration(left[then], terms, 0.0, rng), _ENDED, then))
                    if not queue:
                        waited += t - full_since
            t += finish_factor * finish_s[int(uniform() * len(finish_s))]
            if finish_gap:
                t = finish_free = max(t, finish_free + finish_gap)
            heappush(events, (t, _DONE, at))
        else:
            last, at_end = t, at
            if uniform() < terms.failing[node.kind] and not node.inside:
                if tries[at] > 0:
                    tries[at] -= 1
                    heappush(events, (t, _READY, at))
                else:
                    for final in _given_up(at, left, waiting, hopeless):
                        freed_by[final] = at
                        heappush(events, (t, _READY, final))
                continue
            for child in node.children:
                waiting[child] -= 1
                if not waiting[child]:
                    freed_by[child] = at
                    heappush(events, (t, _READY, child))
    return Play(last, waited, _chain(freed_by, at_end))


def _given_up(at: int, left: Sequence[Left], waiting: list[int], hopeless: set[int]) -> list[int]:
    """A node failed for good: nothing behind it will run, and FINAL nodes do not wait for it; gives those now free."""
    free = []
    stack = [at]
    while stack:
        for child in left[stack.pop()].children:
            if left[child].final:
                waiting[child] -= 1
                if not waiting[child]:
                    free.append(child)
            elif child not in hopeless:
                hopeless.add(child)
                stack.append(child)
    return free


def _first(
    at: int, node: Left, terms: Terms, now: float, stalled: bool, rng: random.Random
) -> tuple[float, int, int] | None:
    """The first event of a node, from where it stands now; None while it waits for others."""
    since = max(0.0, now - node.since_ts) if node.since_ts is not None else 0.0
    if node.inside:
        return None if node.waiting else (0.0, _ENDED, at)
    if node.phase == "running":
        passed = max(0.0, now - node.execute_ts) if node.execute_ts is not None else since
        return _duration(node, terms, passed, rng), _ENDED, at
    match = terms.match if node.pooled else terms.start
    if node.phase == "held" or (node.phase == "idle" and stalled and since > STALLED * max(match[0]) + STALLED_S):
        # nothing tells when it goes on: it lasts as long again as it has lasted, more or less (Gott's rule)
        return (since + 1.0) * (1.0 / max(terms.stall, 0.02) - 1.0), _ARRIVED, at
    if node.phase == "idle":
        return _rest(match, since, rng), _ARRIVED, at
    if node.phase == "post":
        return _rest(terms.finish, since, rng), _DONE, at
    if node.phase in ("ready", "pre") or not node.waiting:
        return _rest(terms.submit, since, rng) + match[1] * rng.choice(match[0]), _ARRIVED, at
    return None


def _rest(delay: tuple[list[float], float, float], passed: float, rng: random.Random) -> float:
    """What is left of a delay of which something has passed."""
    for _ in range(3):
        whole = delay[1] * rng.choice(delay[0])
        if whole >= passed:
            return whole - passed
    return rng.random() * 2.0


def _duration(node: Left, terms: Terms, passed: float, rng: random.Random) -> float:
    """What is left of the node's run on its machine, of which ``passed`` seconds are over."""
    median, spread, kind = terms.durations[node.kind]
    seen = kind.seen
    if len(seen) >= PLENTY:
        factor = terms.pace * math.exp(median - kind.centre)
        for _ in range(_DRAWS if passed else 1):
            whole = seen[int(rng.random() * len(seen))] * factor
            if whole > passed:
                return whole - passed
            if not passed:
                return 0.0
    else:
        if passed <= SHORTEST_S:
            return terms.pace * math.exp(min(median + spread * rng.gauss(0.0, 1.0), 25.0))
        for _ in range(_DRAWS):
            whole = terms.pace * math.exp(min(median + spread * rng.gauss(0.0, 1.0), 25.0))
            if whole > passed:
                return whole - passed
    # longer than any that is expected: it may end any time, or take a good part of as long again
    return min(passed * max(spread, 0.2), 1e9) * rng.expovariate(1.0)


def _chain(freed_by: list[int], at: int) -> list[int]:
    found = []
    while at >= 0:
        found.append(at)
        at = freed_by[at]
    return found[::-1]
