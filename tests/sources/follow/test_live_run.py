"""One workflow that is followed: what is told when, and how it comes to an end although nobody says so."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import CORPUS

from stampede.sources.follow.vital import Vital

from . import Stage, positions

Process = subprocess.Popen[bytes]


@pytest.fixture
def process() -> Iterator[Process]:
    made = subprocess.Popen(["sleep", "60"])
    yield made
    made.kill()
    made.wait()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process of this machine has the number of a recorded DAGMan."""
    monkeypatch.setattr(Vital, "here", lambda self, pid: False)


def staged(name: str, tmp_path: Path, *, pid: int | None = None, job_log: bool = True) -> Stage:
    """A run, its DAGMan a process of that number; without ``job_log`` nobody tells of DAGMan's own job."""
    stage = Stage(CORPUS / name, tmp_path / "s", tmp_path / "x.db")
    if pid is not None:
        for log in stage.logs():
            stage.whole[log] = re.sub(rb"\*\* PID = \d+", b"** PID = %d" % pid, stage.whole[log])
    if not job_log:
        for log in stage.logs(".dagman.log"):
            del stage.whole[log]
    return stage


def asked(stage: Stage, sql: str) -> list[Any]:
    connection = sqlite3.connect(stage.database)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def state(stage: Stage) -> Any:
    ((found,),) = asked(stage, "SELECT state FROM workflow")
    return found


def wait(stage: Stage, seconds: float, *, every: float = 1.0) -> None:
    """Let time pass in which nothing is written."""
    for _ in range(round(seconds / every)):
        stage.step(every)


# ---- what is told while it runs -------------------------------------------------------------------------------------


def test_what_nodes_log_knows_is_told_while_the_run_goes_on(tmp_path: Path, nobody: None) -> None:
    """Why a job is held, and on which machine it runs: DAGMan's log does not say it."""
    stage = staged("dm_g_hold", tmp_path)
    stage.until(stage.moments()[-2])
    stage.steps(seconds=1.1, times=6)
    assert state(stage) == "running"
    holds = asked(stage, "SELECT code, reason FROM hold WHERE code IS NOT NULL")
    assert 13 in {code for code, _ in holds}
    assert any("late.dat" in reason for _, reason in holds)
    assert asked(stage, "SELECT count(*) FROM job_instance WHERE slot IS NOT NULL") != [(0,)]
    stage.finish()
    assert stage.differences() == []
    stage.close()


def test_the_place_in_nodes_log_is_kept_while_it_runs_and_struck_out_at_the_end(tmp_path: Path, nobody: None) -> None:
    stage = staged("dm_g_hold", tmp_path)
    stage.until(stage.moments()[-5])
    stage.steps(seconds=1.1, times=6)
    assert any("#live" in row for row in positions(stage.database))
    stage.finish()
    assert not any("#live" in row for row in positions(stage.database))
    stage.close()


def test_what_only_the_log_of_a_job_itself_knows_is_told_while_the_run_goes_on(tmp_path: Path, nobody: None) -> None:
    """Sizes, and errors on remote machines: nodes.log has neither."""
    stage = staged("dm_g_hold", tmp_path)
    own = stage.folder / "dm_g_hold.log"
    data = own.read_bytes()
    own.unlink()
    stage.grow_all(0.6)
    stage.steps(seconds=1.1)
    sizes = "SELECT count(*) FROM job_instance WHERE image_size_kb IS NOT NULL"
    errors = "SELECT count(*) FROM jobstate WHERE state = 'REMOTE_ERROR'"
    assert (asked(stage, sizes), asked(stage, errors)) == ([(0,)], [(0,)])
    cut = data.index(b"\n021 (") + 200  # in the middle of an event
    own.write_bytes(data[:cut])
    stage.steps(seconds=1.1)
    assert asked(stage, sizes) != [(0,)]
    assert asked(stage, errors) == [(0,)]
    own.write_bytes(data)
    stage.steps(seconds=1.1)
    assert asked(stage, errors) == [(1,)]
    stage.crash()
    stage.steps(seconds=1.1)
    stage.finish()
    assert stage.differences() == []
    stage.close()


def test_a_job_that_waits_for_long_tells_what_it_asks_for(tmp_path: Path, nobody: None) -> None:
    """After a minute in the queue; not of every job that is just submitted."""
    stage = staged("dm_c_rescue", tmp_path)
    (log,) = stage.logs()
    data = stage.whole[log]
    stage.grow(log, data.index(b"\n", data.index(b"ULOG_SUBMIT")) + 1)
    wait(stage, 50)
    assert asked(stage, "SELECT count(*) FROM resource_usage") == [(0,)]
    wait(stage, 200)
    assert asked(stage, "SELECT DISTINCT req_memory_mb FROM resource_usage") == [(64,)]
    stage.close()


def test_lines_are_told_while_others_come(tmp_path: Path, nobody: None) -> None:
    """A log that never rests is stored all the same, and so is what other files tell."""
    stage = staged("dm_g_hold", tmp_path)
    seen = []
    for moment in stage.moments():
        stage.until(moment)
        stage.step(0.5)
        seen.append(asked(stage, "SELECT (SELECT count(*) FROM jobstate), (SELECT count(*) FROM hold WHERE code > 0)"))
    assert len({repr(s) for s in seen}) > 8
    assert seen[-1][0][1] > 0
    stage.finish()
    assert stage.differences() == []
    stage.close()


# ---- logs that do not only grow -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["dm_g_hold", "pg_fail"])
@pytest.mark.parametrize("how", ["rotated", "rotated with lines unread", "cut", "cut and gone on with"])
def test_a_log_that_is_torn_while_it_is_followed_costs_nothing(
    name: str, how: str, tmp_path: Path, nobody: None
) -> None:
    """Everything that was written is told once, wherever it lies in the end."""
    stage = staged(name, tmp_path)
    whole = staged(name, tmp_path / "whole")
    whole.finish()
    (log,) = stage.logs()
    data = stage.whole[log]
    place = data.index(b"\n", len(data) // 2) + 1
    stage.grow_all(0.55, ".nodes.log")
    stage.grow(log, place)
    stage.steps()
    if how == "rotated with lines unread":
        place = data.index(b"\n", place + 3000) + 1
        stage.grow(log, place)
    if how.startswith("rotated"):
        log.rename(f"{log}.old")
    elif how == "cut":
        os.truncate(log, 0)
    else:
        keep = data.index(b"\n", 500) + 1
        os.truncate(log, keep)
        stage.step(0.4)
    stage.forest.notice(log)
    stage.steps(times=2)
    rest = data[place:]
    for part in (rest[:2000], rest[2000:]):
        with log.open("ab") as file:
            file.write(part)
        stage.forest.notice(log)
        stage.steps(times=2)
    for path in stage.whole:
        if path != log:
            stage.grow(path, len(stage.whole[path]))
    for _ in range(40):
        stage.steps(seconds=0.6, times=1)
    assert stage.forest.ended
    sql = ("SELECT exec_job_id, node_state, attempts FROM job ORDER BY 1",
           "SELECT exec_job_id, job_submit_seq, s.state, s.timestamp FROM jobstate s JOIN job_instance USING "
           "(job_instance_id) JOIN job USING (job_id) ORDER BY 1, 2, 4, 3")  # fmt: skip
    for question in sql:
        assert asked(stage, question) == asked(whole, question)
    assert state(stage) == state(whole)
    stage.close()
    whole.close()


def test_a_hole_in_the_log_is_stepped_over(tmp_path: Path, nobody: None) -> None:
    stage = staged("dm_c_rescue", tmp_path)
    (log,) = stage.logs()
    data = stage.whole[log]
    place = data.index(b"\n", len(data) // 2) + 1
    stage.grow(log, place)
    stage.steps()
    stage.whole[log] = data[:place] + b"\0" * 5000 + data[place:]
    stage.finish()
    assert state(stage) == "success"
    assert asked(stage, "SELECT DISTINCT node_state FROM job") == [("done",)]
    stage.close()


# ---- a DAGMan that is gone ------------------------------------------------------------------------------------------


def _half(stage: Stage) -> None:
    """DAGMan has said half of what it would, in whole lines."""
    (log,) = stage.logs()
    data = stage.whole[log]
    end = data.index(b"EXITING WITH STATUS")
    stage.grow(log, data.rindex(b"\n", 0, end * 2 // 3) + 1)
    stage.steps()


def test_a_dagman_whose_process_vanished_is_lost(tmp_path: Path, process: Process) -> None:
    stage = staged("dm_g_hold", tmp_path, pid=process.pid, job_log=False)
    _half(stage)
    wait(stage, 300)
    assert state(stage) == "running"
    process.kill()
    process.wait()
    wait(stage, 30)
    assert state(stage) == "lost"
    ((reason,),) = asked(stage, "SELECT state_reason FROM workflow")
    assert f"process {process.pid} is not there any more" in reason
    assert stage.forest.ended
    stage.close()


def test_a_lost_dagman_whose_log_goes_on_is_not_lost(tmp_path: Path, process: Process) -> None:
    """HTCondor started it again: its log goes on in place, and the run is told to its end."""
    stage = staged("dm_g_hold", tmp_path, pid=process.pid, job_log=False)
    _half(stage)
    process.kill()
    process.wait()
    wait(stage, 30)
    assert state(stage) == "lost"
    stage.finish()
    assert state(stage) == "failed"
    assert [d for d in stage.differences() if "'lost'" not in d] == []
    stage.close()


def test_a_dagman_of_which_nobody_hears_for_long_is_lost(tmp_path: Path, nobody: None) -> None:
    """Its process was never seen here: after more than the ten minutes in which it always says something."""
    stage = staged("dm_g_hold", tmp_path, job_log=False)
    _half(stage)
    wait(stage, 600, every=5.0)
    assert state(stage) == "running"
    wait(stage, 120, every=5.0)
    assert state(stage) == "lost"
    assert stage.forest.ended
    stage.close()


def _dagman_log(stage: Stage, *events: str) -> None:
    """What the log of DAGMan's own job says; later than all that DAGMan said itself."""
    (log,) = stage.logs(".dagman.log")
    text = stage.whole[log].split(b"...\n")[0].decode()
    head = "{0} (074.000.000) 2026-11-21 21:06:30 {1}\n...\n"
    added = "".join(head.format(*e.split(" ", 1)) for e in events)
    stage.whole[log] = (text + "...\n" + added).encode()
    stage.grow(log, len(stage.whole[log]))


ENDED = "005 Job terminated.\n\t(0) Abnormal termination (signal 9)"
REMOVED = "009 Job was aborted.\n\tvia condor_rm (by user wf)"


@pytest.mark.parametrize(("event", "expected"), [(ENDED, "lost"), (REMOVED, "removed")])
def test_the_end_of_dagmans_job_ends_a_run_of_which_dagman_said_no_end(
    event: str, expected: str, tmp_path: Path, nobody: None
) -> None:
    """After some seconds, in which DAGMan's last lines may still come."""
    stage = staged("dm_g_hold", tmp_path)
    _half(stage)
    _dagman_log(stage, "001 Job executing on host: <127.0.0.1>", event)
    wait(stage, 5)
    assert state(stage) == "running"
    wait(stage, 15)
    assert state(stage) == expected
    wait(stage, 15)
    assert stage.forest.ended
    stage.close()


def test_the_end_of_dagmans_job_is_not_believed_at_once_while_its_process_is_there(
    tmp_path: Path, process: Process
) -> None:
    """The number may be another process' by now: it is believed after a while."""
    stage = staged("dm_g_hold", tmp_path, pid=process.pid)
    _half(stage)
    _dagman_log(stage, "001 Job executing on host: <127.0.0.1>", ENDED)
    wait(stage, 100)
    assert state(stage) == "running"
    wait(stage, 60)
    assert state(stage) == "lost"
    stage.close()


def test_a_dagman_that_is_held_is_waited_for(tmp_path: Path, nobody: None) -> None:
    """Its process is gone, its log says nothing; somebody may release it after a day."""
    stage = staged("dm_g_hold", tmp_path)
    _half(stage)
    _dagman_log(stage, "001 Job executing on host: <127.0.0.1>",
                "012 Job was held.\n\tThe operator wants it\n\tCode 1 Subcode 0")  # fmt: skip
    wait(stage, 7200, every=20.0)
    assert state(stage) == "running"
    assert asked(stage, "SELECT reason FROM workflow_event WHERE state = 'held'") == [("The operator wants it",)]
    assert not stage.forest.ended
    stage.close()


def test_half_an_event_of_dagmans_job_is_not_told(tmp_path: Path, nobody: None) -> None:
    """However it is cut: what is told before its end is there are the events before it."""
    stage = staged("dm_g_hold", tmp_path)
    _half(stage)
    (log,) = stage.logs(".dagman.log")
    before = stage.whole[log].index(b"...\n") + 4
    held = b"012 (074.000.000) 2026-11-21 21:06:30 Job was held.\n\tThe operator wants it\n\tCode 1 Subcode 0\n...\n"
    stage.whole[log] = stage.whole[log][:before] + held
    for size in range(0, len(held) - 1, 7):
        stage.grow(log, before + size)
        wait(stage, 3)
        assert asked(stage, "SELECT state FROM workflow_event WHERE state = 'held'") == []
    stage.grow(log, before + len(held))
    wait(stage, 3)
    assert asked(stage, "SELECT reason FROM workflow_event WHERE state = 'held'") == [("The operator wants it",)]
    stage.close()


# ---- ends -----------------------------------------------------------------------------------------------------------


def test_a_run_that_ended_is_closed_when_dagmans_job_has_ended_too(tmp_path: Path, nobody: None) -> None:
    """Soon when the log of DAGMan's job says so, after some seconds when it does not."""
    stage = staged("dm_c_rescue", tmp_path)
    stage.grow_all(1.0, ".nodes.log")
    stage.grow_all(1.0, ".dagman.out")
    (log,) = stage.logs(".dagman.log")
    stage.grow(log, stage.whole[log].index(b"...\n") + 4)
    wait(stage, 4, every=0.5)
    assert not stage.forest.ended
    wait(stage, 4, every=0.5)
    assert stage.forest.ended
    stage.close()


def test_what_other_logs_say_after_dagmans_end_is_read(tmp_path: Path, nobody: None) -> None:
    """After condor_rm HTCondor takes the jobs out of the queue when DAGMan has gone, and writes of it then."""
    stage = staged("dm_g_hold", tmp_path)
    (log,), (jobs,) = stage.logs(), stage.logs(".nodes.log")
    data = stage.whole[log]
    # DAGMan is removed while jobs run, and says so
    running = data.rindex(b"\n", 0, data.index(b"ULOG_JOB_HELD")) + 1
    said = b"11/21/26 21:06:24 Got SIGUSR1\n11/21/26 21:06:24 **** condor_scheduniv_exec.74.0 (condor_DAGMAN) pid 2033 "
    stage.whole[log] = data[:running] + said + b"EXITING WITH STATUS 2\n"
    text = stage.whole[jobs]
    before = text.index(b"...\n", text.index(b"DAG Node: held_and_removed")) + 4
    gone = b"".join(
        b"009 (%03d.000.000) 2026-11-21 21:06:26 Job was aborted.\n\tremoved with its DAGMan\n...\n" % cluster
        for cluster in (80, 81, 82, 83)
    )
    stage.whole[jobs] = text[:before] + gone
    stage.grow(jobs, before)
    stage.grow(log, len(stage.whole[log]))
    wait(stage, 1.5, every=0.5)
    for size in range(before, len(stage.whole[jobs]), 60):
        stage.grow(jobs, size)
        wait(stage, 1.0, every=0.5)
    stage.finish()
    assert state(stage) == "removed"
    reasons = asked(stage, "SELECT DISTINCT remove_reason FROM job_instance WHERE remove_reason IS NOT NULL")
    assert ("removed with its DAGMan",) in reasons
    assert stage.differences() == []
    stage.close()


def test_problems_are_rows_once(tmp_path: Path, nobody: None) -> None:
    """A line too long and one that is no text, read in pieces and twice: as one load tells them."""
    stage = staged("dm_c_rescue", tmp_path)
    (log,) = stage.logs()
    data = stage.whole[log]
    place = data.index(b"\n", len(data) // 2) + 1
    odd = b"11/21/26 21:05:20 Of 99999999999999999999999999 nodes total:\n11/21/26 21:05:20 Event: " + b"x" * 1_500_000
    stage.whole[log] = data[:place] + odd + b"\n" + data[place:]
    for size in (place + 40, place + 500_000, place + len(odd) + 700):
        stage.grow(log, size)
        stage.steps(times=2)
        stage.crash()
    stage.finish()
    assert stage.differences() == []
    assert asked(stage, "SELECT count(*) FROM problem WHERE kind = 'long_line'") == [(1,)]
    stage.close()
