"""Tries as a detector needs them are those that ``query.ended`` tells of in full."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stampede.query import Reader
from stampede.query.ended import ended_tries
from stampede.query.measured import measured_among, measured_tries, open_tries, pauses
from stampede.query.workflows import find, forest, roots_above

Read = Callable[[str], Reader]
_NAMES = ["pg_fail", "dm_e_subdag", "dm_c_rescue", "dm_g_hold"]


@pytest.mark.parametrize("name", _NAMES)
def test_they_agree_with_the_full_answer(read: Read, name: str) -> None:
    reader = read(name)
    root = find(reader, None)[0]
    below = forest(reader, root)
    full = {t.job_instance_id: t for t in ended_tries(reader, below) if t.node_type != "subdag"}
    found = list(measured_tries(reader, root, below))
    assert found
    assert [t.ended_ts for t in found] == sorted(t.ended_ts for t in found)
    assert {t.job_instance_id for t in found} <= full.keys()
    for t in found:
        other = full[t.job_instance_id]
        assert (t.path, t.attempt, t.failed, t.machine) == (other.path, other.seq, other.failed, other.machine)
        assert (t.ended_ts, t.cpu_s, t.staging_s) == (other.ended_ts, other.cpu_s, other.stage_in_s)
        assert t.transformation in (other.transformation, None)


@pytest.mark.parametrize("name", _NAMES)
def test_named_ones_are_told_as_among_all(read: Read, name: str) -> None:
    reader = read(name)
    root = find(reader, None)[0]
    below = forest(reader, root)
    wanted = list(measured_tries(reader, root, below))[::2]
    uuids = {w.wf_id: w.wf_uuid for w in below}
    ids = {t.job_instance_id for t in wanted}
    names = [
        (uuids[wf], job, seq)
        for wf, job, seq, instance in reader.rows(
            "SELECT j.wf_id, j.exec_job_id, i.job_submit_seq, i.job_instance_id FROM job_instance i JOIN job j "
            "USING (job_id)"
        )
        if instance in ids
    ]
    found = measured_among(reader, below, [*names, ("nobody", "x", 1), (root.wf_uuid, "no such job", 1)])
    assert {t.job_instance_id: t for t in found} == {t.job_instance_id: t for t in wanted}
    assert measured_among(reader, below, []) == []


def test_ended_runs_have_no_open_tries_and_a_rescue_has_a_pause(read: Read) -> None:
    for name in ("pg_fail", "dm_e_subdag"):
        reader = read(name)
        root = find(reader, None)[0]
        assert open_tries(reader, root, forest(reader, root)) == []
        assert pauses(reader, root) == []
    reader = read("dm_c_rescue")
    (pause,) = pauses(reader, find(reader, None)[0])
    assert pause[0] <= pause[1]


def test_a_sub_workflow_belongs_to_the_run_of_its_root(read: Read) -> None:
    reader = read("dm_e_subdag")
    root = find(reader, None)[0]
    uuids = [w.wf_uuid for w in forest(reader, root)]
    assert roots_above(reader, [*uuids, "nobody"]) == dict.fromkeys(uuids, root.wf_uuid)
