"""Which revision a database has: by the number it says, and by what is there.

Databases of before the first release all say 1, whatever they have. And what a database says may be more than it has,
after a change that was broken off on a server whose changes of tables are no transactions.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, Protocol

from stampede.store.migrations.revision import revisions
from stampede.store.urls import Kind

#: the row of ``stampede_meta`` that says the revision
NUMBER: Final = "schema_version"
#: the row that is there while a database without transactions for changes of tables is on its way, and after that was
#: broken off: the highest revision of which it may have parts
MOVING: Final = "moving"
#: what databases said before revisions were counted
UNCOUNTED: Final = 1


class Asked(Protocol):
    """A database that says what it holds."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Any:
        """Run a statement of the house."""

    def places(self) -> frozenset[str]:
        """The names of all tables, indexes and (``table.column``) columns; ``row_id`` is what numbers rows, and
        ``table:partitions`` says that it has such."""


class Standing(NamedTuple):
    """Where a database is: the revision it ``says``, the one that it has whole, the ``highest`` of which it may have
    parts, whether it is (or was left) ``moving``, and what is there."""

    says: int
    revision: int
    highest: int
    moving: bool
    places: frozenset[str]


def reached(kind: Kind, places: frozenset[str]) -> int:
    """The highest revision of which, and of all before it, everything is there."""
    number = 0
    for revision in revisions(kind):
        if not revision.marks <= places:
            break
        number = revision.number
    return number


#: the rows of ``stampede_meta`` that say where a database is
SAID: Final = f"SELECT key, value FROM stampede_meta WHERE key IN ('{NUMBER}', '{MOVING}')"


def standing(connection: Asked, kind: Kind) -> Standing:
    """Where a database of ours is."""
    return stood(kind, dict(connection.execute(SAID)), connection.places())


def stood(kind: Kind, said: dict[str, Any], places: frozenset[str]) -> Standing:
    """Where a database is that says so, and has that."""
    says = int(said[NUMBER]) if str(said.get(NUMBER, "")).isdigit() else UNCOUNTED
    there = reached(kind, places)
    revision = there if says <= UNCOUNTED else min(says, there)
    return Standing(says, revision, max(says, revision, int(said.get(MOVING) or 0)), MOVING in said, places)
