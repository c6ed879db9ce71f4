"""What is usual: a centre and a spread, learnt value by value in constant memory, that faults cannot pull away.

A window of sorted values does the same in hundreds of numbers a key; this takes six. The centre follows Huber's
estimator (a value moves it by at most ``HUBER`` spreads). The spread is the smaller of two one-sided mean deviations,
since slow jobs lengthen one side only. A value beyond ``GUARD`` spreads teaches next to nothing; only when most values
lie there has the normal itself moved, and is learnt anew.
"""

from __future__ import annotations

from typing import Final

#: spreads beyond which a value is taken for a fault, and what it still teaches
GUARD: Final = 3.5
_LEAK: Final = 0.1
#: a value moves the centre by at most so many spreads
HUBER: Final = 1.5
#: no spread is smaller: 8 % is what a quiet machine varies
FLOOR: Final = 0.08
#: values before the guard stands
_MINIMUM: Final = 10
#: share of values beyond the guard, over about the last 50, from which on they teach again, slowly; and from which on
#: the normal has moved. A fault of many hosts that lasts for long must not become the normal; a new version must
_DOUBTFUL: Final = 0.65
_MOVED: Final = 0.9
_DOUBT_STEP: Final = 0.02
_SHARE_STEP: Final = 0.02
#: the last 20 or so of them say where it is now
_ELSEWHERE_STEP: Final = 0.05
#: mean deviation of a normal distribution times this is its standard deviation
_NORMAL: Final = 1.2533
#: a deviation counts at most so many times the side's own
_CUT: Final = 3.0


class Baseline:
    """Centre and spread of one quantity of one kind of job.

    ``count`` is how many values taught it, at most; ``outside`` the share of recent values beyond the guard.
    """

    __slots__ = ("_elsewhere", "above", "below", "centre", "count", "outside", "spread")

    def __init__(self, centre: float, spread: float) -> None:
        self.count = 0
        self.centre = centre
        self.spread = self.below = self.above = max(spread, FLOOR)
        self.outside = 0.0
        #: where the values beyond the guard lie
        self._elsewhere = centre

    def learn(self, x: float, z: float, slowest: float) -> bool:
        """Take in a value ``x``, ``z`` spreads from the centre, by at least a step ``slowest``.

        Whether the normal has moved with it.
        """
        far = z > GUARD or z < -GUARD
        self.outside += _SHARE_STEP * (far - self.outside)
        step = 1.0 / (self.count + 1)
        if step < slowest:
            step = slowest
        if far and self.count >= _MINIMUM:
            self._elsewhere += _ELSEWHERE_STEP * (x - self._elsewhere)
            if self.outside > _MOVED:
                self._begin_anew()
                return True
            if self.outside <= _DOUBTFUL:
                self.centre += _LEAK * step * self.spread * (HUBER if z > 0 else -HUBER)
                return False
            step = max(step, _DOUBT_STEP)
        self.count += 1
        moved = HUBER if z > HUBER else -HUBER if z < -HUBER else z
        self.centre += step * self.spread * (moved if self.count > 2 else z)
        self._widen(z, step)
        return False

    def _begin_anew(self) -> None:
        """Nearly all values lie elsewhere: that is the normal now."""
        self.centre = self._elsewhere
        self.outside = 0.0
        self.count = _MINIMUM // 2

    def _widen(self, z: float, step: float) -> None:
        step = min(2.0 * step, 0.3)
        if z > 0:
            self.above += step * (min(z * self.spread * _NORMAL, _CUT * self.above) - self.above)
        else:
            self.below += step * (min(-z * self.spread * _NORMAL, _CUT * self.below) - self.below)
        spread = self.above if self.above < self.below else self.below
        self.spread = spread if spread > FLOOR else FLOOR
