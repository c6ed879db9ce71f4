"""Where a text occurs in the names of jobs: an index of their trigrams (https://sqlite.org/fts5.html, 4.3.5).

Names never change and keys of jobs only grow, so that the index has all jobs up to some key, which is kept beside it in
the same transaction; who searches reads the names of those behind it. It is made by many jobs at once, which takes a
microsecond a job, and not before there are so many: few names are read sooner. Where SQLite was built without it there
is none, and all names are read.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from stampede.store.connection import Connection

TABLE: Final = "job_text"
#: the key of ``stampede_meta`` that has the last job of the index
UPTO: Final = "job_text_upto"
#: jobs that are added at once
AT_ONCE: Final = 1 << 14

_CREATE: Final = f"""
CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE} USING fts5(exec_job_id, content='job', content_rowid='job_id',
    tokenize='trigram', detail='none', columnsize=0)"""


class JobText:
    """The index of the database that this connection writes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        #: the last job that is in it; None: to be looked up
        self._upto: int | None = None
        #: servers search by ways of their own
        self._lacks = not isinstance(connection, sqlite3.Connection)

    def forget(self) -> None:
        """What is known may be wrong: a transaction was rolled back, or somebody else wrote."""
        self._upto = None

    def grow(self, last: int) -> None:
        """Add jobs, as many as are added at once, when there are so many up to ``last``; inside the transaction of
        their rows."""
        if self._upto is None:
            self._upto = upto(self._connection)
        if self._lacks or last - self._upto < AT_ONCE:
            return
        to = self._upto + AT_ONCE
        try:
            self._connection.execute(_CREATE)
            self._connection.execute(
                f"INSERT INTO {TABLE}(rowid, exec_job_id) SELECT job_id, exec_job_id FROM job "
                "WHERE job_id > ? AND job_id <= ?",
                (self._upto, to),
            )
        except sqlite3.OperationalError as e:
            if "no such" not in str(e):
                raise
            self._lacks = True  # no FTS5, or none with trigrams
            return
        self._connection.execute("INSERT OR REPLACE INTO stampede_meta(key, value) VALUES (?, ?)", (UPTO, str(to)))
        self._upto = to


def upto(connection: Connection) -> int:
    """The last job that is in the index; 0 without one."""
    row = connection.execute("SELECT value FROM stampede_meta WHERE key = ?", (UPTO,)).fetchone()
    return int(row[0]) if row else 0
