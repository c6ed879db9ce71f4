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
#: share of values beyond the guard, over about the last 50, from which on the normal has moved
_SHIFTED: Final = 0.65
_SHARE_STEP: Final = 0.02
#: mean deviation of a normal distribution times this is its standard deviation
_NORMAL: Final = 1.2533
#: a deviation counts at most so many times the side's own
_CUT: Final = 3.0


class Baseline:
    """Centre and spread of one quantity of one kind of job.

    ``count`` is how many values taught it, at most; ``outside`` the share of recent values beyond the guard.
    """

    __slots__ = ("above", "below", "centre", "count", "outside", "spread")

    def __init__(self, centre: float, spread: float) -> None:
        self.count = 0
        self.centre = centre
        self.spread = self.below = self.above = max(spread, FLOOR)
        self.outside = 0.0

    def learn(self, z: float, slowest: float) -> bool:
        """Take in a value ``z`` spreads from the centre, at least a step ``slowest``; whether the normal moved."""
        far = z > GUARD or z < -GUARD
        self.outside += _SHARE_STEP * (far - self.outside)
        shifted = False
        step = 1.0 / (self.count + 1)
        if step < slowest:
            step = slowest
        if far and self.count >= _MINIMUM:
            if self.outside <= _SHIFTED:
                self.centre += _LEAK * step * self.spread * (HUBER if z > 0 else -HUBER)
                return False
            shifted = True
            self.outside = 0.0
            self.count = _MINIMUM // 2
            step = 1.0 / (self.count + 1)
        self.count += 1
        moved = HUBER if z > HUBER else -HUBER if z < -HUBER else z
        self.centre += step * self.spread * (moved if self.count > 2 else z)
        self._widen(z, step)
        return shifted

    def _widen(self, z: float, step: float) -> None:
        step = min(2.0 * step, 0.3)
        if z > 0:
            self.above += step * (min(z * self.spread * _NORMAL, _CUT * self.above) - self.above)
        else:
            self.below += step * (min(-z * self.spread * _NORMAL, _CUT * self.below) - self.below)
        spread = self.above if self.above < self.below else self.below
        self.spread = spread if spread > FLOOR else FLOOR
