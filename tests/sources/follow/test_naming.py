"""When it is known whose log has just begun: not before nothing that names it can still come."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from stampede.sources.follow import naming as module
from stampede.sources.follow.naming import Stillness, is_planned, is_rest, known_as, lacks_braindump
from stampede.sources.identity import identify

BANNER = b"""\
11/21/26 21:05:13 ******************************************************
11/21/26 21:05:13 ** condor_scheduniv_exec.11.0 (CONDOR_DAGMAN) STARTING UP
11/21/26 21:05:13 ** /usr/bin/condor_dagman
11/21/26 21:05:13 ** PID = 634
11/21/26 21:05:13 ** Log last touched time unavailable (No such file or directory)
11/21/26 21:05:13 ******************************************************
11/21/26 21:05:13 Default node log file is: </home/wf/x/x.dag.nodes.log>
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "x.dag.dagman.out"


def seconds_ago(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


# ---- known_as -------------------------------------------------------------------------------------------------------


def test_of_a_log_that_is_not_there_nobody_knows_whose_it_is(log: Path) -> None:
    assert known_as(log) is None


def test_a_plain_dag_is_known_once_its_banner_is_whole(log: Path) -> None:
    """With process number and folder; at every cut behind that it is the same workflow."""
    end = BANNER.index(b"log file is: <") + len(b"log file is: <")
    for cut in range(0, end, 7):
        log.write_bytes(BANNER[:cut])
        assert known_as(log) is None, BANNER[:cut]
    uuids = set()
    for content in (
        BANNER,
        BANNER + b"11/21/26 21:05:13 more\n",
        BANNER + b"11/21/26 21:05:13 Of 4 nodes total:\n" * 99,
    ):
        log.write_bytes(content)
        wf = known_as(log)
        assert wf is not None
        uuids.add(wf.uuid)
    assert uuids == {identify(log).uuid}


def test_a_pegasus_workflow_is_known_by_its_braindump_as_soon_as_there_is_a_log(corpus: Path, tmp_path: Path) -> None:
    folder = Path(copytree(corpus / "pg_fail", tmp_path / "run"))
    log = folder / "failing-0.dag.dagman.out"
    uuid = identify(log).uuid
    log.write_bytes(b"")
    wf = known_as(log)
    assert wf is not None
    assert wf.uuid == uuid


def test_a_log_without_banner_is_taken_as_it_is_when_it_is_long(log: Path) -> None:
    line = b"11/21/26 21:05:13 Of 4 nodes total:\n"
    log.write_bytes(line * 399)
    assert known_as(log) is None
    log.write_bytes(line * 400)
    assert known_as(log) is not None


def test_a_log_without_banner_is_taken_as_it_is_when_it_does_not_grow(log: Path) -> None:
    log.write_bytes(b"11/21/26 21:05:13 Of 4 nodes total:\n")
    assert known_as(log) is None
    seconds_ago(log, 10)
    assert known_as(log) is not None


def test_a_log_that_begins_like_a_banner_is_waited_for(log: Path) -> None:
    """It will say who it is, be it that the disk was full for a while."""
    log.write_bytes(BANNER[: BANNER.index(b"PID")])
    seconds_ago(log, 300)
    assert known_as(log) is None
    seconds_ago(log, 700)
    log.write_bytes(BANNER)
    assert known_as(log) is not None


def test_an_empty_log_or_one_without_a_whole_line_never_is(log: Path) -> None:
    for content in (b"", b"11/21/26 21:05:13 **"):
        log.write_bytes(content)
        seconds_ago(log, 1000)
        assert known_as(log) is None


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda p: os.symlink("nowhere", p)], ids=["d", "pipe", "link"])
def test_what_is_no_file_is_nobodys_log(log: Path, make: object) -> None:
    make(log)  # type: ignore[operator]
    assert known_as(log) is None
    assert not is_rest(log)


# ---- what is not there ----------------------------------------------------------------------------------------------


def test_a_log_is_the_rest_of_one_unless_it_begins_with_a_start_of_dagman(log: Path) -> None:
    log.write_bytes(BANNER)
    assert not is_rest(log)
    rest = BANNER[BANNER.index(b"PID") :]
    log.write_bytes(rest)
    assert is_rest(log)
    log.write_bytes(rest[:5])  # no line of it is whole yet
    assert not is_rest(log)
    log.unlink()
    assert not is_rest(log)


def test_a_workflow_that_pegasus_planned_lacks_its_braindump_till_that_is_there(log: Path) -> None:
    dag = log.with_name(log.name.removesuffix(".dagman.out"))
    log.write_bytes(BANNER)
    dag.write_text("####\n# PEGASUS WMS GENERATED DAG FILE\n")
    assert lacks_braindump(identify(log))
    (log.parent / "braindump.yml").write_text(f'wf_uuid: "02e0e6a7-7d5e-4fd3-8000-000000000001"\ndag: "{dag.name}"\n')
    assert not lacks_braindump(identify(log))
    (log.parent / "braindump.yml").unlink()
    dag.write_text("JOB A a.sub\n")
    assert not lacks_braindump(identify(log))


# ---- is_planned -----------------------------------------------------------------------------------------------------


def test_a_dag_is_planned_when_it_lies_there_and_was_not_just_written(log: Path) -> None:
    dag = log.with_name("x.dag")
    assert not is_planned(log)
    dag.write_text("JOB A a.sub\n")
    assert not is_planned(log)
    seconds_ago(dag, 2)
    assert is_planned(log)


def test_the_dag_of_a_planner_is_waited_with_for_what_the_planner_writes_beside_it(
    corpus: Path, tmp_path: Path
) -> None:
    folder = Path(copytree(corpus / "pg_fail", tmp_path / "run"))
    log = folder / "failing-0.dag.dagman.out"
    log.unlink()
    events = (folder / "failing-0.static.bp").rename(tmp_path / "events")
    seconds_ago(folder / "failing-0.dag", 5)
    assert not is_planned(log)
    events.rename(folder / "failing-0.static.bp")
    assert is_planned(log)
    (folder / "failing-0.static.bp").unlink()
    seconds_ago(folder / "failing-0.dag", 15)
    assert is_planned(log)


# ---- stillness ------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets time pass that nobody waits for."""
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])

    def passes(seconds: float) -> None:
        now[0] += seconds

    return passes


def test_a_file_is_as_old_as_its_time_says(log: Path) -> None:
    log.touch()
    assert Stillness().seconds(log) < 1.0
    seconds_ago(log, 100)
    assert 100 <= Stillness().seconds(log) < 101
    assert Stillness().seconds(log.with_name("gone")) == 0.0


@pytest.mark.parametrize("ago", [-3600.0, 13 * 3600.0], ids=["future", "past"])
def test_where_its_time_cannot_be_trusted_our_own_watching_counts(
    log: Path, clock: Callable[[float], None], ago: float
) -> None:
    """The clock of a file server may be ahead or behind: what changes is young, what stays grows old."""
    still = Stillness()
    log.write_bytes(b"one\n")
    seconds_ago(log, ago)
    assert still.seconds(log) == 0.0
    clock(20)
    assert still.seconds(log) == 20.0
    log.write_bytes(b"one\ntwo\n")
    seconds_ago(log, ago)
    assert still.seconds(log) == 0.0
    clock(5)
    assert still.seconds(log) == 5.0


def test_each_file_is_watched_for_itself(log: Path, clock: Callable[[float], None]) -> None:
    still = Stillness()
    other = log.with_name("other")
    for path in (log, other):
        path.touch()
        seconds_ago(path, -100)
        assert still.seconds(path) == 0.0
        clock(7)
    assert (still.seconds(log), still.seconds(other)) == (14.0, 7.0)
