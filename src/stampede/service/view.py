"""What a question about a workflow sees: one state of its database, the workflow, and what lies below it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from stampede.query.workflows import forest, paths

if TYPE_CHECKING:
    from stampede.query import Reader
    from stampede.query.workflows import Workflow
    from stampede.service.databases import Databases


class View:
    """``reader`` answers as of ``at`` (epoch seconds; None: now), from one state of the database; ``databases`` are all
    that are served."""

    def __init__(self, reader: Reader, workflow: Workflow, at: float | None, databases: Databases) -> None:
        self.reader = reader
        self.workflow = workflow
        self.at = at
        self.databases = databases

    @cached_property
    def workflows(self) -> list[Workflow]:
        """The workflow and all below it, parents first."""
        return forest(self.reader, self.workflow)

    @cached_property
    def paths(self) -> dict[int, str]:
        """What names of jobs have before them, by workflow."""
        return paths(self.workflows)
