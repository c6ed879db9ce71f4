"""Which statements lead a database from where it is to another revision."""

from __future__ import annotations

from typing import NamedTuple

from stampede.store.migrations.revision import Loss, Revision, Statement, revisions
from stampede.store.migrations.shape import MOVING, NUMBER, Standing
from stampede.store.urls import Kind

#: a change of a table is a transaction of its own on MariaDB, whatever is around it
_WITHOUT_TRANSACTION: frozenset[Kind] = frozenset({"mariadb"})


class Step(NamedTuple):
    """One statement on the way, of the revision that is reached or left by it."""

    revision: int
    title: str
    statement: Statement


class Plan(NamedTuple):
    """The way: its statements, what it loses, and whether it is gone in one transaction."""

    steps: list[Step]
    losses: list[Loss]
    in_one: bool


def newest(kind: Kind) -> int:
    """The revision that this release writes."""
    return revisions(kind)[-1].number


def ways(kind: Kind, standing: Standing, target: int) -> Plan:
    """The way from where a database stands to the ``target``; empty when it is there and says so.

    What is there of later revisions, be it in parts, goes first; then comes what is missing up to the target.
    """
    steps, losses = _down(kind, standing, target)
    steps += _up(kind, standing, target)
    title = revisions(kind)[target - 1].title
    if not steps and standing.says != target:
        steps.append(Step(target, title, _stamp(kind, target)))
    in_one = kind not in _WITHOUT_TRANSACTION
    if not in_one and (steps or standing.moving):
        top = max(target, standing.highest)
        steps = [*(Step(target, title, s) for s in _set_out(top)), *steps, Step(target, title, _arrived())]
    return Plan(steps, losses, in_one)


def _up(kind: Kind, standing: Standing, target: int) -> list[Step]:
    places, steps = standing.places, list[Step]()
    for revision in revisions(kind):
        if standing.revision < revision.number <= target:
            steps += _taken(revision, revision.upgrade, places)
            steps.append(Step(revision.number, revision.title, _stamp(kind, revision.number)))
            places |= revision.marks
    return steps


def _down(kind: Kind, standing: Standing, target: int) -> tuple[list[Step], list[Loss]]:
    places, steps, losses = standing.places, list[Step](), list[Loss]()
    for revision in reversed(revisions(kind)):
        if target < revision.number <= standing.highest:
            losses += [loss for loss in revision.losses if loss.what in places]
            steps += _taken(revision, revision.downgrade, places)
            steps.append(Step(revision.number, revision.title, _stamp(kind, revision.number - 1)))
            places -= revision.marks
    return steps, losses


def _taken(revision: Revision, statements: tuple[Statement, ...], places: frozenset[str]) -> list[Step]:
    return [
        Step(revision.number, revision.title, s)
        for s in statements
        if (s.unless is None or s.unless not in places) and (s.when is None or s.when in places)
    ]


def _key(kind: Kind) -> str:
    return "`key`" if kind == "mariadb" else "key"


def _stamp(kind: Kind, number: int) -> Statement:
    return Statement(f"UPDATE stampede_meta SET value = '{number}' WHERE {_key(kind)} = '{NUMBER}'")


def _set_out(highest: int) -> tuple[Statement, ...]:
    """Say so, and wait for the end of the transaction that somebody has begun; the next one is refused."""
    return (
        Statement(
            f"INSERT INTO stampede_meta(`key`, value) VALUES ('{MOVING}', '{highest}') "
            "ON DUPLICATE KEY UPDATE value = VALUES(value)"
        ),
        Statement("UPDATE stampede_meta SET value = CAST(value AS SIGNED) + 1 WHERE `key` = 'turn'"),
    )


def _arrived() -> Statement:
    return Statement(f"DELETE FROM stampede_meta WHERE `key` = '{MOVING}'")
