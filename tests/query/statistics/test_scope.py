"""Which workflows are added up: a forest, a part of it, one of several roots; never others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stampede import pipeline
from stampede.query import Reader, open_database
from stampede.query.statistics import jobs
from stampede.query.statistics.integrity import checks_of
from stampede.query.statistics.invocations import invocations_of
from stampede.query.statistics.scope import scope, unsealed
from stampede.query.statistics.times import machines_of, spans_of
from stampede.query.statistics.tries import tries_of
from stampede.query.statistics.workflows import counts_of, tries_begun
from stampede.query.workflows import find, list_workflows

Read = Callable[[str], Reader]


def test_a_sub_workflow_alone_is_what_it_is_among_the_others(read: Read) -> None:
    """The rows of all workflows of a block are not taken for those of one."""
    reader = read("dm_e_subdag")
    every = list_workflows(reader, sub=True)
    assert len(every) > 3
    with scope(reader, find(reader, None), each=True) as forest:
        apart = tries_of(forest, each=True)
    for wf in every:
        with scope(reader, [wf]) as one:
            below = {w.wf_id for w in one.workflows}
            assert sum(t.tries for t in tries_of(one)) == sum(t.tries for t in apart if t.wf_id in below)


def test_one_of_two_roots_is_not_mixed_with_the_other(corpus: Path, tmp_path: Path) -> None:
    """Both lie in one block."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    pipeline.load([corpus / "pg_fail", corpus / "dm_e_subdag"], url)
    with open_database(url) as reader, reader.snapshot():
        assert unsealed(reader) == []
        both = list_workflows(reader)
        alone = []
        for root in both:
            with scope(reader, [root]) as one:
                assert tries_begun(one) == sum(t.tries for t in tries_of(one))
                alone.append((tries_begun(one), sum(s.invocations for s in spans_of(one)),
                              sum(i.invocations for i in invocations_of(one)), sum(c.files for c in checks_of(one)),
                              sum(m.tries for m in machines_of(one)), len(counts_of(one))))  # fmt: skip
        with scope(reader, both) as all_:
            together = (tries_begun(all_), sum(s.invocations for s in spans_of(all_)),
                        sum(i.invocations for i in invocations_of(all_)), sum(c.files for c in checks_of(all_)),
                        sum(m.tries for m in machines_of(all_)), len(counts_of(all_)))  # fmt: skip
    assert together == tuple(map(sum, zip(*alone, strict=True)))
    assert len(set(alone)) == 2


def test_tries_come_in_the_same_number_however_many_there_are(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sorted where they are few, as they lie in the table where they are many."""
    reader = read("dm_e_subdag")
    with scope(reader, find(reader, None), add_up=False) as one:
        few = list(jobs.try_rows(one, tries_begun(one)))
        many = list(jobs.try_rows(one, 1_000_000))
    assert sorted(map(repr, few)) == sorted(map(repr, many))
    assert len(few) > 10
