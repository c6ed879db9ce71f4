"""What began on which day or in which hour, and on which machine.

Which day it was is a question of the zone: whoever asks says when the period began that a time lies in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from stampede.query.statistics.times import Machine, Span

StartOf = Callable[[float], float]


class Period(msgspec.Struct, kw_only=True):
    """What began in a day or an hour from ``start_ts`` (epoch seconds) on; on one machine, or (None) on all.

    ``tries_s`` is DAGMan's time of the programs, ``invocations_s`` kickstart's, scripts included; neither is
    multiplied.
    """

    start_ts: float
    site: str | None
    hostname: str | None
    tries: int = 0
    tries_s: float = 0.0
    invocations: int = 0
    invocations_s: float = 0.0
    failed: int = 0


def periods(spans: Iterable[Span], start_of: StartOf) -> list[Period]:
    """Day by day or hour by hour; programs of which nobody knows when they began are left out."""
    found: dict[tuple[float, str, str], Period] = {}
    for span in spans:
        if span.begun_ts <= 0:
            continue
        start = start_of(span.begun_ts)
        key = (start, span.site or "", span.hostname or "")
        one = found.get(key)
        if one is None:
            one = found[key] = Period(start_ts=start, site=span.site, hostname=span.hostname)
        one.tries += span.tries
        one.tries_s += span.tries_s
        one.invocations += span.invocations
        one.invocations_s += span.invocations_s
        one.failed += span.tries_failed
    return [found[key] for key in sorted(found)]


class Host(msgspec.Struct, kw_only=True):
    """What ran on a machine: tries, how many of them failed, and their time (DAGMan's, not multiplied)."""

    hostname: str
    site: str
    tries: int
    failed: int
    failure_rate: float | None
    tries_s: float
    bad_s: float
    invocations: int
    invocations_s: float
    first_ts: float | None
    last_ts: float | None


def hosts(machines: Iterable[Machine]) -> list[Host]:
    """Machine by machine, the busiest first; those of several databases are put together."""
    by_key: dict[tuple[str, str], list[Machine]] = {}
    for one in machines:
        by_key.setdefault((one.hostname, one.site), []).append(one)
    found = [_host(name, site, own) for (name, site), own in by_key.items()]
    return sorted(found, key=lambda h: (-h.tries_s, -h.tries, h.hostname, h.site))


def _host(name: str, site: str, own: list[Machine]) -> Host:
    tries, failed = sum(m.tries for m in own), sum(m.tries_failed for m in own)
    return Host(
        hostname=name, site=site, tries=tries, failed=failed, failure_rate=failed / tries if tries else None,
        tries_s=sum(m.tries_s for m in own), bad_s=sum(m.tries_failed_s for m in own),
        invocations=sum(m.invocations for m in own), invocations_s=sum(m.invocations_s for m in own),
        first_ts=min((m.first_ts for m in own if m.first_ts), default=None),
        last_ts=max((m.last_ts for m in own if m.last_ts), default=None),
    )  # fmt: skip
