"""What is measured of the tries of a kind: times of each phase, processor, memory; and shares of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stampede.query.ended import EndedTry

Value = Callable[[EndedTry], float | None]


def _efficiency(t: EndedTry) -> float | None:
    return t.cpu_s / t.runtime_s if t.cpu_s is not None and t.runtime_s and t.runtime_s >= 1.0 else None


#: measure -> what it is of a try (None: not known), whether it takes time of the run, and the smallest difference of
#: medians that is told: logs have whole seconds, memory is rounded by HTCondor
MEASURES: Final[dict[str, tuple[Value, bool, float]]] = {
    "runtime": (lambda t: t.runtime_s, True, 1.0),
    "queue": (lambda t: t.queue_s if not t.hold_count and not t.evict_count else None, True, 2.0),
    "stage_in": (lambda t: t.stage_in_s, True, 1.0),
    "stage_out": (lambda t: t.stage_out_s, True, 1.0),
    "cpu_share": (_efficiency, False, 0.05),
    "memory_mb": (lambda t: t.memory_mb, False, 10.0),
}

#: share -> whether a try counts; of all tries of a kind
SHARES: Final[dict[str, Callable[[EndedTry], bool]]] = {
    "failed": lambda t: t.failed,
    "held": lambda t: t.hold_count > 0,
    "evicted": lambda t: t.evict_count > 0,
}
