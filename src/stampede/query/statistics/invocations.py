"""Invocations added up by transformation and outcome."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from stampede.model.histogram import Histogram
from stampede.query.statistics.scope import Scope
from stampede.query.statistics.sums import grouped, histograms


class Invocations(msgspec.Struct, kw_only=True):
    """Invocations of a transformation that succeeded, or those that did not. ``wf_id`` is None for all workflows.

    ``script``: PRE and POST scripts. Runtimes are times the multiplier factor of the job; ``cpu_wall_s`` is the runtime
    (not multiplied) of those whose ``cpu_s`` is known. ``avg_cpu`` is the sum of the shares of a core they used;
    ``with_*`` of how many that is known.
    """

    wf_id: int | None
    transformation: str
    script: bool
    succeeded: bool
    invocations: int
    with_cpu: int
    with_maxrss: int
    with_avg_cpu: int
    runtime_s: float
    runtime_min_s: float
    runtime_max_s: float
    cpu_s: float
    cpu_wall_s: float
    maxrss_kb: float | None
    maxrss_min_kb: float | None
    maxrss_max_kb: float | None
    avg_cpu: float | None
    avg_cpu_min: float | None
    avg_cpu_max: float | None
    runtime: Histogram
    maxrss: Histogram


_BY: Final = ("transformation", "script", "succeeded")
_SUMS: Final = Invocations.__struct_fields__[4:-2]


def invocations_of(scope: Scope, *, each: bool = False) -> list[Invocations]:
    """The invocations of the workflows by transformation; of ``each`` workflow apart, or of all together."""
    by = ("wf_id", *_BY) if each else _BY
    bins = histograms(scope.reader, "added_invocation", by, ("runtime_bins", "maxrss_bins"))
    found = []
    for row in grouped(scope.reader, "added_invocation", by, _SUMS):
        runtime, maxrss = bins[row[: len(by)]]
        key: dict[str, Any] = {} if each else {"wf_id": None}
        found.append(Invocations(**dict(zip((*by, *_SUMS), row, strict=True)), **key, runtime=runtime, maxrss=maxrss))
    return found
