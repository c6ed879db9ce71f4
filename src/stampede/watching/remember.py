"""Runs that were read, not watched, are in the user's registry too: whoever serves or asks by name finds them."""

from __future__ import annotations

from collections.abc import Iterable

from stampede.query import Reader
from stampede.query.workflows import Workflow
from stampede.watching.bookkeeper import Bookkeeper
from stampede.watching.whole import whole


def remember(reader: Reader, url: str, workflows: Iterable[Workflow]) -> str | None:
    """Enter the root workflows among these, as they stand in the database at ``url``; None when that was done, else why
    it was not: no reason for a load to fail."""
    keeper = Bookkeeper([])
    for workflow in workflows:
        if workflow.parent_wf_uuid is None:
            keeper.note(url, whole(reader, workflow.wf_uuid), user=workflow.user)
    return keeper.trouble
