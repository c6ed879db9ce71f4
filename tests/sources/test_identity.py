"""Who a workflow is, by its files alone: the same wherever they lie, and another one than all others."""

from __future__ import annotations

import shutil
from pathlib import Path

from stampede.sources.identity import identify, recorded_folder

LOG = """\
11/21/26 21:05:48 ******************************************************
11/21/26 21:05:48 ** condor_scheduniv_exec.43.0 (CONDOR_DAGMAN) STARTING UP
11/21/26 21:05:48 ** PID = 7 RealUID = 1500
11/21/26 21:05:49 Default node log file is: </home/wf/runs/a/./inner.dag.nodes.log>
"""


def logged(folder: Path, text: str = LOG) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "inner.dag.dagman.out"
    log.write_text(text)
    return log


def test_sub_dags_of_one_second_and_name_are_told_apart(tmp_path: Path) -> None:
    """Also when both DAGMans have the same process id, in containers of their own: their jobs are not the same."""
    first = identify(logged(tmp_path / "a"))
    second = identify(logged(tmp_path / "b", LOG.replace("exec.43.0", "exec.44.0")))
    assert first.uuid != second.uuid


def test_a_copy_is_the_same_workflow(tmp_path: Path) -> None:
    log = logged(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "elsewhere" / "c")
    assert identify(log).uuid == identify(tmp_path / "elsewhere" / "c" / log.name).uuid


def test_it_is_known_as_soon_as_the_banner_has_the_process_id(tmp_path: Path) -> None:
    log = logged(tmp_path / "a")
    lines = LOG.splitlines(keepends=True)
    assert identify(logged(tmp_path / "b", "".join(lines[:3]))).uuid == identify(log).uuid


def test_a_dagman_that_was_started_by_hand_has_no_job(tmp_path: Path) -> None:
    by_hand = LOG.replace("condor_scheduniv_exec.43.0", "condor_dagman")
    first = identify(logged(tmp_path / "a", by_hand))
    second = identify(logged(tmp_path / "b", by_hand.replace("PID = 7", "PID = 8")))
    assert first.uuid != second.uuid


def test_where_it_ran_is_read_from_its_log(tmp_path: Path) -> None:
    assert recorded_folder(logged(tmp_path / "a")) == "/home/wf/runs/a"
    assert recorded_folder(logged(tmp_path / "b", "nothing\n")) is None
