"""A histogram with bins of 2 %, from which percentiles are told; that of a whole is those of its parts added up.

A value ``x`` falls into bin ``round(50 ln x)``, so neighbouring bins differ by 2 % and the middle of a bin is at most
1 % from every value in it. What is not positive has a bin of its own, which stands for 0.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Final

import msgspec

#: bins for a factor of e
PER_E: Final = 50
#: the bin of zero (and of what clocks that were set back made negative)
ZERO: Final = -999

_decode = msgspec.msgpack.Decoder(dict[int, int]).decode


def bin_of(value: float) -> int:
    """The bin that a value falls into."""
    return max(round(PER_E * math.log(value)), ZERO + 1) if value > 0 else ZERO


def middle_of(number: int) -> float:
    """The value that stands for those of a bin."""
    return 0.0 if number == ZERO else math.exp(number / PER_E)


class Histogram(msgspec.Struct):
    """How many values fell into each bin."""

    bins: dict[int, int] = {}

    @property
    def count(self) -> int:
        """How many values there are."""
        return sum(self.bins.values())

    def add(self, other: Histogram) -> None:
        """Take in the values of another one."""
        for number, count in other.bins.items():
            self.bins[number] = self.bins.get(number, 0) + count

    def add_encoded(self, data: bytes | None) -> None:
        """Take in the values of a stored one; None has no values."""
        if data is None:
            return
        bins = self.bins
        for number, count in _decode(data).items():
            bins[number] = bins.get(number, 0) + count

    def encoded(self) -> bytes:
        """How it is stored."""
        return msgspec.msgpack.encode(dict(sorted(self.bins.items())))

    def percentiles(self, *percents: float) -> list[float]:
        """The values that so many percent of all (in rising order) do not exceed (nearest rank), to 1 %.

        Without values there are none.
        """
        total = self.count
        ranks = [max(math.ceil(total * percent / 100), 1) for percent in percents]
        found: list[float] = []
        seen = 0
        for number in sorted(self.bins):
            seen += self.bins[number]
            while len(found) < len(ranks) and seen >= ranks[len(found)]:
                found.append(middle_of(number))
        return found


def encoded(bins: str | None) -> bytes | None:
    """Bins as SQLite's ``group_concat`` gives them (``12,13,12``), encoded to be stored; None where there are none."""
    if not bins:
        return None
    counted = Counter(bins.split(","))
    return msgspec.msgpack.encode({int(number): counted[number] for number in sorted(counted, key=int)})
