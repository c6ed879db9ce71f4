"""Failed tries: when, where, of what, and how they ended. Their causes are the business of ``analysis``."""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

from stampede.model.exits import from_raw
from stampede.query.pictures.lanes import FOLLOWED, OTHERS
from stampede.query.pictures.tries import DrawnTry
from stampede.query.pictures.window import Window

#: rows of a list
MOST_ROWS: Final = 12


class Rate(msgspec.Struct, kw_only=True):
    """Tries that ended at a place (or of a kind), and how many of them failed."""

    name: str
    ended: int
    failed: int


class Failures(msgspec.Struct, kw_only=True):
    """Tries that ended, and those that failed: in each bin of time, by host and transformation (those with most
    failures first, only where something failed), and how they ended (``exit code 1``)."""

    window: Window
    ended: int
    failed: int
    ended_in_bin: list[int]
    failed_in_bin: list[int]
    hosts: list[Rate]
    hosts_in_all: int
    transformations: list[Rate]
    transformations_in_all: int
    exits: dict[str, int]


class FailuresCollector:
    """Counts tries that ended within the window."""

    def __init__(self, window: Window, *, bins: int) -> None:
        self._window, self._bins = window, window.bins(bins)
        self._ended, self._failed = [0] * bins, [0] * bins
        self._hosts, self._kinds = _Rates(), _Rates()
        self._exits: Counter[int | None] = Counter()

    def add(self, one: DrawnTry) -> None:
        """A try; a node that runs a sub-workflow fails because something in it did, which counts there."""
        if one.failed is None or one.whole:
            return
        index = self._bins.index(one.over_ts)
        if index is None:
            return
        self._ended[index] += 1
        if one.ran:
            self._hosts.add(one.host, one.failed)
        self._kinds.add(one.transformation, one.failed)
        if one.failed:
            self._failed[index] += 1
            self._exits[one.exitcode] += 1

    def result(self) -> Failures:
        """The picture's data."""
        exits: Counter[str] = Counter()
        for raw, times in self._exits.items():
            # a script failed, or the program's exit is not known
            exits["no exit of the program" if raw in (None, 0) else str(from_raw(raw))] += times
        return Failures(
            window=self._window, ended=sum(self._ended), failed=sum(self._failed), ended_in_bin=self._ended,
            failed_in_bin=self._failed, hosts=self._hosts.worst(), hosts_in_all=self._hosts.bad,
            transformations=self._kinds.worst(), transformations_in_all=self._kinds.bad,
            exits=dict(exits.most_common(MOST_ROWS)),
        )  # fmt: skip


class _Rates:
    def __init__(self) -> None:
        self._rates: dict[str, Rate] = {}

    def add(self, name: str, failed: bool) -> None:
        rate = self._rates.get(name)
        if rate is None:
            name = name if len(self._rates) < 10 * FOLLOWED else OTHERS
            rate = self._rates.setdefault(name, Rate(name=name, ended=0, failed=0))
        rate.ended += 1
        rate.failed += failed

    @property
    def bad(self) -> int:
        """How many have failures."""
        return sum(r.failed > 0 for r in self._rates.values())

    def worst(self) -> list[Rate]:
        found = [r for r in self._rates.values() if r.failed]
        return sorted(found, key=lambda r: (-r.failed, r.name))[:MOST_ROWS]
