"""The base tables of the Stampede schema (version 14) and how each names its rows without surrogate ids."""

from __future__ import annotations

import msgspec

WF = "(SELECT w.wf_uuid FROM workflow w WHERE w.wf_id = t.{column})"
JOB = "(SELECT j.exec_job_id FROM job j WHERE j.job_id = t.{column})"
JOB_WF = "(SELECT w.wf_uuid FROM workflow w JOIN job j USING (wf_id) WHERE j.job_id = t.job_id)"
INSTANCE = (
    "(SELECT j.exec_job_id || '#' || i.job_submit_seq FROM job_instance i JOIN job j USING (job_id)"
    " WHERE i.job_instance_id = t.{column})"
)
INSTANCE_WF = (
    "(SELECT w.wf_uuid FROM job_instance i JOIN job j USING (job_id) JOIN workflow w USING (wf_id)"
    " WHERE i.job_instance_id = t.job_instance_id)"
)
HOST = "(SELECT h.site || '/' || h.hostname || '/' || h.ip FROM host h WHERE h.host_id = t.{column})"
TASK = "(SELECT k.abs_task_id FROM task k WHERE k.task_id = t.{column})"
TASK_WF = "(SELECT w.wf_uuid FROM workflow w JOIN task k USING (wf_id) WHERE k.task_id = t.task_id)"
LFN = "(SELECT l.lfn FROM rc_lfn l WHERE l.lfn_id = t.{column})"


#: every state the peer's loader can write : its event handlers name them
PEER_JOBSTATES = frozenset(
    {
        "EXECUTE",
        "GLOBUS_SUBMIT",
        "GLOBUS_SUBMIT_FAILED",
        "GRID_SUBMIT",
        "GRID_SUBMIT_FAILED",
        "IMAGE_SIZE",
        "JOB_ABORTED",
        "JOB_EVICTED",
        "JOB_FAILURE",
        "JOB_HELD",
        "JOB_RELEASED",
        "JOB_SUCCESS",
        "JOB_TERMINATED",
        "POST_SCRIPT_FAILED",
        "POST_SCRIPT_STARTED",
        "POST_SCRIPT_SUCCESS",
        "POST_SCRIPT_TERMINATED",
        "PRE_SCRIPT_FAILED",
        "PRE_SCRIPT_STARTED",
        "PRE_SCRIPT_SUCCESS",
        "PRE_SCRIPT_TERMINATED",
        "REMOTE_ERROR",
        "SUBMIT",
        "SUBMIT_FAILED",
    }
)

_TYPE = "(SELECT j.type_desc FROM job j WHERE j.job_id = t.job_id)"
_TYPES = (
    "(SELECT group_concat(DISTINCT j.type_desc) FROM job_instance i JOIN job j USING (job_id)"
    " WHERE i.host_id = t.host_id)"
)
_CLUSTERED = "(SELECT j.clustered FROM job j WHERE j.job_id = t.job_id)"
_LATER_TRIES = "(SELECT count(*) FROM job_instance i WHERE i.job_id = t.job_id AND i.job_submit_seq > t.job_submit_seq)"
_POST_EXIT = (
    "(SELECT v.exitcode FROM invocation v WHERE v.job_instance_id = t.job_instance_id AND v.task_submit_seq = -2)"
)
_RECORD_EXITS = (
    "(SELECT group_concat(v.exitcode) FROM invocation v"
    " WHERE v.job_instance_id = t.job_instance_id AND v.task_submit_seq > 0)"
)
_JOB_ARGV = "(SELECT j.argv FROM job_instance i JOIN job j USING (job_id) WHERE i.job_instance_id = t.job_instance_id)"
_MORE_STATES_BEFORE = (
    "(SELECT count(*) FROM jobstate o WHERE o.job_instance_id = t.job_instance_id"
    " AND o.jobstate_submit_seq < t.jobstate_submit_seq AND o.state NOT IN ({}))"
).format(", ".join(f"'{state}'" for state in sorted(PEER_JOBSTATES)))


class Table(msgspec.Struct, frozen=True):
    """How the rows of a table are named.

    ``drop`` is its own id, ``refs`` turns other ids into names, ``more`` adds values that no column holds (those that
    begin with ``_`` are for rules only, not compared); ``order`` numbers rows that one key does not tell apart: the
    n-th EXECUTE of a try.
    """

    key: tuple[str, ...]
    drop: str | None = None
    refs: dict[str, str] = {}
    more: dict[str, str] = {}
    order: str | None = None


_EDGE_JOB = Table(("wf_id", "parent_exec_job_id", "child_exec_job_id"), refs={"wf_id": WF})
_EDGE_TASK = Table(("wf_id", "parent_abs_task_id", "child_abs_task_id"), refs={"wf_id": WF})
_OF_INSTANCE = {"wf_id": WF, "job_instance_id": INSTANCE}

TABLES: dict[str, Table] = {
    "workflow": Table(("wf_uuid",), "wf_id", {"parent_wf_id": WF, "root_wf_id": WF}),
    "workflowstate": Table(("wf_id", "state", "restart_count"), refs={"wf_id": WF}, order="timestamp"),
    "workflow_meta": Table(("wf_id", "key"), refs={"wf_id": WF}),
    "host": Table(("wf_id", "site", "hostname", "ip"), "host_id", {"wf_id": WF}, {"_types": _TYPES}),
    "job": Table(("wf_id", "exec_job_id"), "job_id", {"wf_id": WF}),
    "job_edge": _EDGE_JOB,
    "job_instance": Table(
        ("wf", "job_id", "job_submit_seq"),
        "job_instance_id",
        {"job_id": JOB, "host_id": HOST, "subwf_id": WF},
        {
            "wf": JOB_WF,
            "_type": _TYPE,
            "_clustered": _CLUSTERED,
            "_later_tries": _LATER_TRIES,
            "_post_exit": _POST_EXIT,
            "_record_exits": _RECORD_EXITS,
        },
    ),
    "jobstate": Table(
        ("wf", "job_instance_id", "state"),
        refs={"job_instance_id": INSTANCE},
        more={"wf": INSTANCE_WF, "_more_states_before": _MORE_STATES_BEFORE},
        order="jobstate_submit_seq",
    ),
    "tag": Table(("wf_id", "job_instance_id", "name"), "tag_id", _OF_INSTANCE),
    "task": Table(("wf_id", "abs_task_id"), "task_id", {"wf_id": WF, "job_id": JOB}),
    "task_edge": _EDGE_TASK,
    "task_meta": Table(("wf", "task_id", "key"), refs={"task_id": TASK}, more={"wf": TASK_WF}),
    "invocation": Table(
        ("wf_id", "job_instance_id", "task_submit_seq"), "invocation_id", _OF_INSTANCE, {"_job_argv": _JOB_ARGV}
    ),
    "integrity": Table(("wf_id", "job_instance_id", "type", "file_type"), "integrity_id", _OF_INSTANCE),
    "rc_lfn": Table(("lfn",), "lfn_id"),
    "rc_pfn": Table(("lfn_id", "pfn", "site"), "pfn_id", {"lfn_id": LFN}),
    "rc_meta": Table(("lfn_id", "key"), refs={"lfn_id": LFN}, more={"_workflows": "(SELECT count(*) FROM workflow)"}),
    "workflow_files": Table(("wf_id", "task_id", "lfn_id"), refs={"wf_id": WF, "task_id": TASK, "lfn_id": LFN}),
}
