"""One workflow through the shipped detector: every node is judged at its end, from what ended before it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import msgspec

from bench.anomaly.flowbench import Node
from bench.anomaly.metrics import average_precision, roc_auc
from stampede.analysis.anomaly.detector import Detector, Judgement

#: share of the first runs that only teach
WARM_UP = 0.05
#: spreads from which on the naive reference alarms
NAIVE_ALARM = 4.0


class Figures(msgspec.Struct):
    """``auc`` and ``ap`` over all nodes after the warm-up; ``hdd`` the AUC of nodes with a throttled disk against clean
    ones (without those that suffer on the same machine); ``recall`` the share of the former that raised an alarm,
    ``false_alarms`` that of all nodes of runs in which nothing was throttled. None where there is nothing to count."""

    auc: float | None
    ap: float | None
    hdd: float | None
    recall: float | None
    false_alarms: float | None


class Trial(msgspec.Struct):
    """The figures of a workflow: ours, and those of each job's own deviation alone (``naive``: score A)."""

    nodes: int
    seconds: float
    ours: Figures
    naive: Figures


def tried(nodes: Sequence[Node]) -> Trial:
    """Judge all nodes in the order given. Only the detector's own time counts."""
    detector = Detector()
    judge = detector.judge
    began = time.process_time()
    judgements = [judge(node.seen) for node in nodes]
    seconds = time.process_time() - began
    kept = _after_warm_up(nodes, judgements)
    ours = _figures(kept, lambda j: j.score, lambda j: j.slow, lambda j: j.alarm)
    naive = _figures(kept, lambda j: j.z, lambda j: j.z, lambda j: j.z > NAIVE_ALARM)
    return Trial(len(nodes), seconds, ours, naive)


Pairs = list[tuple[Node, Judgement]]


def _after_warm_up(nodes: Sequence[Node], judgements: list[Judgement]) -> Pairs:
    runs = list(dict.fromkeys(node.seen.run for node in nodes))
    first = set(runs[: math.ceil(len(runs) * WARM_UP)])
    return [(n, j) for n, j in zip(nodes, judgements, strict=True) if n.seen.run not in first]


def _figures(
    kept: Pairs,
    score: Callable[[Judgement], float],
    slow: Callable[[Judgement], float],
    alarm: Callable[[Judgement], bool],
) -> Figures:
    scores, bad = [score(j) for _, j in kept], [n.bad for n, _ in kept]
    clear = [(n, j) for n, j in kept if n.disk or not (n.bad or n.collateral)]
    touched = {n.seen.run for n, _ in kept if n.bad}
    return Figures(
        auc=roc_auc(scores, bad),
        ap=average_precision(scores, bad),
        hdd=roc_auc([slow(j) for _, j in clear], [n.disk for n, _ in clear]),
        recall=_share([alarm(j) for n, j in kept if n.disk]),
        false_alarms=_share([alarm(j) for n, j in kept if n.seen.run not in touched]),
    )


def _share(alarms: list[bool]) -> float | None:
    return sum(alarms) / len(alarms) if alarms else None
