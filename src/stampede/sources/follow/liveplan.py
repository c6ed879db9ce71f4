"""The plan of a workflow that is followed: told once, or once more when some of it comes late.

A DAG file, or what the planner wrote beside it, may not be there yet when DAGMan's log already is: on network file
systems, and in directories that are being copied.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.files import present
from stampede.sources.base import Batch, identity
from stampede.sources.follow.bookmarks import Bookmarks
from stampede.sources.follow.naming import Stillness
from stampede.sources.identity import Workflow
from stampede.sources.run import Run
from stampede.sources.static import planners_events

#: a file that was not written to for so many seconds is complete
_WRITTEN_S = 1.0


class LivePlan:
    """What was known before the run. What is said without the DAG, while that is missing, waits for the end."""

    def __init__(self, run: Run, marks: Bookmarks) -> None:
        wf = run.wf
        #: all of it was told
        self.told = False
        self._wf = wf
        self._marks = marks
        self._batches: Generator[Batch] = run.static(patient=True)
        self._is_missing = not present(wf.dag)
        #: the files it is read from, as they lay there before that
        self._read = {path: identity(path) for path in (wf.dag, *_planners(wf))}
        self._awaited = [path for path in self._read if not present(path)]
        self._still = Stillness()
        self._guesses: list[Event] = []

    def news(self) -> list[Batch]:
        """The next part of it, unless the database has that."""
        batch = next(self._batches, None)
        if batch is None:
            self.told = True
            # taken away, or made anew, while it was read
            self._awaited = [p for p, before in self._read.items() if not present(p) or identity(p) != before]
            return []
        known = self._marks.of(batch.source) if self._marks.is_plan_complete else None
        if known is not None and (known.inode, known.size) == (batch.inode, batch.size):
            if known.final and present(self._wf.dag) and present(planners_events(self._wf)):
                self._batches.close()  # nothing is learned from reading it once more
                self.told = True
            if batch.end <= known.end:
                return []
        return [batch]

    def has_come(self) -> bool:
        """Whether something was missing, and is there now."""
        return any(present(path) and self._still.seconds(path) > _WRITTEN_S for path in self._awaited)

    def is_coming(self) -> bool:
        """Whether something was missing, and may be written now."""
        return any(present(path) and self._still.seconds(path) <= _WRITTEN_S for path in self._awaited)

    def without_guesses(self, events: list[Event]) -> list[Event]:
        """The events but for what they say of nodes that no DAG has."""
        if not self._is_missing:
            return events
        self._guesses += [e for e in events if _is_guess(e)]
        return [e for e in events if not _is_guess(e)]

    def at_last(self, run: Run) -> list[Event]:
        """What is to be said if the DAG never came."""
        return [*run.missing_dag(), *self._guesses] if self._is_missing else []


def _planners(wf: Workflow) -> list[Path]:
    return [planners_events(wf)] if wf.is_pegasus else []


def _is_guess(event: Event) -> bool:
    return isinstance(event, ev.Problem) and event.kind == "unknown_node"
