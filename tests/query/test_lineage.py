"""A trace follows files where they are known, and the edges of the workflow where they are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stampede import pipeline
from stampede.errors import UsageError
from stampede.query import Reader, open_database
from stampede.query.lineage import Trace, find_subject, trace, walk
from stampede.query.lineage.subject import Kind
from stampede.query.workflows import find, forest, list_workflows, paths

Read = Callable[[str], Reader]


def ask(
    reader: Reader, name: str, *, up: bool = True, down: bool = True, depth: int | None = None, kind: Kind | None = None
) -> Trace:
    workflows = [w for root in list_workflows(reader) for w in forest(reader, root)]
    prefixes = paths(workflows)
    subject = find_subject(reader, workflows, prefixes, name, kind)
    return trace(reader, workflows, prefixes, subject, up=up, down=down, depth=depth)


def paths_of(found: Trace) -> set[str]:
    return {p.path for p in found.processes}


def test_a_file_is_traced_to_the_inputs_of_the_workflow(read: Read) -> None:
    found = ask(read("pg_fail"), "f.c1", up=True, down=False)
    assert {f.name: (f.distance, f.input) for f in found.files} == {
        "f.c1": (0, False), "f.b1": (-2, False), "f.a": (-3, True),
    }  # fmt: skip
    assert {p.path: p.distance for p in found.processes} == {"findrange_ID0000002": -1, "preprocess_ID0000001": -2}
    (maker,) = [p for p in found.processes if p.distance == -1]
    assert (maker.state, maker.outcome, maker.number, maker.tasks) == ("done", "success", 1, ["ID0000002"])
    assert maker.execute_ts is not None


def test_a_file_knows_size_checksum_and_where_it_lay(read: Read) -> None:
    (made,) = [f for f in ask(read("pg_fail"), "f.b1").files if f.name == "f.b1"]
    assert made.size_bytes
    assert made.checksum is not None
    assert len(made.checksum) == 64
    assert any(place.pfn.endswith("/f.b1") for place in made.places)


def test_a_task_and_its_job_have_the_same_trace(read: Read) -> None:
    reader = read("pg_fail")
    by_task, by_job = (ask(reader, name) for name in ("ID0000001", "preprocess_ID0000001"))
    assert (by_task.links, by_task.subject) == (by_job.links, by_job.subject)


def test_what_a_failed_job_should_have_written_is_not_there(read: Read) -> None:
    found = ask(read("pg_fail"), "findrange_ID0000003")
    missing = {f.name for f in found.files if f.missing}
    assert missing == {"f.c2"}


def test_both_directions_meet_in_the_subject_only(read: Read) -> None:
    reader = read("pg_fail")
    up, down = ask(reader, "f.b1", down=False), ask(reader, "f.b1", up=False)
    assert paths_of(up) & paths_of(down) == set()
    both = ask(reader, "f.b1")
    assert paths_of(both) == paths_of(up) | paths_of(down)


def test_the_end_of_one_direction_is_the_begin_of_the_other(read: Read) -> None:
    """What a file came from leads to it again."""
    reader = read("pg_fail")
    for far in (p.path for p in ask(reader, "f.c1", down=False).processes):
        assert "f.c1" in {f.name for f in ask(reader, far, up=False).files}


def test_depth_keeps_to_what_is_near(read: Read) -> None:
    reader = read("pg_fail")
    assert paths_of(ask(reader, "f.c1", down=False, depth=1)) == {"findrange_ID0000002"}
    assert paths_of(ask(reader, "f.c1", down=False, depth=0)) == set()


def test_plain_dagman_is_followed_by_its_edges(read: Read) -> None:
    found = ask(read("dm_c_rescue"), "merge")
    assert not found.files
    assert {link.kind for link in found.links} == {"after"}
    assert {p.distance for p in found.processes} >= {-1, 0, 1}


def test_the_node_of_a_sub_workflow_comes_behind_its_last_jobs(read: Read) -> None:
    found = ask(read("dm_e_subdag"), "last", down=False)
    assert {"sub_flaky", "inner_flaky/bad3", "inner_flaky/bad1", "top"} <= paths_of(found)


@pytest.mark.parametrize("name", ["inner_flaky/bad2", "bad2"])
def test_a_job_of_a_sub_workflow_is_found_by_its_path_or_name(read: Read, name: str) -> None:
    found = ask(read("dm_e_subdag"), name)
    assert "inner_flaky/bad2" in {p.path for p in found.processes if p.id in found.subject}


def test_links_are_between_what_is_told(read: Read) -> None:
    for name in ("pg_fail", "dm_e_subdag", "dm_c_rescue"):
        reader = read(name)
        for (job,) in reader.rows("SELECT exec_job_id FROM job WHERE wf_id = 1"):
            found = ask(reader, job, kind="job")
            known = {one.id for one in (*found.files, *found.processes)}
            assert {end for link in found.links for end in (link.source, link.target)} <= known


def test_links_never_run_in_a_circle(read: Read) -> None:
    for name in ("pg_fail", "dm_e_subdag", "dm_c_rescue"):
        reader = read(name)
        for (job,) in reader.rows("SELECT exec_job_id FROM job WHERE wf_id = 1"):
            behind: dict[str, set[str]] = {}
            for link in ask(reader, job, kind="job").links:
                behind.setdefault(link.source, set()).add(link.target)
            left = set(behind)
            while left:
                ends = {one for one in left if not behind[one] & left}
                assert ends, f"{name} {job}: {left}"
                left -= ends


def test_what_is_too_much_is_cut_and_said(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MOST", 3)
    found = ask(read("pg_fail"), "f.c1")
    assert found.cut
    assert len(found.files) + len(found.processes) == 3


def test_a_name_that_nothing_has_is_told(read: Read) -> None:
    with pytest.raises(UsageError, match="no job, task or file 'nix'"):
        ask(read("pg_fail"), "nix")
    with pytest.raises(UsageError, match=r"no task 'f\.a'"):
        ask(read("pg_fail"), "f.a", kind="task")


def test_what_waits_for_a_file_is_no_reader_yet(read: Read) -> None:
    """analyze_ID0000004 would have read f.c1, had the other findrange not failed."""
    found = ask(read("pg_fail"), "f.c1", up=False)
    (made,) = [f for f in found.files if f.name == "f.c1"]
    assert not made.output
    (waits,) = [link for link in found.links if link.source == "file:f.c1"]
    (analyze,) = [p for p in found.processes if p.id == waits.target]
    assert (waits.kind, analyze.path, analyze.state) == ("after", "analyze_ID0000004", "futile")


def test_a_file_of_another_workflow_of_the_database_is_not_known(corpus: Path, tmp_path: Path) -> None:
    """Names of files are kept for all workflows together."""
    url = f"sqlite:///{tmp_path}/two.db"
    pipeline.load([corpus / "pg_fail", corpus / "dm_c_rescue"], url)
    with open_database(url) as reader:
        (plain,) = find(reader, "dm_c_rescue")
        with pytest.raises(UsageError, match="There is no job, task or file"):
            find_subject(reader, [plain], {plain.wf_id: ""}, "f.b1")
