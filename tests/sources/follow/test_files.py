"""What jobs leave behind may come late: it is told when it came, and then as if it had been there at once."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.model.exits import exited
from stampede.sources.dagman.attempts import Attempt
from stampede.sources.dagman.dag import Dag, Edges, Node
from stampede.sources.follow import files as module
from stampede.sources.follow.files import LiveFiles
from stampede.sources.jobfiles import JobFiles

from . import Stage

SUBMIT = "executable = /bin/work\noutput = {0}.out\nerror = {0}.err\nqueue\n"
#: a record of kickstart, and the part of it that is there first
CORPUS = Path(__file__).resolve().parents[2] / "corpus"
RECORD = (CORPUS / "pg_fail/00/00/findrange_ID0000002.out.000").read_text()
HALF = RECORD[:2000]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in "ABC":
        (tmp_path / f"{name}.sub").write_text(SUBMIT.format(name))
        old(tmp_path / f"{name}.sub")
    return tmp_path


def old(path: Path) -> None:
    """Nobody has written to it lately."""
    os.utime(path, (1e9, 1e9))


def node(name: str = "A") -> Node:
    return Node(name, "job", f"{name}.sub", 0, 1)


def tried(name: str = "A", seq: int = 1, **more: Any) -> Attempt:
    return Attempt(seq, name, job=f"{seq}.0", exit=exited(0), execute=100.0, end=110.0, phase="ended", **more)


def live(folder: Path, **more: Any) -> LiveFiles:
    return LiveFiles(Dag(folder / "x.dag", {}, Edges()), "u", folder, None, **more)


def ended(files: JobFiles, name: str = "A", seq: int = 1) -> list[Event]:
    return files.ended(tried(name, seq), node(name), 110.0, 4, last=True)


def whole(folder: Path, name: str = "A", seq: int = 1) -> list[Event]:
    """What a load tells of the files as they are now."""
    return ended(JobFiles("u", folder, None), name, seq)


def leave(folder: Path, name: str = "A", out: str = "hello\n", *, young: bool = False) -> None:
    for end, text in ((".out", out), (".err", "")):
        (folder / f"{name}{end}").write_text(text)
        if not young:
            old(folder / f"{name}{end}")


def after(files: LiveFiles, seconds: float) -> list[Event]:
    """What is told when it is looked once more, so many seconds from now."""
    return files.overdue(time.monotonic() + seconds)


def problems(events: list[Event]) -> list[str]:
    return [e.kind for e in events if isinstance(e, ev.Problem)]


def kinds(events: list[Event]) -> set[str]:
    return {type(e).__name__ for e in events}


# ---- files that come later ------------------------------------------------------------------------------------------


def test_what_is_all_there_is_told_once_as_a_load_tells_it(folder: Path) -> None:
    leave(folder)
    files = live(folder)
    assert ended(files) == whole(folder)
    assert (files.owing, files.due, files.expects(0.0)) == (None, float("inf"), False)
    assert after(files, 100) == []
    assert files.at_last() == []


def test_output_that_comes_later_is_told_then_as_if_it_had_been_there(folder: Path) -> None:
    """At once only that the try has ended; then, when all of it is there, everything."""
    files = live(folder)
    files.at = 700
    assert kinds(ended(files)) == {"JobInstMainEnd"}
    assert files.owing == 700
    assert after(files, 1) == []
    (folder / "A.out").write_text("hello\n")
    old(folder / "A.out")
    assert after(files, 3) == []  # its standard error is still lacking
    leave(folder)
    assert after(files, 6) == whole(folder)
    assert files.owing is None
    assert after(files, 100) == []


def test_what_does_not_come_is_not_waited_for_for_ever(folder: Path) -> None:
    """After some seconds the try is told with what is there; and once more should the rest come all the same."""
    (folder / "A.out").write_text("hello\n")
    old(folder / "A.out")
    files = live(folder)
    ended(files)
    now = time.monotonic()
    assert files.expects(now + 9)
    assert not files.expects(now + 11)
    assert after(files, 9) == []
    late = after(files, 60)
    assert late == whole(folder)
    assert after(files, 200) == []
    leave(folder)
    assert after(files, 400) == whole(folder) != late


def test_half_a_record_is_no_problem_while_the_rest_may_come(folder: Path) -> None:
    """Nothing that half of it says is told, and nobody hears of a damage."""
    leave(folder, out=HALF)
    files = live(folder)
    assert problems(whole(folder)) != []
    assert kinds(ended(files)) == {"JobInstMainEnd"}
    assert files.owing == 0
    assert after(files, 1) == []
    leave(folder, out=RECORD)
    again = after(files, 3)
    assert again == whole(folder)
    assert problems(again) == []
    assert files.at_last() == []


def test_half_a_record_that_stays_is_told_of_in_the_end(folder: Path) -> None:
    leave(folder, out=HALF)
    files = live(folder)
    ended(files)
    assert problems(after(files, 100)) == []
    assert files.at_last() == whole(folder)
    assert (files.owing, files.at_last()) == (None, [])


def test_what_cannot_be_read_is_told_of_in_the_end(folder: Path) -> None:
    leave(folder)
    (folder / "A.out").unlink()
    (folder / "A.out").mkdir()
    old(folder / "A.out")
    files = live(folder)
    assert problems(ended(files)) == []
    assert problems(after(files, 100)) == []
    assert files.at_last() == whole(folder)
    assert problems(whole(folder)) == ["unreadable"]


def test_a_file_that_is_just_being_written_is_told_and_looked_at_once_more(folder: Path) -> None:
    """Half a line of plain output cannot be told from a whole one: what changes just afterwards is read again."""
    leave(folder, out="half a l", young=True)
    files = live(folder)
    assert ended(files) == whole(folder)
    assert files.owing == 0
    assert after(files, 1) == []
    leave(folder, out="half a line\nand the rest\n")
    assert after(files, 4) == whole(folder)
    assert files.owing is None


def test_a_file_that_was_just_written_and_stays_is_told_once(folder: Path) -> None:
    leave(folder, young=True)
    files = live(folder)
    assert ended(files) == whole(folder)
    assert [after(files, seconds) for seconds in (4, 20, 70)] == [[], [], []]
    assert files.owing is None
    assert files.at_last() == []


def test_at_the_end_of_the_run_what_was_being_written_is_read_once_more(folder: Path) -> None:
    leave(folder, out="half a l", young=True)
    files = live(folder)
    ended(files)
    leave(folder, out="half a line\n", young=True)
    assert files.at_last() == whole(folder)


def test_output_that_goes_on_long_after_it_was_read_is_read_again(folder: Path) -> None:
    """A file server may have been slow, or the writer: it is looked at for a minute."""
    leave(folder, out="half a l", young=True)
    files = live(folder)
    ended(files)
    assert after(files, 4) == []
    assert not files.expects(time.monotonic() + 4)  # nobody waits for that at the end of a run
    leave(folder, out="half a line\nand the rest\n")
    assert after(files, 20) == whole(folder)
    assert files.owing is None


def test_what_another_job_wrote_over_it_is_not_its_output(folder: Path) -> None:
    """Jobs may share an output file: the last one wins on the disk, but not here."""
    leave(folder, out="of the first\n", young=True)
    files = live(folder)
    assert ended(files) == whole(folder)
    leave(folder, out="of another one, and longer\n", young=True)
    assert [after(files, seconds) for seconds in (4, 20, 70)] == [[], [], []]
    assert files.at_last() == []


def texts(events: list[Event]) -> list[str | None]:
    return [e.stdout_text for e in events if isinstance(e, ev.JobInstMainEnd)]


@pytest.mark.parametrize(("written", "his"), [(99.5, True), (110.9, True), (98.0, False), (111.1, False)])
def test_output_of_a_try_is_read_before_the_next_one_writes_over_it(folder: Path, written: float, his: bool) -> None:
    """As long as it is as this try left it: written between its start and its end, which has whole seconds."""
    leave(folder, out="of the first try\n")
    for end in (".out", ".err"):
        os.utime(folder / f"A{end}", (written, written))
    files = live(folder)
    (text,) = texts(files.ended(tried(), node(), 110.0, 4, last=False))
    assert ("of the first try" in (text or "")) is his
    assert files.owing is None  # there is no second look
    assert texts(JobFiles("u", folder, None).ended(tried(), node(), 110.0, 4, last=False)) == [None]


def test_what_is_known_of_a_try_does_not_replace_what_a_later_one_said_of_a_file(folder: Path) -> None:
    """The record of the first try comes when the second has been told: of a file both wrote, the second's word stands,
    and what only the first said of it is added."""
    rotated = Node("A", "job", "A.sub", 0, 1, post_script="exitcode")
    wrote = (CORPUS / "pg_fail/00/00/preprocess_ID0000001.out.000").read_text()

    def told(number: int, data: str) -> None:
        for end in (".out", ".err"):
            path = folder / f"A{end}.{number:03d}"
            path.write_text(data if end == ".out" else "")
            old(path)

    def of_files(events: list[Event]) -> dict[tuple[str, str], str | None]:
        return {(e.lfn_id, e.key): e.value for e in events if isinstance(e, ev.RcMeta)}

    files = live(folder)
    files.ended(tried(seq=1), rotated, 110.0, 4, last=True)
    told(1, wrote.replace("      sha256: ", "      Sha256: "))
    second = of_files(files.ended(tried(seq=2, output_number=1), rotated, 120.0, 4, last=True))
    told(0, wrote)
    late = of_files(after(files, 1))
    assert second
    assert late
    assert not late.keys() & second.keys()


def test_it_is_looked_for_less_and_less_often(folder: Path) -> None:
    """After a fifth of a second first, then ever later, but never later than a minute."""
    files = live(folder)
    ended(files)
    now = time.monotonic()
    waits = []
    for _ in range(20):
        assert files.overdue(files.due - 0.001) == []
        waits.append(files.due - now)
        now = files.due
        files.overdue(now)
    assert 0.1 < waits[0] < 0.25
    assert waits == pytest.approx(sorted(waits))
    assert waits[-1] == pytest.approx(60.0)
    assert sum(w < 10 for w in waits) > 5


def test_each_try_is_owed_for_itself(folder: Path) -> None:
    files = live(folder)
    for place, name in enumerate("ABC"):
        files.at = place * 100
        ended(files, name, place + 1)
    leave(folder, "B")
    assert after(files, 1) == whole(folder, "B", 2)
    assert files.owing == 0
    leave(folder, "A")
    assert after(files, 3) == whole(folder, "A", 1)
    assert files.owing == 200
    assert files.at_last() == whole(folder, "C", 3)


def test_of_too_many_the_oldest_is_told_for_good(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No damage is passed over because there were many others, and memory has a bound."""
    monkeypatch.setattr(module, "_MOST", 1)
    files = live(folder)
    told = []
    for seq, name in enumerate("ABC", 1):
        leave(folder, name, HALF)
        files.at = seq * 100
        told += ended(files, name, seq)
        assert files.owing == seq * 100
    told += files.at_last()
    assert len(problems(told)) == 3


# ---- what is read once more -----------------------------------------------------------------------------------------


def test_while_silent_nothing_is_told_again(folder: Path) -> None:
    leave(folder)
    files = live(folder)
    files.silent = True
    assert ended(files) == []
    assert files.again == []


def test_while_silent_what_may_have_been_owed_is_told_again(folder: Path) -> None:
    """From the place on behind which something was owed for when it was read first; found in ``again``."""
    leave(folder, "A")
    leave(folder, "B")
    files = live(folder)
    files.silent, files.owed_since = True, 100
    files.at = 0
    assert ended(files, "A", 1) == []
    files.at = 100
    assert ended(files, "B", 2) == []
    files.at = 200
    assert ended(files, "C", 3) == []
    assert files.again[:-1] == whole(folder, "B", 2)
    assert kinds(files.again[-1:]) == {"JobInstMainEnd"}
    assert files.owing == 200
    leave(folder, "C")
    assert after(files, 1) == whole(folder, "C", 3)


# ---- sub-workflows --------------------------------------------------------------------------------------------------


class Forest:
    """Knows the sub-workflows whose logs are there."""

    def __init__(self) -> None:
        self.there: dict[Path, str] = {}
        self.asked: list[tuple[Path, str, str | None]] = []

    def follow(self, log: Path, job: str, parent: str | None) -> str | None:
        self.asked.append((log, job, parent))
        return self.there.get(log)


@pytest.fixture
def forest() -> Forest:
    return Forest()


SUB = Node("S", "subdag", "", 0, 1, subdag_file="inner.dag")


def mapped(events: list[Event]) -> list[tuple[str, str, str, int]]:
    return [(e.xwf_id, e.subwf_id, e.job_id, e.job_inst_id) for e in events if isinstance(e, ev.XwfMapSubwfJob)]


def test_a_sub_workflow_whose_log_is_there_is_known_at_once(folder: Path, forest: Forest) -> None:
    log = folder / "inner.dag.dagman.out"
    forest.there[log] = "child"
    files = live(folder, follow=forest.follow)
    assert files.sub_workflow(tried("S", 4), SUB) == "child"
    assert forest.asked == [(log, "S", "u")]
    assert files.awaited() == []
    assert after(files, 10) == []


def test_a_sub_workflow_whose_log_comes_later_is_taken_up_when_it_came(folder: Path, forest: Forest) -> None:
    log = folder / "inner.dag.dagman.out"
    files = live(folder, follow=forest.follow)
    assert files.sub_workflow(tried("S", 4), SUB) is None
    assert files.awaited() == [log]
    assert files.due == 0.0
    assert after(files, 10) == []
    assert time.monotonic() < files.due < time.monotonic() + 1.0
    forest.there[log] = "child"
    assert mapped(after(files, 10)) == [("u", "child", "S", 4)]
    assert files.awaited() == []
    assert files.due == float("inf")


def test_a_sub_workflow_whose_log_comes_at_the_very_end_is_taken_up(folder: Path, forest: Forest) -> None:
    files = live(folder, follow=forest.follow)
    files.sub_workflow(tried("S", 4), SUB)
    forest.there[folder / "inner.dag.dagman.out"] = "child"
    assert mapped(files.at_last()) == [("u", "child", "S", 4)]


def test_while_silent_a_sub_workflow_is_mapped_again(folder: Path, forest: Forest) -> None:
    """It may have been found after its parent's lines were stored, and before that was."""
    forest.there[folder / "inner.dag.dagman.out"] = "child"
    files = live(folder, follow=forest.follow)
    files.silent = True
    assert files.sub_workflow(tried("S", 4), SUB) == "child"
    assert mapped(files.again) == [("u", "child", "S", 4)]


def test_a_job_that_runs_no_workflow_is_not_waited_for(folder: Path, forest: Forest) -> None:
    files = live(folder, follow=forest.follow)
    assert files.sub_workflow(tried(), node()) is None
    assert live(folder).sub_workflow(tried("S", 4), SUB) is None
    assert files.awaited() == []
    assert forest.asked == []


# ---- in a run -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("crash", [False, True], ids=["alive", "dies"])
@pytest.mark.parametrize("early", ["nothing", "half"])
def test_outputs_that_come_late_give_the_database_of_one_load(
    corpus: Path, tmp_path: Path, early: str, crash: bool
) -> None:
    """Of each record nothing, or the first part, is there when its job ends; the reader may die between."""
    stage = Stage(corpus / "pg_fail", tmp_path / "s", tmp_path / "x.db")
    outputs = {p: p.read_bytes() for p in sorted(stage.folder.rglob("*.out.0??"))}
    # of a job that was removed nobody expects any
    outputs = {p: data for p, data in outputs.items() if not p.name.startswith("findrange_ID0000003")}
    assert len(outputs) == 6
    for path, data in outputs.items():
        if early == "half":
            path.write_bytes(data[: len(data) // 3])
        else:
            path.unlink()
    for share in (0.4, 0.8):
        stage.grow_all(share)
        stage.steps()
        if crash:
            stage.crash()
            stage.steps(times=2)
    for number, (path, data) in enumerate(outputs.items()):
        path.write_bytes(data)
        if number == 3:
            stage.steps()
            if crash:
                stage.crash()
    stage.finish()
    assert stage.differences() == []
    stage.close()
