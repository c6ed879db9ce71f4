"""How long tries of each transformation were on a machine: the distribution, and the jobs that lie far outside of it.

Distributions are the histograms that are kept with the sums (``query.statistics``), so that they cost the same for any
number of jobs; the jobs outside are found by index.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from stampede.model.histogram import Histogram, middle_of
from stampede.query.collections.parts import DURATION
from stampede.query.columns.charts.kinds import HOST, TRANSFORMATION
from stampede.query.columns.frame import Frame
from stampede.query.statistics.scope import scope
from stampede.query.statistics.tries import Tries, tries_of
from stampede.query.workflows import Workflow, paths
from stampede.store.reader import Reader

#: transformations with a row of their own: those that took most time
MOST_ROWS: Final = 30
#: jobs outside of a distribution that are told, on each side
MOST_OUTSIDE: Final = 12
#: how many of its middle halves (as ratios) a run time has to lie beyond the quartiles, after Tukey
FENCE: Final = 1.5
#: a difference of so little is rounding of whole seconds
LEAST_S: Final = 2.0
#: with fewer tries nothing lies outside
FEWEST: Final = 8

_PERCENTS: Final = (1, 5, 25, 50, 75, 95, 99)


class _Row(msgspec.Struct):
    """A transformation."""

    name: str
    tries: int
    total_s: float
    histogram: Histogram

    @property
    def fences(self) -> tuple[float, float]:
        """The run times in seconds beyond which a job lies outside."""
        low, high = self.histogram.percentiles(25, 75)
        ratio = max(high, 0.5) / max(low, 0.5)
        return min(low / ratio**FENCE, low - LEAST_S), max(high * ratio**FENCE, high + LEAST_S)

    def outside(self) -> tuple[int, int]:
        """How many lie below and above the fences."""
        if self.tries < FEWEST:
            return 0, 0
        low, high = self.fences
        bins = self.histogram.bins.items()
        faster = sum(n for bin_, n in bins if middle_of(bin_) < low)
        return faster, sum(n for bin_, n in bins if middle_of(bin_) > high)


def runtimes(reader: Reader, workflows: Sequence[Workflow]) -> Frame:
    """Tries that went well, of the first of these workflows and all below it; those that ran longest in all first.

    Table ``kinds``, a row for each transformation (facts ``kinds``): ``tries``, ``mean_s``, percentiles ``p1_s`` to
    ``p99_s`` (to 1 %), ``faster`` and ``slower`` (how many lie outside). Table ``histogram``: ``kind``, ``seconds``
    (the middle of a class of 2 %), ``tries``. Table ``outside``, the most extreme of each kind: ``kind``, ``seconds``,
    ``job``, ``host``. Facts ``left_out``: so many transformations have no row.
    """
    with scope(reader, workflows[:1]) as one:
        rows = _rows(tries_of(one))
    kept = rows[:MOST_ROWS]
    classes = [
        (n, middle_of(bin_), tries) for n, row in enumerate(kept) for bin_, tries in sorted(row.histogram.bins.items())
    ]
    tables = {
        "kinds": _kinds(kept),
        "histogram": {
            "kind": array("I", [c[0] for c in classes]),
            "seconds": array("f", [c[1] for c in classes]),
            "tries": array("I", [c[2] for c in classes]),
        },
        "outside": _outside(reader, workflows, kept),
    }
    facts = {"kinds": [row.name for row in kept], "left_out": len(rows) - len(kept)}
    return Frame(kind="runtimes", level="histograms", facts=facts, tables=tables)


def _rows(tries: Sequence[Tries]) -> list[_Row]:
    by_name: dict[str, _Row] = {}
    for one in tries:
        if one.sub or one.outcome != "success" or not one.run.bins:
            continue
        row = by_name.setdefault(one.transformation, _Row(one.transformation, 0, 0.0, Histogram({})))
        row.tries += one.run.count
        row.total_s += one.run_s
        row.histogram.add(one.run)
    return sorted(by_name.values(), key=lambda row: (-row.total_s, row.name))


def _kinds(rows: Sequence[_Row]) -> dict[str, Any]:
    told = [row.histogram.percentiles(*_PERCENTS) for row in rows]
    outside = [row.outside() for row in rows]
    return {
        "tries": array("I", [row.tries for row in rows]),
        "mean_s": array("f", [row.total_s / row.tries for row in rows]),
        **{f"p{percent}_s": array("f", [one[i] for one in told]) for i, percent in enumerate(_PERCENTS)},
        "faster": array("I", [o[0] for o in outside]),
        "slower": array("I", [o[1] for o in outside]),
    }


#: fences are (kind, name, low, high)
_OUT: Final = f"""
SELECT json_extract(k.value, '$[0]'), {{took}} > json_extract(k.value, '$[3]'), j.wf_id, j.exec_job_id, {{took}}, {HOST}
FROM job j CROSS JOIN job_instance i ON i.job_instance_id = j.last_job_instance_id
CROSS JOIN json_each(:fences) k ON json_extract(k.value, '$[1]') = {TRANSFORMATION}
WHERE j.wf_id IN ({{ids}}) AND j.node_state = 'done' AND ({{took}} > :high OR {{took}} < :low)
AND ({{took}} > json_extract(k.value, '$[3]') OR {{took}} < json_extract(k.value, '$[2]'))"""


def _outside(reader: Reader, workflows: Sequence[Workflow], rows: Sequence[_Row]) -> dict[str, Any]:
    """Jobs whose last try lies outside; how long it was on a machine counts the time that it was held there."""
    fences = [(n, row.name, *row.fences) for n, row in enumerate(rows) if any(row.outside())]
    told: list[_Far] = []
    if fences:
        # a database of an older release has no column for it
        took = "j.duration_s" if "duration_s" in reader.columns("job") else DURATION
        sql = _OUT.format(ids=", ".join(str(w.wf_id) for w in workflows), took=took)
        edges = {"low": max(f[2] for f in fences), "high": min(f[3] for f in fences)}
        asked = {"fences": msgspec.json.encode(fences).decode(), **edges}
        told = _most([_Far(*row) for row in reader.iterate(sql, asked)])
    prefixes = paths(list(workflows))
    return {
        "kind": array("I", [one.kind for one in told]),
        "seconds": array("f", [one.seconds for one in told]),
        "job": [prefixes.get(one.wf_id, "") + one.job for one in told],
        "host": [one.host or "" for one in told],
    }


class _Far(NamedTuple):
    """A job outside of the distribution of its kind."""

    kind: int
    slower: bool
    wf_id: int
    job: str
    seconds: float
    host: str | None


def _most(found: list[_Far]) -> list[_Far]:
    """The farthest of each kind, on each side; in the order of kinds, the slowest first."""
    sides: dict[tuple[int, bool], list[_Far]] = {}
    for one in found:
        sides.setdefault((one.kind, bool(one.slower)), []).append(one)
    kept: list[_Far] = []
    for kind, slower in sorted(sides, key=lambda side: (side[0], not side[1])):
        far = sorted(sides[kind, slower], key=lambda one: -one.seconds)
        kept += far[:MOST_OUTSIDE] if slower else far[-MOST_OUTSIDE:]
    return kept
