"""Lay states out by months and keep the months: ``stampede db partition`` and ``db init --partition month``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

from stampede.errors import DatabaseError, UsageError
from stampede.store.connection import Error, open_existing, open_writer
from stampede.store.migrations.plan import newest
from stampede.store.migrations.shape import standing as revision_of
from stampede.store.months.month import Month
from stampede.store.months.standing import BY_TIME, is_empty, standing
from stampede.store.months.work import Changeable, Partitioned, Told, Way, Work, asked
from stampede.store.urls import kind_of, shown

#: months that are made ahead of the current one, unless something else is said
AHEAD: Final = 3


def months(url: str) -> Partitioned:
    """How states lie. Raises UsageError where there are no partitions, NoDatabaseError, DatabaseError."""
    with _opened(url) as connection:
        return _answered(connection, Partitioned(db=shown(url), partitioned=False, done=False))


def make_by_month(url: str) -> Partitioned:
    """Make the tables of a database that has none, with states by months; one that is laid out so has its months made.

    Raises UsageError for a database that has states and is not laid out so, and else as ``partition`` does.
    """
    _only_postgres(url)
    open_writer(url).close()
    with _opened(url) as connection:
        ask = asked(connection)
        if standing(ask).by is None and not is_empty(ask, "jobstate"):
            raise UsageError(
                f"{shown(url)} has states already. Lay them out by months with: stampede db partition --by month."
            )
    return partition(url, "month")


def partition(
    url: str, way: Way | None = None, *, ahead: int = AHEAD, drop_empty: bool = False, dry_run: bool = False,
    now: float | None = None, told: Told | None = None,
) -> Partitioned:  # fmt: skip
    """Make the months that are missing: that of ``now``, so many ``ahead``, and those that rows of the rest are of.

    ``way`` lays the table out by months first, or makes it one table, which is all then. With ``drop_empty`` months
    before this one go that have no rows. Each month is a transaction; what was done before stays when one fails.

    Raises UsageError where there can be no partitions, or are none and no ``way`` is named; NoDatabaseError;
    DatabaseError when others do not let go of the table, or the server refuses.
    """
    with _opened(url) as connection:
        by = standing(asked(connection)).by
        _see_that_it_fits(url, connection, by, way)
        answer = Partitioned(db=shown(url), partitioned=False, done=not dry_run)
        work = Work(connection, answer, told, dry=dry_run)
        if way == "none":
            if by is not None:
                work.as_one()
            return _answered(connection, answer)
        if by is None:
            work.by_month()
        this = Month.of(time.time() if now is None else now)
        work.keep(this, ahead)
        if drop_empty:
            work.drop(this)
        work.settle()
        return _answered(connection, answer)


def _see_that_it_fits(url: str, connection: Changeable, by: str | None, way: Way | None) -> None:
    if by is None and way is None:
        raise UsageError(f"{shown(url)} is not laid out by months. Do that with: stampede db partition --by month.")
    if by not in (None, BY_TIME):
        raise UsageError(f"{shown(url)}: jobstate is partitioned by {by}, as others chose. It is left alone.")
    if way is not None:
        found = revision_of(connection, "postgresql")
        if found.revision < newest("postgresql"):
            raise UsageError(f"{shown(url)} has revision {found.revision} of the tables. First: stampede db upgrade.")


def _only_postgres(url: str) -> None:
    if kind_of(url) != "postgresql":
        raise UsageError(f"{shown(url)}: only PostgreSQL keeps states by months.")


@contextmanager
def _opened(url: str) -> Iterator[Changeable]:
    _only_postgres(url)
    connection = cast(Changeable, open_existing(url))
    try:
        yield connection
    except Error as e:
        others = " Others do not let go of it: ask again later." if getattr(e, "in_the_way", False) else ""
        raise DatabaseError(
            f"{shown(url)}: {e}.{others} The transaction under way was taken back; months that were made stay."
        ) from e
    finally:
        connection.close()


def _answered(connection: Changeable, answer: Partitioned) -> Partitioned:
    found = standing(asked(connection))
    answer.partitioned, answer.parts = found.by is not None, found.parts
    return answer


__all__ = ["AHEAD", "Partitioned", "Told", "Way", "make_by_month", "months", "partition"]
