"""How many tries waited, were held and ran at once, and how many ended, by bins; and when nothing happened at all."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Final

from stampede.query.columns.axis import Axis, Occupied, Span
from stampede.query.columns.frame import Frame
from stampede.query.columns.levels import NOTHING, Levels
from stampede.query.columns.tries import LEFT, QUEUED, REAL
from stampede.query.pictures.window import Window
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

_TRIES: Final = """
SELECT i.pre_start_ts, {queued}, i.execute_ts, {left}, CASE WHEN i.outcome IS NULL THEN {now} ELSE i.state_ts END,
       i.outcome
FROM job_instance i CROSS JOIN job j ON j.job_id = i.job_id WHERE j.wf_id IN ({ids}) AND {real}
"""
_HOLDS: Final = """
SELECT h.held_ts, coalesce(h.released_ts, i.end_ts, CASE WHEN i.outcome IS NULL THEN {now} ELSE i.state_ts END),
       i.execute_ts
FROM hold h JOIN job_instance i ON i.job_instance_id = h.job_instance_id JOIN job j ON j.job_id = i.job_id
WHERE j.wf_id IN ({ids}) AND {real}
"""
_NAMES: Final = ("scripts", "queued", "running")


def concurrency(
    reader: Reader, workflows: Sequence[Workflow], window: Window, *, bins: int = 600, skip: Sequence[Span] = ()
) -> Frame:
    """Tries at once in each of ``bins`` bins of the window without the times of ``skip``.

    Table ``bins``: ``running`` (on machines), ``queued`` (waiting for one), ``held``, ``scripts`` (in a PRE or POST
    script, or not seen to have ended yet), averages over each bin; ``ended`` and ``failed``: how many ended in it.
    Fact ``gaps``: the longest times in which nothing was on a machine or in a PRE script.
    """
    now, ids = repr(window.now_ts), ", ".join(str(w.wf_id) for w in workflows)
    place = Axis(window, bins, skip).place
    levels = {name: Levels(bins) for name in _NAMES}
    scripts, queued, running = levels.values()
    ended, failed = array("I", bytes(4 * bins)), array("I", bytes(4 * bins))
    occupied = Occupied(window)
    sql = _TRIES.format(queued=QUEUED, left=LEFT, now=now, ids=ids, real=REAL)
    for pre, submit, execute, left, over, outcome in reader.iterate(sql):
        if over is None:
            continue
        run = over if execute is None else execute
        begin = run if submit is None or submit > run else submit
        end = over if left is None or left > over else left
        at = place(run)
        queued.add(place(begin), at)
        if execute is not None:
            to = place(end)
            running.add(at, to)
            scripts.add(to, place(over))
            occupied.add(run, end)
        if pre is not None and pre < begin:
            scripts.add(place(pre), place(begin))
            occupied.add(pre, begin)
        if outcome is not None and window.start_ts <= over <= window.end_ts:
            bin_ = max(0, min(bins - 1, int(place(over))))
            ended[bin_] += 1
            failed[bin_] += outcome == "failed"
    early, late = _held(reader, _HOLDS.format(now=now, ids=ids, real=REAL), place, bins)
    table: dict[str, Any] = {
        "running": _averages(running), "queued": _less(queued, early), "scripts": _less(scripts, late),
        "held": array("f", [a + b for a, b in zip(_averages(early), _averages(late), strict=True)]),
        "ended": ended, "failed": failed,
    }  # fmt: skip
    facts = {
        "start_ts": window.start_ts, "end_ts": window.end_ts, "now_ts": window.now_ts, "bins": bins,
        "skip": _told(skip), "gaps": _told(occupied.gaps()),
    }  # fmt: skip
    return Frame(kind="concurrency", level="bins", facts=facts, tables={"bins": table})


def _held(reader: Reader, sql: str, place: Any, bins: int) -> tuple[Levels, Levels]:
    """What was held before its last start on a machine, and after it."""
    early, late = Levels(bins), Levels(bins)
    for start, end, execute in reader.iterate(sql):
        (early if execute is None or start < execute else late).add(place(start), place(end))
    return early, late


def _averages(levels: Levels) -> array[float]:
    return array("f", [value if value > NOTHING else 0.0 for value in levels.averages()])


def _less(levels: Levels, part: Levels) -> array[float]:
    """What is left without a part of it."""
    pairs = zip(levels.averages(), part.averages(), strict=True)
    return array("f", [whole - some if whole - some > NOTHING else 0.0 for whole, some in pairs])


def _told(spans: Sequence[Span]) -> list[dict[str, float]]:
    return [{"start_ts": start, "end_ts": end} for start, end in spans]
