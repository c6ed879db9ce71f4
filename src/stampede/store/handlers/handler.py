"""What a handler is, and the one that does nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from stampede.events.base import Event
from stampede.store.workingset import WorkingSet

#: what one event does to the rows
Handler: TypeAlias = Callable[[WorkingSet, Any], None]
#: the handler of each class of event
Handlers: TypeAlias = dict[type[Event], Handler]


def nothing(db: WorkingSet, e: Event) -> None:
    """The event repeats what others say, or only frames them; it still tells that the workflow exists."""
    if e.xwf_id is not None:
        db.workflow(e.xwf_id).see(None)
