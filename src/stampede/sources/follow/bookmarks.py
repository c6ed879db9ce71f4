"""Where earlier readings of one run ended, and what else about it is kept with the positions.

Beside the place in DAGMan's log there are, each under the log's name and

``#owed``     the place where the first try ended that something is owed for
``#torn``     how often the log was begun anew under our eyes, and which log it was before, if all of that was read
``#lacking``  some submit files had not come when the plan was told
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from stampede.events.base import Event
from stampede.files import present
from stampede.sources.base import Batch, Place, identity, story_of
from stampede.sources.follow.tail import Tail, old_of

_NOWHERE = Place(0)


class Bookmarks:
    """Those of one run. ``places`` are all that the database has, and are kept up to date by whoever stores.

    ``dag_source`` is what the plan's position is kept under.
    """

    def __init__(self, log: str, dag_source: str, dag: Path, places: Mapping[str, Place]) -> None:
        self.log = log
        self._places = places
        self._owed, self._torn, self._lacking = (f"{log}#{name}" for name in ("owed", "torn", "lacking"))
        #: told without its DAG, which has come since: everything is to be told once more
        self.anew = _was_there_not(places.get(dag_source)) and present(dag) and log in places
        self._owing = None if self.anew else self._end(self._owed)

    def _end(self, source: str) -> int | None:
        place = self._places.get(source)
        return None if place is None else place.end

    def of(self, source: str) -> Place | None:
        """Where the reading of a source ended."""
        return self._places.get(source)

    @property
    def known(self) -> Place:
        """How far DAGMan's log was read."""
        return _NOWHERE if self.anew else self._places.get(self.log, _NOWHERE)

    @property
    def owing(self) -> int | None:
        """Where the first try ended that something is owed for."""
        return self._owing

    @property
    def torn(self) -> Place | None:
        """How often the log was begun anew, and which log it was before."""
        return self._places.get(self._torn)

    @property
    def is_plan_complete(self) -> bool:
        """Whether nothing was lacking when the plan was told."""
        return self._lacking not in self._places

    # ---- the log as it lies there ------------------------------------------------------------------------------------

    def is_whole(self, tail: Tail) -> bool:
        """Whether all that was read is still there, in the log itself."""
        return self._is_there(tail.path) and self._torn not in self._places

    def begins_in_old(self, tail: Tail) -> bool:
        """Whether all that was read is still there, its beginning in the log that was rotated away."""
        old, torn = old_of(tail.path), self._places.get(self._torn)
        if torn is None:
            return self._is_there(old)
        return torn.end == 1 and torn.inode == story_of(old) != 0 and self._is_there(tail.path)

    def is_of(self, path: Path) -> bool:
        """Whether that is the log that was read, or cannot be read."""
        return story_of(path) in (self.known.inode, 0)

    def _is_there(self, path: Path) -> bool:
        return story_of(path) == self.known.inode and identity(path)[1] >= self.known.mark

    # ---- what is to be kept -----------------------------------------------------------------------------------------

    def strikes(self) -> list[Batch]:
        """What is to be forgotten before everything is told once more."""
        return [Batch([], self.log, 0, -1)] if self.anew else []

    def note_owing(self, owing: int | None, events: list[Event] | None = None) -> list[Batch]:
        """Events that were owed, and where the first try ended that something is owed for, when that has changed."""
        if owing == self._owing and not events:
            return []
        self._owing = owing
        return [Batch(events or [], self._owed, 0, -1 if owing is None else owing)]

    def note_torn(self, tail: Tail) -> list[Batch]:
        """That the log was begun anew, when that is news."""
        known = self._places.get(self._torn)
        if not tail.torn or (known is not None and known.end >= tail.torn):
            return []
        return [Batch([], self._torn, 0, tail.torn, tail.before)]

    def note_lacking(self, lacking: bool) -> list[Batch]:
        """Whether submit files are lacking, when that has changed."""
        if lacking == (self._lacking in self._places):
            return []
        return [Batch([], self._lacking, 0, 1 if lacking else -1)]


def _was_there_not(place: Place | None) -> bool:
    return place is not None and place.inode == 0
