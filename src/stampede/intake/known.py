"""Keeps the user's registry: which workflows came in, and where they are."""

from __future__ import annotations

from typing import Final

from stampede.errors import StampedeError
from stampede.events.base import Event
from stampede.query import Reader, open_database
from stampede.query.workflows import of_uuid, roots_above
from stampede.watching.bookkeeper import Bookkeeper
from stampede.watching.whole import Whole, whole

#: the registry is told so often, in seconds
_TELL_S: Final = 2.0


class Known:
    """Tells the registry of the runs that are being sent, best effort. Times are monotonic seconds."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._registry = Bookkeeper([], db=url)
        self._changed: set[str] = set()
        self._next = 0.0

    @property
    def due(self) -> float:
        """When there is something to tell."""
        return self._next if self._changed else float("inf")

    def note(self, events: list[Event]) -> None:
        """These events were stored."""
        self._changed.update(event.xwf_id for event in events if event.xwf_id)

    def turn(self, now: float) -> None:
        """Tell it, when it is time to."""
        if now < self.due:
            return
        self._next = now + _TELL_S
        changed, self._changed = self._changed, set()
        try:
            with open_database(self._url) as reader, reader.snapshot():
                found = [_standing(reader, root) for root in dict.fromkeys(roots_above(reader, changed).values())]
        except StampedeError:  # the registry is a convenience
            return
        for one, user in found:
            self._registry.note(self._url, one, user=user)

    def close(self) -> None:
        """Tell what has not been told."""
        self._next = 0.0
        self.turn(1.0)
        self._registry.close()


def _standing(reader: Reader, root: str) -> tuple[Whole, str | None]:
    """How a run stands, and whose it is."""
    workflow = of_uuid(reader, root)
    return whole(reader, root), workflow.user if workflow is not None else None
