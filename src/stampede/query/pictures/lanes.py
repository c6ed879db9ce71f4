"""Lanes: how many tries waited and ran at once, by what they have in common."""

from __future__ import annotations

from typing import Final, Literal, get_args

import msgspec

from stampede.query.pictures.bins import Bins, Spread
from stampede.query.pictures.tries import DrawnTry

By = Literal["job", "transformation", "host", "site"]
LANES_BY: Final[tuple[By, ...]] = get_args(By)
#: lanes followed one by one, in the order in which they are met; tries of any further lane are put together
FOLLOWED: Final = 1000
#: what the lane of all others is called
OTHERS: Final = "all others"


class Lane(msgspec.Struct, kw_only=True):
    """One lane. Levels are averages over each bin: tries that waited in the queue, that ran and in the end went well
    (or still run), that ran and failed. ``failures`` are tries that failed in each bin, ``busy_s`` seconds on machines
    within the window, ``wasted_s`` those of tries that failed. ``lanes`` is 1, or how many the lane of all others holds
    (None: more than were counted)."""

    name: str
    lanes: int | None = 1
    tries: int
    failed: int
    busy_s: float
    wasted_s: float
    waiting: list[float]
    running: list[float]
    failing: list[float]
    failures: list[int]

    @property
    def peak(self) -> float:
        """The most that ran and waited at once, on average over a bin."""
        return max((sum(at) for at in zip(self.waiting, self.running, self.failing, strict=True)), default=0.0)

    @property
    def peak_running(self) -> float:
        """The most that ran at once, on average over a bin."""
        return max((a + b for a, b in zip(self.running, self.failing, strict=True)), default=0.0)


class _Sums:
    __slots__ = ("bins", "failed", "failing", "failures", "running", "tries", "waiting")

    def __init__(self, bins: Bins) -> None:
        self.tries = self.failed = 0
        self.waiting, self.running, self.failing = Spread(bins), Spread(bins), Spread(bins)
        self.bins, self.failures = bins, [0] * bins.count

    def add(self, one: DrawnTry) -> None:
        self.tries += 1
        if one.run_ts > one.queue_ts:
            self.waiting.add(one.queue_ts, one.run_ts)
        if one.failed:
            self.failed += 1
            self.failing.add(one.run_ts, one.end_ts)
            index = self.bins.index(one.over_ts)
            if index is not None:
                self.failures[index] += 1
        else:
            self.running.add(one.run_ts, one.end_ts)

    def add_all(self, other: _Sums) -> None:
        self.tries += other.tries
        self.failed += other.failed
        for mine, theirs in ((self.waiting, other.waiting), (self.running, other.running),
                             (self.failing, other.failing)):  # fmt: skip
            mine.add_all(theirs)
        self.failures = [a + b for a, b in zip(self.failures, other.failures, strict=True)]


class Lanes:
    """Collects lanes; ``keep`` of them get their own, those with most failures anyway."""

    def __init__(self, bins: Bins, by: By, *, keep: int) -> None:
        self._bins, self._keep = bins, keep
        self._field = DrawnTry._fields.index(by)
        self._lanes: dict[str, _Sums] = {}
        self._rest: _Sums | None = None

    def add(self, one: DrawnTry) -> None:
        """A try."""
        name: str = one[self._field]  # type: ignore[assignment]
        sums = self._lanes.get(name)
        if sums is None:
            if len(self._lanes) < FOLLOWED:
                sums = self._lanes[name] = _Sums(self._bins)
            else:
                sums = self._rest = self._rest or _Sums(self._bins)
        sums.add(one)

    def lanes(self) -> list[Lane]:
        """The lanes that were the busiest, with most failures first among equals, then one of all others."""
        found = [self._lane(name, sums) for name, sums in self._lanes.items()]
        found.sort(key=lambda lane: (-lane.busy_s, -lane.failed, lane.name))
        kept = {lane.name for lane in found[: self._keep]}
        # a lane on which much failed is what somebody looks for, however little it did
        worst = sorted(found, key=lambda lane: (-lane.failed, lane.name))[:3]
        kept |= {lane.name for lane in worst if lane.failed}
        left = [self._lanes[lane.name] for lane in found if lane.name not in kept]
        lanes = [lane for lane in found if lane.name in kept]
        return lanes + self._others(left)

    def _others(self, left: list[_Sums]) -> list[Lane]:
        parts = left if self._rest is None else [*left, self._rest]
        if not parts:
            return []
        sums = _Sums(self._bins)
        for part in parts:
            sums.add_all(part)
        lane = self._lane(OTHERS, sums)
        lane.lanes = len(left) if self._rest is None else None
        return [lane]

    def _lane(self, name: str, sums: _Sums) -> Lane:
        running, failing = sums.running.levels(), sums.failing.levels()
        wasted = sum(failing) * self._bins.width_s
        return Lane(
            name=name, tries=sums.tries, failed=sums.failed, busy_s=sum(running) * self._bins.width_s + wasted,
            wasted_s=wasted, waiting=sums.waiting.levels(), running=running, failing=failing,
            failures=sums.failures,
        )  # fmt: skip
