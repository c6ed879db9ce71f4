"""Lists of jobs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stampede.errors import UsageError
from stampede.model.exits import exited
from stampede.model.states import NODE_STATES
from stampede.query import Reader
from stampede.query.jobs import list_jobs
from stampede.query.status import status
from stampede.query.workflows import find, forest

Read = Callable[[str], Reader]


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_lists_and_status_count_alike(read: Read, name: str) -> None:
    reader = read(name)
    roots = find(reader, None)
    for s, wf in zip(status(reader, roots[0]), forest(reader, roots[0]), strict=True):
        for state in NODE_STATES:
            assert len(list_jobs(reader, [wf], state=state)) == getattr(s.nodes, state), (wf.label, state)


def test_rows_carry_exits_and_paths(read: Read) -> None:
    reader = read("pg_fail")
    (job,) = list_jobs(reader, find(reader, None), state="failed")
    assert (job.exit, job.attempts, job.path) == (exited(3), 2, "findrange_ID0000003")


def test_jobs_of_sub_workflows_have_paths(read: Read) -> None:
    reader = read("dm_e_subdag")
    jobs = list_jobs(reader, forest(reader, find(reader, None)[0]))
    assert len({j.path for j in jobs}) == len(jobs)
    assert any(j.path.count("/") == 2 for j in jobs)


def test_a_bad_sort_is_wrong_use(read: Read) -> None:
    reader = read("pg_fail")
    with pytest.raises(UsageError, match="cannot be sorted"):
        list_jobs(reader, find(reader, None), sort="1; DROP TABLE job")
