"""The room that a database takes, by what it says itself.

* SQLite counts pages with ``dbstat`` (https://sqlite.org/dbstat.html), which reads the whole file; where SQLite was
  built without it, only the file is known.
* PostgreSQL: ``pg_table_size``, ``pg_indexes_size``
  (https://www.postgresql.org/docs/15/functions-admin.html#FUNCTIONS-ADMIN-DBSIZE); what of that is
  empty it does not say. Partitions are counted as the table that they are of.
* MariaDB: ``information_schema.tables``, whose figures are estimates of InnoDB.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

import msgspec

from stampede.errors import DatabaseError
from stampede.store.reader import Reader
from stampede.store.sqlite import path_of
from stampede.store.urls import kind_of


class Table(msgspec.Struct, kw_only=True):
    """A table: its rows and those of its indexes, in bytes of whole pages."""

    name: str
    size_bytes: int
    index_bytes: int


class Room(msgspec.Struct, kw_only=True):
    """A database on the disk: ``size_bytes`` of all of it (of a file with its write-ahead log), ``free_bytes`` of that
    hold nothing, and ``disk_free_bytes`` are beside it. None is what a server does not say."""

    size_bytes: int
    free_bytes: int | None
    disk_free_bytes: int | None
    #: the largest first; empty where SQLite cannot count pages
    tables: list[Table] = []


def room(reader: Reader) -> Room:
    """What a database takes. Raises DatabaseError."""
    match kind_of(reader.url):
        case "postgresql":
            return _of_postgres(reader)
        case "mariadb":
            return _of_mariadb(reader)
    return _of_file(reader)


def file_bytes(url: str) -> int | None:
    """Bytes of a database file with its write-ahead log; None when there is none."""
    path = path_of(url)
    try:
        size = os.stat(path).st_size
    except (OSError, ValueError):
        return None
    try:
        return size + os.stat(f"{path}-wal").st_size
    except OSError:
        return size


def _of_file(reader: Reader) -> Room:
    disk = os.statvfs(path_of(reader.url).parent)
    free, page = [(reader.one(f"PRAGMA {name}") or (0,))[0] for name in ("freelist_count", "page_size")]
    return Room(
        size_bytes=file_bytes(reader.url) or 0, free_bytes=free * page, disk_free_bytes=disk.f_bavail * disk.f_frsize,
        tables=_pages(reader),
    )  # fmt: skip


def _pages(reader: Reader) -> list[Table]:
    try:
        rows = reader.rows(
            "SELECT coalesce(m.tbl_name, d.name), coalesce(m.type, 'table'), sum(d.pgsize) FROM dbstat d "
            "LEFT JOIN main.sqlite_master m ON m.name = d.name WHERE d.aggregate = TRUE GROUP BY 1, 2"
        )
    except DatabaseError:
        return []
    sizes: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name, kind, size in rows:
        sizes[name][kind == "index"] += size
    return _ordered(Table(name=name, size_bytes=own, index_bytes=index) for name, (own, index) in sizes.items())


def _of_postgres(reader: Reader) -> Room:
    rows = reader.rows(
        "SELECT t.relname, CAST(sum(pg_table_size(c.oid)) AS BIGINT), CAST(sum(pg_indexes_size(c.oid)) AS BIGINT) "
        "FROM pg_class c JOIN pg_class t ON t.oid = coalesce(pg_partition_root(c.oid), c.oid) JOIN pg_namespace n "
        "ON n.oid = t.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r' GROUP BY t.oid, t.relname"
    )
    tables = _ordered(Table(name=name, size_bytes=own, index_bytes=index) for name, own, index in rows)
    return Room(size_bytes=_sum(tables), free_bytes=None, disk_free_bytes=None, tables=tables)


def _of_mariadb(reader: Reader) -> Room:
    rows = reader.rows(
        "SELECT table_name, data_length, index_length, data_free FROM information_schema.tables "
        "WHERE table_schema = ? AND table_type = 'BASE TABLE'",
        (unquote(urlsplit(reader.url).path.lstrip("/")),),
    )
    tables = _ordered(Table(name=name, size_bytes=own or 0, index_bytes=index or 0) for name, own, index, _ in rows)
    free = sum(int(r[3] or 0) for r in rows)
    return Room(size_bytes=_sum(tables) + free, free_bytes=free, disk_free_bytes=None, tables=tables)


def _sum(tables: list[Table]) -> int:
    return sum(t.size_bytes + t.index_bytes for t in tables)


def _ordered(tables: Iterable[Table]) -> list[Table]:
    return sorted(tables, key=lambda t: (-t.size_bytes - t.index_bytes, t.name))
