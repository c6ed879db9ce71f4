"""What a database takes on the disk: the file, its tables, and about how much of that each run has.

Pages are counted by SQLite's ``dbstat`` (https://sqlite.org/dbstat.html), which reads the whole file; where SQLite was
built without it, only the file is known.
"""

from __future__ import annotations

import os
from collections import defaultdict
from typing import Final

import msgspec

from stampede.errors import DatabaseError, UsageError
from stampede.store.sqlite import Reader, path_of

#: tables whose rows follow the number of tries; those of the others follow that of jobs
_OF_TRIES: Final = frozenset({
    "hold", "integrity", "invocation", "invocation_file", "job_instance", "jobstate", "resource_usage", "tag",
    "transfer",
})  # fmt: skip


class Table(msgspec.Struct, kw_only=True):
    """A table: its rows and those of its indexes, in bytes of whole pages."""

    name: str
    size_bytes: int
    index_bytes: int


class Share(msgspec.Struct, kw_only=True):
    """About what the runs of a label take: tables are shared out by jobs and by tries."""

    label: str | None
    runs: int
    jobs: int
    tries: int
    size_bytes: int


class Usage(msgspec.Struct, kw_only=True):
    """A database on the disk: ``size_bytes`` with its write-ahead log, ``free_bytes`` of pages that hold nothing, and
    ``disk_free_bytes`` of room beside it. ``tables`` is empty where SQLite cannot count pages."""

    url: str
    size_bytes: int
    free_bytes: int
    disk_free_bytes: int
    tables: list[Table] = []
    labels: list[Share] = []


def size_of(url: str) -> int | None:
    """Bytes of a database with its write-ahead log; None when there is none."""
    try:
        path = path_of(url)
        log = f"{path}-wal"
        return os.stat(path).st_size + (os.stat(log).st_size if os.path.exists(log) else 0)
    except (OSError, UsageError, ValueError):
        return None


def usage(reader: Reader, *, each: bool = False) -> Usage:
    """Largest tables and labels first; with ``each`` a share is one run (its label, or its uuid where it has none).

    Raises DatabaseError.
    """
    disk = os.statvfs(path_of(reader.url).parent)
    pages = [(reader.one(f"PRAGMA {name}") or (0,))[0] for name in ("freelist_count", "page_size")]
    tables = _tables(reader)
    return Usage(
        url=reader.url, size_bytes=size_of(reader.url) or 0, free_bytes=pages[0] * pages[1],
        disk_free_bytes=disk.f_bavail * disk.f_frsize, tables=tables, labels=_shares(reader, tables, each=each),
    )  # fmt: skip


def _tables(reader: Reader) -> list[Table]:
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
    made = [Table(name=name, size_bytes=own, index_bytes=index) for name, (own, index) in sizes.items()]
    return sorted(made, key=lambda t: (-t.size_bytes - t.index_bytes, t.name))


def _shares(reader: Reader, tables: list[Table], *, each: bool) -> list[Share]:
    group = "coalesce(r.dax_label || ' ', '') || r.wf_uuid" if each else "r.dax_label"
    rows = reader.rows(
        f"""SELECT {group}, count(DISTINCT r.wf_id), coalesce(sum(s.total), 0), coalesce(sum(s.attempts), 0)
            FROM workflow w JOIN workflow r ON r.wf_id = coalesce(w.root_wf_id, w.wf_id)
            LEFT JOIN workflow_summary s ON s.wf_id = w.wf_id GROUP BY 1"""
    )
    size = {True: 0, False: 0}
    for table in tables:
        size[table.name in _OF_TRIES] += table.size_bytes + table.index_bytes
    jobs, tries = sum(r[2] for r in rows) or 1, sum(r[3] for r in rows) or 1
    made = [
        Share(label=label, runs=runs, jobs=own_jobs, tries=own_tries,
              size_bytes=round(size[False] * own_jobs / jobs + size[True] * own_tries / tries))
        for label, runs, own_jobs, own_tries in rows
    ]  # fmt: skip
    return sorted(made, key=lambda s: (-s.size_bytes, s.label or ""))
