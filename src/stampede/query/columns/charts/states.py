"""How many jobs were in which state over time."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final

from stampede.query.columns.frame import Frame
from stampede.query.pictures.states import job_states
from stampede.query.pictures.window import Window
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

#: the columns, in the order in which jobs go through them
STATES: Final = ("waiting", "ready", "pre", "queued", "held", "running", "post", "done", "failed")


def states(reader: Reader, workflows: Sequence[Workflow], window: Window, *, width: int = 1200) -> Frame:
    """The jobs of these workflows by state, averages over each bin. ``width`` is that of the picture in pixels.

    Table ``bins``: a column for each of ``STATES``; a row adds up to facts ``total``. Where facts ``ready_known`` is
    false, those that are ready are counted as waiting. ``first_ts`` to ``now_ts`` is all that is known of the run.
    """
    found = job_states(reader, workflows, window, bins=max(20, min(width // 2, 1000)))
    first = min((w.first_ts for w in workflows if w.first_ts is not None), default=window.start_ts)
    facts = {"start_ts": window.start_ts, "end_ts": window.end_ts, "first_ts": first, "now_ts": window.now_ts,
             "total": found.total, "ready_known": found.ready_known, "peak_running": found.peak_running}  # fmt: skip
    table = {name: array("f", getattr(found, name)) for name in STATES}
    return Frame(kind="jobs", level="bins", facts=facts, tables={"bins": table})
