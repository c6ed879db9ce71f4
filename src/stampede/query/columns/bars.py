"""Tries as bars: each with its phases, while they are few enough to be told apart."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Final

from stampede.query.collections.parts import ATTEMPT
from stampede.query.columns.frame import Frame, Words
from stampede.query.columns.tries import HOST, KIND, LEFT, OF_JOBS, OVER, QUEUED, Part
from stampede.query.pictures.window import Window
from stampede.query.workflows import Workflow, paths
from stampede.store.sqlite import Reader, Row

#: how a try stands, by number. What waits was on no machine yet
RUNNING, SUCCESS, FAILED, WAITING = 0, 1, 2, 3

_BAR: Final = """
SELECT i.job_instance_id, j.wf_id, j.exec_job_id, {lane}, {kind}, {host}, i.pre_start_ts, {queued}, i.execute_ts,
       {left}, {over}, i.outcome, {attempt}, i.job_instance_id = j.last_job_instance_id, i.hold_count
FROM {tries} CROSS JOIN {of_jobs} AND {when}{chosen} LIMIT {most}
"""
_BLOCK: Final = 500


def are_more(reader: Reader, ids: str, parts: Sequence[Part], *, chosen: str, most: int) -> bool:
    """Whether more than so many tries are in these parts: of all workflows, which an index tells; then of these."""
    for only in ("", f"CROSS JOIN {OF_JOBS.format(ids=ids)}"):
        count = 0
        for tries, when in parts:
            found = (
                f"SELECT 1 FROM {tries} {only} {f'{chosen} AND' if only else 'WHERE'} {when} LIMIT {most + 1 - count}"
            )
            count += (reader.one(f"SELECT count(*) FROM ({found})") or (0,))[0]
            if count > most:
                break
        if count <= most:
            return False
    return True


def read_bars(
    reader: Reader, ids: str, parts: Sequence[Part], *, lane: str, chosen: str, most: int
) -> list[Row]:  # fmt: skip
    """Tries of these parts, at most so many; ``lane`` and ``chosen`` are SQL."""
    found: list[Row] = []
    for tries, when in parts:
        if len(found) >= most:
            break
        found += reader.rows(_BAR.format(
            lane=lane, kind=KIND, host=HOST, queued=QUEUED, left=LEFT, over=OVER, attempt=ATTEMPT, tries=tries,
            of_jobs=OF_JOBS.format(ids=ids), when=when, chosen=chosen, most=most - len(found),
        ))  # fmt: skip
    return found


class Bars:
    """Collects tries into columns. Times are seconds after the beginning of the window."""

    def __init__(
        self, reader: Reader, workflows: Sequence[Workflow], window: Window, lanes: Sequence[str] = ()
    ) -> None:
        self._reader, self._window = reader, window
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
        """Tries as ``read_bars`` gives them."""
        rows.sort(key=lambda row: (row[8] if row[8] is not None else row[7] or row[10] or row[6] or 0.0, row[0]))
        for row in rows:
            self._add(row)

    def _add(self, row: Row) -> None:
        (
            instance, wf_id, name, lane, kind, host, pre, queued, execute, left, over, outcome, attempt, last, holds,
        ) = row  # fmt: skip
        over = self._window.now_ts if over is None else over
        run = over if execute is None else execute
        end = over if left is None or left > over else left
        over, end = max(over, run), max(end, run)
        submit = run if queued is None else min(queued, run)
        begin = submit if pre is None else min(pre, submit)
        words = (
            ("lane", self._lanes.number(lane)), ("kind", self._kinds.number(kind)), ("host", self._hosts.number(host)),
            ("workflow", self._workflows.number(self._uuids[wf_id])), ("attempt", attempt), ("last", int(bool(last))),
            ("state", _state(outcome, execute)),
        )  # fmt: skip
        if holds:
            self._held[instance] = len(self._names)
        for column, value in words:
            self._table[column].append(value)
        for column, ts in (("begin", begin), ("submit", submit), ("execute", run), ("end", end), ("over", over)):
            self._table[column].append(ts - self._window.start_ts)
        self._names.append(self._prefixes.get(wf_id, "") + name)

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
