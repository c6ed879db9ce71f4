"""What to ask for: requests of memory, disk and processors that fit what jobs of a kind use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import ceil

import msgspec

from stampede.query.usage import TryUsage

#: what is asked for beyond the 95th percentile of what was used
MARGIN = 0.2
#: successes from which on a request is advised, and from which on the percentile means more than the largest
ENOUGH, MANY = 5, 20
#: what a try gets that was stopped for its memory, as a factor of what it had
MORE_MEMORY = 1.5
#: requests are rounded up to so many MB
STEP_MB = 64
SIGKILL = 9


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """One resource of a kind: what was asked for (the most), what was used, what to ask for (None: nothing tells)."""

    requested: float | None
    used_median: float | None
    used_p95: float | None
    used_max: float | None
    advised: float | None


class ResourceAdvice(msgspec.Struct, frozen=True, kw_only=True):
    """The advice for a transformation. ``tries`` ended, ``successes`` of them well, ``on_memory`` were stopped for
    their memory. ``lines`` are lines of a submit file; none when there is too little data (``enough`` is False)."""

    transformation: str
    tries: int
    successes: int
    on_memory: int
    enough: bool
    memory_mb: Amount
    disk_mb: Amount
    cpus: Amount
    lines: list[str] = []
    remarks: list[str] = []


def resource_advice(tries: Iterable[TryUsage]) -> list[ResourceAdvice]:
    """Advice for each transformation, the one with most tries first."""
    by_kind: dict[str, list[TryUsage]] = defaultdict(list)
    for one in tries:
        by_kind[one.kind].append(one)
    found = [_kind(kind, of) for kind, of in by_kind.items()]
    return sorted(found, key=lambda a: (-a.tries, a.transformation))


def stopped_for_memory(one: TryUsage) -> bool:
    """Whether a try failed on memory: it was stopped for it, or killed while it used (nearly) all that it had."""
    if one.on_memory:
        return True
    full = one.memory_mb is not None and one.given_memory_mb and one.memory_mb >= 0.9 * one.given_memory_mb
    return one.failed and one.signal == SIGKILL and bool(full)


def memory_after(tries: Sequence[TryUsage]) -> int | None:
    """Memory to ask for in the next try after tries that failed on memory, in MB; None when none did."""
    had = [max(t.memory_mb or 0.0, t.given_memory_mb or 0.0) for t in tries if stopped_for_memory(t)]
    return _round_up(MORE_MEMORY * max(had)) if had and max(had) > 0 else None


def _kind(kind: str, tries: list[TryUsage]) -> ResourceAdvice:
    well = [t for t in tries if not t.failed]
    stopped = [t for t in tries if stopped_for_memory(t)]
    enough = len(well) >= ENOUGH
    memory = _amount([t.request_memory_mb for t in tries], [t.memory_mb for t in well], enough)
    floor = memory_after(stopped)
    if floor is not None:
        memory = msgspec.structs.replace(memory, advised=max(memory.advised or 0, floor))
    disk = _amount([t.request_disk_mb for t in tries], [t.disk_mb for t in well], enough)
    cpus = _cpus(tries, well, enough)
    return ResourceAdvice(
        transformation=kind, tries=len(tries), successes=len(well), on_memory=len(stopped), enough=enough,
        memory_mb=memory, disk_mb=disk, cpus=cpus, lines=_lines(memory, disk, cpus),
        remarks=_remarks(len(well), len(stopped), enough, memory),
    )  # fmt: skip


def _amount(requested: list[float | None], used: list[float | None], enough: bool) -> Amount:
    values = sorted(v for v in used if v is not None)
    asked = max((r for r in requested if r is not None), default=None)
    if not values:
        return Amount(requested=asked, used_median=None, used_p95=None, used_max=None, advised=None)
    p95 = _quantile(values, 0.95)
    basis = p95 if len(values) >= MANY else values[-1]
    advised = _round_up(max(basis * (1 + MARGIN), 1.0)) if enough and len(values) >= ENOUGH else None
    return Amount(
        requested=asked, used_median=_quantile(values, 0.5), used_p95=p95, used_max=values[-1], advised=advised
    )


def _cpus(tries: list[TryUsage], well: list[TryUsage], enough: bool) -> Amount:
    """Processors: the time of processors over the time that passed. A tenth of one more asks for no other."""
    busy = sorted(t.cpu_s / t.wall_s for t in well if t.cpu_s is not None and t.wall_s is not None and t.wall_s >= 1)
    asked = max((t.request_cpus for t in tries if t.request_cpus is not None), default=None)
    if not busy:
        return Amount(requested=asked, used_median=None, used_p95=None, used_max=None, advised=None)
    p95 = _quantile(busy, 0.95)
    advised = max(1, ceil(p95 - 0.1)) if enough and len(busy) >= ENOUGH else None
    return Amount(requested=asked, used_median=_quantile(busy, 0.5), used_p95=p95, used_max=busy[-1], advised=advised)


def _quantile(ranked: list[float], share: float) -> float:
    """The smallest value that this share of the values does not exceed."""
    return ranked[max(0, ceil(share * len(ranked)) - 1)]


def _round_up(mb: float) -> int:
    return STEP_MB * ceil(mb / STEP_MB)


def _lines(memory: Amount, disk: Amount, cpus: Amount) -> list[str]:
    """Lines of a submit file (HTCondor manual, condor_submit: units may be written)."""
    found = []
    if memory.advised is not None:
        found.append(f"request_memory = {memory.advised:.0f} MB")
    if disk.advised is not None:
        found.append(f"request_disk = {disk.advised:.0f} MB")
    if cpus.advised is not None:
        found.append(f"request_cpus = {cpus.advised:.0f}")
    return found


def _remarks(well: int, stopped: int, enough: bool, memory: Amount) -> list[str]:
    found = []
    if not enough:
        found.append(f"Too little data: {well} of the {ENOUGH} successful tries that it takes.")
    if stopped:
        tries = "try was" if stopped == 1 else "tries were"
        found.append(f"{stopped} {tries} stopped for memory: never ask for less than {memory.advised:.0f} MB.")
    if memory.advised is not None and memory.requested is not None and memory.requested >= 2 * memory.advised:
        found.append(f"Asks for {memory.requested / memory.advised:.1f} times the memory that it needs.")
    return found
