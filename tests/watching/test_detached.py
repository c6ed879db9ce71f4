"""A watch in the background: away from the terminal, with a log, and stopped by a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stampede.errors import StampedeError
from stampede.store.registry import Watcher, start_ticks, this_host
from stampede.watching import detached as module
from stampede.watching.detached import stop

_DETACH = """
import os, sys, time
from stampede.watching.detached import detach
log = detach(sys.argv[1])
if log is not None:
    print(log)
    sys.exit(0)
print("hello", os.getpid(), os.getsid(0), os.getppid(), sys.stdin.read() == "", os.isatty(1), flush=True)
print("trouble", file=sys.stderr, flush=True)
"""


def until(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_it_goes_on_by_itself_with_its_output_in_a_log(tmp_path: Path) -> None:
    """In a session of its own that has no terminal; whoever called has the name of the log and is done."""
    done = subprocess.run(
        [sys.executable, "-c", _DETACH, "run0001"], env={**os.environ, "STAMPEDE_STATE": str(tmp_path)},
        capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    log = Path(done.stdout.strip())
    assert log.parent == tmp_path / "watch"
    assert log.name.startswith("run0001-")
    assert log.stat().st_mode & 0o077 == 0
    until(lambda: log.read_text().endswith("trouble\n"))
    word, pid, session, parent, no_input, terminal = log.read_text().splitlines()[0].split()
    assert (word, no_input, terminal) == ("hello", "True", "False")
    assert int(session) not in (int(pid), os.getsid(0))
    assert int(parent) != os.getpid()


def test_a_name_of_any_length_is_a_log(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _DETACH, "x" * 250], env={**os.environ, "STAMPEDE_STATE": str(tmp_path)},
        capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    assert done.returncode == 0
    until(lambda: "trouble" in Path(done.stdout.strip()).read_text())


def test_where_no_log_can_be_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "watch").touch()
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path))
    with pytest.raises(StampedeError, match="cannot hold the log"):
        module.detach("x")


# ---- stop -----------------------------------------------------------------------------------------------------------

Start = Callable[..., tuple[subprocess.Popen[bytes], Watcher]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a process and enters it as a watcher."""
    running: list[subprocess.Popen[bytes]] = []

    def started(script: str = "", **more: Any) -> tuple[subprocess.Popen[bytes], Watcher]:
        wait = f"{script}\nimport time\nprint('ready', flush=True)\ntime.sleep(60)"
        process = subprocess.Popen([sys.executable, "-c", wait], stdout=subprocess.PIPE)
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        watcher = Watcher(
            id=1, host=this_host(), pid=process.pid, start_ticks=start_ticks(process.pid), paths=("/run",), auto=False,
            started_ts=0.0, last_seen_ts=0.0,
        )  # fmt: skip
        return process, msgspec.structs.replace(watcher, **more)

    yield started
    for process in running:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def test_a_watcher_is_told_to_end_and_waited_for(start: Start) -> None:
    process, watcher = start()
    assert stop(watcher)
    assert process.wait(5) == -signal.SIGTERM


def test_one_that_needs_a_while_is_waited_for(start: Start) -> None:
    process, watcher = start("import signal, sys, time\n"
                             "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.3), sys.exit(0)))")  # fmt: skip
    assert stop(watcher)
    assert process.wait(5) == 0


def test_one_that_does_not_listen_is_not_stopped(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_STOP_S", 0.2)
    process, watcher = start("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)")
    assert not stop(watcher)
    assert process.poll() is None


def test_a_watcher_of_another_host_has_to_be_stopped_there(start: Start) -> None:
    process, watcher = start(host="other.example.org")
    with pytest.raises(StampedeError, match=r"runs on other\.example\.org: stop it there"):
        stop(watcher)
    assert process.poll() is None


def test_a_later_process_with_the_number_of_a_watcher_is_left_alone(start: Start) -> None:
    process, watcher = start()
    with pytest.raises(StampedeError):
        stop(msgspec.structs.replace(watcher, start_ticks=(watcher.start_ticks or 0) - 1))
    assert process.poll() is None
