"""Tries that ended, and what is known of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stampede.model.machine import machine_of
from stampede.query import Reader
from stampede.query.ended import ended_among, ended_tries
from stampede.query.workflows import find, forest

Read = Callable[[str], Reader]


@pytest.mark.parametrize("name", ["pg_fail", "dm_e_subdag", "dm_c_rescue", "dm_g_hold"])
def test_there_are_as_many_as_the_summaries_count(read: Read, name: str) -> None:
    """Each try with an outcome is told once, in order of its end, and as many have failed as status says."""
    reader = read(name)
    workflows = forest(reader, find(reader, None)[0])
    tries = ended_tries(reader, workflows)
    ids = ", ".join(str(w.wf_id) for w in workflows)
    failed = reader.rows(f"SELECT sum(attempts_failed) FROM workflow_summary WHERE wf_id IN ({ids})")[0][0]
    ended = reader.rows("SELECT count(*) FROM job_instance WHERE outcome IS NOT NULL")[0][0]
    assert len(tries) == len({t.job_instance_id for t in tries}) == ended > 0
    assert sum(t.failed for t in tries) == failed
    assert [t.ended_ts for t in tries] == sorted(t.ended_ts for t in tries)


def test_a_kickstart_record_tells_run_time_and_the_times_around_it(read: Read) -> None:
    """pg_fail: programs ran within the time that HTCondor gave the job, on a machine named without its slot."""
    reader = read("pg_fail")
    tries = [t for t in ended_tries(reader, forest(reader, find(reader, None)[0])) if t.path.startswith("findrange")]
    assert tries
    for t in tries:
        assert t.machine == "submit01.localdomain"
        assert t.runtime_s is not None
        assert t.run_start_ts is not None
        assert t.run_end_ts == pytest.approx(t.run_start_ts + t.runtime_s, abs=0.01)
        assert t.cpu_s is not None


def test_jobs_of_sub_workflows_carry_their_names(read: Read) -> None:
    reader = read("dm_e_subdag")
    tries = ended_tries(reader, forest(reader, find(reader, None)[0]))
    assert any("/" in t.path for t in tries)
    assert any(t.node_type == "subdag" for t in tries)


@pytest.mark.parametrize("name", ["pg_fail", "dm_e_subdag"])
def test_some_of_them_are_told_as_among_all(read: Read, name: str) -> None:
    reader = read(name)
    workflows = forest(reader, find(reader, None)[0])
    tries = ended_tries(reader, workflows)
    wanted = tries[::2]
    assert ended_among(reader, workflows, [t.job_instance_id for t in wanted]) == wanted
    assert ended_among(reader, workflows, []) == []
    assert ended_among(reader, [], [t.job_instance_id for t in wanted]) == []


def test_the_machine_is_what_follows_the_slot() -> None:
    assert machine_of("slot1_2@node7") == "node7"
    assert machine_of("node7") == "node7"
    assert machine_of(None) is None
