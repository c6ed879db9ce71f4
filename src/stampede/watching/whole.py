"""What the database says of a workflow that is followed, sub-workflows and all, in one small struct."""

from __future__ import annotations

import msgspec

from stampede.model.states import ENDED
from stampede.query import Reader
from stampede.query.overview import Glance, overview
from stampede.query.status import Nodes, WorkflowStatus
from stampede.query.workflows import find


class Whole(msgspec.Struct, kw_only=True):
    """A root workflow with everything below it: ``root`` is its own status, the numbers are sums over all.

    ``bad_news`` is one example of what is wrong: why a job is held, which one failed how, why it is halted or lost.
    """

    root: WorkflowStatus
    nodes: Nodes
    running: int
    idle: int
    held: int
    workflows: int
    last_ts: float | None
    bad_news: str | None

    @property
    def ended(self) -> bool:
        """Whether the workflow's last run has ended."""
        return self.root.state in ENDED

    @property
    def percent_done(self) -> float:
        """Nodes done of all nodes, sub-workflows included."""
        return 100.0 * self.nodes.done / self.nodes.total if self.nodes.total else self.root.percent_done


def whole(reader: Reader, wf_uuid: str) -> Whole:
    """How a root workflow stands. Raises UnknownWorkflowError when the database does not have it."""
    (workflow,) = find(reader, wf_uuid)[:1]
    standings = overview(reader, [workflow.wf_id])
    root = standings[0].status
    nodes = Nodes(**{n: sum(getattr(s.status.nodes, n) for s in standings) for n in Nodes.__struct_fields__})
    return Whole(
        root=root, nodes=nodes, running=sum(s.status.running for s in standings),
        idle=sum(s.status.idle for s in standings), held=sum(s.status.held for s in standings),
        workflows=len(standings), last_ts=max((s.status.last_ts or 0.0 for s in standings), default=None),
        bad_news=next((news for s in standings if (news := _bad_news(s))), None),
    )  # fmt: skip


def _bad_news(s: Glance) -> str | None:
    if s.status.state in ("lost", "removed") and s.status.reason:
        return s.status.reason
    if s.status.halted:
        return s.halt_reason or "DAGMan is halted"
    if s.engine_hold:
        return f"DAGMan's own job is held: {s.engine_hold}"
    if s.hold_reason:
        return f"held: {s.hold_reason}"
    if s.failed_job is None:
        return None
    how = str(s.failed_exit) if s.failed_exit is not None else s.failed_reason or "failed"
    return f"{s.failed_job}: {how}"
