"""The job that a name means."""

from __future__ import annotations

import re

from stampede.errors import UnknownJobError, UsageError
from stampede.query.job.job import Job, read_job
from stampede.query.workflows import Workflow, forest, paths
from stampede.store.reader import Reader

_ID = re.compile(r"\d+(\.\d+)?\Z")


def find_job(reader: Reader, roots: list[Workflow], name: str) -> Job:
    """The job that a name means: a node name, ``INNER/NODE`` for one of a sub-workflow, or an HTCondor id (``83.0``).

    INNER may be the label of the sub-workflow or the node that ran it. Raises UnknownJobError when there is no such
    job, UsageError when several workflows have one.
    """
    workflows = [w for root in roots for w in forest(reader, root)]
    prefixes = paths(workflows)
    found = _by_name(reader, workflows, prefixes, name) or _by_id(reader, workflows, name)
    if not found:
        raise UnknownJobError(f"There is no job {name!r}.{_similar(reader, workflows, prefixes, name)}")
    if len(found) > 1:
        names = ", ".join(prefixes[wf.wf_id] + job for _, job, wf in found[:5])
        raise UsageError(f"Several workflows have a job {name!r}; name one of them: {names}.")
    job_id, _, wf = found[0]
    return read_job(reader, job_id, wf, prefixes[wf.wf_id])


def key_of(reader: Reader, wf_uuid: str, job: str) -> int:
    """The key of the job of this name in a workflow. Raises UsageError when there is none."""
    row = reader.one(
        "SELECT j.job_id FROM job j JOIN workflow w ON w.wf_id = j.wf_id WHERE w.wf_uuid = ? AND j.exec_job_id = ?",
        (wf_uuid, job),
    )
    if row is None:
        raise UsageError(f"There is no job {job!r}.")
    return int(row[0])


def _by_name(
    reader: Reader, workflows: list[Workflow], prefixes: dict[int, str], name: str
) -> list[tuple[int, str, Workflow]]:
    inner, _, last = name.rpartition("/")
    found = []
    for wf in workflows:
        for job in {name, last} if inner else {name}:
            row = reader.one("SELECT job_id FROM job WHERE wf_id = ? AND exec_job_id = ?", (wf.wf_id, job))
            if row is not None and (job == name or _is_inner(wf, prefixes[wf.wf_id], inner)):
                found.append((row[0], job, wf))
    top = [f for f in found if f[2] is workflows[0]]
    return top if len(found) > 1 and len(top) == 1 and not inner else found


def _is_inner(wf: Workflow, prefix: str, inner: str) -> bool:
    return prefix == inner + "/" or prefix.endswith(f"/{inner}/") or inner in (wf.parent_job, wf.label)


def _by_id(reader: Reader, workflows: list[Workflow], name: str) -> list[tuple[int, str, Workflow]]:
    if not _ID.match(name):
        return []
    wanted = [name] if "." in name else [name, name + ".0"]
    by_id = {w.wf_id: w for w in workflows}
    rows = reader.rows(
        f"""SELECT DISTINCT j.job_id, j.exec_job_id, j.wf_id FROM job_instance i JOIN job j ON j.job_id = i.job_id
            WHERE i.sched_id IN ({", ".join("?" * len(wanted))}) AND j.wf_id IN ({", ".join(map(str, by_id))})""",
        wanted,
    )
    return [(job_id, job, by_id[wf_id]) for job_id, job, wf_id in rows]


def _similar(reader: Reader, workflows: list[Workflow], prefixes: dict[int, str], name: str) -> str:
    words = [w for w in re.split(r"[^A-Za-z0-9]+", name.rpartition("/")[2]) if w] or [name]
    ids = ", ".join(str(w.wf_id) for w in workflows)
    for word in sorted(words, key=len, reverse=True)[:2]:
        rows = reader.rows(
            f"SELECT wf_id, exec_job_id FROM job WHERE wf_id IN ({ids}) AND instr(lower(exec_job_id), ?) LIMIT 4",
            (word.lower(),),
        )
        if rows:
            return f" Near to it: {', '.join(prefixes[wf] + job for wf, job in rows)}."
    return " List them with: stampede jobs --all"
