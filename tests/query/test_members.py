"""All members of a cause are found, one by one or counted, those that failed for good first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stampede.analysis.membership import membership
from stampede.analysis.triage import groups_of, told
from stampede.query import Reader, evidence_tries
from stampede.query.evidence import evidence
from stampede.query.members import Member, Place, members, standing
from stampede.query.workflows import forest, list_workflows, paths

Read = Callable[[str], Reader]


def found(reader: Reader) -> dict[str, list[Member]]:
    """The members of each cause, by its label."""
    roots = list_workflows(reader)
    workflows = [w for root in roots for w in forest(reader, root)]
    facts = evidence(reader, roots)
    groups = groups_of(facts)
    of = membership(groups)
    return {
        f"{c.label} {c.id}": members(reader, standing(reader, of[c.id]).places, workflows, paths(workflows))
        for c in told(groups, facts).causes
    }


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_members_are_the_nodes_of_their_cause(read: Read, name: str) -> None:
    reader = read(name)
    facts = evidence(reader, list_workflows(reader))
    groups = groups_of(facts)
    of = membership(groups)
    for cause in told(groups, facts).causes:
        assert [place.node for place in of[cause.id]] == cause.nodes


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_counted_tries_have_the_members_of_single_ones(read: Read, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = read(name)
    each = {key: sorted(str(m) for m in of) for key, of in found(reader).items()}
    monkeypatch.setattr(evidence_tries, "FEW", 0)
    assert {key: sorted(str(m) for m in of) for key, of in found(reader).items()} == each


def test_a_member_tells_the_try_that_went_wrong(read: Read) -> None:
    (one,) = next(of for key, of in found(read("pg_fail")).items() if key.startswith("exit_code"))
    assert (one.job, one.attempt, one.attempts, one.word) == ("findrange_ID0000003", 2, 2, "failed")
    assert str(one.exit) == "exit code 3"


def test_jobs_that_went_well_in_the_end_come_last(read: Read) -> None:
    reader = read("dm_e_subdag")
    rows = reader.rows("SELECT job_instance_id, node_state FROM job_instance i JOIN job j ON j.job_id = i.job_id")
    places = [Place(node=str(i), instance=i) for i, _ in rows] + [Place(node="nothing known")]
    told_so = standing(reader, places)
    assert sum(told_so.states.values()) == len(places)
    assert told_so.places[0].node == "nothing known"  # all others are done


def test_a_node_of_which_no_try_is_known_is_found_by_its_path(read: Read) -> None:
    reader = read("dm_e_subdag")
    workflows = list_workflows(reader, sub=True)
    names = paths(workflows)
    inner = next(w for w in workflows if w.parent_wf_uuid is not None)
    (job,) = reader.rows("SELECT exec_job_id FROM job WHERE wf_id = ? LIMIT 1", (inner.wf_id,))[0]
    (one,) = members(reader, [Place(node=names[inner.wf_id] + job)], workflows, names)
    assert (one.wf_uuid, one.job) == (inner.wf_uuid, job)
    assert members(reader, [Place(node="nowhere/nothing")], workflows, names) == []
