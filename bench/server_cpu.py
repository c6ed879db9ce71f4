"""What a database server has used of the processor, by the kernel's books in ``/proc`` of its processes.

For a server on this host, by a user who may ask where its data are. What another database of the same server costs
counts, too: a server that has nothing else to do is wanted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

_TICK = os.sysconf("SC_CLK_TCK")


def used_s(pid: int) -> float:
    """Seconds of a process, of all that run below it, and of those below it that have ended."""
    ticks = 0
    for one in _tree(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))  # user and system time, its own and that of children it waited for
    return ticks / _TICK


def pid_of(url: str) -> int:
    """The first process of the server of a database."""
    return _postgres(url) if url.startswith("postgresql") else _mariadb(url)


def _postgres(url: str) -> int:
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        (folder,) = connection.execute("SELECT current_setting('data_directory')").fetchone() or ("",)
    return int((Path(folder) / "postmaster.pid").read_text().split()[0])


def _mariadb(url: str) -> int:
    import pymysql

    parts = urlsplit(url)
    with (
        pymysql.connect(host=parts.hostname, port=parts.port or 3306, user=unquote(parts.username or "")) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT @@pid_file, @@datadir")
        (file, folder), *_ = cursor.fetchall()
    return int((Path(folder) / file).read_text())


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below = thread.read_text().split()
        except OSError:
            continue
        for child in below:
            yield from _tree(int(child))
