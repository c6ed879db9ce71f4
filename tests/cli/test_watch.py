"""``stampede watch`` as the user has it: how it ends, what it prints, and what is in the database then."""

from __future__ import annotations

import errno
import json
import os
import pty
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stampede.cli.watch_signals import Signals
from stampede.sources.follow import live_run, outside
from stampede.sources.follow.vital import Vital
from stampede.watching import discovery

from .conftest import Run

COMMAND = [sys.executable, "-m", "stampede.cli.main"]
Copy = Callable[..., Path]


@pytest.fixture
def copy(corpus: Path, tmp_path: Path) -> Copy:
    """A recorded run where it may grow; with ``share``, its log is cut there."""

    def copied(name: str, *, share: float = 1.0, to: str = "") -> Path:
        folder = Path(shutil.copytree(corpus / name, tmp_path / (to or name)))
        (log,) = folder.glob("*.dagman.out") if share < 1.0 else (None,)
        if log is not None:
            os.truncate(log, int(log.stat().st_size * share))
        return folder

    return copied


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends are believed sooner, folders are looked through often; no process is a recorded DAGMan."""
    monkeypatch.setattr(live_run, "_LINGER_S", 0.05)
    monkeypatch.setattr(live_run, "_ASIDE_S", 0.1)
    monkeypatch.setattr(outside, "_LATE_S", 0.3)
    monkeypatch.setattr(outside, "_OUTSIDE_S", 0.3)
    monkeypatch.setattr(discovery, "_LOOK_S", 0.05)
    monkeypatch.setattr(Vital, "here", lambda self, pid: False)


def go_on(folder: Path, corpus: Path) -> None:
    """The log is written to its end."""
    (log,) = folder.glob("*.dagman.out")
    rest = next(corpus.glob(f"*/{log.name}")).read_bytes()[log.stat().st_size :]
    with log.open("ab") as file:
        file.write(rest)


def until(holds: Callable[[], Any], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def states(database: Path) -> list[str]:
    """The states of all root workflows of a database, as it can be read now."""
    if not database.exists():
        return []
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        sql = "SELECT state FROM workflow WHERE parent_wf_id IS NULL ORDER BY wf_id"
        return [r[0] for r in connection.execute(sql).fetchall()]
    except sqlite3.Error:
        return []
    finally:
        connection.close()


def beside(folder: Path) -> Path:
    """The database that a run has without a name."""
    (dag,) = {p.name.removesuffix(".dagman.out") for p in folder.glob("*.dag.dagman.out")} or {
        p.name for p in folder.glob("*.dag")
    }
    return folder / f"{dag}.stampede.sqlite"


# ---- how it ends ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "code"), [("dm_c_rescue", 0), ("dm_g_hold", 1), ("pg_fail", 1)])
def test_it_ends_with_the_workflow_and_says_by_its_code_how(run: Run, copy: Copy, name: str, code: int) -> None:
    folder = copy(name)
    result = run("watch", str(folder))
    assert result.exit_code == code
    assert states(beside(folder)) == ["failed" if code else "success"]
    assert run("status", str(folder)).exit_code == code


@pytest.mark.parametrize(
    ("event", "expected"),
    [("005 ({0}) {1} Job terminated.\n\t(0) Abnormal termination (signal 9)\n...\n", "lost"),
     ("009 ({0}) {1} Job was aborted.\n\tvia condor_rm (by user wf)\n...\n", "removed")],
    ids=["lost", "removed"],
)  # fmt: skip
def test_a_dagman_that_is_gone_ends_it_with_1(run: Run, copy: Copy, event: str, expected: str) -> None:
    folder = copy("dm_g_hold", share=0.5)
    log = folder / "dm_g_hold.dag.dagman.log"
    first = log.read_text().split("...\n")[0] + "...\n"
    log.write_text(first + event.format("074.000.000", "2026-11-21 21:06:40"))
    result = run("watch", str(folder))
    assert result.exit_code == 1
    assert states(beside(folder)) == [expected]
    assert f"dm_g_hold {expected}: " in result.stdout


def test_of_several_one_that_failed_is_enough(run: Run, copy: Copy, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/all.db"
    result = run("watch", str(copy("dm_c_rescue")), str(copy("dm_g_hold")), "--db", url)
    assert result.exit_code == 1
    assert sorted(states(tmp_path / "all.db")) == ["failed", "success"]


@pytest.mark.parametrize("old", [False, True])
def test_sub_workflows_without_the_braindump_that_their_dags_promise_are_told(
    run: Run, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bool
) -> None:
    """Pegasus' DAGs come with a braindump, which is waited for while the log is young; a watch does not end before."""
    monkeypatch.setattr("stampede.sources.follow.naming._DAG_S", 1.0)
    folder = Path(shutil.copytree(corpus / "dm_e_subdag", tmp_path / "run"))
    for dag in folder.glob("inner_*.dag"):
        dag.write_text("# PEGASUS WMS GENERATED DAG FILE\n" + dag.read_text())
    for log in folder.glob("*.dagman.out"):
        os.utime(log, (1.0e9, 1.0e9) if old else None)
    url = f"sqlite:///{tmp_path / 'x.db'}"
    assert run("watch", str(folder), "--db", url).exit_code == 0
    connection = sqlite3.connect(tmp_path / "x.db")
    assert connection.execute("SELECT count(*) FROM workflow WHERE state = 'success'").fetchone() == (5,)
    connection.close()


@pytest.mark.parametrize("what", ["dm_c_rescue.dag", "dm_c_rescue.dag.dagman.out"])
def test_a_dag_or_a_log_can_be_named(run: Run, copy: Copy, what: str) -> None:
    folder = copy("dm_c_rescue")
    assert run("watch", str(folder / what)).exit_code == 0
    assert states(beside(folder)) == ["success"]


def test_watched_once_more_it_ends_at_once_and_changes_nothing(run: Run, copy: Copy) -> None:
    folder = copy("dm_e_subdag")
    assert run("watch", str(folder)).exit_code == 0
    (database,) = folder.glob("*.stampede.sqlite")

    def rows() -> list[Any]:
        connection = sqlite3.connect(database)
        try:
            return connection.execute("SELECT (SELECT count(*) FROM jobstate), (SELECT count(*) FROM invocation), "
                                      "(SELECT count(*) FROM problem)").fetchall()  # fmt: skip
        finally:
            connection.close()

    before = rows()
    assert run("watch", str(folder)).exit_code == 0
    assert rows() == before


@pytest.mark.parametrize("arguments", [["gone"], ["gone", "--auto"], ["gone.dag"]])
def test_a_path_that_does_not_exist_is_refused(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    result = run("watch", str(tmp_path / arguments[0]), *arguments[1:])
    assert result.exit_code == 3
    assert "does not exist. Wait for it with --wait." in result.stderr


def test_a_file_that_is_no_workflow_is_refused(run: Run, tmp_path: Path) -> None:
    """With a word on what to do with it."""
    (tmp_path / "events.bp").touch()
    result = run("watch", str(tmp_path / "events.bp"))
    assert result.exit_code == 3
    assert f"stampede load {tmp_path}/events.bp" in result.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "events.bp"]


def test_auto_wants_folders(run: Run, copy: Copy) -> None:
    result = run("watch", "--auto", str(copy("dm_c_rescue") / "dm_c_rescue.dag"))
    assert result.exit_code == 3
    assert "it is no folder" in result.stderr


def test_nothing_named_is_wrong_use(run: Run) -> None:
    result = run("watch")
    assert result.exit_code == 2
    assert "Name what to watch" in result.stderr


def test_a_database_of_another_kind_is_wrong_use(run: Run, copy: Copy) -> None:
    result = run("watch", str(copy("dm_c_rescue")), "--db", "oracle://x")
    assert result.exit_code == 2
    assert result.stderr == (
        "stampede: oracle://x is no database that Stampede knows. Write sqlite:///FILE, "
        "postgresql+psycopg://USER@HOST/DATABASE or mysql+pymysql://USER@HOST/DATABASE.\n"
    )


# ---- what it prints -------------------------------------------------------------------------------------------------


def test_plain_output_is_lines_for_people(run: Run, copy: Copy) -> None:
    result = run("watch", str(copy("dm_g_hold")))
    assert not set(result.output) & set("\x1b\r\b")
    last = result.stdout.splitlines()[-1]
    assert re.match(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\+00:00 dm_g_hold failed: 4 of 6 done", last)
    assert "held_and_removed" in last
    assert result.stderr == ""


def test_quiet_prints_nothing(run: Run, copy: Copy) -> None:
    result = run("watch", "-q", str(copy("dm_g_hold")))
    assert (result.exit_code, result.output) == (1, "")


def test_json_is_an_object_a_line_and_the_last_has_all(run: Run, copy: Copy, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/all.db"
    result = run("watch", str(copy("dm_e_subdag")), str(copy("pg_fail")), "--json", "--db", url)
    objects = [json.loads(line) for line in result.stdout.splitlines()]
    assert {o["event"] for o in objects[:-1]} == {"status"}
    end = objects[-1]
    assert (end["event"], end["signal"]) == ("end", None)
    assert {(w["label"], w["state"], w["workflows"]) for w in end["workflows"]} == {
        ("dm_e_subdag", "success", 5), ("failing", "failed", 1),
    }  # fmt: skip
    assert all(w["db"] == url and w["path"].startswith(str(tmp_path)) for w in end["workflows"])
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", o["ts"]) for o in objects)


def test_trouble_is_said_and_its_end(run: Run, copy: Copy, tmp_path: Path) -> None:
    """The database is no database at first; somebody takes it away."""
    (tmp_path / "x.db").write_text("no database\n" * 100)
    timer = threading.Timer(0.3, (tmp_path / "x.db").unlink)
    timer.start()
    result = run("watch", str(copy("dm_c_rescue")), "--db", f"sqlite:///{tmp_path}/x.db")
    timer.join()
    assert result.exit_code == 0
    assert "cannot be written as a database" in result.stderr
    assert states(tmp_path / "x.db") == ["success"]


# ---- signals --------------------------------------------------------------------------------------------------------


class Watching:
    """``stampede watch`` as a process of its own."""

    def __init__(self, *arguments: str, stdout: int = subprocess.PIPE) -> None:
        self.process = subprocess.Popen([*COMMAND, "watch", *arguments], stdin=subprocess.DEVNULL, stdout=stdout,
                                        stderr=subprocess.PIPE)  # fmt: skip

    def ended(self, number: int | None = None) -> tuple[int, str, str]:
        """Exit code and output, after a signal."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, (out or b"").decode(), err.decode()


@pytest.fixture
def watching() -> Iterator[Callable[..., Watching]]:
    started: list[Watching] = []

    def start(*arguments: str, **more: Any) -> Watching:
        started.append(Watching(*arguments, **more))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130), (signal.SIGHUP, 0)], ids=lambda v: str(v)
)
def test_a_signal_ends_it_and_what_was_read_is_kept(
    watching: Callable[..., Watching], run: Run, copy: Copy, corpus: Path, number: signal.Signals, code: int
) -> None:
    """Promptly, without a traceback, and so that another watch goes on from there."""
    folder = copy("dm_c_rescue", share=0.4)
    process = watching(str(folder), "--json")
    until(lambda: states(beside(folder)) == ["running"])
    until(lambda: run("watch", "--list", "--json").stdout.count("pid") == 1)
    began = time.monotonic()
    returned, out, err = process.ended(number)
    assert time.monotonic() - began < 3.0
    assert (returned, err) == (code, "")
    end = json.loads(out.splitlines()[-1])
    assert (end["event"], end["signal"]) == ("end", number)
    assert [w["state"] for w in end["workflows"]] == ["running"]
    connection = sqlite3.connect(beside(folder))
    assert connection.execute("SELECT count(*) FROM lease").fetchall() == [(0,)]
    assert connection.execute("SELECT count(*) > 0 FROM jobstate").fetchall() == [(1,)]
    connection.close()
    assert json.loads(run("watch", "--list", "--json").stdout)["watchers"] == []
    go_on(folder, corpus)
    assert run("watch", str(folder)).exit_code == 0


def test_a_load_while_it_is_watched_says_so_and_leaves_it_to_the_watch(
    watching: Callable[..., Watching], run: Run, copy: Copy
) -> None:
    folder = copy("dm_c_rescue", share=0.4)
    process = watching(str(folder), "-q")
    until(lambda: states(beside(folder)) == ["running"])
    result = run("load", str(folder))
    assert result.exit_code == 0
    assert f"is being read by process {process.process.pid}" in result.stderr
    assert "0 events loaded" in result.stdout
    assert process.process.poll() is None
    assert process.ended(signal.SIGTERM) == (0, "", "")
    assert run("load", str(folder)).exit_code == 0


def test_a_second_watch_waits_and_takes_over_from_one_that_was_killed(
    watching: Callable[..., Watching], copy: Copy, corpus: Path
) -> None:
    folder = copy("dm_c_rescue", share=0.4)
    first = watching(str(folder), "-q")
    until(lambda: states(beside(folder)) == ["running"])
    second = watching(str(folder), "--json")
    assert second.process.stdout is not None
    trouble = json.loads(second.process.stdout.readline())
    while trouble["event"] != "trouble":
        trouble = json.loads(second.process.stdout.readline())
    assert trouble["state"] == "busy"
    assert f"process {first.process.pid} " in trouble["trouble"]
    first.ended(signal.SIGKILL)
    go_on(folder, corpus)
    code, out, _ = second.ended()
    assert code == 0
    assert json.loads(out.splitlines()[-1])["workflows"][0]["state"] == "success"


_WAITS = (
    "import os, signal, socket, threading, time\nfrom stampede.cli.watch_signals import Signals\n"
    "ours, theirs = socket.socketpair()\n"
    "def again():\n    while True:\n        os.kill(os.getpid(), signal.SIGTERM)\n        time.sleep(0.05)\n"
    "with Signals(within_s=0.3):\n    threading.Thread(target=again, daemon=True).start()\n    ours.recv(1)\n"
)


def test_whoever_waits_for_what_does_not_come_ends_all_the_same() -> None:
    """However often it is told to."""
    ended = subprocess.run([sys.executable, "-c", _WAITS], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 4
    assert "did not come in time" in ended.stderr


def test_it_ends_also_when_nobody_reads_what_it_says() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert subprocess.run([sys.executable, "-c", _WAITS], stderr=writing, timeout=30).returncode == 4
    finally:
        os.close(writing)


def test_signals_are_taken_while_it_runs_and_given_back() -> None:
    """The first is noted, a second interrupt is one for Python."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with Signals() as signals:
        assert (signals.received, signals.interrupted) == (None, False)
        os.kill(os.getpid(), signal.SIGINT)
        assert (signals.received, signals.interrupted) == (signal.SIGINT, True)
        assert select.select([signals.descriptor], [], [], 1.0)[0] == [signals.descriptor]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before
    with pytest.raises(OSError):
        os.fstat(signals.descriptor)


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    """As nohup wants it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Signals() as signals:
            os.kill(os.getpid(), signal.SIGHUP)
            assert signals.received is None
            os.kill(os.getpid(), signal.SIGTERM)
            assert signals.received == signal.SIGTERM
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


# ---- things that appear ---------------------------------------------------------------------------------------------


class User(threading.Thread):
    """Does things while the command runs in this process, and then ends it, if it shall not end by itself, with
    SIGTERM, which it may not hear at once."""

    def __init__(self, act: Callable[[], None], ends: bool) -> None:
        super().__init__()
        self._act = act
        self._ends = ends
        self.failure: BaseException | None = None
        self.done = threading.Event()

    def run(self) -> None:
        try:
            self._act()
        except BaseException as e:
            self.failure = e
        while (self._ends or self.failure) and not self.done.wait(0.2):
            os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def user() -> Iterator[Callable[..., User]]:
    """A user at work; a signal that comes when nobody takes it does no harm."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    at_work: list[User] = []

    def begin(act: Callable[[], None], *, ends: bool = True) -> User:
        at_work.append(User(act, ends))
        at_work[-1].start()
        return at_work[-1]

    yield begin
    for one in at_work:
        one.done.set()
        one.join()
    signal.signal(signal.SIGTERM, before)
    for one in at_work:
        if one.failure is not None:
            raise one.failure


def test_with_wait_a_path_may_come_later(run: Run, copy: Copy, tmp_path: Path, user: Callable[..., User]) -> None:
    target = tmp_path / "later"

    def act() -> None:
        time.sleep(0.3)
        assert not target.exists()
        copy("dm_c_rescue", to="later")

    user(act, ends=False)
    result = run("watch", "--wait", str(target))
    assert result.exit_code == 0
    assert "dm_c_rescue success" in result.stdout


def test_auto_follows_what_appears_and_what_is_started_again(
    run: Run, copy: Copy, corpus: Path, tmp_path: Path, user: Callable[..., User]
) -> None:
    """It never ends by itself, and ends well when it is told to, whatever became of the workflows."""
    runs = tmp_path / "runs"
    runs.mkdir()

    def appear(name: str, at: str, share: float = 1.0) -> Path:
        folder = copy(name, to=f"hidden-{name}", share=share)
        for log in folder.rglob("*.dagman.out"):
            os.utime(log)
        (runs / at).parent.mkdir(parents=True, exist_ok=True)
        return folder.rename(runs / at)

    def act() -> None:
        first = appear("dm_g_hold", "one")
        until(lambda: states(beside(first)) == ["failed"])
        second = appear("dm_c_rescue", "deep/er/two")
        (log,) = second.glob("*.dagman.out")
        data = log.read_bytes()
        until(lambda: states(beside(second)) == ["success"])
        assert data
        third = appear("pg_fail", "three", share=0.5)
        until(lambda: states(beside(third)) == ["running"])
        go_on(third, corpus)
        until(lambda: states(beside(third)) == ["failed"])

    user(act)
    result = run("watch", "--auto", "--poll", str(runs))
    assert result.exit_code == 0
    for name in ("one", "deep/er/two", "three"):
        assert f"found {runs}/{name}" in result.stderr
    assert "dm_c_rescue success" in result.stdout


def test_auto_goes_on_with_a_run_that_is_rescued(
    run: Run, copy: Copy, corpus: Path, tmp_path: Path, user: Callable[..., User]
) -> None:
    folder = copy("dm_c_rescue", to="runs/one")
    (log,) = folder.glob("*.dagman.out")
    data = log.read_bytes()
    os.truncate(log, data.index(b"\n", data.index(b"EXITING WITH STATUS")) + 1)
    os.utime(log)

    def act() -> None:
        until(lambda: states(beside(folder)) == ["failed"])
        time.sleep(0.5)
        go_on(folder, corpus)
        until(lambda: states(beside(folder)) == ["success"])

    user(act)
    result = run("watch", "--auto", str(tmp_path / "runs"))
    assert result.exit_code == 0
    assert result.stderr.count("found ") == 1


# ---- on a terminal --------------------------------------------------------------------------------------------------


class Screen:
    """A terminal, and all that was drawn on it."""

    def __init__(self) -> None:
        self._master, self.slave = pty.openpty()
        self.drawn = ""

    def read(self, seconds: float = 0.05) -> str:
        while select.select([self._master], [], [], seconds)[0]:
            try:
                data = os.read(self._master, 65536)
            except OSError as e:
                if e.errno != errno.EIO:  # nobody has the other end any more
                    raise
                break
            if not data:
                break
            self.drawn += data.decode("utf-8", "replace")
        return self.drawn

    def text(self) -> str:
        """What was drawn, without what steers the terminal."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.read())

    def close(self) -> None:
        os.close(self._master)
        os.close(self.slave)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("PYTHONUTF8", "1")
    made = Screen()
    yield made
    made.close()


def test_on_a_terminal_the_lines_stay_in_place_and_move(
    watching: Callable[..., Watching], copy: Copy, corpus: Path, screen: Screen
) -> None:
    """A bar a workflow while it runs, what it came to in the end, and nothing of the movement left."""
    folder = copy("dm_g_hold", share=0.5)
    process = watching(str(folder), stdout=screen.slave)
    until(lambda: "running: " in screen.text() and "Ctrl-C ends the watch" in screen.text())
    assert "dm_g_hold" in screen.text()
    assert re.search(r"\d\d:\d\d:\d\d  1 log followed, (up to date|[\d,]+ bytes behind)", screen.text())
    assert "\x1b[?25l" in screen.read()  # the cursor is hidden
    go_on(folder, corpus)
    code, _, err = process.ended()
    assert (code, err) == (1, "")
    final = screen.text()
    assert re.search(r"dm_g_hold .*failed: 4 of 6 done", final)
    assert f"stampede triage {folder}" in final
    drawn = screen.read()
    assert re.search(r"\x1b\[\d*A|\x1b\[2K", drawn)  # lines were drawn over
    assert drawn.rindex("\x1b[?25h") > drawn.rindex("\x1b[?25l")  # and the cursor is there again
    assert "Traceback" not in drawn


def test_on_a_terminal_ctrl_c_ends_it_and_leaves_a_word(
    watching: Callable[..., Watching], copy: Copy, screen: Screen
) -> None:
    process = watching(str(copy("dm_c_rescue", share=0.4)), stdout=screen.slave)
    until(lambda: "running: " in screen.text())
    code, _, err = process.ended(signal.SIGINT)
    assert (code, err) == (130, "")
    assert "Watching ended; start it again whenever you like" in screen.text()
    assert screen.read().rindex("\x1b[?25h") > screen.read().rindex("\x1b[?25l")
