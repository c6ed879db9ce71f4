"""A glance at a forest, and the pages of its jobs, say what the questions about one workflow say."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from stampede import pipeline
from stampede.errors import UnknownWorkflowError
from stampede.query import Reader, open_database
from stampede.query.overview import (
    SORTS,
    JobLine,
    Kind,
    Sort,
    Wanted,
    count_jobs,
    done_since,
    jobs_page,
    overview,
    watched_roots,
)
from stampede.query.past import as_it_stood
from stampede.query.status import status
from stampede.query.workflows import Workflow, find, list_workflows

from .conftest import NAMES

Read = Callable[[str], Reader]


def moments(root: Workflow) -> list[float]:
    """Times from the beginning of a run to its end."""
    first, last = root.first_ts or 0.0, root.last_ts or 0.0
    return [first + (last - first) * i / 12 + 0.5 for i in range(13)]


@pytest.mark.parametrize("name", NAMES)
def test_a_glance_counts_what_status_counts_at_any_time(read: Read, name: str) -> None:
    reader = read(name)
    root = find(reader, None)[0]
    seen = set()
    for at in moments(root):
        with as_it_stood(reader, [root], at) as roots:
            expected = {s.wf_uuid: s for r in roots for s in status(reader, r)}
            found = {s.status.wf_uuid: s.status for s in overview(reader, [r.wf_id for r in roots])}
            assert found == expected, at
            seen |= {s.state for s in found.values()}
    assert "running" in seen
    assert len(seen) > 1


def test_a_glance_names_a_reason_for_each_kind_of_bad_news(read: Read) -> None:
    reader = read("dm_g_hold")
    root = find(reader, None)[0]
    [ended] = overview(reader, [root.wf_id])
    assert ended.failed_job == "held_and_removed"
    reasons = set()
    for at in moments(root):
        with as_it_stood(reader, [root], at):
            [one] = overview(reader, [root.wf_id])
            assert (one.hold_reason is None) == (one.status.held == 0)
            reasons.add(one.hold_reason)
    assert any("licence" in (r or "") or "maintenance" in (r or "") for r in reasons)


def test_a_glance_asks_no_more_questions_when_there_are_more_workflows(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, int] = {}
    rows = Reader.rows
    for name in ("dm_c_rescue", "dm_e_subdag"):
        reader = read(name)
        roots = [w.wf_id for w in list_workflows(reader)]

        def counted(self: Reader, *args: object, name: str = name) -> object:
            asked[name] = asked.get(name, 0) + 1
            return rows(self, *args)  # type: ignore[arg-type]

        monkeypatch.setattr(Reader, "rows", counted)
        overview(reader, roots)
        monkeypatch.setattr(Reader, "rows", rows)
    assert len(list_workflows(read("dm_e_subdag"), sub=True)) > 3
    assert asked["dm_e_subdag"] <= asked["dm_c_rescue"]


def test_roots_are_those_that_run_first_and_what_is_left_out_is_counted(corpus: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/all.db"
    pipeline.load([corpus / name for name in NAMES], url)
    with open_database(url) as reader:
        everything = {w.wf_id for w in list_workflows(reader)}
        ids, more = watched_roots(reader)
        assert (set(ids), more) == (everything, 0)
        oldest = min(list_workflows(reader), key=lambda w: w.first_ts or 0)
        change(tmp_path / "all.db", f"UPDATE workflow SET state = 'running' WHERE wf_id = {oldest.wf_id}")
        ids, more = watched_roots(reader, limit=2)
        assert ids[0] == oldest.wf_id
        assert (len(ids), more) == (2, len(everything) - 2)
        assert watched_roots(reader, ["failing", "failing"])[0] == [find(reader, "failing")[0].wf_id]
        with pytest.raises(UnknownWorkflowError):
            watched_roots(reader, ["nobody"])


def change(path: Path, sql: str) -> None:
    """Change a database behind the back of its readers."""
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.close()


def test_done_since_counts_nodes_by_the_time_at_which_they_were_done(read: Read) -> None:
    reader = read("dm_e_subdag")
    glances = overview(reader, [w.wf_id for w in list_workflows(reader)])
    ids = [g.wf_id for g in glances]
    assert done_since(reader, ids, 0) == {g.wf_id: g.status.nodes.done for g in glances}
    assert done_since(reader, ids, 9e9) == {}


# ---- pages of jobs --------------------------------------------------------------------------------------------------


def everywhere(reader: Reader) -> tuple[int, ...]:
    return tuple(g.wf_id for g in overview(reader, [w.wf_id for w in list_workflows(reader)]))


def walked(reader: Reader, wanted: Wanted, limit: int) -> list[JobLine]:
    """All pages, each begun at the end of the one before."""
    found: list[JobLine] = []
    while page := jobs_page(reader, wanted, after=found[-1].key if found else None, limit=limit):
        found += page
    return found


@pytest.mark.parametrize("name", ["pg_fail", "dm_e_subdag"])
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("kind", ["all", "failing"])
def test_pages_forward_backward_and_counted_out_are_the_same_list(
    read: Read, name: str, sort: Sort, kind: Kind
) -> None:
    reader = read(name)
    wanted = Wanted(workflows=everywhere(reader), kind=kind, sort=sort)
    whole = jobs_page(reader, wanted, limit=1000)
    assert len(whole) == count_jobs(reader, wanted) == len({j.job_id for j in whole})
    assert walked(reader, wanted, 3) == whole
    for at in range(len(whole)):
        assert jobs_page(reader, wanted, before=whole[at].key, limit=3) == whole[max(at - 3, 0) : at]
        assert jobs_page(reader, wanted, offset=at, limit=3) == whole[at : at + 3]


@pytest.mark.parametrize("name", NAMES)
def test_the_lists_are_as_long_as_the_counts_at_any_time(read: Read, name: str) -> None:
    reader = read(name)
    root = find(reader, None)[0]
    for at in moments(root):
        with as_it_stood(reader, [root], at) as roots:
            for one in overview(reader, [r.wf_id for r in roots]):
                s = one.status
                if s.state != "running":
                    continue
                counts = {kind: jobs_page(reader, Wanted(workflows=(one.wf_id,), kind=kind), limit=999)
                          for kind in ("held", "running", "idle")}  # fmt: skip
                assert [len(counts[k]) for k in ("held", "running", "idle")] == [s.held, s.running, s.idle], at
                assert all(j.word == kind for kind, jobs in counts.items() for j in jobs)


def test_failing_are_those_that_failed_and_those_that_are_tried_again(read: Read) -> None:
    reader = read("pg_fail")
    root = find(reader, None)[0]
    seen: set[tuple[str, ...]] = set()
    for at in moments(root):
        with as_it_stood(reader, [root], at):
            jobs = jobs_page(reader, Wanted(workflows=(root.wf_id,), kind="failing"))
            seen |= {(j.job, "failed" if j.state == "failed" else "again") for j in jobs}
    assert seen == {("findrange_ID0000003", "again"), ("findrange_ID0000003", "failed")}


@pytest.mark.parametrize(("text", "found"), [("FINDRANGE", 2), ("find*3", 1), ("preprocess", 1), ("100%", 0), ("", 14)])
def test_text_is_a_part_of_a_name_or_a_pattern(read: Read, text: str, found: int) -> None:
    reader = read("pg_fail")
    wanted = Wanted(workflows=everywhere(reader), text=text)
    assert count_jobs(reader, wanted) == found == len(jobs_page(reader, wanted))


def test_what_ended_in_an_unknown_way_has_no_exit(read: Read) -> None:
    reader = read("dm_g_hold")
    jobs = {j.job: j for j in jobs_page(reader, Wanted(workflows=everywhere(reader)))}
    assert jobs["held_and_removed"].exit is None or not jobs["held_and_removed"].exit.ok
    assert jobs["held_and_removed"].word == "failed"


def test_more_roots_than_a_compound_select_can_have_are_one_question(corpus: Path, tmp_path: Path) -> None:
    """SQLite takes at most 500 terms in one."""
    pipeline.load([corpus / "dm_c_rescue"], f"sqlite:///{tmp_path}/many.db")
    connection = sqlite3.connect(tmp_path / "many.db")
    with connection:
        connection.executemany(
            "INSERT INTO workflow(wf_uuid, root_wf_id) VALUES (?, ?)", [(f"u{i}", 1) for i in range(1200)]
        )
    connection.close()
    with open_database(f"sqlite:///{tmp_path}/many.db") as reader:
        roots, more = watched_roots(reader, limit=1100)
        assert (len(roots), more) == (1100, 101)
        assert sorted(g.wf_id for g in overview(reader, roots)) == sorted(roots)
