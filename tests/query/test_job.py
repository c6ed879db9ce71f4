"""One job with all that is known of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.errors import UsageError
from stampede.query import Reader
from stampede.query.job import find_job, pieces, place
from stampede.query.jobs import list_jobs
from stampede.query.workflows import find, forest

Read = Callable[[str], Reader]


def test_a_failed_job_tells_its_whole_story(read: Read, corpus: Path) -> None:
    reader = read("pg_fail")
    job = find_job(reader, find(reader, None), "findrange_ID0000003")
    assert job.state == "failed"
    assert job.parents
    assert job.children
    assert [t.outcome for t in job.tries] == ["failed", "failed"]
    last = job.tries[-1]
    assert str(last.exit) == "exit code 3"
    assert str(last.post_exit) == "exit code 1"
    assert last.holds[0].code == 12
    assert last.remove_reason
    assert last.resources is not None
    assert last.resources.requested.memory_mb
    assert Path(last.files["stdout"]).parent == corpus / "pg_fail" / "00" / "00"
    assert [p.phase for p in last.phases][-1] == "post"
    assert any(f.producer == "preprocess_ID0000001" for i in last.invocations for f in i.files)


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_every_job_of_every_run_can_be_shown_by_its_path(read: Read, name: str) -> None:
    reader = read(name)
    roots = find(reader, None)
    for row in list_jobs(reader, forest(reader, roots[0]), limit=1000):
        job = find_job(reader, roots, row.path)
        assert (job.wf_uuid, job.job, job.path, job.attempts) == (row.wf_uuid, row.job, row.path, len(job.tries))
        for one in job.tries:
            spans = [p.duration_s for p in one.phases if p.duration_s is not None]
            assert all(s >= 0 for s in spans)
            assert [s.ts for s in one.history] == sorted(s.ts for s in one.history)


def test_a_name_in_several_sub_workflows_has_to_be_told_apart(read: Read) -> None:
    reader = read("dm_e_subdag")
    roots = find(reader, None)
    names = [j.job for j in list_jobs(reader, forest(reader, roots[0]), limit=1000)]
    below = [n for n in names if names.count(n) > 1]
    top = {j.job for j in list_jobs(reader, roots)}
    for name in set(below) - top:
        with pytest.raises(UsageError, match="Several workflows"):
            find_job(reader, roots, name)


def test_places_follow_a_submit_directory_that_was_moved(read: Read) -> None:
    wf = find(read("pg_fail"), None)[0]
    wf.submit_dir, wf.found_dir = "/home/u/run", "/backup/run"
    assert place(wf, "00/a.out") == "/backup/run/00/a.out"
    assert place(wf, "/home/u/run/a.out") == "/backup/run/a.out"
    assert place(wf, "/home/u/runner/a.out") == "/home/u/runner/a.out"
    assert place(wf, None) is None


TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="#"), min_size=1).filter(str.strip)


@given(TEXT, TEXT)
@settings(max_examples=80)
def test_stored_output_comes_back_by_invocation_and_stream(out: str, err: str) -> None:
    stored = quote(f"#@ 1 stdout\n{out}\n#@ 2 stderr\n {err}\n")
    found = pieces(stored, "stdout")
    assert [(p.seq, p.stream) for p in found] == [(1, "stdout"), (2, "stderr")]
    assert found[0].text == (out + "\n").removeprefix(" ")
    assert found[1].text == err + "\n"


@pytest.mark.parametrize("stored", [None, "", "%", "%ff%fe", "#@ 1 stdout", "%00%1b[2J", "plain text"])
def test_broken_output_does_not_kill(stored: str | None) -> None:
    pieces(stored, "stderr")
