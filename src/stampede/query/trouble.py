"""What went wrong, as facts: the structs that ``evidence`` fills and ``analysis`` judges."""

from __future__ import annotations

import msgspec

from stampede.query.failing import Tally
from stampede.query.spread import Spread
from stampede.query.workflows import Workflow


class FailedInvocation(msgspec.Struct):
    """An invocation that ended with another status than 0. ``exitcode`` is the raw wait status; ``note`` says in words
    why it did not run or did not end by itself."""

    seq: int
    task: str | None
    task_name: str | None
    transformation: str
    executable: str
    argv: str | None
    exitcode: int
    note: str | None = None


class TouchedFile(msgspec.Struct, frozen=True):
    """A file that a try read or wrote; ``missing``: it was not there."""

    lfn: str
    output: bool
    missing: bool


class Try(msgspec.Struct, kw_only=True):
    """One try of a job that failed, is held, or was removed. Times are epoch seconds, exit codes raw wait statuses.

    ``alike`` counts the tries that went wrong in the same way, where this one stands for all of them.
    """

    job_instance_id: int
    wf_uuid: str
    path: str
    job: str
    node_type: str
    type_desc: str
    transformation: str | None
    node_state: str
    attempts: int
    max_retries: int
    pre_script: str | None
    post_script: str | None
    submit_file: str
    clustered: bool
    seq: int
    sched_id: str | None
    restart_count: int
    is_last: bool
    outcome: str | None
    state: str | None
    state_ts: float | None
    main_exitcode: int | None
    exit_unknown: bool
    pre_exitcode: int | None
    post_exitcode: int | None
    submit_ts: float | None
    execute_ts: float | None
    end_ts: float | None
    execute_count: int
    hold_reason: str | None
    hold_code: int | None
    hold_subcode: int | None
    remove_reason: str | None
    aborted: bool
    submit_error: str | None
    site: str | None
    slot: str | None
    subwf_uuid: str | None
    stdout_file: str | None
    stderr_file: str | None
    stdout: str
    stderr: str
    attempts_in_run: int = 0
    #: the machine
    host: str | None = None
    invocations: list[FailedInvocation] = []
    failed_transfers: list[str] = []
    integrity_errors: int = 0
    tasks: list[str] = []
    files: list[TouchedFile] = []
    alike: Tally | None = None

    @property
    def workflows(self) -> list[str]:
        """The uuids of the workflows of all tries that it stands for."""
        return [self.wf_uuid] if self.alike is None else self.alike.workflows


class Interruption(msgspec.Struct):
    """An eviction, suspension, lost connection or error of HTCondor's own parts, with what followed it next."""

    wf_uuid: str
    path: str
    job: str
    node_type: str
    state: str
    ts: float
    reason: str | None
    next_state: str | None
    next_ts: float | None
    node_state: str
    slot: str | None
    #: when the job was started again after it
    restart_ts: float | None = None


class Running(msgspec.Struct):
    """A job that executes, or was removed or evicted while it did, and how long the others of its kind take."""

    wf_uuid: str
    path: str
    job: str
    type_desc: str
    node_type: str
    transformation: str | None
    execute_ts: float
    until_ts: float
    outcome: str | None
    removed: bool
    peers: int
    longest_peer_s: float | None
    longest_any_s: float | None
    mean_peer_s: float | None
    slot: str | None


class Idle(msgspec.Struct):
    """A job that waited long for a machine. ``overtaken``: jobs submitted later that were started meanwhile."""

    wf_uuid: str
    path: str
    job: str
    submit_ts: float
    until_ts: float
    executed: bool
    overtaken: int
    running_meanwhile: int
    req_memory_mb: float | None
    req_cpus: float | None
    req_disk_kb: float | None
    req_gpus: float | None
    #: what it demands of a machine, where no job that demands the same was given one
    unmet_requirements: str | None
    #: the most that any job of these workflows asked for that was given a machine
    most_memory_mb: float | None = None
    most_cpus: float | None = None
    most_disk_kb: float | None = None
    most_gpus: float | None = None


class FailedNode(msgspec.Struct):
    """A node that its engine counts as failed although no try of it is known to have failed."""

    path: str
    reason: str | None
    ts: float | None
    subwf_uuid: str | None


class WorkflowFacts(msgspec.Struct):
    """A workflow, what was said of its engine, its runs, and what can never run."""

    workflow: Workflow
    path: str
    events: list[tuple[float, str, str, str | None, int]]
    runs: list[tuple[int, float | None, float | None, int | None]]
    futile: int
    futile_sample: list[str]
    rescue: str | None
    #: what follows the name in the ABORT-DAG-ON lines of nodes that aborted it
    abort_rules: dict[str, str] = {}
    #: the node that runs it, with the names of the workflows above; empty for a root
    node: str = ""


class Evidence(msgspec.Struct):
    """All facts about a forest."""

    workflows: list[WorkflowFacts]
    tries: list[Try]
    interruptions: list[Interruption]
    running: list[Running]
    idle: list[Idle]
    last_ts: float | None
    failed_nodes: list[FailedNode] = []
    #: there are more kinds of failed tries than were fetched
    cut: bool = False
    #: tries that went wrong, of which ``tries`` may hold one for many
    failing: int = 0
    #: where all tries ran
    spread: Spread = msgspec.field(default_factory=Spread)
    #: nodes that can never run now -> their parents, by path; None: too many to say
    blocked: dict[str, list[str]] | None = None
