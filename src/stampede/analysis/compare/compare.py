"""Two runs, or a run and its past, side by side: what changed beyond noise, what it costs, and what changed first.

Noise has three floors, and a change has to rise above all: chance (rank tests, of many at once one in twenty may be
wrong), what is too small to matter or to be measured, and how much the medians of earlier runs differ among themselves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from stampede.analysis.chance import shares_p
from stampede.analysis.compare.measures import MEASURES, SHARES
from stampede.analysis.compare.plan import PlanChange, plan_changes
from stampede.analysis.compare.ranks import Shift, adjusted, median, shift
from stampede.query.ended import EndedTry
from stampede.query.run_facts import RunFacts

#: chance that a change is told which is none
ALPHA: Final = 0.05
#: the smallest ratio that is told: against one run, and against several whose own differences are known
LEAST_RATIO: Final = 1.15
LEAST_RATIO_PAST: Final = 1.08
#: a change has to be so many times what earlier runs differ by
BEYOND_PAST: Final = 2.5
#: the smallest share of tries by which failures and the like differ
LEAST_SHARE: Final = 0.02
#: tries of a kind on each side that are needed to compare it
FEWEST: Final = 4


class Change(msgspec.Struct, kw_only=True):
    """One difference beyond noise. ``kind`` is that of the jobs, ``measure`` what differs.

    ``old`` and ``new`` are medians (shares of tries for failed, held, evicted, and for sites and machines), ``ratio``
    new to old with its 95 % interval, ``p`` the probability of such a difference by chance after correction for all
    that was tested. ``floor`` is the ratio that had to be passed. ``makespan_s`` estimates what it adds to the length
    of the run (seconds; negative: shorter), None where it does not take time. ``first_s`` is when it was first seen, in
    seconds from the start of the new run.
    """

    kind: str
    measure: str
    old: float
    new: float
    old_n: int
    new_n: int
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    p: float
    floor: float
    makespan_s: float | None
    first_s: float | None


class Comparison(msgspec.Struct, kw_only=True):
    """What differs, new against old; ``changes`` and ``plan`` the largest effect first. ``first`` is the change that
    was seen first in the new run. ``tested`` counts what was looked at, ``old_runs`` what it was held against."""

    old_uuids: list[str]
    new_uuid: str
    old_makespan_s: float
    new_makespan_s: float
    old_state: str
    new_state: str
    old_runs: int
    tested: int
    changes: list[Change]
    plan: list[PlanChange]
    first: Change | None

    @property
    def changed(self) -> bool:
        """Whether anything differs beyond noise."""
        return bool(self.changes or self.plan or self.old_state != self.new_state)


class _Tested(msgspec.Struct):
    """A test that was made, before it is known how many there are."""

    change: Change
    beyond: bool


def compare(old: Sequence[RunFacts], new: RunFacts) -> Comparison:
    """Hold a run against another (``old`` has one) or against its past (several)."""
    tested = [t for kind in _kinds(old, new) for t in _test_kind(kind, old, new)]
    tested += _test_places(old, new)
    for t, p in zip(tested, adjusted([t.change.p for t in tested]), strict=True):
        t.change.p = p
    changes = [t.change for t in tested if t.beyond and t.change.p <= ALPHA]
    _share_out(changes, new.makespan_s - median([r.makespan_s for r in old]))
    changes.sort(key=lambda c: (-abs(c.makespan_s or 0.0), c.p, c.kind, c.measure))
    seen = [c for c in changes if c.first_s is not None]
    return Comparison(
        old_uuids=[r.wf_uuid for r in old], new_uuid=new.wf_uuid,
        old_makespan_s=median([r.makespan_s for r in old]), new_makespan_s=new.makespan_s,
        old_state=old[0].state, new_state=new.state, old_runs=len(old), tested=len(tested), changes=changes,
        plan=plan_changes(old[0], new), first=min(seen, key=lambda c: c.first_s or 0.0, default=None),
    )  # fmt: skip


def _kinds(old: Sequence[RunFacts], new: RunFacts) -> list[str]:
    return sorted({k for r in old for k in r.kinds} & set(new.kinds))


def _of(run: RunFacts, kind: str) -> list[EndedTry]:
    return [t for t, k in zip(run.tries, run.kinds, strict=True) if k == kind]


def _test_kind(kind: str, old: Sequence[RunFacts], new: RunFacts) -> list[_Tested]:
    then, now = [_of(r, kind) for r in old], _of(new, kind)
    found = []
    for measure, (value, takes_time, least) in MEASURES.items():
        before = [[v for t in run if not t.failed and (v := value(t)) is not None] for run in then]
        pairs = [(t, v) for t in now if not t.failed and (v := value(t)) is not None]
        every, after = [v for run in before for v in run], [v for _, v in pairs]
        if len(every) >= FEWEST and len(after) >= FEWEST:
            one = _test_size(kind, measure, before, every, after, least)
            change = one.change
            if takes_time:
                change.makespan_s = _makespan_s(change, len(after), old, new, measure)
            change.first_s = _first(pairs, every, change, new.started_ts)
            found.append(one)
    tries = [t for run in then for t in run]
    if len(tries) >= FEWEST and len(now) >= FEWEST:
        for measure, counts in SHARES.items():
            found.append(_test_share(kind, measure, [t for t in tries if counts(t)], len(tries),
                                     [t for t in now if counts(t)], len(now), new.started_ts))  # fmt: skip
    return found


def _test_size(
    kind: str, measure: str, before: list[list[float]], every: list[float], after: list[float], least: float
) -> _Tested:  # fmt: skip
    """Whether the values of a measure are larger or smaller now; ratios, by their logarithms."""
    resolution = least / 2.0
    moved = shift([_log(v, resolution) for v in every], [_log(v, resolution) for v in after])
    floor = _floor([[_log(v, resolution) for v in run] for run in before if len(run) >= FEWEST])
    old, new = median(every), median(after)
    typical = shift(every, after).estimate
    beyond = abs(moved.estimate) > floor and abs(typical) >= least and _one_side(moved)
    return _Tested(
        Change(
            kind=kind, measure=measure, old=old, new=new, old_n=len(every), new_n=len(after),
            ratio=math.exp(moved.estimate), ratio_low=math.exp(moved.low), ratio_high=math.exp(moved.high), p=moved.p,
            floor=math.exp(floor), makespan_s=None, first_s=None,
        ),
        beyond,
    )  # fmt: skip


def _log(value: float, resolution: float) -> float:
    return math.log(max(value, 0.0) + resolution)


def _one_side(moved: Shift) -> bool:
    return moved.low > 0 or moved.high < 0


def _floor(runs: list[list[float]]) -> float:
    """The logarithm of the ratio that is still noise, from how the medians of earlier runs differ."""
    if len(runs) < 2:
        return math.log(LEAST_RATIO)
    medians = [median(run) for run in runs]
    centre = sum(medians) / len(medians)
    # two runs worth of the usual difference, so that two that happen to be alike do not make the floor vanish
    usual = math.log(LEAST_RATIO_PAST) ** 2
    spread = math.sqrt((sum((m - centre) ** 2 for m in medians) + 2 * usual) / (len(medians) + 1))
    return max(math.log(LEAST_RATIO_PAST), BEYOND_PAST * spread)


def _makespan_s(change: Change, n: int, old: Sequence[RunFacts], new: RunFacts, measure: str) -> float:
    """What the difference adds to the run: that of all tries, over how many were under way at a time."""
    shared = max(_at_once(new, measure), sum(_at_once(r, measure) for r in old) / len(old))
    return (change.new - change.old) * 0.5 * (n + change.old_n / len(old)) / max(1.0, shared)


def _share_out(changes: list[Change], difference: float) -> None:
    """Waits lie side by side, and beside what runs: what changes of one direction add is no more than the difference of
    the runs' lengths, where that is of the same direction."""
    same = [c for c in changes if c.makespan_s is not None and c.makespan_s * difference > 0]
    total = sum(abs(c.makespan_s or 0.0) for c in same)
    if total > abs(difference):
        for c in same:
            c.makespan_s = (c.makespan_s or 0.0) * abs(difference) / total


def _at_once(run: RunFacts, measure: str) -> float:
    """Mean number of tries in that phase while there was one; queueing ones wait side by side."""
    value = MEASURES[measure][0]
    busy = sum(v for t in run.tries if (v := value(t)) is not None)
    return busy / max(run.makespan_s, 1.0)


def _first(pairs: Sequence[tuple[EndedTry, float]], every: list[float], change: Change, start: float) -> float | None:
    """When a value first lay beyond what was usual, in the direction of the change."""
    ordered = sorted(every)
    up = change.new >= change.old
    edge = ordered[int((0.9 if up else 0.1) * (len(ordered) - 1))]
    when = [t.ended_ts for t, v in pairs if (v > edge if up else v < edge)]
    return min(when) - start if when else None


def _test_share(
    kind: str, measure: str, old: list[EndedTry], old_n: int, new: list[EndedTry], new_n: int, start: float
) -> _Tested:  # fmt: skip
    before, after = len(old) / old_n, len(new) / new_n
    first = min((t.ended_ts for t in new), default=None)
    return _Tested(
        Change(
            kind=kind, measure=measure, old=before, new=after, old_n=old_n, new_n=new_n, ratio=None, ratio_low=None,
            ratio_high=None, p=shares_p((len(old), old_n), (len(new), new_n)), floor=1.0,
            makespan_s=None, first_s=None if first is None else first - start,
        ),
        abs(after - before) >= LEAST_SHARE,
    )  # fmt: skip


#: machines and sites looked at, those with most tries
_PLACES: Final = 20


def _test_places(old: Sequence[RunFacts], new: RunFacts) -> list[_Tested]:
    """Whether sites and machines had other shares of the tries of the pool."""
    found = []
    for measure in ("site", "machine"):
        then = [t for r in old for t in r.tries if t.type_desc == "compute" and getattr(t, measure)]
        now = [t for t in new.tries if t.type_desc == "compute" and getattr(t, measure)]
        counts: dict[str, int] = {}
        for t in (*then, *now):
            counts[getattr(t, measure)] = counts.get(getattr(t, measure), 0) + 1
        if len(counts) < 2 or not then or not now:
            continue
        for place in sorted(counts, key=lambda p: (-counts[p], p))[:_PLACES]:
            one = _test_share(
                place, measure, [t for t in then if getattr(t, measure) == place], len(then),
                [t for t in now if getattr(t, measure) == place], len(now), new.started_ts,
            )  # fmt: skip
            one.beyond = abs(one.change.new - one.change.old) >= 0.1
            found.append(one)
    return found
