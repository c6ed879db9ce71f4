"""``stampede health``: verdicts as a supervisor reads them."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from stampede import pipeline

from .conftest import Run

#: the first line of a plugin's output: text, a bar, performance data (Monitoring Plugins' guidelines)
LINE = re.compile(r"STAMPEDE (OK|WARNING|CRITICAL|UNKNOWN): [^|]+( \|( \w+=[0-9.e+-]+(s|%|B)?;[0-9.:]*;[0-9.:]*;0)+)?")


@pytest.fixture
def running(submit_dir: Path, tmp_path: Path) -> str:
    """A database of a workflow that says it runs, all of its log stored."""
    url = f"sqlite:///{tmp_path / 'run.db'}"
    pipeline.load([submit_dir], url)
    connection = sqlite3.connect(tmp_path / "run.db")
    connection.execute("UPDATE workflow SET state = 'running'")
    connection.commit()
    connection.close()
    return url


def test_all_well(run: Run, databases: dict[str, str]) -> None:
    done = run("health", "--db", databases["dm_g_hold"], "--warning", "disk=0", "--critical", "disk=0")
    assert done.exit_code == 0
    assert LINE.fullmatch(done.stdout.splitlines()[0])


def test_a_database_that_cannot_be_read_is_critical(run: Run, tmp_path: Path) -> None:
    (tmp_path / "torn.db").write_bytes(b"no database" * 100)
    for name in ("torn.db", "none.db"):
        done = run("health", "--db", f"sqlite:///{tmp_path / name}")
        assert (done.exit_code, name in done.stdout) == (2, True)
        assert LINE.fullmatch(done.stdout.splitlines()[0])


def test_a_running_workflow_that_nobody_watches_is_a_warning(run: Run, ask: Any, running: str) -> None:
    limits = ("--critical", "disk=0", "--warning", "disk=0", "--warning", "failing=101", "--critical", "failing=101")
    done = run("health", "--db", running, *limits)
    assert done.exit_code == 1
    assert "unwatched=1;1;;0" in done.stdout
    assert run("health", "--db", running, *limits, "--warning", "unwatched=2").exit_code == 0
    checks = {c["name"]: c for c in ask("health", "--db", running, *limits)["checks"]}
    assert (checks["lag"]["value"], checks["lag"]["verdict"]) == (0, "ok")


def test_a_log_that_goes_on_without_being_read_is_a_lag(ask: Any, running: str, submit_dir: Path) -> None:
    log = next(submit_dir.glob("*.dagman.out"))
    last = max(
        r[0] for r in sqlite3.connect(running.removeprefix("sqlite:///")).execute("SELECT last_ts FROM workflow")
    )
    with log.open("a") as file:
        file.write("more\n" * 100)
    os.utime(log, (last + 700, last + 700))
    found = ask("health", "--db", running)
    lag = next(c for c in found["checks"] if c["name"] == "lag")
    assert (found["verdict"], lag["verdict"], round(lag["value"])) == ("critical", "critical", 700)
    # DAGMan's last line counts as read with its newline, which the recorded log lacks
    assert "499 B to read" in lag["detail"]


def test_wrong_use_and_what_cannot_be_found_out_is_unknown(run: Run) -> None:
    for arguments in (["--nonsense"], ["--warning", "x=1"], ["--critical", "lag=much"], ["nothing/there"],
                      ["--url", "nonsense"]):  # fmt: skip
        assert run("health", *arguments).exit_code == 3, arguments


def test_a_service_that_does_not_answer_is_critical(run: Run) -> None:
    done = run("health", "--url", "http://127.0.0.1:9")
    assert done.exit_code == 2
    assert "does not answer" in done.stdout
