"""The course of a workflow."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stampede.query import Reader
from stampede.query import course as module
from stampede.query.course import course
from stampede.query.workflows import find, forest

Read = Callable[[str], Reader]


@pytest.mark.parametrize("name", ["pg_fail", "dm_e_subdag", "dm_c_rescue"])
def test_the_steps_add_up_to_what_is_done_and_failed(read: Read, name: str) -> None:
    reader = read(name)
    found = course(reader, forest(reader, find(reader, None)[0]), steps=7)
    done, failed, total = reader.one("SELECT sum(done), sum(failed), sum(total) FROM workflow_summary") or (0, 0, 0)
    assert (sum(found.done), sum(found.failed), found.total) == (done, failed, total)
    assert len(found.done) == len(found.failed) == 7


def test_one_step_holds_everything(read: Read) -> None:
    reader = read("pg_fail")
    assert len(course(reader, [find(reader, None)[0]], steps=1).done) == 1


def test_of_many_jobs_some_stand_for_the_others(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_JOBS", 5)
    reader = read("pg_fail")
    found = course(reader, [find(reader, None)[0]], steps=4)
    assert found.of_jobs == 3
    assert sum(found.done) % 3 == 0
