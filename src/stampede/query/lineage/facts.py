"""What the database knows of processes and files, asked for many at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

import msgspec

from stampede.model.machine import machine
from stampede.store.reader import Reader, Row

#: what kickstart calls its own files is no file of the workflow
_OF_WORKFLOW = "f.lfn NOT IN ('stdin', 'stdout', 'stderr', 'metadata', 'kickstart', 'logfile')"
#: jobs that Pegasus adds to move files, and to make and clear folders
STAGING = frozenset({"stage-in-tx", "stage-out-tx", "inter-site-tx"})
AUXILIARY = STAGING | {"cleanup", "create-dir", "chmod", "reg"}

#: a process: its job, and its task when it is one of several
Key = tuple[int, str]


class Use(NamedTuple):
    """A file that a process read or wrote."""

    process: Key
    type: str
    lfn: str
    output: bool
    pfn: str | None
    size_bytes: int | None
    error: int | None
    checksum: str | None
    site: str | None


class Attempt(NamedTuple):
    """The try of a job that counts."""

    instance: int
    number: int
    outcome: str | None
    raw: int | None
    host: str | None
    site: str | None
    execute_ts: float | None
    end_ts: float | None


class Facts:
    """Questions about the workflows ``ids``; what is asked again is remembered."""

    def __init__(self, reader: Reader, ids: Iterable[int]) -> None:
        self._reader = reader
        self._ids = ", ".join(map(str, ids))
        self._attempts: dict[int, Attempt | None] = {}

    def jobs(self, job_ids: Collection[int]) -> list[Row]:
        """job_id, wf_id, name, type, transformation, node state, attempts, whether it is clustered."""
        return self._reader.rows(
            f"""SELECT j.job_id, j.wf_id, j.exec_job_id, j.type_desc, coalesce(j.transformation,
                       (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id)), j.node_state, j.attempts
                FROM job j WHERE j.job_id IN ({_listed(job_ids)})"""
        )

    def tasks(self, job_ids: Collection[int]) -> dict[int, list[str]]:
        """The abstract tasks of jobs."""
        found: dict[int, list[str]] = {}
        for job_id, task in self._reader.rows(
            f"SELECT job_id, abs_task_id FROM task WHERE job_id IN ({_listed(job_ids)}) ORDER BY task_id"
        ):
            found.setdefault(job_id, []).append(task)
        return found

    def attempts(self, job_ids: Collection[int]) -> dict[int, Attempt]:
        """The try of each job that counts: the last that went well, else the last."""
        new = [job_id for job_id in job_ids if job_id not in self._attempts]
        numbers: dict[int, int] = {}
        for job_id, *row in self._reader.rows(
            f"""SELECT i.job_id, i.job_instance_id, i.outcome, i.main_exitcode, i.slot, h.hostname, i.site,
                       i.execute_ts, i.end_ts
                FROM job_instance i LEFT JOIN host h ON h.host_id = i.host_id
                WHERE i.job_id IN ({_listed(new)}) ORDER BY i.job_id, i.job_submit_seq"""
        ):
            instance, outcome, raw, slot, hostname, site, execute, end = row
            numbers[job_id] = numbers.get(job_id, 0) + 1
            known = self._attempts.get(job_id)
            if known is None or outcome == "success" or known.outcome != "success":
                self._attempts[job_id] = Attempt(
                    instance, numbers[job_id], outcome, raw, machine(slot, hostname), site, execute, end
                )
        for job_id in new:
            self._attempts.setdefault(job_id, None)
        return {j: found for j in job_ids if (found := self._attempts[j]) is not None}

    def uses_by(self, processes: Collection[Key]) -> list[Use]:
        """The files of processes, by the tries that count."""
        instances = [a.instance for a in self.attempts({job for job, _ in processes}).values()]
        rows = self._reader.rows(
            f"{_USES} WHERE f.job_instance_id IN ({_listed(instances)}) AND {_OF_WORKFLOW} ORDER BY "
            "f.job_instance_id, f.task_submit_seq, f.lfn"
        )
        wanted = set(processes)
        return [use for row in rows if (use := _use(row)).process in wanted or (use.process[0], "") in wanted]

    def uses_of(self, lfns: Collection[str]) -> list[Use]:
        """Who read and wrote files. There is no index by file: each call looks at all files of the workflows."""
        rows = self._reader.rows(
            f"{_USES} WHERE f.wf_id IN ({self._ids}) AND f.lfn IN (SELECT value FROM json_each(?)) AND {_OF_WORKFLOW} "
            "ORDER BY f.job_instance_id, f.task_submit_seq, f.lfn",
            (msgspec.json.encode([n for n in lfns if "\0" not in n]).decode(),),
        )
        return [_use(row) for row in rows]

    def before(self, job_ids: Collection[int]) -> list[tuple[int, int, str]]:
        """Jobs that must end before others: (earlier, later, type of the earlier)."""
        return self._edges(job_ids, "c", "p")

    def behind(self, job_ids: Collection[int]) -> list[tuple[int, int, str]]:
        """Jobs that wait for others: (earlier, later, type of the later)."""
        return self._edges(job_ids, "p", "c")

    def inside(self, job_ids: Collection[int], *, last: bool) -> list[tuple[int, int]]:
        """(node that runs a sub-workflow, job of that): its last jobs, behind which nothing comes, or its first."""
        here, there = ("parent", "child") if last else ("child", "parent")
        auxiliary = ", ".join(f"'{kind}'" for kind in sorted(AUXILIARY))
        rows = self._reader.rows(
            f"""SELECT DISTINCT i.job_id, k.job_id FROM job_instance i CROSS JOIN job k ON k.wf_id = i.subwf_id
                WHERE i.job_id IN ({_listed(job_ids)}) AND i.subwf_id IS NOT NULL
                  AND k.type_desc NOT IN ({auxiliary}) AND NOT EXISTS (
                    SELECT 1 FROM job_edge e JOIN job o ON o.wf_id = e.wf_id AND o.exec_job_id = e.{there}_exec_job_id
                    WHERE e.wf_id = k.wf_id AND e.{here}_exec_job_id = k.exec_job_id
                      AND o.type_desc NOT IN ({auxiliary}))
                ORDER BY k.job_id"""
        )
        return [(r[0], r[1]) for r in rows]

    def _edges(self, job_ids: Collection[int], known: str, other: str) -> list[tuple[int, int, str]]:
        column = {"p": "parent_exec_job_id", "c": "child_exec_job_id"}
        rows = self._reader.rows(
            f"""SELECT p.job_id, c.job_id, {other}.type_desc FROM job {known}
                JOIN job_edge e ON e.wf_id = {known}.wf_id AND e.{column[known]} = {known}.exec_job_id
                JOIN job {other} ON {other}.wf_id = e.wf_id AND {other}.exec_job_id = e.{column[other]}
                WHERE {known}.job_id IN ({_listed(job_ids)}) ORDER BY {other}.job_id"""
        )
        return [(r[0], r[1], r[2]) for r in rows]

    def task_edges(self, processes: Collection[Key], *, up: bool) -> list[tuple[Key, Key]]:
        """(process, the process before or behind it) by the edges of the abstract workflow, for tasks of jobs."""
        known, other = ("child", "parent") if up else ("parent", "child")
        rows = self._reader.rows(
            f"""SELECT t.job_id, t.abs_task_id, o.job_id, o.abs_task_id,
                       (SELECT count(*) FROM task x WHERE x.job_id = o.job_id)
                FROM task t JOIN task_edge e ON e.wf_id = t.wf_id AND e.{known}_abs_task_id = t.abs_task_id
                JOIN task o ON o.wf_id = e.wf_id AND o.abs_task_id = e.{other}_abs_task_id
                WHERE t.job_id IN ({_listed({job for job, _ in processes})}) AND o.job_id IS NOT NULL
                ORDER BY o.task_id"""
        )
        wanted = set(processes)
        found = []
        for job, task, next_job, next_task, siblings in rows:
            key = next((k for k in ((job, task), (job, "")) if k in wanted), None)
            if key is not None:
                found.append((key, (next_job, next_task if siblings > 1 else "")))
        return found

    def places(self, lfns: Collection[str]) -> list[tuple[str, str, str | None, str]]:
        """Where files lie beside where programs saw them: (file, place, site, source)."""
        listed = msgspec.json.encode([n for n in lfns if "\0" not in n]).decode()
        catalog = self._reader.rows(
            """SELECT l.lfn, p.pfn, nullif(p.site, ''), 'catalog' FROM json_each(?) n JOIN rc_lfn l ON l.lfn = n.value
               JOIN rc_pfn p ON p.lfn_id = l.lfn_id ORDER BY p.pfn_id""",
            (listed,),
        )
        moved = self._reader.rows(
            f"""SELECT t.lfn, t.src_url, t.src_site, 'transfer', t.dst_url, t.dst_site
                FROM transfer t JOIN job_instance i ON i.job_instance_id = t.job_instance_id
                JOIN job j ON j.job_id = i.job_id
                WHERE t.lfn IN (SELECT value FROM json_each(?)) AND j.wf_id IN ({self._ids})
                  AND coalesce(t.status, 0) = 0 ORDER BY t.job_instance_id, t.seq""",
            (listed,),
        )
        found = [(r[0], r[1], r[2], r[3]) for r in catalog]
        for lfn, source, source_site, how, target, target_site in moved:
            found += [(lfn, url, site, how) for url, site in ((source, source_site), (target, target_site)) if url]
        return found

    def checksums(self, lfns: Collection[str]) -> dict[str, dict[str, str]]:
        """Kind, value and size of checksums that were noted with files, by key of their metadata."""
        found: dict[str, dict[str, str]] = {}
        for lfn, key, value in self._reader.rows(
            """SELECT l.lfn, m.key, m.value FROM json_each(?) n JOIN rc_lfn l ON l.lfn = n.value
               JOIN rc_meta m ON m.lfn_id = l.lfn_id WHERE m.key IN ('checksum.value', 'checksum.type', 'size')""",
            (msgspec.json.encode([n for n in lfns if "\0" not in n]).decode(),),
        ):
            found.setdefault(lfn, {})[key] = value
        return found


_USES = """
SELECT i.job_id, CASE WHEN j.task_count > 1 THEN coalesce(v.abs_task_id, '') ELSE '' END, j.type_desc, f.lfn,
       f.is_output, f.pfn, f.size_bytes, f.error, f.checksum, coalesce(v.site, i.site)
FROM invocation_file f CROSS JOIN job_instance i ON i.job_instance_id = f.job_instance_id
CROSS JOIN job j ON j.job_id = i.job_id
LEFT JOIN invocation v ON v.job_instance_id = f.job_instance_id AND v.task_submit_seq = f.task_submit_seq
"""


def _use(row: Row) -> Use:
    job, task, kind, lfn, output, *rest = row
    return Use((job, task), kind, lfn, bool(output), *rest)


def _listed(ids: Collection[int]) -> str:
    return ", ".join(map(str, sorted(ids)))
