"""Running the statements that lead to another revision, as the only one who does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from stampede.store.connection import Connection
from stampede.store.migrations.fills import FILLS
from stampede.store.migrations.plan import Plan, Step, ways
from stampede.store.migrations.shape import standing
from stampede.store.urls import Kind

#: called before each statement: its place from 1 on, how many there are, and what it is
Told = Callable[[int, int, Step], None]


class Movable(Connection, Protocol):
    """A database whose tables can be changed."""

    def places(self) -> frozenset[str]:
        """The names of all tables, indexes and columns, as ``shape.Asked`` says."""

    def statement(self, text: str, /) -> Any:
        """Run a statement of the database as it is, without marks. Raises exceptions of sqlite3."""

    def changing(self) -> AbstractContextManager[None]:
        """Nobody else changes tables meanwhile; where changes of tables can be part of a transaction, this is one."""


def bring(connection: Movable, kind: Kind, target: int, told: Told | None = None) -> Plan:
    """Bring a database to a revision, whatever that loses; the way that was gone. Raises exceptions of sqlite3."""
    with connection.changing():
        plan = ways(kind, standing(connection, kind), target)
        go(connection, plan, told)
    return plan


def go(connection: Movable, plan: Plan, told: Told | None = None) -> None:
    """Run the statements of a plan; inside ``changing``."""
    for number, step in enumerate(plan.steps, 1):
        if told is not None:
            told(number, len(plan.steps), step)
        if step.statement.fill is None:
            connection.statement(step.statement.text)
        else:
            _fill(connection, step.statement.fill, inside=plan.in_one)


def _fill(connection: Movable, name: str, *, inside: bool) -> None:
    if inside:
        FILLS[name](connection)
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        FILLS[name](connection)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
