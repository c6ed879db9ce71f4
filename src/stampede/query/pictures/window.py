"""The part of time that a picture shows."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stampede.errors import UsageError
from stampede.query.pictures.bins import Bins
from stampede.query.workflows import Workflow


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """From ``start_ts`` to ``end_ts`` (epoch seconds). ``now_ts`` is the last record: what has not ended lasts until
    then. ``cut``: there is more of the run outside."""

    start_ts: float
    end_ts: float
    now_ts: float
    cut: bool = False

    @property
    def duration_s(self) -> float:
        """Seconds shown."""
        return self.end_ts - self.start_ts

    @property
    def known(self) -> bool:
        """Whether any time of the run is known: nothing is of one that has not begun."""
        return self.start_ts > 0

    def bins(self, count: int) -> Bins:
        """The window in so many bins."""
        return Bins(start_ts=self.start_ts, end_ts=self.end_ts, count=count)


def window_of(
    workflows: Sequence[Workflow], *, since_ts: float | None = None, until_ts: float | None = None,
    at_ts: float | None = None,
) -> Window:  # fmt: skip
    """All of the time of these workflows, or the part between ``since_ts`` and ``until_ts``; ``at_ts`` is the time as
    of which is asked. Raises UsageError when nothing is between them."""
    first = min((w.first_ts for w in workflows if w.first_ts is not None), default=0.0)
    last = max((w.last_ts for w in workflows if w.last_ts is not None), default=first)
    now = max(first, last if at_ts is None or not _runs(workflows) else at_ts)
    start = first if since_ts is None else since_ts
    end = now if until_ts is None else min(until_ts, now)  # nothing is known of what comes later
    if end < start or (end == start and (since_ts is not None or until_ts is not None)):
        raise UsageError("The end of the time to draw is not after its start.")
    return Window(start_ts=start, end_ts=max(end, start + 1.0), now_ts=now, cut=start > first or end < now)


def _runs(workflows: Sequence[Workflow]) -> bool:
    return any(w.state == "running" for w in workflows)
