"""How many tries, and how much time, each transformation took."""

from __future__ import annotations

from typing import Final

import msgspec

from stampede.query.pictures.lanes import FOLLOWED, OTHERS
from stampede.query.pictures.tries import DrawnTry
from stampede.query.pictures.window import Window

#: transformations with a row of their own
MOST_ROWS: Final = 40


class Share(msgspec.Struct, kw_only=True):
    """A transformation: jobs that ended or run, tries, and seconds spent in each phase, summed over its tries.

    ``run_s`` are seconds on machines of tries that went well or still run, ``failed_s`` of those that failed,
    ``after_s`` those until its job was through with it: held, POST script, DAGMan's own time.
    """

    transformation: str
    jobs: int = 0
    tries: int = 0
    failed: int = 0
    pre_s: float = 0.0
    queue_s: float = 0.0
    run_s: float = 0.0
    failed_s: float = 0.0
    after_s: float = 0.0

    @property
    def machine_s(self) -> float:
        """Seconds on machines."""
        return self.run_s + self.failed_s


class Breakdown(msgspec.Struct, kw_only=True):
    """The transformations, those that took most time on machines first; those beyond ``MOST_ROWS`` put together."""

    window: Window
    shares: list[Share]


class BreakdownCollector:
    """Adds up tries; those that the window cuts count whole. Nodes that run a sub-workflow are left out."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._shares: dict[str, Share] = {}

    def add(self, one: DrawnTry) -> None:
        """A try."""
        if one.whole:
            return
        name = one.transformation
        share = self._shares.get(name)
        if share is None:
            name = name if len(self._shares) < FOLLOWED else OTHERS
            share = self._shares.setdefault(name, Share(transformation=name))
        share.tries += 1
        share.jobs += one.final
        share.pre_s += one.queue_ts - one.begin_ts
        share.queue_s += one.run_ts - one.queue_ts
        share.after_s += one.over_ts - one.end_ts
        if one.failed:
            share.failed += 1
            share.failed_s += one.end_ts - one.run_ts
        else:
            share.run_s += one.end_ts - one.run_ts

    def result(self) -> Breakdown:
        """The picture's data."""
        shares = sorted(
            self._shares.values(), key=lambda s: (s.transformation == OTHERS, -s.machine_s, -s.tries, s.transformation)
        )
        kept, left = shares[:MOST_ROWS], shares[MOST_ROWS:]
        if left:
            rest = Share(transformation=OTHERS)
            for share in left:
                for field in Share.__struct_fields__[1:]:
                    setattr(rest, field, getattr(rest, field) + getattr(share, field))
            kept.append(rest)
        return Breakdown(window=self._window, shares=kept)
