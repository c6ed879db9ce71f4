"""One workflow of a directory, read in pieces or at once: the same events, from the same files."""

from __future__ import annotations

import re
from pathlib import Path
from shutil import copytree

import pytest

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.files import real
from stampede.sources.base import Batch
from stampede.sources.identity import identify
from stampede.sources.open import open_source
from stampede.sources.run import Run

RUNS = ("dm_c_rescue", "dm_g_hold", "pg_fail")


@pytest.fixture
def folder(corpus: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return Path(copytree(corpus / request.param, tmp_path / "run"))


def made(folder: Path) -> Run:
    (log,) = folder.glob("*.dagman.out")
    return Run(identify(log), None)


def told(run: Run, pieces: int, *, packed: bool) -> list[Event]:
    """All that a run tells when its log is fed in so many pieces of whole lines."""
    events = [e for batch in run.static() for e in batch.events]
    if packed:
        run.pack()
    lines = run.wf.dagman_out.read_bytes().splitlines(keepends=True)
    size = -(-len(lines) // pieces)
    offset = 0
    for first in range(0, len(lines), size):
        piece = b"".join(lines[first : first + size])
        events += run.feed(piece, offset, len(piece))
        offset += len(piece)
    events += run.finish()
    events += [e for batch in run.after() for e in batch.events]
    run.close()
    return events


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("pieces", [1, 2, 50])
@pytest.mark.parametrize("folder", RUNS, indirect=True)
def test_however_it_is_fed_it_tells_what_a_load_reads(folder: Path, pieces: int, packed: bool) -> None:
    """Also when of the DAG only what is looked up is kept."""
    whole = [e for batch in open_source(folder).batches() for e in batch.events]
    assert told(made(folder), pieces, packed=packed) == whole


@pytest.mark.parametrize("folder", ["pg_fail"], indirect=True)
def test_batches_of_plan_and_rest_are_counted_to_the_last_event(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of one source follow each other without a gap; the last one ends one further."""
    monkeypatch.setattr("stampede.sources.run.BATCH", 7)
    run = made(folder)

    def check(batches: list[Batch]) -> None:
        assert len(batches) > 2
        assert [b.start for b in batches] == [0, *(b.end for b in batches[:-1])]
        assert [b.end - b.start - len(b.events) for b in batches] == [0] * (len(batches) - 1) + [1]
        assert [b.final for b in batches] == [False] * (len(batches) - 1) + [True]
        assert len({(b.source, b.inode, b.size) for b in batches}) == 1

    check(list(run.static()))
    data = run.wf.dagman_out.read_bytes()
    run.feed(data, 0, len(data))
    check(list(run.after()))


@pytest.mark.parametrize("folder", ["dm_g_hold"], indirect=True)
def test_job_logs_are_each_told_once_and_whose_they_are(folder: Path) -> None:
    """The one that DAGMan reads, then those that submit files name, as far as they are there."""
    for sub, log in (("job.sub", "own.log"), ("onexit.sub", "gone.log")):
        text = (folder / sub).read_text()
        (folder / sub).write_text(re.sub(r"(?mi)^log *=.*$", "", text).replace("\nqueue", f"\nlog = {log}\nqueue"))
    (folder / "own.log").touch()
    run = made(folder)
    list(run.static())
    found = list(run.job_logs())
    assert "gone.log" in run.files.logs
    assert found[0] == (run.nodes_log, False)
    assert (folder / "own.log", True) in found
    assert len({real(path) for path, _ in found}) == len(found)
    assert all(path.exists() for path, _ in found)


@pytest.mark.parametrize("folder", ["dm_g_hold"], indirect=True)
def test_a_line_that_was_cut_is_a_problem_with_its_place(folder: Path) -> None:
    run = made(folder)
    list(run.static())
    head = b"11/21/26 21:06:18 Event: ULOG_SUBMIT " + b"x" * 100 + b"\n"
    (problem,) = [e for e in run.feed(head, 700, 2_000_000) if isinstance(e, ev.Problem)]
    assert (problem.kind, problem.offset) == ("long_line", 700)
    assert "2,000,000 bytes" in problem.message
    assert run.line_problems() == []


@pytest.mark.parametrize("folder", RUNS, indirect=True)
def test_a_dagman_that_speaks_of_its_jobs_is_not_quiet(folder: Path) -> None:
    assert made(folder).quiet() is None


@pytest.mark.parametrize("folder", ["pg_fail"], indirect=True)
def test_a_dagman_that_says_little_is_told_from_nodes_log_in_one_batch(folder: Path) -> None:
    (log,) = folder.glob("*.dagman.out")
    lines = log.read_bytes().splitlines(keepends=True)
    said = (b"STARTING UP", b"** PID", b"Parsing 1", b"EXITING WITH")
    log.write_bytes(b"".join(line for line in lines if any(word in line for word in said)))
    batch = made(folder).quiet()
    assert batch is not None
    assert batch.source.endswith(".dagman.out#quiet")
    assert batch.final
    ends = [e for e in batch.events if isinstance(e, ev.XwfEnd)]
    assert [e.outcome for e in ends] == ["failed"]
    assert {e.job_id for e in batch.events if isinstance(e, ev.JobInstMainEnd)} >= {"preprocess_ID0000001"}
