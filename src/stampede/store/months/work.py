"""What is done to the months of a database, a transaction at a time; or only said."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Literal, Protocol, TypeVar

import msgspec

from stampede.errors import DatabaseError
from stampede.store.connection import Error
from stampede.store.migrations.moving import Movable
from stampede.store.months import statements
from stampede.store.months.month import Month
from stampede.store.months.standing import (
    Ask,
    Part,
    Standing,
    columns,
    filled,
    grants,
    has_rows_of,
    is_empty,
    numbering,
    others,
    standing,
    viewers,
)

#: rows of later months than so many ahead stay with the rest, unless more are made: their time is wrong
_LATEST: Final = 12
#: how long readers are waited for at a time, since others wait behind us; and how long in all
_LOCK_S: Final = 3
_PATIENCE_S: Final = 60.0
_TURN: Final = "UPDATE stampede_meta SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = 'turn'"

#: hears of what is done, before that
Told = Callable[[str], None]
Way = Literal["month", "none"]
T = TypeVar("T")


class Partitioned(msgspec.Struct, kw_only=True):
    """What was done to the months of a database, or would be (``done`` is False): the way it was laid out now, months
    made and dropped, and rows that were moved out of the rest. ``parts`` is how it lies then."""

    db: str
    partitioned: bool
    done: bool
    laid: Way | None = None
    made: list[str] = []
    moved_rows: int = 0
    dropped: list[str] = []
    #: what does not begin with BEGIN is not inside a transaction
    transactions: list[list[str]] = []
    parts: list[Part] = []


class Changeable(Movable, Protocol):
    """A database whose tables can be changed, and that takes statements outside a transaction."""

    def alone(self, text: str, /) -> None:
        """Run a statement of the database as it is, outside a transaction. Raises exceptions of sqlite3."""


def asked(connection: Movable) -> Ask:
    """Asks a database in its own words."""
    return lambda text: connection.statement(text).fetchall()


def _silent(said: str) -> None:
    """Nobody wants to hear it."""


class Work:
    """Does it, or (``dry``) only notes the statements. The answer gathers what was done."""

    def __init__(self, connection: Changeable, answer: Partitioned, told: Told | None, *, dry: bool) -> None:
        self._connection = connection
        self._ask = asked(connection)
        self._answer = answer
        self._told = told if told is not None and not dry else _silent
        self._dry = dry
        self._rows_moved = 0
        #: the partition that rows were moved out of
        self._left: str | None = None

    def by_month(self) -> None:
        """Lay it out by months, all rows being of the rest."""

        def once() -> None:
            with self._transaction() as run:
                found = self._whole()
                if found.by is not None:  # another was quicker
                    return
                oid, numbers = numbering(self._ask)
                run(*statements.by_month(numbers, grants(self._ask, found.oid), grants(self._ask, oid)))
            self._answer.laid = "month"

        self._told("the table is laid out by months")
        self._patiently(once)

    def as_one(self) -> None:
        """Make it one table. Who sees the database as it was before would find the new one empty: nobody may."""
        self._told("all rows are copied into one table")
        with self._transaction() as run:
            self._see_that_nobody_looks()
            found = self._whole()
            if found.by is None:
                return
            oid, numbers = numbering(self._ask)
            way = statements.as_one(
                numbers, grants(self._ask, found.oid), grants(self._ask, oid), columns(self._ask, found)
            )
            last = way.index(statements.DROP)
            run(*way[:last])
            self._see_that_nobody_looks()
            run(*way[last:])
        self._answer.laid = "none"

    def keep(self, this: Month, ahead: int) -> None:
        """Make this month, so many ahead, and those that rows of the rest are of: the latest first, since their rows
        lie at the end of the table, where room can be given back."""
        found = standing(self._ask)
        rest = statements.REST if found.rest is None else found.rest.table
        if found.by is not None and found.rest is None:
            with self._transaction() as run:
                run(*statements.made_rest())
        there: dict[Month, int] = {}
        if found.by is None or found.rest is not None or not self._dry:
            holder = "jobstate" if found.by is None else rest
            there = dict(filled(self._ask, holder, this.after(max(ahead, _LATEST) + 1)))
        for month in sorted({*there, *(this.after(n) for n in range(ahead + 1))}, reverse=True):
            self._make(month, rest, there.get(month, 0))

    def drop(self, this: Month) -> None:
        """Drop months before this one that have no rows."""
        for part in standing(self._ask).parts:
            if part.month is None or part.end_ts is None or part.end_ts > this.first_ts:
                continue
            if is_empty(self._ask, part.table) and self._dropped(part):
                self._answer.dropped.append(part.month)

    def settle(self) -> None:
        """Have the server look at all parts together, which it does not by itself; give back what indexes of the rest
        have left of rows that were moved, unless readers are in the way."""
        if self._answer.transactions:
            self._alone("ANALYZE jobstate")
        if self._left is None:
            return
        try:
            self._alone(f"SET lock_timeout = '{_LOCK_S}s'", f'VACUUM (FULL) "{self._left}"')
        except Error as e:
            if not getattr(e, "in_the_way", False):
                raise

    def _make(self, month: Month, rest: str, expected: int) -> None:
        """Make a month; whether there is something of it is looked at with the turn to write, when no more can come."""

        def once() -> int | None:
            with self._transaction() as run:
                found = standing(self._ask)
                if found.has(month):
                    return None
                if not (expected if self._dry else has_rows_of(self._ask, rest, month)):
                    run(*statements.made(month))
                    return 0
                self._told(f"{month.name}: its rows are moved")
                run(*statements.moved(month, rest, columns(self._ask, found)))
                return expected if self._dry else self._rows_moved

        moved = self._patiently(once)
        if moved is None:
            return
        self._answer.made.insert(0, month.name)
        self._answer.moved_rows += moved
        if moved:
            self._left = rest
            self._alone(f'VACUUM "{rest}"')

    def _dropped(self, part: Part) -> bool:
        def once() -> bool:
            with self._transaction() as run:
                lock, drop = statements.dropped(part.table)
                run(lock)
                if not is_empty(self._ask, part.table):
                    return False
                run(drop)
            return True

        return self._patiently(once)

    @contextmanager
    def _transaction(self) -> Iterator[Callable[..., None]]:
        """One transaction that holds the turn to write; what it gives runs statements."""
        noted: list[str] = []

        def run(*some: str) -> None:
            for text in some:
                noted.append(f"{text};")
                if not self._dry:
                    rows = self._connection.statement(text).rowcount
                    if text.startswith(statements.MOVE):
                        self._rows_moved = rows

        def prepare() -> int:
            found = standing(self._ask)
            run(f"SET LOCAL lock_timeout = '{_LOCK_S}s'")
            if found.user != found.owner:  # so that whatever is made belongs to who has the table
                run(f"SET LOCAL ROLE {found.owner}")
            return len(noted)

        if self._dry:
            begun = prepare()
            yield run
        else:
            with self._connection.changing():
                begun = prepare()
                yield run
        if len(noted) > begun:
            self._answer.transactions.append(["BEGIN;", f"{_TURN};", *noted, "COMMIT;"])

    def _alone(self, *texts: str) -> None:
        self._answer.transactions.append([f"{text};" for text in texts])
        for text in () if self._dry else texts:
            self._connection.alone(text)

    def _patiently(self, once: Callable[[], T]) -> T:
        """Where readers keep the lock, let those go first who wait behind us, and try again."""
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return once()
            except Error as e:
                if not getattr(e, "in_the_way", False) or time.monotonic() > until:
                    raise
                time.sleep(0.5)

    def _whole(self) -> Standing:
        """How the table lies now. Raises DatabaseError when others put something on it that would not be kept."""
        found = standing(self._ask)
        theirs = others(self._ask, found)
        if theirs:
            raise DatabaseError(
                f"{self._answer.db}: jobstate has {', '.join(theirs)}, which others made and which would not be kept. "
                "Take that away, and put it back afterwards."
            )
        return found

    def _see_that_nobody_looks(self) -> None:
        if self._dry:
            return
        owner = standing(self._ask)
        self._connection.statement("SET LOCAL ROLE NONE")  # whoever we are may see more sessions than the owner
        self._wait_for_viewers()
        if owner.user == owner.owner:
            self._connection.statement(f"SET LOCAL ROLE {owner.owner}")

    def _wait_for_viewers(self) -> None:
        until = time.monotonic() + _LOCK_S
        while many := viewers(self._ask):
            if time.monotonic() > until:
                raise DatabaseError(
                    f"{self._answer.db} is being read, or may be, by {many} other{'s' if many > 1 else ''}. Stop what "
                    "serves, archives or reports it, then ask again. It is as it was before."
                )
            time.sleep(0.1)
