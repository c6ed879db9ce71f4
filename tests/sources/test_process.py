"""Sources read by other processes: the same events, and an end in words whatever happens to one of them."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stampede.errors import InputError, InvalidEventError
from stampede.events.base import Event
from stampede.sources.fork import several_processes
from stampede.sources.open import open_source
from stampede.sources.process import ProcessSource

RUNS = ("pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue")

Copy = Callable[[str], Path]


@pytest.fixture
def copy(corpus: Path, tmp_path: Path) -> Copy:
    """A recorded run where it may be changed."""

    def copied(name: str) -> Path:
        return Path(shutil.copytree(corpus / name, tmp_path / "runs" / name))

    return copied


def _batches(source: Any) -> list[Event]:
    return [e for batch in source.batches() for e in batch.events]


@pytest.fixture
def forking(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the input and the machine: other processes read. Threads that other tests left, waiting for work in
    a pool, do not count."""
    before = {*threading.enumerate()} - {threading.current_thread()}
    monkeypatch.setattr("stampede.sources.fork.WORTHWHILE_BYTES", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setattr("threading.active_count", lambda: len({*threading.enumerate()} - before))


@pytest.mark.parametrize("odd", [b"plain", b"caf\xe9\xff"])
@pytest.mark.parametrize("name", RUNS)
def test_reader_processes_give_the_same_events(
    copy: Copy, tmp_path: Path, request: pytest.FixtureRequest, name: str, odd: bytes
) -> None:
    folder = tmp_path / os.fsdecode(odd)
    copy(name).rename(folder)
    for path in folder.rglob("*.out*"):
        path.write_bytes(path.read_bytes().replace(b"Node ", b"Node \xff", 1))
    alone = _batches(open_source(folder))
    request.getfixturevalue("forking")
    assert _batches(open_source(folder)) == alone
    assert _batches(ProcessSource(open_source(folder))) == alone
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("when", ["at once", "while it is asked"])
@pytest.mark.parametrize("which", ["stampede.sources.process._serve", "stampede.sources.job_reader._serve"])
def test_a_reader_process_that_is_killed_is_an_error_in_words(
    copy: Copy, monkeypatch: pytest.MonkeyPatch, forking: None, which: str, when: str
) -> None:
    def doomed(connection: Any, *args: Any) -> None:
        if when == "while it is asked" and "job_reader" in which:
            connection.receive()
        elif when == "while it is asked":
            connection.send(msgspec.msgpack.encode([["x"], []]))
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(which, doomed)
    folder = copy("pg_fail")
    with pytest.raises(InputError, match="STAMPEDE_WORKERS=0"):
        _batches(ProcessSource(open_source(folder)))
    assert multiprocessing.active_children() == []


def test_a_load_that_is_given_up_leaves_no_process_behind(copy: Copy, forking: None) -> None:
    batches = ProcessSource(open_source(copy("pg_fail"))).batches()
    next(batches)
    batches.close()
    assert multiprocessing.active_children() == []
    assert threading.active_count() == 1


def test_readers_end_when_the_loader_is_killed(copy: Copy, tmp_path: Path) -> None:
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom stampede.sources import fork\n"
        "fork.WORTHWHILE_BYTES = 0\nos.cpu_count = lambda: 8\n"
        "from stampede.sources.open import open_source\nfrom stampede.sources.process import ProcessSource\n"
        "batches = ProcessSource(open_source(Path(sys.argv[1]))).batches()\nnext(batches)\n"
        "print('reading', flush=True)\nos.kill(os.getpid(), 9)\n"
    )
    # its children have its standard output: that ends when the last of them does
    ended = subprocess.run([sys.executable, "-c", script, copy("pg_fail")], stdout=subprocess.PIPE, timeout=30)
    assert (ended.stdout, ended.returncode) == (b"reading\n", -signal.SIGKILL)


def test_errors_of_the_reader_process_are_those_of_the_source(tmp_path: Path) -> None:
    file = tmp_path / "x.bp"
    file.write_bytes(b"ts=1 event=stampede.no.such xwf.id=1\n")
    with pytest.raises(InvalidEventError, match="no dialect has an event of that name"):
        _batches(ProcessSource(open_source(file, strict=True)))


def test_with_other_threads_about_nothing_is_forked(forking: None) -> None:
    assert several_processes(1)
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert not several_processes(1)
    finally:
        stop.set()
        thread.join()


def test_where_no_process_can_be_started_it_is_said_how_to_do_without(
    copy: Copy, monkeypatch: pytest.MonkeyPatch, forking: None
) -> None:
    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)
    with pytest.raises(InputError, match=r"Resource temporarily unavailable.*STAMPEDE_WORKERS=0"):
        _batches(ProcessSource(open_source(copy("pg_fail"))))


def test_an_iterator_that_nobody_closed_does_not_keep_the_interpreter_from_ending(copy: Copy) -> None:
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom stampede.sources import fork\n"
        "fork.WORTHWHILE_BYTES = 0\nos.cpu_count = lambda: 8\n"
        "from stampede import pipeline\nevents = pipeline.stream([Path(sys.argv[1])])\nnext(events)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, copy("pg_fail")], capture_output=True, timeout=30)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_process_that_may_have_no_children_reads_itself(forking: None) -> None:
    def ask(answers: Any) -> None:
        answers.put(several_processes(1))

    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    process = context.Process(target=ask, args=(answers,), daemon=True)
    process.start()
    assert answers.get() is False
    process.join()
    answers.close()
    assert several_processes(1)
