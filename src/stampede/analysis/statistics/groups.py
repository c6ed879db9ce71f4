"""Tries by type, transformation or site: outcomes, time, efficiency, and what retries cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from stampede.analysis.statistics.spread import Spread, share, spread
from stampede.model.histogram import Histogram
from stampede.query.statistics.tries import Tries


class Efficiency(msgspec.Struct, kw_only=True):
    """What was used of what was had. ``cpu`` is ``cpu_s`` of ``cpu_wall_s`` (wall time times cores), of the
    ``with_cpu`` tries of which it is known; ``memory`` the memory that was used of what was asked for, of the
    ``with_memory`` tries of which both are known, ``over_memory`` of which used more. ``memory_mb`` is of all tries
    whose use is known."""

    cpu_s: float
    cpu_wall_s: float
    cpu: float | None
    with_cpu: int
    memory: float | None
    with_memory: int
    over_memory: int
    memory_max_mb: float | None
    memory_mb: Spread


class RetryCost(msgspec.Struct, kw_only=True):
    """What trying again cost. ``retries`` are tries that had another one of their job behind them: ``lost_s`` is the
    time of their programs (times the multiplier), ``lost`` its share of all, ``delay_s`` from the beginning to the end
    of those tries."""

    tries: int
    failed: int
    retries: int
    lost_s: float
    lost: float | None
    delay_s: float
    evictions: int
    redone_s: float
    holds: int
    held_s: float


class Group(msgspec.Struct, kw_only=True):
    """Tries of a kind. ``wall_s`` is the time of their programs as DAGMan saw it (times the multiplier), ``bad_wall_s``
    of those that failed; ``run`` and ``queue`` (waiting) of one try in seconds. Sizes are bytes."""

    name: str
    tries: int
    succeeded: int
    failed: int
    open: int
    wall_s: float
    bad_wall_s: float
    run: Spread
    queue: Spread
    bytes_in: float
    bytes_out: float
    efficiency: Efficiency
    retries: RetryCost


def groups(tries: Iterable[Tries], name_of: Callable[[Tries], str]) -> list[Group]:
    """Groups by name, the one that took most time first."""
    by_name: dict[str, list[Tries]] = {}
    for one in tries:
        by_name.setdefault(name_of(one), []).append(one)
    found = [group(own, name) for name, own in by_name.items()]
    return sorted(found, key=lambda g: (-g.wall_s, g.name))


def group(tries: list[Tries], name: str) -> Group:
    """Tries as one group."""

    def bins(which: str) -> Histogram:
        together = Histogram({})
        for one in tries:
            together.add(getattr(one, which))
        return together

    count = {o: sum(t.tries for t in tries if t.outcome == o) for o in ("success", "failed", "open")}
    return Group(
        name=name, tries=sum(count.values()), succeeded=count["success"], failed=count["failed"], open=count["open"],
        wall_s=sum(t.wall_s for t in tries), bad_wall_s=sum(t.wall_s for t in tries if t.outcome == "failed"),
        run=spread(bins("run"), sum(t.run_s for t in tries)),
        queue=spread(bins("queue"), sum(t.queue_s for t in tries)),
        bytes_in=sum(t.bytes_in for t in tries), bytes_out=sum(t.bytes_out for t in tries),
        efficiency=_efficiency(tries, bins("memory")), retries=retry_cost(tries),
    )  # fmt: skip


def _efficiency(tries: list[Tries], memory: Histogram) -> Efficiency:
    cpu_s, cpu_wall_s = sum(t.cpu_s for t in tries), sum(t.cpu_wall_s for t in tries)
    used, requested = sum(t.memory_used_mb for t in tries), sum(t.memory_requested_mb for t in tries)
    high = max((t.memory_max_mb for t in tries), default=0.0)
    told = spread(memory, 0.0, high=high)
    told.mean = None  # what is added up is only of tries whose request is known
    return Efficiency(
        cpu_s=cpu_s, cpu_wall_s=cpu_wall_s, cpu=share(cpu_s, cpu_wall_s), with_cpu=sum(t.with_cpu for t in tries),
        memory=share(used, requested), with_memory=sum(t.with_memory for t in tries),
        over_memory=sum(t.over_memory for t in tries), memory_max_mb=high or None, memory_mb=told,
    )  # fmt: skip


def retry_cost(tries: list[Tries]) -> RetryCost:
    """What trying again cost."""
    lost, wall = sum(t.superseded_wall_s for t in tries), sum(t.wall_s for t in tries)
    return RetryCost(
        tries=sum(t.tries for t in tries), failed=sum(t.tries for t in tries if t.outcome == "failed"),
        retries=sum(t.superseded for t in tries), lost_s=lost, lost=share(lost, wall),
        delay_s=sum(t.superseded_delay_s for t in tries), evictions=sum(t.evictions for t in tries),
        redone_s=sum(t.redone_s for t in tries), holds=sum(t.holds for t in tries),
        held_s=sum(t.held_s for t in tries),
    )  # fmt: skip
