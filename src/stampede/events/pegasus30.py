"""The dialect of Pegasus 3.0 (2010), the first that monitors sent.

Known from the source of its monitor (``tailstatd``) and loader; no recorded stream is at hand. It has no tasks and no
static description: jobs (``name``) appear as they run, ``job.id`` is the number of the try, ``task.*`` events are the
invocations (``task.id`` their number), edges name jobs. Exit codes are regular, memory is in bytes.
``stampede.job.mainjob.start`` is sent when the job is submitted, ``stampede.job.state`` at every change of state.
"""

from __future__ import annotations

from stampede.events.checks import Record
from stampede.events.translations import Named, Translate, host, invocation, job_type, rename, translation

#: attribute then -> attribute now
RENAMED = {
    "wf.id": "xwf.id", "parent_workflow_id": "parent.xwf.id", "parent.wf.id": "parent.xwf.id",
    "submit_hostname": "submit.hostname", "submit_dir": "submit.dir", "dax_label": "dax.label",
    "planner_version": "planner.version", "planner_arguments": "argv", "arguments": "argv", "name": "job.id",
    "job.id": "job_inst.id", "task.id": "inv.id", "condor.id": "sched.id", "site_name": "site",
    "remote_user": "user", "remote_working_dir": "work_dir", "cluster_start_time": "cluster.start",
    "cluster_duration": "cluster.dur", "duration": "dur", "ip_address": "ip", "total_ram": "total_memory",
    "parent": "parent.job.id", "child": "child.job.id", "jobtype": "type_desc",
}  # fmt: skip

_JOB_KEYS = ("ts", "level", "xwf.id", "job.id")

#: The states that were spelled in another way.
_STATES = {
    "PRE_SCRIPT_FAILURE": "PRE_SCRIPT_FAILED",
    "POST_SCRIPT_FAILURE": "POST_SCRIPT_FAILED",
}


def _plain(new: str) -> Translate:
    return translation(new, RENAMED)


def _instance(new: str) -> Translate:
    """An event about a try; what it tells about the job itself becomes an event of its own."""

    def translate(record: Record) -> list[Named]:
        instance = rename(record, RENAMED)
        job: Record = {key: instance.pop(key) for key in ("type_desc", "clustered") if key in instance}
        if not job:
            return [(new, instance)]
        job_type(job)
        job.update({key: instance[key] for key in _JOB_KEYS if key in instance})
        return [("stampede.job.info", job), (new, instance)]

    return translate


def _state(record: Record) -> list[Named]:
    new = rename(record, RENAMED)
    if (state := _STATES.get(str(new.get("state")))) is not None:
        new["state"] = state
    return [("stampede.job_inst.state", new)]


_INVOCATION = invocation(RENAMED)

#: Events that only this dialect has.
EVENTS: dict[str, Translate] = {
    "stampede.edge": _plain("stampede.job.edge"),
    "stampede.job.prescript.start": _instance("stampede.job_inst.pre.start"),
    "stampede.job.prescript.end": _instance("stampede.job_inst.pre.end"),
    "stampede.job.mainjob.start": _instance("stampede.job_inst.submit.start"),
    "stampede.job.mainjob.end": _instance("stampede.job_inst.main.end"),
    "stampede.job.postscript.start": _instance("stampede.job_inst.post.start"),
    "stampede.job.postscript.end": _instance("stampede.job_inst.post.end"),
    "stampede.task.prescript": _INVOCATION,
    "stampede.task.mainjob": _INVOCATION,
    "stampede.task.postscript": _INVOCATION,
}

#: Events that this dialect shares with the seed's.
SHARED: dict[str, Translate] = {
    "stampede.workflow.plan": _plain("stampede.wf.plan"),
    "stampede.workflow.start": _plain("stampede.xwf.start"),
    "stampede.workflow.end": _plain("stampede.xwf.end"),
    "stampede.host": host(RENAMED),
}

#: Events whose names today's dialect uses too.
AMBIGUOUS: dict[str, Translate] = {"stampede.job.state": _state}
