"""Files around a DAG: found where they lie now, and whatever is wrong with one of them harms nothing else."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.model.exits import exited
from stampede.pipeline import load
from stampede.sources import jobfiles
from stampede.sources.dagman.attempts import Attempt
from stampede.sources.dagman.dag import Node
from stampede.sources.jobfiles import JobFiles

SUBMIT = """
executable = /bin/work
arguments = "a b"
input = in.txt
output = /was/there/run/out/A.out
error = /was/there/run/./out/A.err
log = /was/there/run/d.log
+pegasus_site = "pool"
queue
"""


def node(**more: Any) -> Node:
    return Node("A", "job", "A.sub", 0, 1, **more)


def tried(**more: Any) -> Attempt:
    return Attempt(1, "A", job="1.0", exit=exited(0), execute=100.0, end=110.0, phase="ended", **more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A submit directory that was moved here from /was/there/run."""
    (tmp_path / "out").mkdir()
    (tmp_path / "A.sub").write_text(SUBMIT)
    return tmp_path


def files(folder: Path) -> JobFiles:
    return JobFiles("u", folder, "/was/there/run")


def main_end(events: list[Event]) -> ev.JobInstMainEnd:
    (end,) = [e for e in events if isinstance(e, ev.JobInstMainEnd)]
    return end


def problems(events: list[Event]) -> list[str]:
    return [e.kind for e in events if isinstance(e, ev.Problem)]


def test_names_are_kept_relative_to_the_directory_wherever_it_was(folder: Path) -> None:
    told = files(folder).submitted(tried(), node())
    assert told == ("pool", "in.txt", "out/A.out", "out/A.err")


@pytest.mark.parametrize(
    ("recorded", "relative"),
    [("/was/there/run/x/y", "x/y"), ("/was/there/run/./x//y", "x/y"), ("/elsewhere/x", "/elsewhere/x"), ("x", "x")],
)
def test_a_recorded_name_is_found_in_the_moved_directory(folder: Path, recorded: str, relative: str) -> None:
    assert files(folder).place(recorded) == folder / relative
    assert files(folder).relative(recorded) == relative


def test_the_output_of_a_moved_directory_is_read(folder: Path) -> None:
    (folder / "out/A.out").write_text("hello\n")
    end = main_end(files(folder).ended(tried(), node(), 110.0, 4, last=True))
    assert (end.stdout_file, end.stdout_text) == ("out/A.out", "#@ 1 stdout%0Ahello%0A")


def test_output_that_a_later_try_wrote_over_is_not_taken_for_that_of_an_earlier_one(folder: Path) -> None:
    (folder / "out/A.out").write_text("of the second try\n")
    end = main_end(files(folder).ended(tried(), node(retries=1), 110.0, 4, last=False))
    assert end.stdout_text is None


def test_a_post_script_keeps_the_output_of_each_try(folder: Path) -> None:
    for number in (0, 1):
        (folder / f"out/A.out.00{number}").write_text(f"try {number}\n")
    told = files(folder)
    for number in (0, 1):
        end = main_end(told.ended(tried(output_number=number), node(post_script="p"), 110.0, 4, last=True))
        assert (end.stdout_file, end.stdout_text) == (f"out/A.out.00{number}", f"#@ 1 stdout%0Atry {number}%0A")


def test_what_was_written_is_known_from_meta_where_the_record_is_gone(folder: Path) -> None:
    (folder / "out/A.meta").write_text(
        '[{"_id": "f.b", "_type": "file", "_attributes": {"size": "7", "checksum.value": "891b"}}]'
    )
    end = files(folder).ended(tried(), node(post_script="p"), 110.0, 4, last=True)
    assert [(e.lfn_id, e.key, e.value) for e in end if isinstance(e, ev.RcMeta)] == [
        ("f.b", "size", "7"), ("f.b", "checksum.value", "891b"),
    ]  # fmt: skip
    (folder / "out/A.out.000").write_text("a record\n")
    end = files(folder).ended(tried(), node(post_script="p"), 110.0, 4, last=True)
    assert not [e for e in end if isinstance(e, ev.RcMeta)]


def test_a_damaged_meta_is_told_of(folder: Path) -> None:
    (folder / "out/A.meta").write_text("[{]")
    assert problems(files(folder).ended(tried(), node(post_script="p"), 110.0, 4, last=True)) == ["meta"]


def test_demands_of_a_waiting_job_are_told_unless_another_with_the_same_was_given_a_machine(folder: Path) -> None:
    (folder / "A.sub").write_text('requirements = Machine == "x"\n' + SUBMIT)
    told = files(folder)
    (usage,) = told.waiting([(tried(), node())])
    assert isinstance(usage, ev.JobInstUsage)
    assert usage.unmet_requirements == 'Machine == "x"'
    told.submitted(tried(), node())
    assert told.waiting([(tried(), node())]) == []


def test_a_removed_job_without_output_keeps_the_name_it_would_have_written(folder: Path) -> None:
    end = main_end(files(folder).ended(tried(aborted=True), node(post_script="p"), 110.0, 4, last=True))
    assert end.stdout_file == "out/A.out"


def test_a_missing_submit_file_is_told_of_once_and_the_end_is_told_without_it(folder: Path) -> None:
    (folder / "A.sub").unlink()
    told = files(folder)
    first = told.ended(tried(), node(), 110.0, 4, last=True)
    assert main_end(first).status == 0
    assert problems(first) == ["missing_file"]
    assert problems(told.ended(tried(), node(), 110.0, 4, last=True)) == []


def test_output_that_cannot_be_read_is_told_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "out/A.out").write_text("secret")

    read_file = jobfiles.read_regular

    def refuse(path: str, most: int) -> tuple[bytes, int]:
        if path.endswith(".out"):
            raise PermissionError(13, "Permission denied", path)
        return read_file(path, most)

    monkeypatch.setattr(jobfiles, "read_regular", refuse)
    events = files(folder).ended(tried(), node(), 110.0, 4, last=True)
    assert "unreadable" in problems(events)
    assert main_end(events).stdout_text is None


def test_output_that_is_a_directory_harms_nothing(folder: Path) -> None:
    (folder / "out/A.out").mkdir()
    events = files(folder).ended(tried(), node(), 110.0, 4, last=True)
    assert problems(events) == ["unreadable"]


def test_output_that_is_a_pipe_does_not_keep_us_waiting(folder: Path) -> None:
    os.mkfifo(folder / "out/A.out")
    assert problems(files(folder).ended(tried(), node(), 110.0, 4, last=True)) == ["unreadable"]


def test_of_huge_output_both_ends_are_read_and_it_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobfiles, "MAX_OUTPUT", 1000)
    (folder / "out/A.out").write_bytes(b"begin\n" + b"x" * 5000 + b"\nend\n")
    events = files(folder).ended(tried(), node(), 110.0, 4, last=True)
    assert "huge_file" in problems(events)
    text = main_end(events).stdout_text or ""
    assert "begin" in text
    assert text.endswith("end%0A")


def test_output_that_is_no_utf8_is_kept_with_marks(folder: Path) -> None:
    (folder / "out/A.out").write_bytes(b"a\xff\x00b\n")
    end = main_end(files(folder).ended(tried(), node(), 110.0, 4, last=True))
    assert end.stdout_text == "#@ 1 stdout%0Aa%EF%BF%BD%00b%0A"


@settings(max_examples=50, deadline=None)
@given(out=st.binary(max_size=300), submit=st.binary(max_size=300))
def test_files_of_any_content_kill_nothing(tmp_path_factory: pytest.TempPathFactory, out: bytes, submit: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "A.sub").write_bytes(submit + b"\noutput = A.out\nqueue\n")
    (folder / "A.out").write_bytes(b"- invocation: True\n" + out)
    main_end(files(folder).ended(tried(), node(), 110.0, 4, last=True))


def test_a_sub_workflow_is_found_in_the_folder_of_its_try_else_in_the_first(folder: Path) -> None:
    where = "_CONDOR_DAGMAN_LOG=/was/there/run/sub/i.dag.dagman.out"
    (folder / "A.sub").write_text(f'executable = x\nenvironment = "{where}"\nqueue\n')
    asked: list[Path] = []

    def follow(log: Path, job: str, parent: str | None) -> str:
        asked.append(log)
        return "child"

    told = JobFiles("u", folder, "/was/there/run", follow=follow)
    assert told.sub_workflow(tried(), node()) is None
    (folder / "sub.000").mkdir()
    assert told.sub_workflow(tried(output_number=2), node()) == "child"
    (folder / "sub.002").mkdir()
    told.sub_workflow(tried(output_number=2), node())
    assert [log.parent.name for log in asked] == ["sub.000", "sub.002"]


# ---- whole directories ----------------------------------------------------------------------------------------------


def texts(database: Path) -> list[tuple[str, int]]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(
            "SELECT j.exec_job_id, length(i.stdout_text) FROM job_instance i JOIN job j USING (job_id) ORDER BY 1, 2"
        ).fetchall()
    finally:
        connection.close()


def test_a_directory_that_was_moved_gives_the_same_texts(corpus: Path, tmp_path: Path) -> None:
    copytree(corpus / "pg_fail", tmp_path / "elsewhere/run")
    load([corpus / "pg_fail"], f"sqlite:///{tmp_path / 'here.sqlite'}")
    load([tmp_path / "elsewhere/run"], f"sqlite:///{tmp_path / 'moved.sqlite'}")
    assert texts(tmp_path / "here.sqlite") == texts(tmp_path / "moved.sqlite")
    assert sum(1 for _, length in texts(tmp_path / "here.sqlite") if length) == 8


def test_a_directory_is_only_read(corpus: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    copytree(corpus / "dm_g_hold", run)
    before = {p: p.stat().st_mtime_ns for p in run.rglob("*")}
    for path in sorted(run.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
    run.chmod(0o555)
    try:
        load([run], f"sqlite:///{tmp_path / 'x.sqlite'}")
        assert {p: p.stat().st_mtime_ns for p in run.rglob("*")} == before
    finally:
        for path in [run, *run.rglob("*")]:
            os.chmod(path, 0o755)


@pytest.mark.parametrize("gone", ["*.sub", "*.dag", "*.static.bp", "braindump.yml", "*.nodes.log", "*.out.000"])
def test_any_kind_of_file_may_be_missing(corpus: Path, tmp_path: Path, gone: str) -> None:
    run = tmp_path / "run"
    copytree(corpus / "pg_fail", run)
    for path in run.rglob(gone):
        path.unlink()
    load([run], f"sqlite:///{tmp_path / 'x.sqlite'}")
    connection = sqlite3.connect(tmp_path / "x.sqlite")
    state, attempts, submits = connection.execute(
        "SELECT w.state, s.attempts, s.submits FROM workflow w JOIN workflow_summary s USING (wf_id)"
    ).fetchone()
    connection.close()
    assert (state, attempts, submits) == ("failed", 8, 8)


def test_a_log_cut_in_the_middle_of_a_line_is_read_and_the_engine_counts_as_lost(corpus: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    copytree(corpus / "dm_g_hold", run)
    log = run / "dm_g_hold.dag.dagman.out"
    data = log.read_bytes()
    log.write_bytes(data[: len(data) * 2 // 3])
    load([run], f"sqlite:///{tmp_path / 'x.sqlite'}")
    connection = sqlite3.connect(tmp_path / "x.sqlite")
    assert connection.execute("SELECT state FROM workflow").fetchone() == ("lost",)
    connection.close()


def test_output_that_has_the_id_of_its_job_in_its_name_is_read_of_every_try(folder: Path) -> None:
    """No later try writes over it; and so it is with the log that a job has of its own."""
    (folder / "A.sub").write_text(
        "output = out/A.$(Cluster).out\nerror = out/A.$(ClusterId).err\nlog = A.$(Cluster).log\n"
    )
    (folder / "out/A.1.out").write_text("hello\n")
    (folder / "out/A.1.err").write_text("")
    read = files(folder)
    read.submitted(tried(), node(retries=1))
    end = main_end(read.ended(tried(), node(retries=1), 110.0, 4, last=False))
    assert end.stdout_text == "#@ 1 stdout%0Ahello%0A"
    assert list(read.logs) == ["A.1.log"]
