"""What jobs usually take: by the node's own past where there is one, else by the past of its transformation."""

from __future__ import annotations

from math import sqrt
from typing import Final

import msgspec

from stampede.analysis.anomaly.baseline import Baseline
from stampede.analysis.anomaly.observation import QUANTITIES, Measures

#: values of a node before its own past counts, and of a transformation before it says anything
_OWN: Final = 3
_KIND: Final = 10
#: the spread of a node counts like so many values of its transformation's nodes about their own centres
_BORROWED: Final = 5
#: least steps: about the last 100 values of a node, the last 300 of a transformation
_OWN_STEP: Final = 0.01
_KIND_STEP: Final = 0.003
#: from so many values on a transformation learns from every fourth only: it changes slowly, and time is dear
_THINNED: Final = 400
#: no value counts for more than so many spreads
FARTHEST: Final = 8.0
#: nodes and transformations that are remembered; what comes after is judged by what is there, so that memory is bounded
MOST_NODES: Final = 20_000
MOST_KINDS: Final = 5_000
#: spread taken for a transformation of which nothing is known yet
_UNKNOWN: Final = 0.3


class Expected(msgspec.Struct, frozen=True, gc=False):
    """What was usual (natural logarithms), from how many values, and whether of this very node."""

    centre: float
    spread: float
    values: int
    own: bool


class _Kind:
    """A transformation: each quantity as such, and about the centres of its nodes."""

    __slots__ = ("plain", "seen", "within")

    def __init__(self) -> None:
        self.seen = 0
        self.plain: list[Baseline | None] = [None] * len(QUANTITIES)
        self.within = [Baseline(0.0, 0.2) for _ in QUANTITIES]


class _Node:
    """A node of the workflow over its runs. Of one seen once only the values are kept."""

    __slots__ = ("baselines", "first")

    def __init__(self, first: Measures) -> None:
        self.first: Measures | None = first
        self.baselines: list[Baseline | None] | None = None


class History:
    """Judges measures against the past, then learns from them. ``shifted`` says of what the normal moved just now."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}
        self._nodes: dict[tuple[str, str], _Node] = {}
        #: (quantity, what was usual before) of transformations whose normal moved with the last job
        self.shifted: list[tuple[int, Expected]] = []

    def judge(self, transformation: str, job: str, values: Measures) -> list[float]:
        """How many spreads each quantity lies from what was usual; 0 where nothing is known. Then learn."""
        kind = self._kinds.get(transformation)
        if kind is None:
            if len(self._kinds) >= MOST_KINDS:
                return [0.0] * len(QUANTITIES)
            kind = self._kinds[transformation] = _Kind()
        kind.seen += 1
        node = self._nodes.get((transformation, job))
        own: list[Baseline | None] | None = None
        if node is not None:
            own = node.baselines or self._grown(node, kind)
        elif len(self._nodes) < MOST_NODES:
            self._nodes[(transformation, job)] = _Node(values)
        if self.shifted:
            self.shifted = []
        thinned = kind.seen > _THINNED and kind.seen % 4
        found = [0.0] * len(QUANTITIES)
        for q, x in enumerate(values):
            if x is None:
                continue
            base = None if own is None else own[q]
            if base is not None and base.count >= _OWN:
                found[q] = self._own(base, kind.within[q], x)
                if not thinned:
                    self._learn_kind(kind, q, x)
                continue
            z = self._learn_kind(kind, q, x)
            found[q] = z
            if own is not None:
                self._begin(own, q, x, kind)
        return found

    def _own(self, base: Baseline, within: Baseline, x: float) -> float:
        n = base.count
        spread = sqrt((_BORROWED * within.spread**2 + n * base.spread**2) / (_BORROWED + n) * (1.0 + 1.0 / n))
        z = _bounded((x - base.centre) / spread)
        within.learn(x - base.centre, z, _KIND_STEP)
        within.centre = 0.0
        base.learn(x, z, _OWN_STEP)
        return z

    def _learn_kind(self, kind: _Kind, q: int, x: float) -> float:
        base = kind.plain[q]
        if base is None:
            base = kind.plain[q] = Baseline(x, _UNKNOWN)
        n = base.count
        z = _bounded((x - base.centre) / base.spread)
        before = (base.centre, base.spread, n) if base.outside > 0.5 else None
        if base.learn(x, z, _KIND_STEP) and before is not None:
            self.shifted.append((q, Expected(*before, own=False)))
        return z if n >= _KIND else 0.0

    def _grown(self, node: _Node, kind: _Kind) -> list[Baseline | None]:
        """A node that is seen again gets baselines, beginning with what was seen first."""
        own: list[Baseline | None] = [None] * len(QUANTITIES)
        node.baselines = own
        for q, x in enumerate(node.first or ()):
            if x is not None:
                self._begin(own, q, x, kind)
        node.first = None
        return own

    def _begin(self, own: list[Baseline | None], q: int, x: float, kind: _Kind) -> None:
        """The first values of a node: their mean, where the transformation does not find them strange."""
        within = kind.within[q]
        base = own[q]
        if base is None:
            base = own[q] = Baseline(x, within.spread)
            base.count = 1
            return
        plain = kind.plain[q]
        most = 3.0 * (plain.spread if plain is not None else _UNKNOWN)
        base.count += 1
        base.centre += min(max(x - base.centre, -most), most) / base.count
        rest = x - base.centre
        within.learn(rest, _bounded(rest / within.spread), _KIND_STEP)
        within.centre = 0.0
        base.spread = base.below = base.above = within.spread

    def expected(self, transformation: str, job: str, quantity: int) -> Expected | None:
        """What is usual of a quantity now; None when too little is known."""
        kind = self._kinds.get(transformation)
        if kind is None:
            return None
        node = self._nodes.get((transformation, job))
        base = node.baselines[quantity] if node is not None and node.baselines is not None else None
        if base is not None and base.count >= _OWN:
            return Expected(base.centre, base.spread, base.count, True)
        plain = kind.plain[quantity]
        if plain is None or plain.count < _KIND:
            return None
        return Expected(plain.centre, plain.spread, plain.count, False)


def _bounded(z: float) -> float:
    return FARTHEST if z > FARTHEST else -FARTHEST if z < -FARTHEST else z
