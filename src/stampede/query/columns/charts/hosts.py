"""How the machines of a run compare: tries, failures, time, and how long they take for what others do too."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from stampede.model.histogram import PER_E, ZERO, Histogram
from stampede.model.machine import machine_of
from stampede.query.columns.charts.kinds import HOST, TRANSFORMATION
from stampede.query.columns.frame import Frame
from stampede.query.pictures.tries import source_of
from stampede.query.pictures.window import Window
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

#: machines with a row of their own: those where most failed, then those with most tries
MOST_HOSTS: Final = 200
#: a transformation is compared when other machines have so many tries of it
FEWEST: Final = 3

_RAN: Final = f"""
SELECT {HOST}, {TRANSFORMATION}, i.outcome,
       CASE WHEN i.end_ts > i.execute_ts
       THEN CAST(round(ln(i.end_ts - i.execute_ts) * {PER_E}) AS INTEGER) ELSE {ZERO} END,
       count(*), sum(i.end_ts - i.execute_ts)
FROM {{source}} WHERE j.wf_id IN ({{ids}}) AND j.node_type NOT IN ('service', 'subdag') AND i.subwf_id IS NULL
AND i.outcome IS NOT NULL AND i.execute_ts IS NOT NULL AND i.end_ts BETWEEN :start AND :end
GROUP BY 1, 2, 3, 4"""


class _Host(msgspec.Struct):
    """What a machine did; ``kinds`` are the run times of tries that went well, by transformation."""

    tries: int = 0
    failed: int = 0
    busy_s: float = 0.0
    wasted_s: float = 0.0
    kinds: dict[str, Histogram] = {}


def hosts(reader: Reader, workflows: Sequence[Workflow], window: Window) -> Frame:
    """The machines on which tries ended in the window; slots of a machine count as one.

    Table ``hosts``, a row each: ``host``, ``tries``, ``failed``, ``busy_s`` (seconds on the machine), ``wasted_s`` (of
    tries that failed), ``compared`` (tries that went well of transformations which others ran too), ``relative`` (the
    median of their run times over the median of the same transformation on the other machines; 0 where none were
    compared), ``relative_p25`` and ``relative_p75``. Facts ``hosts``: how many machines there are in all.
    """
    ids = ", ".join(str(w.wf_id) for w in workflows)
    found: dict[str, _Host] = {}
    sql = _RAN.format(source=source_of(reader, ids), ids=ids)
    for slot, kind, outcome, bin_, tries, seconds in reader.rows(sql, {"start": window.start_ts, "end": window.end_ts}):
        one = found.setdefault(machine_of(slot) or slot, _Host())
        one.tries += tries
        one.busy_s += seconds
        if outcome == "failed":
            one.failed += tries
            one.wasted_s += seconds
        else:
            bins = one.kinds.setdefault(kind, Histogram({})).bins
            bins[bin_] = bins.get(bin_, 0) + tries
    ranked = sorted(found, key=lambda name: (-found[name].failed, -found[name].tries, name))[:MOST_HOSTS]
    facts = {"start_ts": window.start_ts, "end_ts": window.end_ts, "hosts": len(found)}
    return Frame(kind="hosts", level="hosts", facts=facts, tables={"hosts": _table(found, ranked)})


def _table(found: dict[str, _Host], names: Sequence[str]) -> dict[str, Any]:
    whole: dict[str, Histogram] = {}
    for host in found.values():
        for kind, histogram in host.kinds.items():
            whole.setdefault(kind, Histogram({})).add(histogram)
    ratios = [_ratios(found[name], whole) for name in names]
    quarters = [r.percentiles(25, 50, 75) or [0.0, 0.0, 0.0] for r in ratios]
    own = [found[name] for name in names]
    return {
        "host": list(names),
        "tries": array("I", [host.tries for host in own]),
        "failed": array("I", [host.failed for host in own]),
        "busy_s": array("f", [host.busy_s for host in own]),
        "wasted_s": array("f", [host.wasted_s for host in own]),
        "compared": array("I", [r.count for r in ratios]),
        "relative": array("f", [q[1] for q in quarters]),
        "relative_p25": array("f", [q[0] for q in quarters]),
        "relative_p75": array("f", [q[2] for q in quarters]),
    }


def _ratios(host: _Host, whole: dict[str, Histogram]) -> Histogram:
    """Run times over the median of the same transformation elsewhere: bins of logarithms are only moved."""
    moved: Counter[int] = Counter()
    for kind, histogram in host.kinds.items():
        others = Histogram({b: n - histogram.bins.get(b, 0) for b, n in whole[kind].bins.items()})
        if others.count < FEWEST:
            continue
        centre = _median_bin(others)
        if centre == ZERO:  # nothing is a multiple of no time
            continue
        for bin_, tries in histogram.bins.items():
            if bin_ != ZERO:
                moved[bin_ - centre] += tries
    return Histogram(dict(moved))


def _median_bin(histogram: Histogram) -> int:
    half, passed = (histogram.count + 1) // 2, 0
    for bin_ in sorted(histogram.bins):
        passed += histogram.bins[bin_]
        if passed >= half:
            return bin_
    return ZERO
