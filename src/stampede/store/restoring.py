"""Rows of a workflow that were kept elsewhere, written back: all of them in one transaction, or none.

Numbers of rows stay as they were where nobody has taken them; else all those of a table are moved by the same amount
behind the last one. Names of files are shared by the workflows of a database: one that is there is taken.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from stampede.errors import DatabaseError
from stampede.store.belonging import Shape, shapes
from stampede.store.blocks import SHIFT
from stampede.store.connection import Row, open_writer
from stampede.store.job_text import AT_ONCE, TABLE, UPTO, JobText, upto
from stampede.store.sealing import Blocks
from stampede.store.sqlite import DURATION_OF_JOB
from stampede.store.urls import shown

#: rows of one statement, and values that are looked for with one
_AT_ONCE = 20_000
_ASKED = 500
#: tables whose rows several workflows can have brought -> what tells these apart beside the key
_SHARED = {"rc_lfn": ("lfn",), "rc_pfn": ("lfn_id", "pfn", "site"), "rc_meta": (), "source_position": ()}


class Restoring:
    """A transaction that writes one workflow and all below it into a database, which is made when there is none.

    ``begin``, then ``number`` of each table that numbers its rows, then ``write`` of each table in the order of
    ``shapes()``, then ``finish``. What goes wrong is a DatabaseError, and leaves nothing.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = open_writer(url)
        self._moved: dict[str, int] = {}
        #: the first and last number of its jobs, here
        self._jobs = (1, 0)
        #: names of files that are there under another number
        self._files: dict[int, int] = {}

    def begin(self) -> None:
        """From now on nobody else writes."""
        self._run("BEGIN IMMEDIATE")

    def known(self, wf_uuids: Sequence[str]) -> list[str]:
        """Those of the workflows that are there already."""
        return [u for u in wf_uuids if self._rows("SELECT 1 FROM workflow WHERE wf_uuid = ?", (u,))]

    def number(self, table: str, low: int, high: int, numbers: Callable[[], Collection[int]]) -> None:
        """Find place for the rows of a table, numbered between ``low`` and ``high``; ``numbers`` gives all of them,
        and is asked only when some between the two are taken."""
        column = shapes()[table].identity
        taken = {n for (n,) in self._rows(
            f'SELECT {column} FROM "{table}" WHERE {column} BETWEEN ? AND ?', (low, high))}  # fmt: skip
        self._moved[table] = 0
        if taken and not taken.isdisjoint(numbers()):
            (last,) = self._rows(f'SELECT max({column}) FROM "{table}"')[0]
            self._moved[table] = int(last) - low + 1
        if table == "job":
            self._jobs = (low + self._moved[table], high + self._moved[table])

    def write(self, shape: Shape, rows: Iterable[Row]) -> int:
        """Write the rows of a table; how many there were (those that others have as well are not written twice)."""
        marks = ", ".join("?" * len(shape.columns))
        names = ", ".join(f'"{c}"' for c in shape.columns)
        insert = f'INSERT INTO "{shape.table}"({names}) VALUES ({marks})'
        count = 0
        for block in _blocks(self._numbered(shape, rows)):
            count += len(block)
            try:
                self._connection.executemany(insert, self._new(shape, block))
            except (sqlite3.Error, OverflowError) as e:
                raise self._failed(e) from e
        return count

    def finish(self) -> None:
        """Make what follows from the rows (sums by blocks of jobs, the index of names), and commit."""
        try:
            first, last = (n >> SHIFT for n in self._jobs)
            self._connection.execute("DELETE FROM statistics_block WHERE block BETWEEN ? AND ?", (first, last))
            # what was archived from a database that did not have them yet
            self._connection.execute(
                f"UPDATE job SET duration_s = {DURATION_OF_JOB} WHERE job_id BETWEEN ? AND ? AND duration_s IS NULL",
                self._jobs,
            )
            blocks = Blocks(self._connection)
            for block in blocks.unsealed():
                blocks.seal(block)
            self._index()
            self._run("COMMIT")
        except sqlite3.Error as e:
            raise self._failed(e) from e

    def _index(self) -> None:
        """Names of jobs that lie before the end of their index are not in it: it is made anew then."""
        (found,) = self._rows("SELECT coalesce(max(job_id), 0) FROM job")[0]
        last = int(found)
        if self._jobs[0] <= upto(self._connection):
            self._connection.execute(f"INSERT INTO {TABLE}({TABLE}) VALUES ('rebuild')")
            self._connection.execute("UPDATE stampede_meta SET value = ? WHERE key = ?", (str(last), UPTO))
        names = JobText(self._connection)
        for _ in range(last // AT_ONCE + 1):
            names.grow(last)

    def _numbered(self, shape: Shape, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows with the numbers that they have here."""
        place = {c: n for n, c in enumerate(shape.columns)}
        moves = [(place[c], self._moved.get(t, 0), t == "rc_lfn") for c, t in shape.references.items()]
        if shape.identity is not None:
            moves.append((place[shape.identity], self._moved.get(shape.table, 0), False))
        moves = [m for m in moves if m[1] or (m[2] and self._files)]
        if not moves:
            yield from rows
            return
        for row in rows:
            values = list(row)
            for at, by, shared in moves:
                if values[at] is not None:
                    kept = self._files.get(values[at]) if shared else None
                    values[at] = values[at] + by if kept is None else kept
            yield tuple(values)

    def _new(self, shape: Shape, block: list[Row]) -> list[Row]:
        """Those rows that no other workflow has brought: all but of names of files, and of what was read."""
        if shape.table not in _SHARED:
            return block
        columns = list(shape.columns)
        same = [c for c in columns if c in (*shape.key, *_SHARED[shape.table]) and c != shape.identity]
        if not self._rows(f'SELECT 1 FROM "{shape.table}" LIMIT 1'):
            return block
        there = self._there(shape, same, {row[columns.index(same[0])] for row in block})
        picked = [columns.index(c) for c in same]
        if shape.table == "rc_lfn":
            number = columns.index("lfn_id")
            moved = self._moved.get("rc_lfn", 0)
            self._files |= {row[number] - moved: there[key] for row in block if (key := _key(row, picked)) in there}
        return [row for row in block if _key(row, picked) not in there]

    def _there(self, shape: Shape, same: list[str], firsts: Collection[Any]) -> dict[Row, int]:
        """The rows that are there and whose first column is among these: what tells them apart -> their number."""
        found: dict[Row, int] = {}
        names = ", ".join(f'"{c}"' for c in same)
        number = shape.identity or "0"
        sql = f'SELECT {number}, {names} FROM "{shape.table}" WHERE "{same[0]}" IN ({", ".join("?" * _ASKED)})'
        wanted = list(firsts)
        for first in range(0, len(wanted), _ASKED):
            some = wanted[first : first + _ASKED]
            rows = self._rows(sql, some + some[:1] * (_ASKED - len(some)))  # one text, which is translated once
            found |= {_key(row, range(1, len(row))): int(row[0]) for row in rows}
        return found

    def _run(self, sql: str) -> None:
        try:
            self._connection.execute(sql)
        except sqlite3.Error as e:
            raise self._failed(e) from e

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as e:
            raise self._failed(e) from e

    def _failed(self, error: Exception) -> DatabaseError:
        return DatabaseError(f"{shown(self.url)}: {error}. Nothing of the workflow was written.")

    def __enter__(self) -> Restoring:
        return self

    def __exit__(self, *exc: object) -> None:
        if exc[0] is None:
            self._settle()
        self._connection.close()  # an open transaction is rolled back

    def _settle(self) -> None:
        try:
            self._connection.settle()
        except sqlite3.Error:
            pass


def _blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    held: list[Row] = []
    for row in rows:
        held.append(row)
        if len(held) >= _AT_ONCE:
            yield held
            held = []
    if held:
        yield held


def _key(row: Row, picked: Iterable[int]) -> Row:
    """Some values of a row; servers keep ``␀`` in place of NUL."""
    return tuple(v.replace("\0", "␀") if isinstance(v := row[n], str) else v for n in picked)
