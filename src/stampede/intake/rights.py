"""Whose workflows a sender may write about."""

from __future__ import annotations

from collections.abc import Iterator

from stampede.errors import StampedeError
from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.query import open_database
from stampede.query.workflows import of_uuid

#: events that speak of another workflow than their own
_MOST = 50_000


class Owners:
    """The users of the workflows of a database, as far as they were asked for."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._users: dict[str, str | None] = {}

    def kept(self, events: list[Event], user: str | None) -> list[Event]:
        """The events that a user may send: those about workflows of their own, and new ones, which become theirs.

        Instead of each other there is a problem, which belongs to no workflow. None may send all.
        """
        if user is None:
            return events
        unknown = {uuid for event in events for uuid in _workflows(event)} - self._users.keys()
        self._look(unknown, user)
        return [self._judge(event, user) for event in events]

    def _look(self, uuids: set[str], user: str) -> None:
        """Ask the database for those; who is not there belongs to whoever sends it first."""
        if len(self._users) > _MOST:
            self._users.clear()
        if not uuids:
            return
        try:
            with open_database(self._url) as reader, reader.snapshot():
                found = {uuid: of_uuid(reader, uuid) for uuid in uuids}
        except StampedeError:  # there is no database yet
            found = dict.fromkeys(uuids)
        for uuid, workflow in found.items():
            self._users[uuid] = user if workflow is None else workflow.user

    def _judge(self, event: Event, user: str) -> Event:
        for uuid in _workflows(event):
            if self._users.get(uuid, user) != user:
                return ev.Problem(
                    ts=event.ts, kind="forbidden", severity="warning",
                    message=f"{user} sent {event.NAME} of a workflow that is not theirs; it was not stored.",
                    remedy="Send it with a credential of the workflow's user, or of an administrator.",
                )  # fmt: skip
        if isinstance(event, ev.WfPlan):
            event.user = user
        return event


def _workflows(event: Event) -> Iterator[str]:
    if event.xwf_id:
        yield event.xwf_id
    if isinstance(event, ev.WfPlan):
        yield from filter(None, (event.parent_xwf_id, event.root_xwf_id))
    elif isinstance(event, ev.XwfMapSubwfJob):
        yield event.subwf_id
