"""Which machine ran what, and when it had nothing to do."""

from __future__ import annotations

from typing import Final

import msgspec

from stampede.query.pictures.lanes import FOLLOWED, OTHERS, Lane, Lanes
from stampede.query.pictures.tries import DrawnTry
from stampede.query.pictures.window import Window

#: bars that can be told apart
MOST_BARS: Final = 3000
#: hosts with a lane of their own
MOST_HOSTS: Final = 40


class HostBar(msgspec.Struct, kw_only=True):
    """A try on a machine, from its (last) start there to its end."""

    host: str
    job: str
    transformation: str
    start_ts: float
    end_ts: float
    failed: bool | None


class Hosts(msgspec.Struct, kw_only=True):
    """The hosts: those on which most failed come first, then the busiest. ``bars`` are empty when there are more than
    ``MOST_BARS``. ``hosts`` is how many there were; ``more``: there were more than were counted."""

    window: Window
    hosts: int
    more: bool
    tries: int
    lanes: list[Lane]
    bars: list[HostBar] = []


class HostsCollector:
    """Collects tries by the machine they ran on."""

    def __init__(self, window: Window, *, bins: int, most: int = MOST_BARS) -> None:
        self._window, self._most = window, most
        self._lanes = Lanes(window.bins(bins), "host", keep=MOST_HOSTS)
        self._bars: list[HostBar] = []
        self._names: set[str] = set()
        self._tries = 0

    def add(self, one: DrawnTry) -> None:
        """A try; one that never ran, and a node that runs a sub-workflow, has no machine."""
        if one.whole or not one.ran:
            return
        self._tries += 1
        if len(self._names) <= FOLLOWED:
            self._names.add(one.host)
        self._lanes.add(one)
        if self._tries <= self._most:
            self._bars.append(HostBar(
                host=one.host, job=one.job, transformation=one.transformation, start_ts=one.run_ts, end_ts=one.end_ts,
                failed=one.failed,
            ))  # fmt: skip
        elif self._bars:
            self._bars.clear()

    def result(self) -> Hosts:
        """The picture's data."""
        lanes = sorted(self._lanes.lanes(), key=lambda lane: (lane.name == OTHERS, -lane.failed))
        bars = sorted(self._bars, key=lambda b: (b.start_ts, b.end_ts))
        return Hosts(
            window=self._window, hosts=min(len(self._names), FOLLOWED), more=len(self._names) > FOLLOWED,
            tries=self._tries, lanes=lanes, bars=bars,
        )  # fmt: skip
