"""What is ahead of recorded runs, now and as of a time."""

from __future__ import annotations

from collections.abc import Callable

from stampede.query import Reader
from stampede.query.past import as_it_stood
from stampede.query.prospects import brief_tries, planned_jobs, prospects
from stampede.query.workflows import find, forest

Read = Callable[[str], Reader]


def test_a_failed_run_has_lost_jobs_and_nothing_pending(read: Read) -> None:
    reader = read("pg_fail")
    found = prospects(reader, forest(reader, find(reader, None)[0]))
    assert [name for names in found.lost.values() for name in names] == ["findrange_ID0000003"]
    assert found.pending == []


def test_what_waits_runs_and_failed_adds_up_at_any_time(read: Read) -> None:
    reader = read("pg_fail")
    root = find(reader, None)[0]
    assert root.first_ts is not None
    assert root.last_ts is not None
    for share in (0.1, 0.3, 0.5, 0.9):
        at = root.first_ts + share * (root.last_ts - root.first_ts)
        with as_it_stood(reader, [root], at) as (then,):
            found = prospects(reader, forest(reader, then))
            done = sum(not t.failed for t in brief_tries(reader, forest(reader, then)))
            assert sum(w.count for w in found.waiting) + len(found.pending) + done + then.failed == then.total


def test_failed_tries_of_a_job_that_goes_on_are_counted(read: Read) -> None:
    reader = read("pg_fail")
    root = find(reader, None)[0]
    first, second = [t for t in brief_tries(reader, [root]) if t.failed]
    with as_it_stood(reader, [root], (first.end_ts + second.end_ts) / 2) as (then,):
        (job,) = [j for j in prospects(reader, [then]).pending if j.failed]
    assert (job.path, job.failed, job.tries) == ("findrange_ID0000003", 1, 2)


def test_tries_of_jobs_that_run_workflows_are_left_to_those_workflows(read: Read) -> None:
    reader = read("dm_e_subdag")
    workflows = forest(reader, find(reader, None)[0])
    names = [t.job for t in brief_tries(reader, workflows, all_runs=True)]
    assert not any(n.startswith("sub_") for n in names)
    assert "inner_flaky/bad2" in names
    assert {n for n, _, _ in planned_jobs(reader, workflows)} == set(names)


def test_only_the_last_run_of_an_engine_counts_unless_all_are_asked_for(read: Read) -> None:
    reader = read("dm_c_rescue")
    workflows = forest(reader, find(reader, None)[0])
    assert [t for t in brief_tries(reader, workflows) if t.failed] == []
    assert {t.job for t in brief_tries(reader, workflows, all_runs=True) if t.failed} == {"calib2"}
