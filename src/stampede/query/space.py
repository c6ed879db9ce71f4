"""What a database takes on the disk: all of it, its tables, and about how much of that each run has."""

from __future__ import annotations

from typing import Final

import msgspec

from stampede.errors import DatabaseError, UsageError
from stampede.store.connection import Reader, open_reader
from stampede.store.space import Room, Table, file_bytes, room
from stampede.store.urls import is_server

#: tables whose rows follow the number of tries; those of the others follow that of jobs
_OF_TRIES: Final = frozenset({
    "hold", "integrity", "invocation", "invocation_file", "job_instance", "jobstate", "resource_usage", "tag",
    "transfer",
})  # fmt: skip


class Share(msgspec.Struct, kw_only=True):
    """About what the runs of a label take: tables are shared out by jobs and by tries."""

    label: str | None
    runs: int
    jobs: int
    tries: int
    size_bytes: int


class Usage(Room, kw_only=True):
    """The room of a database (:class:`Room`), and what runs have of it."""

    url: str
    labels: list[Share] = []


def size_of(url: str) -> int | None:
    """Bytes of a database, of a file with its write-ahead log; None when there is none, or no server answers."""
    try:
        if not is_server(url):
            return file_bytes(url)
        with open_reader(url) as reader:
            return room(reader).size_bytes
    except (DatabaseError, UsageError):
        return None


def usage(reader: Reader, *, each: bool = False) -> Usage:
    """Largest tables and labels first; with ``each`` a share is one run (its label, or its uuid where it has none).

    Raises DatabaseError.
    """
    taken = room(reader)
    labels = _shares(reader, taken.tables, each=each)
    return Usage(url=reader.url, labels=labels, **msgspec.structs.asdict(taken))


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


__all__ = ["Room", "Share", "Table", "Usage", "room", "size_of", "usage"]
