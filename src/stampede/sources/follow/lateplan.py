"""A DAG file that is not there yet when its DAGMan's log already is, as happens on network file systems."""

from __future__ import annotations

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.files import present
from stampede.sources.follow.naming import Stillness
from stampede.sources.identity import Workflow
from stampede.sources.run import Run

#: a DAG file that was not written to for so many seconds is complete
_WRITTEN_S = 1.0


class LatePlan:
    """The DAG of a workflow, as long as it is missing; what is said without it waits for the end of the run."""

    def __init__(self, wf: Workflow) -> None:
        self._dag = wf.dag
        self._is_missing = not present(wf.dag)
        self._still = Stillness()
        self._guesses: list[Event] = []

    def has_come(self) -> bool:
        """Whether it was missing, and is there now."""
        return self._is_missing and present(self._dag) and self._still.seconds(self._dag) > _WRITTEN_S

    def without_guesses(self, events: list[Event]) -> list[Event]:
        """The events but for what they say of nodes that no DAG has."""
        if not self._is_missing:
            return events
        self._guesses += [e for e in events if _is_guess(e)]
        return [e for e in events if not _is_guess(e)]

    def at_last(self, run: Run) -> list[Event]:
        """What is to be said if it never came."""
        return [*run.missing_dag(), *self._guesses] if self._is_missing else []


def _is_guess(event: Event) -> bool:
    return isinstance(event, ev.Problem) and event.kind == "unknown_node"
