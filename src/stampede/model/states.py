"""States: what a job instance, a node and a workflow can be in, and what follows from what.

Job instance states carry the names of the Stampede ``jobstate`` table (HTCondor's ULOG names where there is one).
Node states are DAGMan's columns. Both the loader and time-travelling queries use the functions here, so that they
cannot disagree.
"""

from __future__ import annotations

from typing import Final, Literal

NodeState = Literal["unready", "ready", "pre", "queued", "post", "done", "failed", "futile"]
NODE_STATES: Final[tuple[NodeState, ...]] = (
    "unready", "ready", "pre", "queued", "post", "done", "failed", "futile",
)  # fmt: skip

WorkflowState = Literal["unstarted", "running", "success", "failed", "removed", "halted", "lost"]
#: states in which nothing more happens unless somebody starts the workflow again
ENDED: Final[frozenset[str]] = frozenset({"success", "failed", "removed", "halted"})

#: order of states that carry the same second and no sequence of their own
RANK: Final[dict[str, int]] = {
    "PRE_SCRIPT_STARTED": 1,
    "PRE_SCRIPT_TERMINATED": 2,
    "PRE_SCRIPT_SUCCESS": 3,
    "PRE_SCRIPT_FAILED": 3,
    "SUBMIT": 5,
    "SUBMIT_FAILED": 5,
    "GRID_SUBMIT": 6,
    "GRID_SUBMIT_FAILED": 6,
    "GLOBUS_SUBMIT": 6,
    "GLOBUS_SUBMIT_FAILED": 6,
    "EXECUTE": 10,
    "JOB_SUSPENDED": 11,
    "JOB_UNSUSPENDED": 12,
    "JOB_DISCONNECTED": 11,
    "JOB_RECONNECTED": 12,
    "JOB_RECONNECT_FAILED": 12,
    "SHADOW_EXCEPTION": 13,
    "REMOTE_ERROR": 13,
    "JOB_EVICTED": 14,
    "JOB_HELD": 15,
    "JOB_RELEASED": 16,
    "JOB_TERMINATED": 20,
    "JOB_ABORTED": 20,
    "JOB_SUCCESS": 21,
    "JOB_FAILURE": 21,
    "POST_SCRIPT_STARTED": 30,
    "POST_SCRIPT_TERMINATED": 31,
    "POST_SCRIPT_SUCCESS": 32,
    "POST_SCRIPT_FAILED": 32,
}

#: states that tell something in passing and leave the instance where it was
INFORMATIVE: Final[frozenset[str]] = frozenset({"IMAGE_SIZE", "FILE_TRANSFER", "GENERIC", "JOB_AD_INFORMATION"})

#: states in which something came between a job and its machine
INTERRUPTED: Final[frozenset[str]] = frozenset({
    "JOB_EVICTED", "JOB_SUSPENDED", "JOB_DISCONNECTED", "JOB_RECONNECT_FAILED", "SHADOW_EXCEPTION",
})  # fmt: skip

_NODE: Final[dict[str, NodeState]] = {
    "PRE_SCRIPT_STARTED": "pre",
    "PRE_SCRIPT_TERMINATED": "pre",
    "PRE_SCRIPT_SUCCESS": "pre",
    "PRE_SCRIPT_FAILED": "pre",
    "POST_SCRIPT_STARTED": "post",
    "POST_SCRIPT_TERMINATED": "post",
    "POST_SCRIPT_SUCCESS": "post",
    "POST_SCRIPT_FAILED": "post",
}


def rank(state: str) -> int:
    """Place of a state among those of one instant; unknown ones come after EXECUTE."""
    return RANK.get(state, 11)


def node_state_of(state: str) -> NodeState:
    """The node state that goes with a job instance in ``state`` that has not ended."""
    return _NODE.get(state, "queued")


def after_attempt(*, ok: bool, attempts_in_run: int, max_retries: int) -> NodeState:
    """The node state once an attempt ended: done, waiting for its retry (ready), or failed for good."""
    if ok:
        return "done"
    return "ready" if attempts_in_run <= max_retries else "failed"
