"""Whether a DAGMan that says nothing is gone: told by its process, where that can be seen, else by its silence."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stampede.sources.dagman.dagmanout import Record
from stampede.sources.dagman.tracker import Tracker
from stampede.sources.follow.vital import Vital
from stampede.sources.jobfiles import JobFiles

#: DAGMan prints its table every ten minutes; with some more it must have been heard
SILENCE_S = 11 * 60.0
#: so long nobody waits for the last lines of a process that went away
GRACE_S = 10.0


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    made = subprocess.Popen(["sleep", "60"])
    yield made
    end(made)


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.fixture
def tracker(tmp_path: Path, process: subprocess.Popen[bytes]) -> Tracker:
    """A DAGMan that is the process, was started and said something."""
    made = Tracker("u", {}, JobFiles("u", tmp_path, None))
    made.feed([Record("starting", 100.0, 0), Record("pid", 100.0, 0, value=process.pid), Record("parsing", 100.0, 0),
               Record("halted", 1795295113.0, 0)])  # fmt: skip
    assert made.running
    return made


def test_a_process_that_is_there_is_never_given_up(tracker: Tracker, process: subprocess.Popen[bytes]) -> None:
    vital = Vital()
    assert vital.here(process.pid)
    for supervised in (False, True):
        assert vital.gone(tracker, 1e9, 1e9, supervised=supervised) is None


def test_a_process_that_was_seen_and_went_away_is_gone_soon_where_nothing_else_tells_of_it(
    tracker: Tracker, process: subprocess.Popen[bytes]
) -> None:
    """After some seconds in which its last lines may come; it is said when the last one is from."""
    vital = Vital()
    assert vital.gone(tracker, 100.0, 50.0, supervised=False) is None
    end(process)
    assert not vital.here(process.pid)
    assert vital.gone(tracker, 101.0, 51.0, supervised=False) is None
    assert vital.gone(tracker, 101.0 + GRACE_S - 1, 60.0, supervised=False) is None
    said = vital.gone(tracker, 101.0 + GRACE_S + 1, 62.0, supervised=False)
    assert said is not None
    assert f"process {process.pid} is not there any more" in said
    assert "2026-11-21T21:05:13Z" in said


def test_htcondor_has_time_to_start_it_again_where_a_log_tells_of_its_job(
    tracker: Tracker, process: subprocess.Popen[bytes]
) -> None:
    vital = Vital()
    assert vital.gone(tracker, 100.0, 0.0, supervised=True) is None
    end(process)
    assert vital.gone(tracker, 101.0, 1.0, supervised=True) is None
    assert vital.gone(tracker, 101.0 + SILENCE_S - 1, SILENCE_S, supervised=True) is None
    assert vital.gone(tracker, 101.0 + SILENCE_S + 1, SILENCE_S + 2, supervised=True) is not None


def test_lines_that_still_come_are_waited_for(tracker: Tracker, process: subprocess.Popen[bytes]) -> None:
    vital = Vital()
    vital.gone(tracker, 100.0, 0.0, supervised=False)
    end(process)
    vital.gone(tracker, 101.0, 1.0, supervised=False)
    assert vital.gone(tracker, 200.0, GRACE_S - 1, supervised=False) is None


def test_a_process_that_was_never_seen_may_be_on_another_machine_and_is_waited_for(
    tracker: Tracker, process: subprocess.Popen[bytes]
) -> None:
    end(process)
    vital = Vital()
    for supervised in (False, True):
        assert vital.gone(tracker, 100.0, SILENCE_S - 1, supervised=supervised) is None
        said = vital.gone(tracker, 100.0, SILENCE_S + 1, supervised=supervised)
        assert said is not None
        assert f"process {process.pid} is not there," in said


def test_the_process_of_an_earlier_start_says_nothing_of_a_later_one(
    tracker: Tracker, process: subprocess.Popen[bytes]
) -> None:
    other = subprocess.Popen(["true"])
    other.wait()
    vital = Vital()
    vital.gone(tracker, 100.0, 0.0, supervised=False)
    end(process)
    vital.gone(tracker, 101.0, 1.0, supervised=False)
    tracker.feed([Record("starting", 1795295114.0, 0), Record("pid", 1795295114.0, 0, value=other.pid),
                  Record("parsing", 1795295114.0, 0)])  # fmt: skip
    assert vital.gone(tracker, 200.0, 99.0, supervised=False) is None


def test_a_dagman_that_has_ended_is_not_gone(tracker: Tracker, process: subprocess.Popen[bytes]) -> None:
    vital = Vital()
    vital.gone(tracker, 100.0, 0.0, supervised=False)
    tracker.feed([Record("exit", 1795295114.0, 0, value=0)])
    end(process)
    for now in (101.0, 1e9):
        assert vital.gone(tracker, now, 1e9, supervised=False) is None


def test_without_a_process_number_nothing_is_said(tmp_path: Path) -> None:
    tracker = Tracker("u", {}, JobFiles("u", tmp_path, None))
    tracker.feed([Record("starting", 100.0, 0), Record("parsing", 100.0, 0)])
    vital = Vital()
    assert not vital.here(None)
    assert vital.gone(tracker, 1e9, 1e9, supervised=False) is None
