"""A run by machine: what began there, what ended, and what was told of it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from stampede.query.anomalies import HostTries, StoredAnomaly


class HostSummary(msgspec.Struct, kw_only=True):
    """A machine in a run: tries that began and ended there, failed, or have no end, and the seconds they took in all.

    ``suspect``: its jobs were slow, or failed much more often than before. ``anomalies`` counts what names it.
    ``efficiency`` is processor time by time on the machine, None where no try tells of it.
    """

    host: str
    started: int
    ended: int
    failed: int
    unended: int
    busy_s: float
    efficiency: float | None
    anomalies: int
    suspect: bool
    reason: str | None


_SUSPECT = frozenset({"host", "failure_rate"})


def by_host(tries: Iterable[HostTries], found: Iterable[StoredAnomaly]) -> list[HostSummary]:
    """The machines of a run, suspect ones first, else in the order given; one without a name is ``""``."""
    told: dict[str, list[StoredAnomaly]] = {}
    for anomaly in found:
        if anomaly.host is not None:
            told.setdefault(anomaly.host, []).append(anomaly)
    hosts = [_summary(h, told.get(h.host, [])) for h in tries]
    return sorted(hosts, key=lambda h: not h.suspect)


def _summary(h: HostTries, told: list[StoredAnomaly]) -> HostSummary:
    against = [a for a in told if a.kind in _SUSPECT]
    return HostSummary(
        host=h.host, started=h.started, ended=h.ended, failed=h.failed, unended=h.unended, busy_s=h.busy_s,
        efficiency=h.cpu_s / h.busy_s if h.busy_s > 0 and h.cpu_s > 0 else None, anomalies=len(told),
        suspect=bool(against), reason="; ".join(a.reason for a in against) or None,
    )  # fmt: skip
