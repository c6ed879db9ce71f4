"""A DAG file, or what the planner wrote beside it, that is not there yet when DAGMan's log already is.

So it is on network file systems, and in directories that are being copied.
"""

from __future__ import annotations

from pathlib import Path

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.files import present
from stampede.sources.follow.naming import Stillness
from stampede.sources.identity import Workflow
from stampede.sources.run import Run
from stampede.sources.static import planners_events

#: a DAG file that was not written to for so many seconds is complete
_WRITTEN_S = 1.0


class LatePlan:
    """The plan of a workflow, as long as some of it is missing; what is said without the DAG waits for the end."""

    def __init__(self, wf: Workflow) -> None:
        self._is_missing = not present(wf.dag)
        self._awaited = [path for path in (wf.dag, *_planners(wf)) if not present(path)]
        self._still = Stillness()
        self._guesses: list[Event] = []

    def has_come(self) -> bool:
        """Whether something was missing, and is there now."""
        return any(present(path) and self._still.seconds(path) > _WRITTEN_S for path in self._awaited)

    def without_guesses(self, events: list[Event]) -> list[Event]:
        """The events but for what they say of nodes that no DAG has."""
        if not self._is_missing:
            return events
        self._guesses += [e for e in events if _is_guess(e)]
        return [e for e in events if not _is_guess(e)]

    def at_last(self, run: Run) -> list[Event]:
        """What is to be said if it never came."""
        return [*run.missing_dag(), *self._guesses] if self._is_missing else []


def _planners(wf: Workflow) -> list[Path]:
    return [planners_events(wf)] if wf.is_pegasus else []


def _is_guess(event: Event) -> bool:
    return isinstance(event, ev.Problem) and event.kind == "unknown_node"
