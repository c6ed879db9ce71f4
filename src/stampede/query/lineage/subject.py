"""What a name means: a job, an abstract task, or a file."""

from __future__ import annotations

from typing import Literal

import msgspec

from stampede.errors import UsageError
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

Kind = Literal["job", "task", "file"]


class Subject(msgspec.Struct, frozen=True):
    """``jobs``: (job_id, task or empty) to begin with; ``file``: the logical name of a file in place of them."""

    kind: Kind
    jobs: tuple[tuple[int, str], ...] = ()
    file: str | None = None


def find_subject(
    reader: Reader, workflows: list[Workflow], prefixes: dict[int, str], name: str, kind: Kind | None = None
) -> Subject:
    """What a name means: a job, else a task, else a file; ``INNER/NAME`` for one of a sub-workflow.

    Raises UsageError when there is nothing of that name, or when several workflows have it.
    """
    look = {"job": _jobs, "task": _tasks, "file": _file}
    for known, ask in look.items():
        if kind in (None, known):
            found = ask(reader, workflows, prefixes, name)
            if found is not None:
                return found
    what = kind or "job, task or file"
    raise UsageError(f"There is no {what} {name!r}. List the jobs with: stampede jobs --all; a job's files with: "
                     "stampede show JOB")  # fmt: skip


def _jobs(reader: Reader, workflows: list[Workflow], prefixes: dict[int, str], name: str) -> Subject | None:
    one = _one(reader, workflows, prefixes, name, "SELECT job_id FROM job WHERE wf_id = ? AND exec_job_id = ?", "job")
    return None if one is None else Subject("job", ((one[1][0], ""),))


_TASK = """
SELECT t.job_id, t.abs_task_id, j.clustered AND j.task_count <> 1 FROM task t JOIN job j ON j.job_id = t.job_id
WHERE t.wf_id = ? AND t.abs_task_id = ?
"""


def _tasks(reader: Reader, workflows: list[Workflow], prefixes: dict[int, str], name: str) -> Subject | None:
    one = _one(reader, workflows, prefixes, name, _TASK, "task")
    if one is None:
        job, _, task = name.rpartition("/")
        # JOB/TASK, as triage names the tasks of clustered jobs
        one = _one(reader, workflows, prefixes, task, _TASK, "task", of_job=job) if job else None
    return None if one is None else Subject("task", ((one[1][0], one[1][1] if one[1][2] else ""),))


def _one(
    reader: Reader, workflows: list[Workflow], prefixes: dict[int, str], name: str, sql: str, what: str,
    of_job: str | None = None,
) -> tuple[Workflow, tuple[int, str, int]] | None:  # fmt: skip
    """The one row of that name. The topmost workflow that has it wins, unless several beside each other have it."""
    found = []
    for wf in workflows:
        prefix = prefixes[wf.wf_id]
        last = name.removeprefix(prefix) if prefix and name.startswith(prefix) else name
        row = reader.one(sql, (wf.wf_id, last))
        if row is not None and (of_job is None or _is_job(reader, row[0], prefix, of_job)):
            padded = (*row, "", 0)[:3] if len(row) < 3 else row
            found.append((wf, prefix, last, padded))
    exact = [f for f in found if f[1] + f[2] == name]
    found = exact or found
    if len(found) > 1:
        names = ", ".join(f"{prefix}{last}" for _, prefix, last, _ in found[:5])
        raise UsageError(f"Several workflows have a {what} {name!r}; name one of them: {names}.")
    return (found[0][0], found[0][3]) if found else None


def _is_job(reader: Reader, job_id: int, prefix: str, name: str) -> bool:
    row = reader.one("SELECT exec_job_id FROM job WHERE job_id = ?", (job_id,))
    return row is not None and name in (row[0], prefix + row[0])


def _file(reader: Reader, workflows: list[Workflow], prefixes: dict[int, str], name: str) -> Subject | None:
    ids = ", ".join(str(w.wf_id) for w in workflows)
    for sql in (
        f"SELECT 1 FROM invocation_file WHERE lfn = ? AND wf_id IN ({ids}) LIMIT 1",
        f"SELECT 1 FROM workflow_files f JOIN rc_lfn l ON l.lfn_id = f.lfn_id WHERE l.lfn = ? AND f.wf_id IN ({ids}) "
        "LIMIT 1",
        # names of files are kept for all workflows together: only where there is but one are they surely its own
        "SELECT 1 FROM rc_lfn WHERE lfn = ? AND (SELECT count(*) FROM workflow WHERE parent_wf_id IS NULL) = 1",
    ):
        if reader.one(sql, (name,)) is not None:
            return Subject("file", file=name)
    return None
