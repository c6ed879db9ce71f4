"""Charts as columns: what a run adds up to over time, by transformation and by machine, to draw at once.

============  ======================================================================================================
``jobs``      how many jobs were in which state over time
``failures``  tries that ended and failed over time, by transformation; how they ended
``runtimes``  the distribution of run times of each transformation, and the jobs outside of it
``hosts``     machines side by side: tries, failures, how long they take for what others do too
============  ======================================================================================================

Tries and time of each transformation, phases and efficiency are in the statistics of a run (``analysis.statistics``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

from stampede.query.columns.charts.failures import failures
from stampede.query.columns.charts.hosts import hosts
from stampede.query.columns.charts.runtimes import runtimes
from stampede.query.columns.charts.states import states
from stampede.query.columns.frame import Frame
from stampede.query.pictures.window import Window
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

Chart = Literal["jobs", "failures", "runtimes", "hosts"]
CHARTS: Final[tuple[Chart, ...]] = get_args(Chart)


def chart(
    reader: Reader, workflows: Sequence[Workflow], window: Window, kind: Chart, *, width: int = 1200
) -> Frame:  # fmt: skip
    """A chart of a workflow and all below it (the first of ``workflows`` is the one that was asked for)."""
    match kind:
        case "jobs":
            return states(reader, workflows, window, width=width)
        case "failures":
            return failures(reader, workflows, window, width=width)
        case "hosts":
            return hosts(reader, workflows, window)
        case "runtimes":
            return runtimes(reader, workflows)


__all__ = ["CHARTS", "Chart", "chart"]
