"""Tries and invocations by when they began, and on which machine."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from stampede.query.statistics.scope import Scope
from stampede.query.statistics.sums import grouped


class Span(msgspec.Struct, kw_only=True):
    """What began within half an hour of ``begun_ts`` (epoch seconds). ``site`` and ``hostname`` are None for all.

    ``tries_s`` is DAGMan's time of the programs, ``invocations_s`` that of kickstart, scripts included.
    """

    wf_id: int | None
    site: str | None
    hostname: str | None
    begun_ts: int
    tries: int
    tries_failed: int
    invocations: int
    tries_s: float
    tries_failed_s: float
    invocations_s: float


class Machine(msgspec.Struct, kw_only=True):
    """What ran on a machine, and when its first and its last began (to half an hour)."""

    wf_id: int | None
    site: str
    hostname: str
    tries: int
    tries_failed: int
    invocations: int
    tries_s: float
    tries_failed_s: float
    invocations_s: float
    first_ts: int | None
    last_ts: int | None


_SUMS: Final = Span.__struct_fields__[4:]


def spans_of(scope: Scope, *, each: bool = False, by_host: bool = False) -> list[Span]:
    """Half hour by half hour; of ``each`` workflow apart or of all, ``by_host`` or of all machines."""
    by = (*(("wf_id",) if each else ()), *(("site", "hostname") if by_host else ()), "begun_ts")
    absent: dict[str, Any] = {name: None for name in ("wf_id", "site", "hostname") if name not in by}
    return [
        Span(**dict(zip((*by, *_SUMS), row, strict=True)), **absent)
        for row in grouped(scope.reader, "added_time", by, _SUMS)
    ]


def machines_of(scope: Scope, *, each: bool = False) -> list[Machine]:
    """Machine by machine; of ``each`` workflow apart or of all."""
    by = (*(("wf_id",) if each else ()), "site", "hostname")
    keys = ", ".join(by)
    rows = scope.reader.rows(
        f"SELECT {keys}, {', '.join(f'sum({name})' for name in _SUMS)}, min(nullif(begun_ts, 0)), "
        f"max(nullif(begun_ts, 0)) FROM temp.added_time GROUP BY {keys} ORDER BY {keys}"
    )
    names = (*by, *_SUMS, "first_ts", "last_ts")
    absent: dict[str, Any] = {} if each else {"wf_id": None}
    return [Machine(**dict(zip(names, row, strict=True)), **absent) for row in rows]
