"""The dialect of the schema page (drafts for 3.2, 2011): ``stampede.workflow.plan``, ``wf.id``, ``exec_job.id``.

Two names changed their meaning since: ``job.id`` was the number of the try (now ``job_inst.id``) and ``task.id`` that
of the invocation (now ``inv.id``); the names of job and task were ``exec_job.id`` and ``abs_task.id``. Exit codes were
regular ones (now raw wait statuses), memory was in bytes (now kB), truth values words, types of jobs words with blanks.
States travelled as ``stampede.jobinstance.state``; that event survives as ``stampede.job_inst.state``.
"""

from __future__ import annotations

from typing import Any

from stampede.events.checks import Record
from stampede.events.translations import (
    JOB_TYPES,
    Named,
    Translate,
    host,
    invocation,
    job_type,
    raw_exit,
    rename,
    translation,
)

#: attribute then -> attribute now
RENAMED = {
    "wf.id": "xwf.id", "parent.wf.id": "parent.xwf.id", "root.wf.id": "root.xwf.id",
    "submit_hostname": "submit.hostname", "submit_dir": "submit.dir", "dax_label": "dax.label",
    "dax_index": "dax.index", "dax_version": "dax.version", "dax_file": "dax.file",
    "dag_file_name": "dag.file.name", "planner_version": "planner.version", "planner_arguments": "argv",
    "arguments": "argv", "abs_task.id": "task.id", "exec_job.id": "job.id", "job.id": "job_inst.id",
    "task.id": "inv.id", "parent_abs_task.id": "parent.task.id", "child_abs_task.id": "child.task.id",
    "parent_exec_job.id": "parent.job.id", "child_exec_job.id": "child.job.id", "jobtype": "type_desc",
    "job_stdin": "stdin.file", "job_stdout": "stdout.file", "job_stderr": "stderr.file", "remote_user": "user",
    "site_name": "site", "remote_working_dir": "work_dir", "cluster_start_time": "cluster.start",
    "cluster_duration": "cluster.dur", "local_duration": "local.dur", "remote_duration": "dur", "ip_address": "ip",
    "total_ram": "total_memory",
}  # fmt: skip

_TASK_TYPES = {"job": "compute", "dax": "dax", "dag": "dag"}


def plain(new: str) -> Translate:
    """A translation that only renames."""
    return translation(new, RENAMED)


def _task(record: Record) -> list[Named]:
    new = rename(record, RENAMED)
    if (word := _TASK_TYPES.get(str(new.get("type")))) is not None:
        new["type"], new["type_desc"] = JOB_TYPES[word], word
    return [("stampede.task.info", new)]


def _main_end(record: Record) -> list[Named]:
    new = rename(record, RENAMED)
    raw_exit(new)
    subwf = new.pop("subwf.id", None)
    found: list[Named] = [("stampede.job_inst.main.end", new)]
    if subwf not in (None, "", "None", "null"):
        keys = ("ts", "level", "xwf.id", "job.id", "job_inst.id")
        link = {key: new[key] for key in keys if key in new}
        found.append(("stampede.xwf.map.subwf_job", {**link, "subwf.id": subwf}))
    return found


_JI = "stampede.jobinstance."
_INVOCATION = invocation(RENAMED)

#: Events that only this dialect has.
EVENTS: dict[str, Translate] = {
    "stampede.task": _task,
    "stampede.task.map": plain("stampede.wf.map.task_job"),
    "stampede.job": translation("stampede.job.info", RENAMED, job_type),
    f"{_JI}prescript.start": plain("stampede.job_inst.pre.start"),
    f"{_JI}prescript.end": plain("stampede.job_inst.pre.end"),
    # The page calls the event .end, its sample line .finish.
    f"{_JI}prescript.finish": plain("stampede.job_inst.pre.end"),
    f"{_JI}mainjob.start": plain("stampede.job_inst.main.start"),
    f"{_JI}mainjob.end": _main_end,
    f"{_JI}mainjob.finish": _main_end,
    f"{_JI}postscript.start": plain("stampede.job_inst.post.start"),
    f"{_JI}postscript.end": plain("stampede.job_inst.post.end"),
    f"{_JI}postscript.finish": plain("stampede.job_inst.post.end"),
    f"{_JI}state": plain("stampede.job_inst.state"),
    "stampede.invocation.prescript": _INVOCATION,
    "stampede.invocation.mainjob": _INVOCATION,
    "stampede.invocation.postscript": _INVOCATION,
}

#: Events that this dialect shares with 3.0.
SHARED: dict[str, Translate] = {
    "stampede.workflow.plan": plain("stampede.wf.plan"),
    "stampede.workflow.start": plain("stampede.xwf.start"),
    "stampede.workflow.end": plain("stampede.xwf.end"),
    "stampede.host": host(RENAMED),
}

#: Events whose names today's dialect uses too.
AMBIGUOUS: dict[str, Translate] = {
    "stampede.task.edge": plain("stampede.task.edge"),
    "stampede.job.edge": plain("stampede.job.edge"),
}


# ---- and back -------------------------------------------------------------------------------------------------------

_BACK = {new: old for old, new in RENAMED.items() if old not in ("planner_arguments", "jobtype")}

_NAMES = {
    "stampede.wf.plan": "stampede.workflow.plan",
    "stampede.xwf.start": "stampede.workflow.start",
    "stampede.xwf.end": "stampede.workflow.end",
    "stampede.task.info": "stampede.task",
    "stampede.task.edge": "stampede.task.edge",
    "stampede.wf.map.task_job": "stampede.task.map",
    "stampede.job.info": "stampede.job",
    "stampede.job.edge": "stampede.job.edge",
    "stampede.job_inst.pre.start": f"{_JI}prescript.start",
    "stampede.job_inst.pre.end": f"{_JI}prescript.end",
    "stampede.job_inst.main.start": f"{_JI}mainjob.start",
    "stampede.job_inst.main.end": f"{_JI}mainjob.end",
    "stampede.job_inst.post.start": f"{_JI}postscript.start",
    "stampede.job_inst.post.end": f"{_JI}postscript.end",
    "stampede.job_inst.state": f"{_JI}state",
    "stampede.job_inst.host.info": "stampede.host",
}

#: event -> (state on success, state on failure): the seed tells states by an event of their own
STATES = {
    "stampede.job_inst.pre.start": ("PRE_SCRIPT_STARTED", "PRE_SCRIPT_STARTED"),
    "stampede.job_inst.pre.term": ("PRE_SCRIPT_TERMINATED", "PRE_SCRIPT_TERMINATED"),
    "stampede.job_inst.pre.end": ("PRE_SCRIPT_SUCCESS", "PRE_SCRIPT_FAILED"),
    "stampede.job_inst.submit.end": ("SUBMIT", "SUBMIT_FAILED"),
    "stampede.job_inst.grid.submit.end": ("GRID_SUBMIT", "GRID_SUBMIT_FAILED"),
    "stampede.job_inst.globus.submit.end": ("GLOBUS_SUBMIT", "GLOBUS_SUBMIT_FAILED"),
    "stampede.job_inst.held.start": ("JOB_HELD", "JOB_HELD"),
    "stampede.job_inst.held.end": ("JOB_RELEASED", "JOB_RELEASED"),
    "stampede.job_inst.main.start": ("EXECUTE", "EXECUTE"),
    "stampede.job_inst.main.term": ("JOB_TERMINATED", "JOB_EVICTED"),
    "stampede.job_inst.main.end": ("JOB_SUCCESS", "JOB_FAILURE"),
    "stampede.job_inst.post.start": ("POST_SCRIPT_STARTED", "POST_SCRIPT_STARTED"),
    "stampede.job_inst.post.term": ("POST_SCRIPT_TERMINATED", "POST_SCRIPT_TERMINATED"),
    "stampede.job_inst.post.end": ("POST_SCRIPT_SUCCESS", "POST_SCRIPT_FAILED"),
    "stampede.job_inst.image.info": ("IMAGE_SIZE", "IMAGE_SIZE"),
    "stampede.job_inst.abort.info": ("JOB_ABORTED", "JOB_ABORTED"),
    "stampede.job_inst.remote_error": ("REMOTE_ERROR", "REMOTE_ERROR"),
}

_STATE_KEYS = ("ts", "level", "wf.id", "job.id", "exec_job.id", "js.id", "reason", "sched.id")


def regular_exit(raw: Any) -> Any:
    """A raw wait status as a regular exit code: 128 and the number for a signal, as shells have it."""
    if not isinstance(raw, int) or raw < 0:
        return raw
    return 128 + (raw & 0x7F) if raw & 0x7F else raw >> 8


def from_current(record: Record) -> list[Record]:
    """A record of today in the seed's dialect: none when it had no such event, two when it also told a state."""
    name = record["event"]
    old = {_BACK.get(key, key): value for key, value in record.items()}
    _old_values(name, old)
    found: list[Record] = []
    if new_name := _name_of(name, record):
        found.append({**old, "event": new_name})
    if states := STATES.get(name):
        told = {key: old[key] for key in _STATE_KEYS if key in old}
        failed = record.get("status") not in (None, 0)
        found.append({**told, "event": f"{_JI}state", "state": states[failed]})
    return found


def _name_of(name: str, record: Record) -> str | None:
    if name == "stampede.inv.end":
        kind = {-1: "prescript", -2: "postscript"}.get(record.get("inv.id", 1), "mainjob")
        return f"stampede.invocation.{kind}"
    return _NAMES.get(name)


def _old_values(name: str, old: Record) -> None:
    if "exitcode" in old:
        old["exitcode"] = regular_exit(old["exitcode"])
    if isinstance(old.get("total_ram"), int):
        old["total_ram"] *= 1024
    if name == "stampede.wf.plan" and "arguments" in old:
        old["planner_arguments"] = old.pop("arguments")
    if name == "stampede.job.info":
        if isinstance(word := old.pop("type_desc", None), str):
            old["jobtype"] = word.replace("-", " ") if word == "create-dir" else word
        if old.get("clustered") in (0, 1):
            old["clustered"] = "True" if old["clustered"] else "False"
        old.pop("type", None)
    if name == "stampede.task.info":
        word = old.pop("type_desc", "compute")
        old["type"] = {"compute": "job"}.get(word, word)
