"""Gives room that rows have left back to the file system.

SQLite by VACUUM (https://sqlite.org/lang_vacuum.html), PostgreSQL by VACUUM FULL
(https://www.postgresql.org/docs/15/sql-vacuum.html), MariaDB by OPTIMIZE TABLE
(https://mariadb.com/kb/en/optimize-table/). All of them write the tables anew, which takes as much room meanwhile; on
PostgreSQL nobody reads the table that is at hand.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import Any, cast

from stampede.errors import DatabaseError
from stampede.store.connection import open_reader
from stampede.store.connection import open_writer as open_any
from stampede.store.space import room
from stampede.store.sqlite import open_writer, path_of
from stampede.store.urls import is_server, kind_of, shown


def compact(url: str) -> int:
    """Write the database anew without what is free in it; the bytes that it became smaller by.

    Numbers that live streams go on from stay what they are: SQLite keeps the keys of tables that have an index (a test
    holds it to that). Raises DatabaseError when there is no room for the copy, or others do not let go of it.
    """
    return _server(url) if is_server(url) else _file(url)


def _server(url: str) -> int:
    with open_reader(url) as reader:
        before = room(reader)
    postgres = kind_of(url) == "postgresql"
    try:
        with closing(cast(Any, open_any(url))) as connection:  # it says more than the loader knows of
            for table in before.tables:
                connection.alone(
                    f'VACUUM (FULL, ANALYZE) "{table.name}"' if postgres else f"OPTIMIZE TABLE `{table.name}`"
                )
    except sqlite3.Error as e:
        raise DatabaseError(f"{shown(url)} could not be made smaller: {e}. What was deleted is deleted.") from e
    with open_reader(url) as reader:
        return max(0, before.size_bytes - room(reader).size_bytes)


def _file(url: str) -> int:
    path = path_of(url)
    try:
        before, disk = os.stat(path).st_size, os.statvfs(path.parent)
        room = disk.f_bavail * disk.f_frsize
        with closing(open_writer(url)) as connection:
            pages, free, size = (connection.execute(f"PRAGMA {name}").fetchone()[0]
                                 for name in ("page_count", "freelist_count", "page_size"))  # fmt: skip
            needed = 2 * (pages - free) * size  # the copy, and the write-ahead log of it
            if room < needed:
                raise DatabaseError(
                    f"{url} cannot be made smaller: that takes {needed:,} bytes, and {room:,} are free."
                )
            connection.execute("PRAGMA temp_store = DEFAULT")  # the copy would be made in memory
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return max(0, before - os.stat(path).st_size)
    except sqlite3.Error as e:
        raise DatabaseError(f"{url} could not be made smaller: {e}. What was deleted is deleted.") from e
    except OSError as e:
        raise DatabaseError(f"{url}: {e.strerror}.") from e
