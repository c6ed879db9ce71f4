"""How fast a workflow gets on: tries that ended, by pieces of time, over its last hour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

#: pieces of time that are told, and how far back they reach at most, in seconds
PIECES: Final = 60
REACH_S: Final = 3_600.0
#: what "now" means in a rate, in seconds
LATELY_S: Final = 300.0
#: a running workflow of which nothing was heard for so long is told of as of its last record
_UNHEARD_S: Final = 86_400.0


class Throughput(msgspec.Struct, kw_only=True):
    """Jobs that ended, up to ``end_ts`` (now while it runs, else its last record), in pieces of ``step_s`` seconds.

    ``done`` and ``failed`` are tries that ended in each piece, the last piece at ``end_ts``. ``done_per_min`` is the
    rate of the last five minutes (or of the run's whole life, while it is shorter); ``mean_per_min`` that of the
    workflow's nodes over its whole life; None when nothing ran yet. Times are epoch seconds.
    """

    start_ts: float
    end_ts: float
    step_s: float
    done: list[int]
    failed: list[int]
    done_per_min: float | None
    mean_per_min: float | None


def throughput(reader: Reader, workflows: Sequence[Workflow], now: float) -> Throughput | None:
    """How fast the workflows (the first is above the others) get on at a time; None when none of them has begun."""
    begun = [w.first_ts for w in workflows if w.first_ts is not None]
    if not begun:
        return None
    root = workflows[0]
    last = max(w.last_ts or 0.0 for w in workflows)
    end = now if root.state == "running" and now - last < _UNHEARD_S else last
    lived = max(1.0, end - min(begun))
    step = float(math.ceil(min(REACH_S, lived) / PIECES))
    start = end - step * PIECES
    done, failed = _pieces(reader, workflows, start, end, step)
    lately = min(LATELY_S, lived)
    return Throughput(
        start_ts=start, end_ts=end, step_s=step, done=done, failed=failed,
        done_per_min=60.0 * _count(reader, workflows, end - lately, end) / lately,
        mean_per_min=60.0 * sum(w.done for w in workflows) / lived,
    )  # fmt: skip


_FROM: Final = """
FROM job_instance i CROSS JOIN job j ON j.job_id = i.job_id
WHERE i.end_ts > ? AND i.end_ts <= ? AND j.wf_id IN ({ids})
"""


def _pieces(
    reader: Reader, workflows: Sequence[Workflow], start: float, end: float, step: float
) -> tuple[list[int], list[int]]:
    done, failed = [0] * PIECES, [0] * PIECES
    rows = reader.rows(
        f"""SELECT CAST((i.end_ts - ?) / ? AS INTEGER), sum(i.outcome = 'success'), sum(i.outcome = 'failed')
            {_FROM.format(ids=_ids(workflows))} GROUP BY 1""",
        (start, step, start, end),
    )
    for piece, well, badly in rows:
        at = min(max(int(piece), 0), PIECES - 1)
        done[at] += well or 0
        failed[at] += badly or 0
    return done, failed


def _count(reader: Reader, workflows: Sequence[Workflow], start: float, end: float) -> int:
    row = reader.one(
        f"SELECT count(*) {_FROM.format(ids=_ids(workflows))} AND i.outcome = 'success'",
        (start, end),
    )
    return int(row[0]) if row else 0


def _ids(workflows: Sequence[Workflow]) -> str:
    return ", ".join(str(w.wf_id) for w in workflows)
