"""Tries (job instances) added up: how they went, where their time went, what they used."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from stampede.model.histogram import Histogram
from stampede.query.statistics.scope import Scope
from stampede.query.statistics.sums import grouped, histograms


class Tries(msgspec.Struct, kw_only=True):
    """Tries of one kind: those of ``type_desc`` and ``transformation`` at a ``site`` that ended as ``outcome`` tells
    (``success``, ``failed``; ``open``: not yet). ``wf_id`` is None for those of all workflows.

    ``superseded`` are tries with a later one of the same job behind them; ``*_delay_s`` is from the beginning to
    the end of such a try. ``wall_s`` is DAGMan's time of a program times the multiplier factor of its job;
    ``unnested_wall_s`` leaves out jobs that are workflows which are counted themselves. ``with_*`` is of how many tries
    something is known.
    ``run_s`` is the time on a machine without holds, of which programs took ``program_s`` and PegasusLite's transfers
    ``stage_in_s`` and ``stage_out_s``; ``redone_s`` what passed between the first and the last start of tries that were
    evicted. ``cpu_wall_s`` is the wall time of the programs whose ``cpu_s`` is known, times the cores they were given.
    """

    wf_id: int | None
    sub: bool
    type_desc: str
    transformation: str
    site: str
    outcome: str
    tries: int = 0
    superseded: int = 0
    evictions: int = 0
    holds: int = 0
    with_cpu: int = 0
    with_memory: int = 0
    over_memory: int = 0
    wall_s: float = 0.0
    superseded_wall_s: float = 0.0
    superseded_delay_s: float = 0.0
    unnested_wall_s: float = 0.0
    with_pre: int = 0
    with_queue: int = 0
    with_run: int = 0
    with_post: int = 0
    pre_s: float = 0.0
    queue_s: float = 0.0
    run_s: float = 0.0
    post_s: float = 0.0
    held_s: float = 0.0
    redone_s: float = 0.0
    stage_in_s: float = 0.0
    stage_out_s: float = 0.0
    program_s: float = 0.0
    bytes_in: float = 0.0
    bytes_out: float = 0.0
    cpu_s: float = 0.0
    cpu_wall_s: float = 0.0
    memory_used_mb: float = 0.0
    memory_requested_mb: float = 0.0
    memory_max_mb: float = 0.0
    pre: Histogram = msgspec.field(default_factory=lambda: Histogram({}))
    queue: Histogram = msgspec.field(default_factory=lambda: Histogram({}))
    run: Histogram = msgspec.field(default_factory=lambda: Histogram({}))
    post: Histogram = msgspec.field(default_factory=lambda: Histogram({}))
    memory: Histogram = msgspec.field(default_factory=lambda: Histogram({}))


_BY: Final = ("sub", "type_desc", "transformation", "site", "outcome")
_HISTOGRAMS: Final = ("pre", "queue", "run", "post", "memory")
SUMS: Final = Tries.__struct_fields__[6 : -len(_HISTOGRAMS)]


def tries_of(scope: Scope, *, each: bool = False) -> list[Tries]:
    """The tries of the workflows by kind; of ``each`` workflow apart, or of all together."""
    by = ("wf_id", *_BY) if each else _BY
    bins = histograms(scope.reader, "added_try", by, [f"{name}_bins" for name in _HISTOGRAMS])
    absent: dict[str, Any] = {} if each else {"wf_id": None}
    found = []
    for row in grouped(scope.reader, "added_try", by, SUMS):
        named: dict[str, Any] = dict(zip(_HISTOGRAMS, bins[row[: len(by)]], strict=True))
        found.append(Tries(**dict(zip((*by, *SUMS), row, strict=True)), **absent, **named))
    return found
