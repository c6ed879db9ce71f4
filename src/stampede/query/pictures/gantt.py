"""The tries of a run over time: each with its phases while there are few, as lanes when there are more than pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from stampede.query.pictures.lanes import By, Lane, Lanes
from stampede.query.pictures.tries import DrawnTry
from stampede.query.pictures.window import Window
from stampede.query.timeline import history, phases
from stampede.query.workflows import Workflow, paths
from stampede.store.reader import Reader

#: bars that can be told apart: above, tries are put into lanes
MOST_BARS: Final = 2000
#: lanes with a name of their own
MOST_LANES: Final = 24
#: ids in one question
_BLOCK: Final = 500
#: DAGMan's log has whole seconds: a phase within a run that is shorter tells nothing
_SECOND: Final = 1.0


class BarPhase(msgspec.Struct, frozen=True, array_like=True):
    """A phase of a try: one of :data:`stampede.query.timeline.PhaseName`, or ``stage_in`` (on the machine before the
    program began) or ``stage_out`` (after it ended)."""

    phase: str
    start_ts: float
    end_ts: float


class Bar(msgspec.Struct, kw_only=True):
    """A try; ``job`` with the sub-workflows it lies in. ``failed`` is None while it lasts."""

    job: str
    transformation: str
    host: str
    site: str
    start_ts: float
    end_ts: float
    failed: bool | None
    exitcode: int | None
    phases: list[BarPhase] = []


class Gantt(msgspec.Struct, kw_only=True):
    """Either ``bars``, or ``lanes`` by ``by`` when there are more than ``MOST_BARS`` tries; both in order of start."""

    window: Window
    by: By
    tries: int
    failed: int
    bars: list[Bar] = []
    lanes: list[Lane] = []


class GanttCollector:
    """Keeps tries as long as there are few, and sums them up into lanes as well."""

    def __init__(
        self, workflows: Sequence[Workflow], window: Window, *, by: By, bins: int, most: int = MOST_BARS
    ) -> None:
        self._window, self._by, self._most = window, by, most
        self._prefix = paths(list(workflows))
        self._kept: list[DrawnTry] = []
        self._lanes = Lanes(window.bins(bins), "transformation" if by == "job" else by, keep=MOST_LANES)
        self._tries = self._failed = 0

    def add(self, one: DrawnTry) -> None:
        """A try."""
        self._tries += 1
        self._failed += bool(one.failed)
        if self._tries <= self._most:
            self._kept.append(one)
        elif self._tries == self._most + 1:
            self._kept.clear()
        self._lanes.add(one)

    def result(self, reader: Reader) -> Gantt:
        """The picture's data; of single bars the phases are looked up."""
        by = self._by
        found = Gantt(window=self._window, by=by, tries=self._tries, failed=self._failed)
        if self._tries <= self._most:
            found.bars = self._bars(reader)
        else:
            found.by = "transformation" if by == "job" else by
            found.lanes = sorted(self._lanes.lanes(), key=lambda lane: (lane.lanes != 1, _begins(lane)))
        return found

    def _bars(self, reader: Reader) -> list[Bar]:
        kept = sorted(self._kept, key=lambda t: (t.begin_ts, t.job_id, t.instance))
        parts = _phases(reader, kept)
        return [
            Bar(
                job=self._prefix.get(t.wf_id, "") + t.job, transformation=t.transformation, host=t.host, site=t.site,
                start_ts=t.begin_ts, end_ts=t.over_ts, failed=t.failed, exitcode=t.exitcode,
                phases=parts.get(t.instance) or _edges(t),
            )
            for t in kept
        ]  # fmt: skip


def _begins(lane: Lane) -> int:
    """The first bin in which something waits or runs."""
    levels = zip(lane.waiting, lane.running, lane.failing, strict=True)
    return next((i for i, level in enumerate(levels) if any(level)), len(lane.running))


def _edges(t: DrawnTry) -> list[BarPhase]:
    """The phases of a try of which no states are known, as its edges tell them."""
    found = (BarPhase("pre", t.begin_ts, t.queue_ts), BarPhase("queue", t.queue_ts, t.run_ts),
             BarPhase("run", t.run_ts, t.end_ts), BarPhase("post", t.end_ts, t.over_ts))  # fmt: skip
    return [p for p in found if p.end_ts > p.start_ts]


def _phases(reader: Reader, kept: Sequence[DrawnTry]) -> dict[int, list[BarPhase]]:
    found: dict[int, list[BarPhase]] = {}
    for at in range(0, len(kept), _BLOCK):
        block = kept[at : at + _BLOCK]
        ids = ", ".join(str(t.instance) for t in block)
        states: dict[int, list[tuple[object, ...]]] = {}
        for instance, *state in reader.iterate(
            f"SELECT job_instance_id, state, timestamp, jobstate_submit_seq, reason FROM jobstate "
            f"WHERE job_instance_id IN ({ids})"
        ):
            states.setdefault(instance, []).append(tuple(state))
        programs = {instance: (start, end) for instance, start, end in reader.rows(
            f"SELECT job_instance_id, min(start_time), max(start_time + remote_duration) FROM invocation "
            f"WHERE job_instance_id IN ({ids}) AND task_submit_seq > 0 GROUP BY 1"
        )}  # fmt: skip
        for t in block:
            if t.instance in states:
                found[t.instance] = _told(t, states[t.instance], programs.get(t.instance))
    return found


def _told(t: DrawnTry, states: list[tuple[object, ...]], program: tuple[float, float] | None) -> list[BarPhase]:
    names = {s[0] for s in states}
    has_post = any(str(n).startswith("POST_SCRIPT") for n in names)
    found: list[BarPhase] = []
    for p in phases(history(states), has_post=has_post):
        end = t.over_ts if p.end_ts is None else p.end_ts
        if p.phase == "run" and program is not None and end >= t.end_ts:
            found += split_run(p.start_ts, end, *program)
        elif end > p.start_ts:
            found.append(BarPhase(p.phase, p.start_ts, end))
    return found


def split_run(start_ts: float, end_ts: float, program_start_ts: float, program_end_ts: float) -> list[BarPhase]:
    """Time on a machine as what came before the program, the program, and what came after it.

    The program's times are from the clock of the machine: where they do not lie within the run, they tell nothing.
    """
    first, last = program_start_ts, program_end_ts
    if first < start_ts - _SECOND or last > end_ts + _SECOND or last < first:
        return [BarPhase("run", start_ts, end_ts)] if end_ts > start_ts else []
    begin = first if first - start_ts >= _SECOND else start_ts
    end = last if end_ts - last >= _SECOND else end_ts
    found = (BarPhase("stage_in", start_ts, begin), BarPhase("run", begin, max(begin, end)),
             BarPhase("stage_out", max(begin, end), end_ts))  # fmt: skip
    return [p for p in found if p.end_ts > p.start_ts]
