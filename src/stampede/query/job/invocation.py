"""What a try ran, and the files that read and wrote."""

from __future__ import annotations

from typing import Any

import msgspec

from stampede.model.exits import Exit, from_raw
from stampede.store.reader import Reader


class File(msgspec.Struct, kw_only=True):
    """A file that an invocation read or wrote. ``producer`` is the parent job that wrote an input, where one did;
    ``error`` the errno with which it could not be looked at (2: it does not exist)."""

    name: str
    place: str | None
    output: bool
    size_bytes: int | None
    checksum: str | None
    error: int | None
    producer: str | None = None


class Invocation(msgspec.Struct, kw_only=True):
    """What one try ran: ``seq`` 1..n the program (or each task of a clustered job), -1 the PRE, -2 the POST script.

    ``note`` says in words why it did not run or did not end by itself.
    """

    seq: int
    task: str | None
    transformation: str
    executable: str
    arguments: str | None
    exit: Exit
    start_ts: float
    duration_s: float
    cpu_s: float | None
    max_rss_kb: int | None
    hostname: str | None
    site: str | None
    note: str | None
    files: list[File] = []


_INVOCATIONS = """
SELECT task_submit_seq, abs_task_id, transformation, executable, argv, exitcode, start_time, remote_duration,
       remote_cpu_time, maxrss, hostname, site, note
FROM invocation WHERE job_instance_id = ?
ORDER BY task_submit_seq = -2, task_submit_seq
"""
_FILES = """
SELECT task_submit_seq, lfn, pfn, is_output, size_bytes, checksum, error
FROM invocation_file WHERE job_instance_id = ? ORDER BY is_output, lfn
"""


def invocations_of(reader: Reader, instance: int, producers: dict[str, str]) -> list[Invocation]:
    """The invocations of a job instance with their files; the PRE script first, the POST script last."""
    found = [_invocation(row) for row in reader.rows(_INVOCATIONS, (instance,))]
    by_seq = {i.seq: i for i in found}
    for seq, lfn, pfn, output, size, checksum, error in reader.rows(_FILES, (instance,)):
        if seq in by_seq:
            by_seq[seq].files.append(File(
                name=lfn, place=pfn, output=bool(output), size_bytes=size, checksum=checksum, error=error,
                producer=None if output else producers.get(lfn),
            ))  # fmt: skip
    return found


def _invocation(row: tuple[Any, ...]) -> Invocation:
    values: list[Any] = list(row)
    values[5] = from_raw(row[5])
    return Invocation(**dict(zip(Invocation.__struct_fields__[:-1], values, strict=True)))


def producers_among(reader: Reader, wf_id: int, parents: list[str]) -> dict[str, str]:
    """File name -> the parent that wrote it."""
    found: dict[str, str] = {}
    for parent in parents:
        for (lfn,) in reader.rows(
            """SELECT f.lfn FROM job j JOIN invocation_file f ON f.job_instance_id = j.last_job_instance_id
               WHERE j.wf_id = ? AND j.exec_job_id = ? AND f.is_output""",
            (wf_id, parent),
        ):
            found.setdefault(lfn, parent)
    return found
