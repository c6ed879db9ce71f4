"""The end of a workflow too large to be played: its work over the slots, or its longest way, whichever is longer."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from stampede.analysis.progress.durations import PLENTY, thinned
from stampede.analysis.progress.simulation import Terms
from stampede.query.remaining import Remaining

#: how sharply the larger of work and way decides; both together take longer than either
_SHARPNESS: Final = 4.0


class Shape(msgspec.Struct):
    """What is left, put together: nodes by kind (those in the pool), the ways, and per kind what its running jobs have
    behind them (a few values with weights)."""

    nodes: dict[str, float]
    ways: list[list[str]]
    width: float
    running_s: dict[str, list[tuple[float, float]]]


def shape(rest: Remaining, now: float) -> Shape:
    """Put together what is left of a workflow too large to be looked at node by node."""
    nodes = {k: left for k, (_, left) in rest.kinds.items() if rest.pooled.get(k, True) and left}
    running: dict[str, list[float]] = {}
    for n in rest.left:
        if n.phase == "running" and n.execute_ts is not None and n.pooled:
            running.setdefault(n.kind, []).append(now - n.execute_ts)
        elif n.phase == "post" and n.kind in nodes:
            nodes[n.kind] = max(0.0, nodes[n.kind] - 1)
    depth = sum(map(len, rest.walks)) / len(rest.walks) if rest.walks else 1.0
    return Shape(
        nodes,
        [list(w) for w in {tuple(w) for w in rest.walks}],
        max(2.0, rest.nodes_left / depth),
        {k: thinned(v) for k, v in running.items()},
    )


def bound(rest: Shape, terms: Terms, rng: random.Random) -> tuple[float, float]:
    """Seconds until the end under these terms, and those that the work alone takes."""
    means = {k: mean_s(terms, k) for k in terms.durations}
    work = sum(left * means[k] * (1.0 + terms.failing[k]) for k, left in rest.nodes.items() if k in means)
    running = 0.0
    for kind, passed in rest.running_s.items():
        if kind in means:
            work -= sum(n * min(p, means[kind]) for p, n in passed)
            running = max(running, means[kind] - passed[0][0])
    over_slots = max(0.0, work) / max(terms.slots, 1.0)
    served = sum(rest.nodes.values()) * max(terms.submit[2], terms.finish[2])
    way = max([running, *(_way(walk, terms, means, rest.width) for walk in rest.ways)])
    jitter = math.exp(0.02 * rng.gauss(0.0, 1.0))
    ends = sum(x**_SHARPNESS for x in (over_slots, way, served)) ** (1 / _SHARPNESS)
    return jitter * ends, over_slots


def mean_s(terms: Terms, name: str) -> float:
    """The expected duration of a kind under these terms."""
    median, spread, kind = terms.durations[name]
    if len(kind.seen) >= PLENTY:
        return terms.pace * kind.mean_s * math.exp(median - kind.centre)
    return terms.pace * math.exp(min(median + spread * spread / 2, 25.0))


def _way(walk: Sequence[str], terms: Terms, means: Mapping[str, float], width: float) -> float:
    """Seconds down one way: the means of its steps, and what the longest of ``width`` such ways takes more."""
    mean = variance = 0.0
    delay = sum(d[1] * sum(d[0]) / len(d[0]) for d in (terms.submit, terms.match, terms.finish))
    for kind in walk:
        if kind in means:
            mean += means[kind] + delay
            variance += (means[kind] * min(terms.durations[kind][1], 1.0)) ** 2
    return mean + math.sqrt(variance * 2.0 * math.log(width))
