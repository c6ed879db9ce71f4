"""Facts made by hand, for the tests of the judgement: each call says only what matters to the test."""

from __future__ import annotations

from typing import Any

from stampede.query.trouble import Evidence, FailedInvocation, Idle, Interruption, Running, Try, WorkflowFacts
from stampede.query.workflows import Workflow

ROOT = "0e5e2f4e-0000-4000-8000-000000000001"
INNER = "0e5e2f4e-0000-4000-8000-000000000002"

#: the column types of Workflow that have no default, with what a plain run has there
_WORKFLOW: dict[str, Any] = {
    "wf_id": 1, "wf_uuid": ROOT, "root_wf_uuid": ROOT, "parent_wf_uuid": None, "label": "run", "dag": "run.dag",
    "state": "failed", "engine": "dagman", "submit_dir": "/home/u/run", "found_dir": None, "restart_count": 0,
    "last_ts": 1000.0,
}  # fmt: skip


def workflow(**known: Any) -> Workflow:
    """A workflow; fields that are not named have the emptiest value of their type."""
    values: dict[str, Any] = {}
    for name in Workflow.__struct_fields__:
        values[name] = known.get(name, _WORKFLOW.get(name))
    return Workflow(**values)


def flow(
    *events: tuple[Any, ...], path: str = "", runs: list[tuple[Any, ...]] | None = None, **known: Any
) -> WorkflowFacts:
    """Facts of one workflow; events are (ts, state, value, reason, run), shorter ones are filled up."""
    said: list[Any] = [(*e, *("", None, 0)[len(e) - 2 :]) for e in events]
    ran: list[Any] = runs or [(0, 0.0, 1000.0, 1)]
    extra = {name: known.pop(name) for name in ("abort_rules", "node", "rescue") if name in known}
    facts = WorkflowFacts(workflow(**known), path, said, ran, 0, [], None)
    for name, value in extra.items():
        setattr(facts, name, value)
    return facts


def a_try(job: str = "B", **known: Any) -> Try:
    """A try of node ``job`` that failed with exit code 1."""
    values: dict[str, Any] = {
        "job_instance_id": 1, "wf_uuid": ROOT, "path": job, "job": job, "node_type": "job", "type_desc": "unknown",
        "transformation": None, "node_state": "failed", "attempts": 1, "max_retries": 0, "pre_script": None,
        "post_script": None, "submit_file": "job.sub", "clustered": False, "seq": 1, "sched_id": "12.0",
        "restart_count": 0, "is_last": True, "outcome": "failed", "state": "JOB_FAILURE", "state_ts": 900.0,
        "main_exitcode": 256, "exit_unknown": False, "pre_exitcode": None, "post_exitcode": None, "submit_ts": 880.0,
        "execute_ts": 881.0, "end_ts": 890.0, "execute_count": 1, "hold_reason": None, "hold_code": None,
        "hold_subcode": None, "remove_reason": None, "aborted": False, "submit_error": None, "site": None,
        "slot": "slot1_1@node7", "subwf_uuid": None, "stdout_file": f"out/{job}.out", "stderr_file": f"out/{job}.err",
        "stdout": "", "stderr": "", "host": "node7",
    }  # fmt: skip
    return Try(**(values | known))


def held(job: str = "B", reason: str | None = "", code: int | None = None, **known: Any) -> Try:
    """A try that is held now."""
    gone: dict[str, Any] = {"outcome": None, "state": "JOB_HELD", "main_exitcode": None, "node_state": "queued"}
    return a_try(job, **(gone | {"hold_reason": reason, "hold_code": code} | known))


def removed(job: str = "B", reason: str | None = None, **known: Any) -> Try:
    """A try that was removed from the queue; nobody knows how its program would have ended."""
    gone: dict[str, Any] = {"aborted": True, "exit_unknown": True, "remove_reason": reason}
    return a_try(job, **(gone | known))


def invocation(raw: int, **known: Any) -> FailedInvocation:
    """A failed invocation with that raw wait status."""
    values: dict[str, Any] = {
        "seq": 1, "task": None, "task_name": None, "transformation": "work", "executable": "/opt/work", "argv": None,
    }  # fmt: skip
    return FailedInvocation(**(values | known), exitcode=raw)


def interruption(state: str, reason: str | None = None, **known: Any) -> Interruption:
    """Something that came between job L and its machine at 500 s; it ended well later."""
    values: dict[str, Any] = {
        "wf_uuid": ROOT, "path": "L", "job": "L", "node_type": "job", "state": state, "ts": 500.0, "reason": reason,
        "next_state": "EXECUTE", "next_ts": 501.0, "node_state": "done", "slot": "slot1_1@node7", "restart_ts": 501.0,
    }  # fmt: skip
    return Interruption(**(values | known))


def running(took: float, **known: Any) -> Running:
    """Job H that executes for ``took`` seconds; five of its kind took 3 s at most."""
    values: dict[str, Any] = {
        "wf_uuid": ROOT, "path": "H", "job": "H", "type_desc": "unknown", "node_type": "job", "transformation": "work",
        "execute_ts": 100.0, "until_ts": 100.0 + took, "outcome": None, "removed": False, "peers": 5,
        "longest_peer_s": 3.0, "longest_any_s": 3.0, "mean_peer_s": 2.0, "slot": "slot1_1@node7",
    }  # fmt: skip
    return Running(**(values | known))


def idle(waited: float, **known: Any) -> Idle:
    """Job W that waited so long for a machine, which it has not got yet."""
    values: dict[str, Any] = {
        "wf_uuid": ROOT, "path": "W", "job": "W", "submit_ts": 100.0, "until_ts": 100.0 + waited, "executed": False,
        "overtaken": 0, "running_meanwhile": 0, "req_memory_mb": None, "req_cpus": None, "req_disk_kb": None,
        "req_gpus": None, "unmet_requirements": None,
    }  # fmt: skip
    return Idle(**(values | known))


def evidence(*workflows: WorkflowFacts, **known: Any) -> Evidence:
    """All facts about a forest; one failed root when no workflow is given."""
    values: dict[str, Any] = {"tries": [], "interruptions": [], "running": [], "idle": [], "last_ts": 1000.0}
    return Evidence(workflows=list(workflows) or [flow()], **(values | known))
