"""What a watcher learns from its own forecasts: when they moved further than they said, the next ones are wider."""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec

from stampede.analysis.progress.progress import Progress

#: forecasts that are kept, and how many it takes to believe them half
KEPT: Final = 40
WORTH: Final = 5.0
#: an interval is widened so many times at most, and never narrowed
MOST: Final = 3.0
#: seconds by which a forecast may move without telling anything
_SLACK_S: Final = 2.0


class _Forecast(msgspec.Struct, frozen=True):
    eta_ts: float
    low_ts: float
    high_ts: float


class Widening:
    """Forecasts of one workflow, each held against those that came after it.

    A later forecast knows more; one that has moved out of an earlier interval shows that the earlier was too narrow.
    The factor is the 80 % quantile of the moves, in widths of the earlier intervals, drawn towards 1.
    """

    def __init__(self) -> None:
        self._kept: deque[_Forecast] = deque(maxlen=KEPT)
        self._now: _Forecast | None = None

    def add(self, told: Progress) -> None:
        """A forecast as it was told, widening and all."""
        if told.eta_ts is None or told.eta_low_ts is None or told.eta_high_ts is None:
            return
        if self._now is not None:
            self._kept.append(self._now)
        self._now = _Forecast(told.eta_ts, told.eta_low_ts, told.eta_high_ts)

    @property
    def factor(self) -> float:
        """By how much the next interval is to be stretched: 1 to 3."""
        now = self._now
        if now is None or not self._kept:
            return 1.0
        moves = sorted(_move(then, now.eta_ts) for then in self._kept)
        moved = moves[min(int(0.8 * len(moves)), len(moves) - 1)]
        n = len(moves)
        return min(MOST, max(1.0, (WORTH + n * moved) / (WORTH + n)))


def _move(then: _Forecast, eta_ts: float) -> float:
    """How far the end has moved since a forecast was made, in widths of that side of its interval."""
    by = eta_ts - then.eta_ts
    width = then.high_ts - then.eta_ts if by > 0 else then.eta_ts - then.low_ts
    return max(0.0, abs(by) - _SLACK_S) / max(width, _SLACK_S)
