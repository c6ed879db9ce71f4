"""What can never run is counted for the cause that keeps it from running."""

from __future__ import annotations

from stampede.analysis.blocking import blocked_by
from stampede.analysis.triage import triage
from stampede.query.trouble import Evidence, WorkflowFacts

from .samples import INNER, ROOT, a_try, evidence, flow


def facts(*workflows: WorkflowFacts, futile: int = 9, blocked: dict[str, list[str]] | None = None) -> Evidence:
    flows = list(workflows) or [flow()]
    flows[0].futile = futile
    return evidence(*flows, blocked=blocked)


def test_nodes_behind_a_failed_one_count_for_its_cause_at_any_distance() -> None:
    known = facts(blocked={"c": ["a", "x"], "d": ["c"], "e": ["b"], "f": ["d", "e"]})
    assert blocked_by([(["a"], {ROOT}), (["b"], {ROOT})], known) == [3, 2]


def test_the_failure_of_a_sub_workflow_blocks_what_waits_for_its_node() -> None:
    inner = flow(path="inner/", node="inner", wf_uuid=INNER, parent_wf_uuid=ROOT)
    known = facts(flow(), inner, blocked={"last": ["inner"], "inner/next": ["inner/work"]})
    assert blocked_by([(["inner/work"], {INNER})], known) == [2]


def test_too_many_to_follow_belong_to_the_only_cause_or_are_not_told() -> None:
    known = facts(futile=70_000, blocked=None)
    assert blocked_by([(["a"], {ROOT})], known) == [70_000]
    assert blocked_by([(["a"], {ROOT}), (["b"], {ROOT})], known) == [None, None]


def test_a_node_that_is_tried_again_blocks_nothing() -> None:
    known = facts(blocked={"c": ["a"]})
    known.tries = [a_try("a", node_state="ready", max_retries=3, attempts_in_run=1), a_try("b", job_instance_id=2)]
    (cause,) = triage(known).causes
    assert cause.blocks == 0
    assert cause.retries_left == 3
