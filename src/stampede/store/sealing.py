"""When blocks of jobs are added up: not while they change, and never more often than the changes pay for.

Whoever writes rows of a job touches its block here. In the same transaction the block stops being sealed, so that a
reader adds its rows up itself. A block that has been left alone for a while is sealed again; each touch pays for a part
of that, so that the cost of an event has a bound in whatever order jobs run. Closing a database seals all that is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from stampede.store import blocks
from stampede.store.connection import Connection
from stampede.store.folding import FOLDED, folded
from stampede.store.reader import Row

#: a block is left alone for so many transactions before it is sealed
_QUIET: Final = 16
#: touches that pay for sealing one block
_PRICE: Final = blocks.JOBS
#: touches saved up at most, in blocks: a transaction is not to last long
_SAVED: Final = 4


class Blocks:
    """The blocks that are not sealed, as far as this connection touched them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        #: blocks touched since the last transaction
        self._touched: set[int] = set()
        #: blocks known not to be sealed -> the transaction they were touched in last
        self._open: dict[int, int] = {}
        self._transactions = 0
        self._credit = 0
        self._prepared = False

    def touch(self, job_id: int) -> None:
        """Something that a job adds up to is about to change."""
        self._touched.add(job_id >> blocks.SHIFT)
        self._credit += 1

    def touch_job_of_task(self, wf_id: int, task: str) -> None:
        """The same, of the job that carries a task out."""
        for (job_id,) in self._connection.execute(
            "SELECT job_id FROM task WHERE wf_id = ? AND abs_task_id = ? AND job_id IS NOT NULL", (wf_id, task)
        ):
            self.touch(job_id)

    def forget(self) -> None:
        """What is known of blocks may be wrong: a transaction was rolled back, or somebody else wrote."""
        self._open.clear()
        self._touched.clear()

    def flush(self, *, declaring: bool) -> None:
        """Unseal what was touched, and seal what has been left alone, inside the transaction of the rows.

        While a workflow is only declared nothing is sealed: all of it is about to change.
        """
        self._transactions += 1
        fresh = [(block,) for block in self._touched if block not in self._open]
        if fresh:
            self._connection.executemany("DELETE FROM statistics_block WHERE block = ?", fresh)
        self._open.update(dict.fromkeys(self._touched, self._transactions))
        self._touched.clear()
        self._credit = min(self._credit, _SAVED * _PRICE)
        while self._credit >= _PRICE and self._open and not declaring:
            block = min(self._open, key=self._open.__getitem__)
            if self._open[block] > self._transactions - _QUIET:
                break
            self.seal(block)
            self._credit -= _PRICE

    def unsealed(self) -> list[int]:
        """All blocks of the database that are not sealed."""
        (last,) = self._connection.execute("SELECT max(job_id) FROM job").fetchone()
        if last is None:
            return []
        sealed = {block for (block,) in self._connection.execute("SELECT block FROM statistics_block")}
        return [block for block in range((last >> blocks.SHIFT) + 1) if block not in sealed]

    def seal(self, block: int) -> None:
        """Add a block up and say that it is; inside a transaction."""
        write(self._connection, block, prepared=self._prepared)
        self._prepared = True
        self._open.pop(block, None)


def write(connection: Connection, block: int, *, prepared: bool = False) -> None:
    """Add a block up and write its rows in the place of those it had."""

    def ask(sql: str, parameters: dict[str, Any]) -> list[Row]:
        return connection.execute(sql, parameters).fetchall()

    if not prepared:
        blocks.prepare(ask)
    workflows = blocks.workflows_of(ask, block)
    for table, rows in block_rows(ask, block, several=len(workflows) > 1):
        connection.execute(f"DELETE FROM {table} WHERE block = ?", (block,))
        if rows:
            connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    connection.execute(
        "INSERT OR REPLACE INTO statistics_block(block, workflows) VALUES (?, ?)",
        (block, msgspec.json.encode(workflows).decode()),
    )


def block_rows(ask: blocks.Ask, block: int, *, several: bool) -> Iterator[tuple[str, list[Row]]]:
    """All rows of a sealed block by table; with ``several`` workflows those of all of them together as well."""
    for table, rows in blocks.counted(ask, block):
        if several and table in FOLDED:
            rows.extend(folded(table, rows))
        yield table, rows
