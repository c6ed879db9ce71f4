"""Progress of the workflows of a database: what is left, earlier runs, and the judgement, wired together.

The cost is bounded: some 30 ms at any size of the workflow, and a few milliseconds for each of up to
:data:`EARLIER_RUNS` earlier runs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from stampede.analysis.progress.limits import Standing
from stampede.analysis.progress.progress import Progress, progress
from stampede.analysis.progress.widening import Widening
from stampede.errors import StampedeError
from stampede.query import Reader, open_database
from stampede.query.history import PastRun, past_runs
from stampede.query.overview import overview
from stampede.query.remaining import Past, past_tries, remaining
from stampede.query.status import WorkflowStatus
from stampede.query.workflows import Workflow, find, forest

#: earlier runs that are looked at
EARLIER_RUNS: Final = 3
#: a running workflow of which nothing was heard for so long is told of as of its last record: it was read, not followed
UNHEARD_S: Final = 86_400.0
#: a workflow that is followed gets a new forecast so often at most (seconds), and rests so many times what it took
EVERY_S: Final = 5.0
REST: Final = 50.0


def progress_of(
    reader: Reader, root: Workflow, now: float | None = None, earlier: Sequence[Sequence[Past]] | None = None,
    *, widen: float = 1.0,
) -> Progress | None:  # fmt: skip
    """Progress of a root workflow with all below it; None when it does not run.

    ``now`` is the time to answer for (None: by the clock, or the last record when that is long ago); inside of
    :func:`stampede.query.past.as_it_stood` it is that of the view. ``earlier`` are the tries of earlier runs (None:
    they are looked for).
    """
    if root.state != "running":
        return None
    glances = overview(reader, [root.wf_id])
    running = [g for g in glances if g.status.state == "running"]
    last = max((g.status.last_ts or 0.0 for g in glances), default=0.0)
    if now is None:
        clock = time.time()
        now = clock if clock - last < UNHEARD_S else last
    nodes = [g.status.nodes for g in running]
    left = sum(n.total - n.done - n.failed - n.futile for n in nodes)
    first = glances[0]
    standing = Standing(
        halted=first.status.halted, halt_reason=first.halt_reason, engine_hold=first.engine_hold,
    )  # fmt: skip
    if earlier is None:
        earlier = earlier_tries(reader, root, now)
    rest = remaining(reader, forest(reader, root), nodes_left=max(0, left))
    return progress(rest, standing, now, earlier, widen=widen)


def earlier_tries(reader: Reader, root: Workflow, now: float, limit: int = EARLIER_RUNS) -> list[list[Past]]:
    """The tries of the latest runs of the same label that had ended well by now, newest first; of the databases where
    the registry has that label, and of this one."""
    if root.label is None or root.first_ts is None:
        return []
    runs = past_runs(root.label, before_ts=now, without=[root.wf_uuid], urls=[reader.url], limit=4 * limit)
    good = [run for run in runs if run.state == "success"][:limit]
    return [tries for run in good if (tries := _tries(run))]


def _tries(run: PastRun) -> list[Past]:
    try:
        with open_database(run.url) as reader, reader.snapshot():
            ids = ", ".join(str(w.wf_id) for w in forest(reader, find(reader, run.wf_uuid)[0]))
            return past_tries(reader, ids)
    except StampedeError:  # gone since, or lost it: history is a help, never a condition
        return []


class Forecasts:
    """The forecasts of one workflow that is followed: a new one when the last is some seconds old, so that they take no
    more than a small share of the time; earlier runs are read once, and the intervals learn from how they moved."""

    def __init__(self) -> None:
        self._last: Progress | None = None
        self._due = 0.0
        self._earlier: list[list[Past]] | None = None
        self._widening = Widening()

    @property
    def last(self) -> Progress | None:
        """The last one that was made."""
        return self._last

    def of(self, reader: Reader, seen: WorkflowStatus) -> Progress | None:
        """The forecast for a root workflow as it is seen; None when it does not run."""
        if seen.state != "running":
            self._last, self._due = None, 0.0
            return None
        began = time.monotonic()
        if began < self._due:
            return self._last
        root = find(reader, seen.wf_uuid)[0]
        if self._earlier is None:
            self._earlier = earlier_tries(reader, root, time.time())
        self._last = progress_of(reader, root, None, self._earlier, widen=self._widening.factor)
        if self._last is not None:
            self._widening.add(self._last)
        now = time.monotonic()
        self._due = now + max(EVERY_S, REST * (now - began))
        return self._last
