"""Databases that Pegasus wrote, of any version, answered as if we had: nothing is written, nothing is upgraded.

Temporary views named like our tables lie over theirs (``shape``). What they do not have is derived when the database is
opened, and again when it has changed: how each try went (``tries``), and by the same rules as everywhere the state of
each node and the counts (``nodes``), and how each workflow stands (``runs``). A master database, which knows workflows
but not what happened in them, lists those, and tells where their own databases are (``master``).

Their schema has versions 0 (Pegasus 3) to 14 (Pegasus 5); names of before version 1 are those of its published
description.

``rows`` gives what is stored as it is, to be imported.
"""

from __future__ import annotations

from stampede.query.foreign.adopt import adopt, is_theirs
from stampede.query.foreign.kinds import Fault
from stampede.query.foreign.master import Entry, entries, is_master
from stampede.query.foreign.records import (
    CheckRow,
    InvocationRow,
    MetaRow,
    StateRow,
    TagRow,
    TryRow,
    WorkflowRow,
    WorkflowStateRow,
)
from stampede.query.foreign.rows import ForeignRows

__all__ = [
    "CheckRow", "Entry", "Fault", "ForeignRows", "InvocationRow", "MetaRow", "StateRow", "TagRow", "TryRow",
    "WorkflowRow", "WorkflowStateRow", "adopt", "entries", "is_master", "is_theirs",
]  # fmt: skip
