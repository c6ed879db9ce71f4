"""How run times of each transformation are distributed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Final

import msgspec

from stampede.model.histogram import bin_of, middle_of
from stampede.query.pictures.lanes import FOLLOWED, OTHERS
from stampede.query.pictures.tries import DrawnTry
from stampede.query.pictures.window import Window

#: transformations with a row of their own
MOST_ROWS: Final = 30
#: run times kept one by one; of more, only the classes of the histogram are known
MOST_VALUES: Final = 400


class Runtimes(msgspec.Struct, kw_only=True):
    """Run times of a transformation's tries that went well, in seconds. ``values`` are all of them, sorted, while they
    are few (else empty); ``histogram`` pairs of (seconds in the middle of a class, how many)."""

    transformation: str
    count: int
    least_s: float
    p5_s: float
    p25_s: float
    median_s: float
    p75_s: float
    p95_s: float
    most_s: float
    mean_s: float
    values: list[float] = []
    histogram: list[tuple[float, int]] = []


class Distributions(msgspec.Struct, kw_only=True):
    """Run times by transformation, those that ran longest in all first; ``left_out`` transformations have no row."""

    window: Window
    rows: list[Runtimes]
    left_out: int


class RuntimesCollector:
    """Collects the run times of tries that went well."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._sketches: dict[str, Sketch] = {}

    def add(self, one: DrawnTry) -> None:
        """A try."""
        if one.runtime_s is None or one.failed or one.whole:
            return
        name = one.transformation
        sketch = self._sketches.get(name)
        if sketch is None:
            name = name if len(self._sketches) < FOLLOWED else OTHERS
            sketch = self._sketches.setdefault(name, Sketch())
        sketch.add(one.runtime_s)

    def result(self) -> Distributions:
        """The picture's data."""
        ranked = sorted(self._sketches.items(), key=lambda item: (item[0] == OTHERS, -item[1].total, item[0]))
        rows = [sketch.runtimes(name) for name, sketch in ranked[:MOST_ROWS]]
        return Distributions(window=self._window, rows=rows, left_out=len(ranked) - len(rows))


class Sketch:
    """A distribution in constant memory: all values while they are few, then the bins of 2 % of a histogram."""

    __slots__ = ("_bins", "_values", "count", "least", "most", "total")

    def __init__(self, values: Iterable[float] = ()) -> None:
        self.count = 0
        self.total = self.most = 0.0
        self.least = math.inf
        self._values: list[float] | None = []
        self._bins: Counter[int] = Counter()
        for value in values:
            self.add(value)

    def add(self, value: float) -> None:
        """A value; a negative one (clocks) is taken for 0."""
        value = value if value > 0.0 else 0.0
        self.count += 1
        self.total += value
        self.least = value if value < self.least else self.least
        self.most = value if value > self.most else self.most
        self._bins[bin_of(value)] += 1
        if self._values is not None:
            self._values.append(value)
            if self.count > MOST_VALUES:
                self._values = None

    def quantile(self, share: float) -> float:
        """The value below which a share of all lies: exact (interpolated) for few, within 1 % for many."""
        if self._values is not None:
            ordered = sorted(self._values)
            place = share * (len(ordered) - 1)
            low = int(place)
            high = min(low + 1, len(ordered) - 1)
            return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
        rank, passed = share * (self.count - 1), 0
        for number in sorted(self._bins):
            passed += self._bins[number]
            if passed > rank:
                return min(max(middle_of(number), self.least), self.most)
        return self.most

    def runtimes(self, name: str) -> Runtimes:
        """What is told of a transformation."""
        p5, p25, p50, p75, p95 = (self.quantile(q) for q in (0.05, 0.25, 0.5, 0.75, 0.95))
        return Runtimes(
            transformation=name, count=self.count, least_s=self.least, p5_s=p5, p25_s=p25, median_s=p50, p75_s=p75,
            p95_s=p95, most_s=self.most, mean_s=self.total / self.count, values=sorted(self._values or ()),
            histogram=[(middle_of(number), self._bins[number]) for number in sorted(self._bins)],
        )  # fmt: skip
