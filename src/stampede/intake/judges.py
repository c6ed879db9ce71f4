"""Judges what comes in as a watch does: tries as they end, and all of a run when it has ended."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

from stampede.errors import DatabaseError, StampedeError
from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.query import open_database
from stampede.query.workflows import roots_above
from stampede.watching.online import OnlineJudge

_LOG = logging.getLogger("stampede.intake")
#: a run that ended is judged when nothing was told of it for so long, in seconds
_QUIET_S: Final = 0.5


class Judges:
    """The runs of a database that are being sent, one :class:`OnlineJudge` each. Times are monotonic seconds."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._judges: dict[str, OnlineJudge] = {}
        self._root_of: dict[str, str] = {}
        #: roots that ended -> when they are judged
        self._ended: dict[str, float] = {}

    @property
    def due(self) -> float:
        """When there is something to do although nothing comes in."""
        return min((*self._ended.values(), *(j.due for j in self._judges.values())), default=float("inf"))

    def note(self, events: list[Event], now: float) -> None:
        """These events were stored. Raises DatabaseError."""
        by_workflow: dict[str, list[Event]] = {}
        for event in events:
            if event.xwf_id:
                by_workflow.setdefault(event.xwf_id, []).append(event)
        self._find_roots(by_workflow)
        for uuid, some in by_workflow.items():
            root = self._root_of.get(uuid, uuid)
            if root not in self._judges:
                self._judges[root] = OnlineJudge(self._url)
            self._judges[root].note(some, now)
            if root in self._ended or any(isinstance(e, ev.XwfEnd) and e.xwf_id == root for e in some):
                self._ended[root] = now + _QUIET_S
            if root in self._ended and any(isinstance(e, ev.XwfStart) and e.xwf_id == root for e in some):
                self._reconsider(root, some)

    def _reconsider(self, root: str, events: list[Event]) -> None:
        """A run that ended and was started again has not ended."""
        last = [e for e in events if isinstance(e, (ev.XwfStart, ev.XwfEnd)) and e.xwf_id == root][-1]
        if isinstance(last, ev.XwfStart):
            self._ended.pop(root, None)

    def _find_roots(self, uuids: Iterable[str]) -> None:
        unknown = [uuid for uuid in uuids if uuid not in self._root_of]
        if not unknown:
            return
        with open_database(self._url) as reader, reader.snapshot():
            self._root_of.update(roots_above(reader, unknown))

    def turn(self, now: float) -> list[Event]:
        """What there is to tell now. Raises DatabaseError."""
        found: list[Event] = []
        for root, judge in list(self._judges.items()):
            over = now >= self._ended.get(root, float("inf"))
            try:
                found += judge.end([root]) if over else judge.turn(now)
            except DatabaseError:
                raise
            except StampedeError as e:  # a name that is found nowhere: nobody will ask for its anomalies either
                _LOG.warning("the anomalies of %s are not judged: %s", root, e)
                over = True
            if over:
                self._forget(root)
        return found

    def _forget(self, root: str) -> None:
        self._ended.pop(root, None)
        del self._judges[root]
        self._root_of = {uuid: of for uuid, of in self._root_of.items() if of != root}

    def last(self) -> list[Event]:
        """What is to be told of runs that have ended before nothing more comes. Never raises."""
        try:
            return self.turn(float("inf")) if self._ended else []
        except DatabaseError:
            return []
