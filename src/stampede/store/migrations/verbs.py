"""Bring a database to another revision, or only say what would be done: ``stampede db upgrade`` and ``downgrade``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import msgspec

from stampede.errors import DatabaseError, UsageError
from stampede.store.connection import Error, open_existing
from stampede.store.migrations.moving import Movable, Told, go
from stampede.store.migrations.plan import Plan, newest, ways
from stampede.store.migrations.revision import Statement
from stampede.store.migrations.shape import Standing, standing
from stampede.store.urls import Kind, kind_of, shown


class Lost(msgspec.Struct, frozen=True):
    """What a downgrade deletes for good: a table or ``table.column``, and in how many rows."""

    what: str
    rows: int


class Moved(msgspec.Struct, kw_only=True):
    """A change of revision: from where to where, the newest there is, and the statements.

    ``done`` is False for what was only to be shown, and for what was refused because of what is ``lost``.
    """

    db: str
    before: int
    target: int
    #: the revision it has now, or would have
    after: int
    newest: int
    done: bool
    refused: bool = False
    lost: list[Lost] = []
    in_one_transaction: bool
    statements: list[str] = []


def upgrade(url: str, to: int | None = None, *, dry_run: bool = False, told: Told | None = None) -> Moved:
    """Bring a database up to a revision, by default the newest. ``told`` hears of each statement before it is run.

    Raises UsageError for a revision that there is none of, or that is lower than the one it has; NoDatabaseError,
    FutureDatabaseError, or DatabaseError when it could not be done. A file and PostgreSQL are then as before; MariaDB
    may be half way, which the next call takes up.
    """
    target = _target(url, to)
    with _opened(url, dry_run=dry_run) as (connection, kind):
        found = standing(connection, kind)
        if target < found.revision:
            raise UsageError(
                f"{shown(url)} has revision {found.revision} already. Back goes: stampede db downgrade --to {target}."
            )
        if found.highest > target:
            raise UsageError(
                f"{shown(url)} has parts of revision {found.highest}, since a change was broken off: upgrade to that."
            )
        plan = ways(kind, found, target)
        if not dry_run:
            plan = _gone(connection, kind, target, told)
        return _answer(url, found, target, plan, [], done=not dry_run)


def downgrade(
    url: str, to: int, *, lose: bool = False, dry_run: bool = False, told: Told | None = None
) -> Moved:  # fmt: skip
    """Bring a database back to an earlier revision. What that would delete for good is counted first: when there is
    any, and it is not said to ``lose`` it, nothing is done and the answer says what was in the way.

    Raises as ``upgrade`` does.
    """
    target = _target(url, to)
    with _opened(url, dry_run=dry_run) as (connection, kind):
        found = standing(connection, kind)
        if target >= found.highest:
            raise UsageError(f"{shown(url)} has revision {found.revision}: that is not later than {target}.")
        plan = ways(kind, found, target)
        if dry_run:
            lost = _lost(connection, plan)
            return _answer(url, found, target, plan, lost, done=False, refused=bool(lost) and not lose)
        with connection.changing():
            found = standing(connection, kind)
            plan = ways(kind, found, target)
            lost = _lost(connection, plan)
            if lost and not lose:
                return _answer(url, found, target, plan, lost, done=False, refused=True)
            go(connection, plan, told)
        return _answer(url, found, target, plan, lost, done=True)


def newest_of(url: str) -> int:
    """The revision that this release writes into a database."""
    return newest(kind_of(url))


def _target(url: str, to: int | None) -> int:
    last = newest_of(url)
    if to is None:
        return last
    if not 1 <= to <= last:
        raise UsageError(f"There is no revision {to}: this release knows 1 to {last}.")
    return to


@contextmanager
def _opened(url: str, *, dry_run: bool) -> Iterator[tuple[Movable, Kind]]:
    kind = kind_of(url)
    connection = cast(Movable, open_existing(url, readable=dry_run))
    try:
        yield connection, kind
    except Error as e:
        after = (
            "It was left half way: the same command goes on" if kind == "mariadb" else "It is as it was before"
        )  # fmt: skip
        raise DatabaseError(f"{shown(url)}: the tables could not be changed: {e}. {after}.") from e
    finally:
        connection.close()


def _gone(connection: Movable, kind: Kind, target: int, told: Told | None) -> Plan:
    with connection.changing():
        plan = ways(kind, standing(connection, kind), target)
        go(connection, plan, told)
    return plan


def _lost(connection: Movable, plan: Plan) -> list[Lost]:
    counted = [Lost(loss.what, connection.statement(loss.question).fetchone()[0]) for loss in plan.losses]
    return [lost for lost in counted if lost.rows]


def _answer(
    url: str, found: Standing, target: int, plan: Plan, lost: list[Lost], *, done: bool, refused: bool = False
) -> Moved:
    return Moved(
        db=shown(url), before=found.revision, target=target, after=found.revision if refused else target,
        newest=newest_of(url), done=done, refused=refused, lost=lost, in_one_transaction=plan.in_one,
        statements=[_shown(step.statement) for step in plan.steps],
    )  # fmt: skip


def _shown(statement: Statement) -> str:
    if statement.fill is not None:
        return f"-- (filled in by Stampede, not by SQL: {statement.fill})"
    return f"{statement.text};"
