"""What a report tells of a run."""

from __future__ import annotations

import msgspec

from stampede.analysis.statistics.groups import Group
from stampede.analysis.triage import Triage
from stampede.export.pictures.sheet import Subject
from stampede.query.environment import Environment
from stampede.query.jobs import JobRow
from stampede.query.pictures.album import Album
from stampede.query.status import WorkflowStatus


class Jobs(msgspec.Struct, kw_only=True):
    """Jobs of the table: all of them, or (``folded``) those that failed, run, or ran longest, of ``total``."""

    total: int
    folded: bool
    rows: list[JobRow]


class Command(msgspec.Struct, kw_only=True):
    """A command to go on with, and what it tells."""

    line: str
    tells: str


class Run(msgspec.Struct, kw_only=True):
    """All that a report says. ``workflows`` are the root and those below it, the root first; ``transformations`` what
    their tries add up to, as ``stampede stats`` tells it; ``made_ts`` is when the report was made (epoch seconds),
    ``as_of_ts`` as of when, where that is not the last record."""

    subject: Subject
    workflows: list[WorkflowStatus]
    triage: Triage
    album: Album
    transformations: list[Group]
    jobs: Jobs
    environment: Environment
    commands: list[Command]
    version: str
    made_ts: float
    as_of_ts: float | None = None

    @property
    def root(self) -> WorkflowStatus:
        """The workflow itself."""
        return self.workflows[0]
