"""Gives room that rows have left back to the file system (https://sqlite.org/lang_vacuum.html)."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

from stampede.errors import DatabaseError
from stampede.store.sqlite import open_writer, path_of


def compact(url: str) -> int:
    """Write the database anew without what is free in it; the bytes that its file became smaller by.

    Numbers that live streams go on from stay what they are: SQLite keeps the keys of tables that have an index (a test
    holds it to that). Raises DatabaseError when there is no room for the copy, or others do not let go of it.
    """
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
