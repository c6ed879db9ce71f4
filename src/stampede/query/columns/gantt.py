"""Tries over time: each while a window has few enough to be told apart, else lanes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from stampede.query.columns.axis import Span
from stampede.query.columns.bars import OWN, Bars, named_by, read_bars
from stampede.query.columns.frame import Frame
from stampede.query.columns.lanes import frame_of_lanes
from stampede.query.columns.tries import (
    HOST,
    KIND,
    SITE,
    TRIES,
    Attempts,
    By,
    Part,
    chosen,
    never_ran_within,
    ran_within,
)
from stampede.query.critical import critical_path
from stampede.query.pictures.window import Window
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

#: bars unless told otherwise, and at most
BARS: Final = 5_000
MOST_BARS: Final = 100_000
#: ids in one question
_BLOCK: Final = 500

_LANES: Final[dict[By, str]] = {"transformation": KIND, "host": HOST, "site": SITE}


def gantt(
    reader: Reader, workflows: Sequence[Workflow], window: Window, *, by: By = "transformation",
    attempts: Attempts = "all", skip: Sequence[Span] = (), width: int = 1200, most: int = BARS,
) -> Frame:  # fmt: skip
    """The tries of these workflows that ran in the window. ``width`` is that of the picture in pixels; in times of
    ``skip`` nothing is drawn.

    Level ``bars``: table ``tries``, a row each: ``lane`` (counts into facts ``lanes``), ``begin`` (of its PRE script),
    ``submit``, ``execute``, ``end`` and ``over`` in seconds after facts ``start_ts``, ``state`` (0 runs, 1 well,
    2 failed, 3 waits for a machine), ``last`` (of its job), ``attempt`` (from 1), ``kind``, ``host`` and ``workflow``
    (count into facts ``kinds``, ``hosts`` and ``workflows``), ``job``; table ``holds``: ``bar`` (row of the try),
    ``start`` and ``end``. Those that were on no machine (yet) are among them while they are few, as fact ``unstarted``
    says. By ``path`` there is a lane for each job of the critical path, in its order, and always bars.
    Level ``lanes``, when more than ``most`` ran: table ``bins``, one row for each lane and bin that is not empty:
    ``lane``, ``bin``, ``running`` (how many, on average over the bin) and ``failing`` (of these, that failed);
    table ``lanes``: ``tries`` and ``failed`` of each. Bins divide the window without the times of ``skip``.
    """
    facts: dict[str, Any] = {"start_ts": window.start_ts, "end_ts": window.end_ts, "now_ts": window.now_ts, "by": by}
    if by == "path":
        return _path(reader, workflows, window, chosen(attempts), facts)
    ids, lane = ", ".join(str(w.wf_id) for w in workflows), _LANES[by]
    only, most = chosen(attempts), min(most, MOST_BARS)
    parts = ran_within(reader, window)
    rows = read_bars(reader, ids, parts, lane=lane, chosen=only, most=most + 1)
    if len(rows) > most:
        bins = max(20, min(width // 2, 2000))
        return frame_of_lanes(
            reader, ids, window, lane=lane, chosen=only, bins=bins, skip=skip, facts={**facts, "skip": _told(skip)}
        )
    room = most - len(rows)
    waiting = read_bars(reader, ids, [never_ran_within(window)], lane=lane, chosen=only, most=room + 1)
    told = len(waiting) <= room
    bars = Bars(reader, workflows, window, named_by(lane))
    bars.add(rows + (waiting if told else []))
    return bars.frame({**facts, "unstarted": told})


def _told(skip: Sequence[Span]) -> list[dict[str, float]]:
    return [{"start_ts": start, "end_ts": end} for start, end in skip]


def _path(
    reader: Reader, workflows: Sequence[Workflow], window: Window, only: str, facts: dict[str, Any]
) -> Frame:  # fmt: skip
    """The tries of the jobs of the critical path, each job a lane."""
    steps = critical_path(reader, workflows)
    found = []
    for at in range(0, len(steps), _BLOCK):
        block = steps[at : at + _BLOCK]
        jobs, ids = ", ".join(str(s.job_id) for s in block), ", ".join(str(w) for w in {s.wf_id for s in block})
        part = Part(TRIES, f"i.job_id IN ({jobs}) AND {_touches(window)}")
        found += read_bars(reader, ids, [part], lane="j.exec_job_id", chosen=only, most=MOST_BARS)
    names = {(s.wf_id, s.job): s.path for s in steps}
    rows = [(*row[:3], names[row[1], row[2]], *row[4:]) for row in found]
    bars = Bars(reader, workflows, window, OWN, [s.path for s in steps])
    bars.add(rows)
    return bars.frame({**facts, "unstarted": True})


def _touches(window: Window) -> str:
    first = "coalesce(i.pre_start_ts, i.submit_ts, i.execute_ts, i.state_ts)"
    return f"{first} <= {window.end_ts!r} AND (i.outcome IS NULL OR i.state_ts >= {window.start_ts!r})"
