"""Tries as bars: each with its phases, while they are few enough to be told apart."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final

from stampede.query.collections.parts import ATTEMPT
from stampede.query.columns.frame import Frame, Words
from stampede.query.columns.tries import HOST, KIND, LEFT, OF_JOBS, OVER, QUEUED, Part
from stampede.query.pictures.window import Window
from stampede.query.workflows import Workflow, paths
from stampede.store.reader import Reader, Row

#: how a try stands, by number. What waits was on no machine yet
RUNNING, SUCCESS, FAILED, WAITING = 0, 1, 2, 3
#: columns of a row that may name its lane
OWN, OF_KIND, OF_HOST = 3, 4, 5

_BAR: Final = """
SELECT i.job_instance_id, j.wf_id, j.exec_job_id, {lane}, {kind}, {host}, i.pre_start_ts, {queued}, i.execute_ts,
       {left}, {over}, i.outcome, CASE WHEN j.attempts = 1 THEN 1 ELSE {attempt} END,
       i.job_instance_id = j.last_job_instance_id, i.hold_count
FROM {tries} CROSS JOIN {of_jobs} AND {when}{chosen} LIMIT {most}
"""
_BLOCK: Final = 500


def read_bars(
    reader: Reader, ids: str, parts: Sequence[Part], *, lane: str, chosen: str, most: int
) -> list[Row]:  # fmt: skip
    """Tries of these parts, at most so many; ``lane`` and ``chosen`` are SQL. A lane that is the kind or the host of a
    try is in that column alone (:func:`named_by`)."""
    lane = lane if named_by(lane) == OWN else "NULL"
    found: list[Row] = []
    for tries, when in parts:
        if len(found) >= most:
            break
        found += reader.rows(_BAR.format(
            lane=lane, kind=KIND, host=HOST, queued=QUEUED, left=LEFT, over=OVER, attempt=ATTEMPT, tries=tries,
            of_jobs=OF_JOBS.format(ids=ids), when=when, chosen=chosen, most=most - len(found),
        ))  # fmt: skip
    return found


def named_by(lane: str) -> int:
    """The column of a row that has the lane, which is SQL."""
    return {KIND: OF_KIND, HOST: OF_HOST}.get(lane, OWN)


class Bars:
    """Collects tries into columns. Times are seconds after the beginning of the window. ``by``: the column of a row
    that names its lane; ``lanes``: those that come first."""

    def __init__(
        self, reader: Reader, workflows: Sequence[Workflow], window: Window, by: int, lanes: Sequence[str] = ()
    ) -> None:
        self._reader, self._window, self._by = reader, window, by
        self._lanes, self._kinds, self._hosts, self._workflows = Words(), Words(), Words(), Words()
        for name in lanes:
            self._lanes.number(name)
        self._uuids = {w.wf_id: w.wf_uuid for w in workflows}
        self._prefixes = paths(list(workflows))
        self._names: list[str] = []
        self._table: dict[str, Any] = {
            name: array(kind)
            for name, kind in (
                ("lane", "I"), ("begin", "f"), ("submit", "f"), ("execute", "f"), ("end", "f"), ("over", "f"),
                ("state", "B"), ("last", "B"), ("attempt", "I"), ("kind", "I"), ("host", "I"), ("workflow", "I"),
            )
        }  # fmt: skip
        self._held: dict[int, int] = {}

    def add(self, rows: list[Row]) -> None:
        """Tries as ``read_bars`` gives them, in the order in which they began; column by column, since there may be
        many."""
        if not rows:
            return
        if any(row[8] is None for row in rows):
            rows.sort(key=lambda row: (row[8] if row[8] is not None else row[7] or row[10] or row[6] or 0.0, row[0]))
        else:
            rows.sort(key=itemgetter(8, 0))
        columns = list(zip(*rows, strict=True))
        instances, wf_ids, names, _, kinds, hosts, _, _, executes, _, _, outcomes, attempts, lasts, holds = columns
        self._held.update((i, n) for n, (i, h) in enumerate(zip(instances, holds, strict=True), len(self._names)) if h)
        self._add_times(columns)
        table = self._table
        table["lane"].extend(self._lanes.numbers(columns[self._by]))
        table["kind"].extend(self._kinds.numbers(kinds))
        table["host"].extend(self._hosts.numbers(hosts))
        table["workflow"].extend(self._workflows.numbers([self._uuids[wf_id] for wf_id in wf_ids]))
        table["state"].extend([_state(o, e) for o, e in zip(outcomes, executes, strict=True)])
        table["attempt"].extend(attempts)
        table["last"].extend([1 if last else 0 for last in lasts])
        prefix = self._prefixes.get
        self._names += [prefix(wf_id, "") + name for wf_id, name in zip(wf_ids, names, strict=True)]

    def _add_times(self, columns: Sequence[Sequence[Any]]) -> None:
        """When each began, was submitted, ran, left its machine, and was over: in this order, whatever was told."""
        pres, queueds, executes, lefts, overs = columns[6:11]
        now = self._window.now_ts
        over = [now if o is None else o for o in overs]
        run = [o if e is None else e for e, o in zip(executes, over, strict=True)]
        end = [o if t is None or t > o else t for t, o in zip(lefts, over, strict=True)]
        over = [r if r > o else o for o, r in zip(over, run, strict=True)]
        end = [r if r > t else t for t, r in zip(end, run, strict=True)]
        submit = [r if q is None or q > r else q for q, r in zip(queueds, run, strict=True)]
        begin = [s if p is None or p > s else p for p, s in zip(pres, submit, strict=True)]
        start = self._window.start_ts
        for name, times in (("begin", begin), ("submit", submit), ("execute", run), ("end", end), ("over", over)):
            self._table[name].extend([ts - start for ts in times])

    def _holds(self) -> dict[str, Any]:
        """When they were held: row of the try, and seconds after the beginning of the window."""
        found: dict[str, Any] = {"bar": array("I"), "start": array("f"), "end": array("f")}
        held, start, over = list(self._held), self._window.start_ts, self._table["over"]
        for at in range(0, len(held), _BLOCK):
            ids = ", ".join(map(str, held[at : at + _BLOCK]))
            for instance, since, until in self._reader.rows(
                f"SELECT job_instance_id, held_ts, released_ts FROM hold WHERE job_instance_id IN ({ids})"
            ):
                bar = self._held[instance]
                found["bar"].append(bar)
                found["start"].append(since - start)
                found["end"].append(over[bar] if until is None else min(until - start, over[bar]))
        return found

    def frame(self, facts: dict[str, Any]) -> Frame:
        """The answer."""
        told = {
            **facts, "lanes": self._lanes.names, "kinds": self._kinds.names, "hosts": self._hosts.names,
            "workflows": [{"wf_uuid": uuid, "prefix": self._prefix(uuid)} for uuid in self._workflows.names],
        }  # fmt: skip
        tables = {"tries": {**self._table, "job": self._names}, "holds": self._holds()}
        return Frame(kind="gantt", level="bars", facts=told, tables=tables)

    def _prefix(self, uuid: str) -> str:
        return next((self._prefixes.get(wf_id, "") for wf_id, one in self._uuids.items() if one == uuid), "")


def _state(outcome: str | None, execute: float | None) -> int:
    if outcome is None:
        return RUNNING if execute is not None else WAITING
    return FAILED if outcome == "failed" else SUCCESS
