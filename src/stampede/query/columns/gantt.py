"""Tries over time: each while a window has few enough to be told apart, else lanes.

Both are found by index: the tries that ran in a window are those that began in it, or before it by no more than they
took. An index has them by classes of that (``store.partial.SPAN``), so that a window costs about what it holds; in a
database without it they began before it by no more than the longest try took. What lasts has no end yet and is found by
that.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any, Final, Literal, NamedTuple

from stampede.query.columns.frame import Frame
from stampede.query.pictures.window import Window
from stampede.query.workflows import Workflow, paths
from stampede.store.partial import SPAN, SPANS_S
from stampede.store.sqlite import Reader, Row

By = Literal["transformation", "host", "site"]
#: bars unless told otherwise, and at most
BARS: Final = 5_000
MOST_BARS: Final = 100_000
#: lanes with a name of their own; the rest is one
MOST_LANES: Final = 60
OTHERS: Final = "all others"
#: how a try stands, by number
RUNNING, SUCCESS, FAILED = 0, 1, 2

_LANES: Final[dict[By, str]] = {
    "transformation": "coalesce(j.transformation, (SELECT min(t.transformation) FROM task t "
                      "WHERE t.job_id = j.job_id), j.type_desc)",
    "host": "coalesce((SELECT nullif(h.hostname, 'unknown') FROM host h WHERE h.host_id = i.host_id), i.slot, "
            "i.site, 'unknown')",
    "site": "coalesce(i.site, 'unknown')",
}  # fmt: skip
#: tries are those of jobs that run something themselves
_OF_JOBS: Final = "job j ON j.job_id = i.job_id WHERE j.wf_id IN ({ids}) AND j.node_type NOT IN ('service', 'subdag')"
#: when its states are over: what lasts, lasts until now
_OVER: Final = "coalesce(CASE WHEN i.outcome IS NOT NULL THEN i.state_ts END, {now})"
_BAR: Final = f"""
SELECT j.wf_id, j.exec_job_id, {{lane}}, coalesce(i.submit_ts, i.execute_ts) - {{at}}, i.execute_ts - {{at}},
       coalesce(i.end_ts, {_OVER}) - {{at}}, max(coalesce(i.end_ts, {_OVER}), {_OVER}) - {{at}},
       CASE WHEN i.outcome IS NULL THEN {RUNNING} WHEN i.outcome = 'failed' THEN {FAILED} ELSE {SUCCESS} END
FROM {{tries}} CROSS JOIN {_OF_JOBS} AND {{when}}
"""


def gantt(
    reader: Reader, workflows: Sequence[Workflow], window: Window, *, by: By = "transformation", width: int = 1200,
    most: int = BARS,
) -> Frame:  # fmt: skip
    """The tries of these workflows that ran in the window. ``width`` is that of the picture in pixels.

    Level ``bars``: table ``tries``, a row each: ``lane`` (counts into facts ``lanes``), ``submit``, ``execute``,
    ``end`` and ``over`` in seconds after facts ``start_ts``, ``state`` (0 runs, 1 well, 2 failed), ``job``.
    Level ``lanes``, when there are more than ``most``: table ``bins``, one row for each lane and bin that is not empty:
    ``lane``, ``bin``, ``running`` (how many, on average over the bin) and ``failing`` (of these, that failed);
    table ``lanes``: ``tries`` and ``failed`` of each.
    """
    ids = ", ".join(str(w.wf_id) for w in workflows)
    facts: dict[str, Any] = {"start_ts": window.start_ts, "end_ts": window.end_ts, "now_ts": window.now_ts, "by": by}
    if not _are_more(reader, ids, window, min(most, MOST_BARS)):
        return _frame_of_bars(_bars(reader, ids, window, _LANES[by]), facts, paths(list(workflows)))
    return _frame_of_lanes(reader, ids, window, by, max(20, min(width // 2, 2000)), facts)


class _Part(NamedTuple):
    """Some of the tries of a window: a FROM clause that has them as ``i``, and a condition."""

    tries: str
    when: str


_TRIES: Final = "job_instance i"
_SPAN: Final = re.sub(r"\b(end_ts|execute_ts)\b", r"i.\1", SPAN)


def _parts(reader: Reader, window: Window) -> list[_Part]:
    """What together is all that ran in the window, each part by an index."""
    start, end = window.start_ts, window.end_ts
    lasting = f"i.end_ts IS NULL AND i.execute_ts <= {end!r} AND (i.outcome IS NULL OR i.state_ts >= {start!r})"
    return [_ended(reader, start, end), _Part(_TRIES, lasting)]


def _ended(reader: Reader, start: float, end: float) -> _Part:
    """The tries that have left their machine. Differences of times are a little off: by less than a second."""
    ended = f"i.end_ts >= {start!r}"
    if not reader.has_index("job_instance_span_idx"):
        since = start - _longest(reader) - 1.0
        return _Part(_TRIES, f"i.execute_ts BETWEEN {since!r} AND {end!r} AND {ended}")
    classes = [f"({n}, {start - bound - 1.0!r})" for n, bound in enumerate((*SPANS_S, start))]
    tries = f"(SELECT column1 AS class, column2 AS since FROM (VALUES {', '.join(classes)})) c CROSS JOIN {_TRIES}"
    return _Part(tries, f"{_SPAN} = c.class AND i.execute_ts BETWEEN c.since AND {end!r} AND {ended}")


def _longest(reader: Reader) -> float:
    row = reader.one(f"SELECT max(coalesce(local_duration, end_ts - execute_ts)) FROM {reader.stored('job_instance')}")
    return max(0.0, float(row[0] or 0.0)) if row else 0.0


def _are_more(reader: Reader, ids: str, window: Window, most: int) -> bool:
    """Whether more tries than that ran in the window: of all workflows, which the index alone tells; then of these."""
    for chosen in ("", f"CROSS JOIN {_OF_JOBS.format(ids=ids)}"):
        count = 0
        for tries, when in _parts(reader, window):
            found = f"SELECT 1 FROM {tries} {chosen} {'AND' if chosen else 'WHERE'} {when} LIMIT {most + 1 - count}"
            count += (reader.one(f"SELECT count(*) FROM ({found})") or (0,))[0]
            if count > most:
                break
        if count <= most:
            return False
    return True


def _bars(reader: Reader, ids: str, window: Window, lane: str) -> list[Row]:
    moments = {"at": repr(window.start_ts), "now": repr(window.now_ts)}
    return [
        row
        for tries, when in _parts(reader, window)
        for row in reader.rows(_BAR.format(lane=lane, tries=tries, when=when, ids=ids, **moments))
    ]


def _frame_of_bars(rows: list[Row], facts: dict[str, Any], prefixes: dict[int, str]) -> Frame:
    rows.sort(key=itemgetter(4))
    wf_ids, names, lanes, submit, execute, end, over, state = zip(*rows, strict=True) if rows else [()] * 8
    numbers = {name: number for number, name in enumerate(dict.fromkeys(lanes))}
    tries: dict[str, Any] = {
        "lane": array("I", [numbers[name] for name in lanes]),
        "submit": array("f", submit),
        "execute": array("f", execute),
        "end": array("f", end),
        "over": array("f", over),
        "state": array("B", state),
        "job": [prefixes.get(wf_id, "") + name for wf_id, name in zip(wf_ids, names, strict=True)],
    }
    return Frame(kind="gantt", level="bars", facts={**facts, "lanes": list(numbers)}, tables={"tries": tries})


# ---- lanes ----------------------------------------------------------------------------------------------------------

#: a window of more than this share of all time is read in the order in which the tries lie, not by index
_WIDE: Final = 0.1
_RUN: Final = f"""
SELECT {{lane}}, i.execute_ts, coalesce(i.end_ts, CASE WHEN i.outcome IS NULL THEN {{now}} ELSE i.state_ts END),
       i.outcome = 'failed'
FROM {{tries}} CROSS JOIN {_OF_JOBS} AND {{when}}
"""


def _frame_of_lanes(
    reader: Reader, ids: str, window: Window, by: By, bins: int, facts: dict[str, Any]
) -> Frame:  # fmt: skip
    made: dict[str, _Lane] = {}
    everything = _Part(_TRIES, f"+i.execute_ts <= {window.end_ts!r}")
    start_ts, scale = window.start_ts, bins / window.duration_s
    for tries, when in [everything] if _is_wide(reader, window) else _parts(reader, window):
        sql = _RUN.format(lane=_LANES[by], tries=tries, when=when, ids=ids, now=repr(window.now_ts))
        for name, start, end, failed in reader.iterate(sql):
            if end is None or end < start_ts:
                continue
            lane = made.get(name)
            if lane is None:
                lane = made[name] = _Lane(bins)
            lane.add((start - start_ts) * scale, (end - start_ts) * scale, failed)
    names, kept = _chosen(made, bins)
    table: dict[str, Any] = {"lane": array("I"), "bin": array("I"), "running": array("f"), "failing": array("f")}
    for number, lane in enumerate(kept):
        for bin_, running, failing in lane.levels():
            table["lane"].append(number)
            table["bin"].append(bin_)
            table["running"].append(running)
            table["failing"].append(failing)
    sums: dict[str, Any] = {"tries": array("I", [lane.tries for lane in kept]),
                            "failed": array("I", [lane.failed for lane in kept])}  # fmt: skip
    told = {**facts, "lanes": names, "bins": bins}
    return Frame(kind="gantt", level="lanes", facts=told, tables={"bins": table, "lanes": sums})


def _is_wide(reader: Reader, window: Window) -> bool:
    tries = reader.stored("job_instance")
    row = reader.one(f"SELECT (SELECT min(execute_ts) FROM {tries}), (SELECT max(execute_ts) FROM {tries})")
    if row is None or row[0] is None:
        return False
    return window.duration_s > _WIDE * float(row[1] - row[0])


class _Lane:
    """Tries of one lane: how many there are, and how many ran in each bin.

    Of the beginnings and ends that fall into a bin it is enough to know how many more began than ended, and how
    far into the bin they lie together: the level of each bin follows exactly (see ``query.pictures.bins``).
    """

    __slots__ = ("failed", "failing", "running", "tries")

    def __init__(self, bins: int) -> None:
        self.tries = self.failed = 0
        self.running, self.failing = _Net(bins), _Net(bins)

    def add(self, start: float, end: float, failed: bool | None) -> None:
        """A try that ran, in bins from the beginning of the window."""
        self.tries += 1
        self.running.add(start, end)
        if failed:
            self.failed += 1
            self.failing.add(start, end)

    def add_all(self, other: _Lane) -> None:
        """The tries of another."""
        self.tries += other.tries
        self.failed += other.failed
        self.running.add_all(other.running)
        self.failing.add_all(other.failing)

    def levels(self) -> Iterator[tuple[int, float, float]]:
        """Bin, how many ran in it on average, and how many of these failed; without bins in which none did."""
        for bin_, (running, failing) in enumerate(zip(self.running.levels(), self.failing.levels(), strict=True)):
            if running > _NOTHING:
                yield bin_, running, max(0.0, failing)


#: what rounding leaves of nothing
_NOTHING: Final = 1e-6


class _Net:
    """Beginnings less ends: those before the window, and by bin their number and how far into it they lie."""

    __slots__ = ("before", "count", "late", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.before = 0
        self.count = [0] * size
        self.late = [0.0] * size

    def add(self, start: float, end: float) -> None:
        """An interval that does not end before the window."""
        if end <= start:
            return
        if start <= 0.0:
            self.before += 1
        elif start < self.size:
            at = int(start)
            self.count[at] += 1
            self.late[at] += start - at
        if end < self.size:
            at = int(end)
            self.count[at] -= 1
            self.late[at] -= end - at

    def add_all(self, other: _Net) -> None:
        """The intervals of another."""
        self.before += other.before
        self.count = [a + b for a, b in zip(self.count, other.count, strict=True)]
        self.late = [a + b for a, b in zip(self.late, other.late, strict=True)]

    def levels(self) -> Iterator[float]:
        """How many lasted, on average over each bin."""
        passed = self.before
        for count, late in zip(self.count, self.late, strict=True):
            yield passed + count - late
            passed += count


def _chosen(made: dict[str, _Lane], bins: int) -> tuple[list[str], list[_Lane]]:
    """The lanes with most tries, and those where most failed; the others as one."""
    by_tries = sorted(made, key=lambda n: (-made[n].tries, n))
    worst = sorted((n for n in made if made[n].failed), key=lambda n: (-made[n].failed, n))[:3]
    kept = set([*worst, *(n for n in by_tries if n not in worst)][:MOST_LANES])
    names = [n for n in by_tries if n in kept]
    left = [n for n in by_tries if n not in kept]
    lanes = [made[n] for n in names]
    if not left:
        return names, lanes
    rest = _Lane(bins)
    for name in left:
        rest.add_all(made[name])
    return [*names, OTHERS], [*lanes, rest]
