"""``watch --detach``, ``--list`` and ``--stop``: watches in the background are found by any of their names."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stampede.query.registry import alive, watchers

from .conftest import Run

COMMAND = [sys.executable, "-m", "stampede.cli.main"]
Detach = Callable[..., dict[str, Any]]


@pytest.fixture
def copy(corpus: Path, tmp_path: Path) -> Callable[..., Path]:
    """A recorded run that is half over."""

    def copied(name: str, to: str = "") -> Path:
        folder = Path(shutil.copytree(corpus / name, tmp_path / (to or name)))
        (log,) = folder.glob("*.dagman.out")
        os.truncate(log, log.stat().st_size // 2)
        (folder / f"{log.name.removesuffix('.dagman.out')}.dagman.log").unlink()
        return folder

    return copied


@pytest.fixture
def detach() -> Iterator[Detach]:
    """Starts watches in the background; none of them outlives the test."""

    def started(*arguments: object) -> dict[str, Any]:
        done = subprocess.run([*COMMAND, "watch", "--detach", "--json", *map(str, arguments)], capture_output=True,
                              text=True, timeout=30)  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        return dict(json.loads(done.stdout))

    yield started
    for one in watchers():
        if alive(one):
            os.kill(one.pid, signal.SIGKILL)


def until(holds: Callable[[], Any], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def entered(number: int = 1) -> None:
    """So many watchers are at work, and know their workflows."""
    until(lambda: sum(bool(w.wf_uuids) for w in watchers()) == number)


def listed(run: Run) -> list[dict[str, Any]]:
    return list(json.loads(run("watch", "--list", "--json").stdout)["watchers"])


def stored(folder: Path) -> list[Any]:
    """What its database has: states of workflows, jobstates, leases."""
    (database,) = folder.glob("*.stampede.sqlite")
    connection = sqlite3.connect(database)
    try:
        sql = "SELECT (SELECT group_concat(state) FROM workflow), (SELECT count(*) > 0 FROM jobstate), " \
              "(SELECT count(*) FROM lease)"  # fmt: skip
        return list(connection.execute(sql).fetchall()[0])
    finally:
        connection.close()


# ---- the life of one ------------------------------------------------------------------------------------------------


def test_a_watch_in_the_background_is_listed_and_stopped_and_keeps_what_it_read(
    run: Run, copy: Callable[..., Path], detach: Detach
) -> None:
    folder = copy("dm_c_rescue")
    said = detach(folder)
    log = Path(said["log"])
    assert said["paths"] == [str(folder)]
    assert log.is_relative_to(os.environ["STAMPEDE_STATE"])
    entered()
    (watcher,) = listed(run)
    assert watcher["paths"] == [str(folder)]
    assert watcher["log"] == str(log)
    assert (watcher["auto"], watcher["note"]) == (False, "")
    assert os.getsid(watcher["pid"]) != os.getsid(0)
    until(lambda: "dm_c_rescue running" in log.read_text() or '"running"' in log.read_text())
    result = run("watch", "--stop", str(folder))
    assert result.exit_code == 0
    assert f"Watcher {watcher['pid']} of {folder} has ended." in result.stdout
    assert listed(run) == []
    assert stored(folder) == ["running", 1, 0]
    assert "Traceback" not in log.read_text()
    assert json.loads(log.read_text().splitlines()[-1])["event"] == "end"
    assert run("watch", "--list").stdout == "No watcher runs. Start one with: stampede watch SUBMIT_DIR\n"


def test_for_people_it_is_said_where_the_log_is_and_how_to_go_on(
    run: Run, copy: Callable[..., Path], detach: Detach, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy("dm_c_rescue")
    done = subprocess.run([*COMMAND, "watch", "--detach", str(folder)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0
    assert f"Watching {folder} in the background; its log is {os.environ['STAMPEDE_STATE']}/watch/" in done.stdout
    assert "stampede watch --stop NAME" in done.stdout
    entered()
    monkeypatch.setenv("COLUMNS", "500")
    table = run("watch", "--list").stdout
    assert str(watchers()[0].pid) in table
    assert str(folder) in table
    assert run("watch", "--stop", "all").exit_code == 0


def test_it_ends_by_itself_when_the_workflow_does(run: Run, corpus: Path, tmp_path: Path, detach: Detach) -> None:
    folder = Path(shutil.copytree(corpus / "dm_g_hold", tmp_path / "run"))
    log = Path(detach(folder)["log"])
    until(lambda: log.read_text().endswith("\n") and json.loads(log.read_text().splitlines()[-1])["event"] == "end")
    until(lambda: listed(run) == [])
    assert stored(folder) == ["failed", 1, 0]


def test_a_path_that_is_refused_is_refused_before_it_goes_into_the_background(run: Run, tmp_path: Path) -> None:
    result = run("watch", "--detach", str(tmp_path / "gone"))
    assert result.exit_code == 3
    assert "does not exist" in result.stderr
    assert watchers() == []


# ---- names ----------------------------------------------------------------------------------------------------------


def test_a_watch_is_stopped_by_path_process_label_uuid_or_all(
    run: Run, copy: Callable[..., Path], detach: Detach
) -> None:
    """Exactly the one that is meant."""
    folders = [copy("dm_c_rescue", "one"), copy("pg_fail", "two"), copy("dm_g_hold", "three")]
    for folder in folders:
        detach(folder)
    entered(3)
    by_path = {w["paths"][0]: w for w in listed(run)}
    pid = by_path[str(folders[0])]["pid"]
    assert json.loads(run("watch", "--stop", str(pid), "--json").stdout) == {"stopped": [pid], "still_running": []}
    assert {w["paths"][0] for w in listed(run)} == {str(folders[1]), str(folders[2])}
    assert run("watch", "--stop", "failing").exit_code == 0  # its label
    assert {w["paths"][0] for w in listed(run)} == {str(folders[2])}
    (uuid,) = by_path[str(folders[2])]["wf_uuids"]
    assert run("watch", "--stop", uuid[:8]).exit_code == 0
    assert listed(run) == []
    for folder in folders:
        assert stored(folder)[2] == 0


@pytest.mark.parametrize("name", ["all", "nobody", "4711", "/nowhere"])
def test_a_name_that_means_no_watcher_is_wrong_use(run: Run, name: str) -> None:
    result = run("watch", "--stop", name)
    assert result.exit_code == 2
    assert f"No watcher of {name!r} runs." in result.stderr


def test_a_watcher_that_was_killed_is_not_listed(run: Run, copy: Callable[..., Path], detach: Detach) -> None:
    """Nor is its lease in the way of the next one."""
    folder = copy("dm_c_rescue")
    detach(folder)
    entered()
    (watcher,) = listed(run)
    os.kill(watcher["pid"], signal.SIGKILL)
    until(lambda: listed(run) == [])
    assert run("watch", "--stop", str(folder)).exit_code == 2
    detach(folder)
    entered()
    (second,) = listed(run)
    assert second["pid"] != watcher["pid"]
    assert second["note"] == ""
    assert run("watch", "--stop", str(folder)).exit_code == 0


def test_auto_in_the_background_says_what_it_is_for(
    run: Run, copy: Callable[..., Path], tmp_path: Path, detach: Detach
) -> None:
    folder = copy("dm_c_rescue", "runs/one")
    for path in folder.glob("*.dagman.out"):
        os.utime(path)
    detach("--auto", tmp_path / "runs", "--db", f"sqlite:///{tmp_path}/all.db")
    entered()
    (watcher,) = listed(run)
    assert (watcher["auto"], watcher["paths"]) == (True, [str(tmp_path / "runs")])
    assert watcher["db_url"] == f"sqlite:///{tmp_path}/all.db"
    assert "new runs below" in run("watch", "--list").stdout
    assert run("watch", "--stop", str(tmp_path / "runs")).exit_code == 0
    assert listed(run) == []
