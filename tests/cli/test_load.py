"""``load``: where things go, what is told, when it fails."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run

Ask = Callable[..., Any]


def tree(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(p), p.stat().st_size) for p in folder.rglob("*"))


def test_a_submit_directory_gets_its_database_beside_it(run: Run, submit_dir: Path) -> None:
    result = run("load", str(submit_dir))
    assert result.exit_code == 0
    assert (submit_dir / "dm_g_hold.dag.stampede.sqlite").exists()
    assert "failed, 4 of 6 done" in result.output
    assert f"stampede status {submit_dir}" in result.output


def test_a_read_only_submit_directory_is_left_as_it_was(run: Run, submit_dir: Path) -> None:
    before = tree(submit_dir)
    submit_dir.chmod(0o500)
    try:
        result = run("load", str(submit_dir))
        assert result.exit_code == 0
        assert os.environ["STAMPEDE_STATE"] in result.output
        assert tree(submit_dir) == before
        assert run("status", str(submit_dir)).exit_code == 1
    finally:
        submit_dir.chmod(0o700)


def test_loading_twice_writes_nothing_new(ask: Ask, submit_dir: Path) -> None:
    first = ask("load", str(submit_dir))["loads"][0]
    again = ask("load", str(submit_dir))["loads"][0]
    assert first["events"] > 0
    assert again["events"] == 0
    assert again["skipped"] == first["events"]
    assert again["workflows"] == first["workflows"]


def test_several_paths_go_to_several_databases(ask: Ask, submit_dir: Path, corpus: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(corpus / "dm_c_rescue", tmp_path / "other"))
    loads = ask("load", str(submit_dir), str(other))["loads"]
    assert len({one["db"] for one in loads}) == 2


def test_several_paths_may_share_one_database(ask: Ask, corpus: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/all.db"
    ask("load", str(corpus / "dm_g_hold"), str(corpus / "dm_c_rescue"), "--db", url)
    assert len(ask("workflows", "--db", url)["workflows"]) == 2


def test_one_bad_path_does_not_keep_the_others_out(run: Run, submit_dir: Path) -> None:
    result = run("load", "/no/such/place", str(submit_dir))
    assert result.exit_code == 0
    assert "/no/such/place does not exist" in result.stderr
    assert "dm_g_hold" in result.stdout


def test_an_empty_folder_is_input_that_cannot_be_used(run: Run, tmp_path: Path) -> None:
    assert run("load", str(tmp_path)).exit_code == 3


def test_an_unwritable_database_is_told(run: Run, submit_dir: Path) -> None:
    result = run("load", str(submit_dir), "--db", "sqlite:////proc/nowhere/x.db")
    assert result.exit_code == 4
    assert "/proc/nowhere" in result.stderr


def test_a_database_of_somebody_else_is_not_touched(run: Run, submit_dir: Path, tmp_path: Path) -> None:
    import sqlite3

    theirs = tmp_path / "theirs.db"
    connection = sqlite3.connect(theirs)
    connection.execute("CREATE TABLE x(y)")
    connection.close()
    result = run("load", str(submit_dir), "--db", f"sqlite:///{theirs}")
    assert result.exit_code == 4
    assert "does not change databases of others" in result.stderr


def test_junk_between_events_becomes_problems_with_place_and_remedy(run: Run, ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "x.bp"
    file.write_bytes(
        b"ts=2026-01-01T00:00:00Z event=stampede.xwf.start restart_count=0 "
        b"xwf.id=3f1f1f1f-0000-4000-8000-000000000001\n"
        b"\xff\xfe\x00 junk \x1b[31m\n"
    )
    result = run("load", str(file))
    assert result.exit_code == 0
    assert "problems:" in result.output
    assert "\x1b" not in result.output
    first = ask("load", str(file), "--db", f"sqlite:///{tmp_path}/y.db")["loads"][0]["first_problems"][0]
    assert first["offset"] == 109
    assert first["remedy"]


def test_strict_refuses_events_that_break_the_schema(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.bp"
    file.write_text(
        "ts=2026-01-01T00:00:00Z event=stampede.no.such.event xwf.id=3f1f1f1f-0000-4000-8000-000000000001\n"
    )
    assert run("load", str(file), "--strict").exit_code == 3


def test_of_many_sub_workflows_those_that_failed_are_listed(
    run: Run, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forest of thousands does not fill the screen; -v lists all."""
    monkeypatch.setattr("stampede.cli.load._LISTED", 1)
    shutil.copytree(corpus / "dm_e_subdag", tmp_path / "run")
    some = run("load", str(tmp_path / "run")).output
    every = run("load", "-v", str(tmp_path / "run")).output
    assert "and 3 more sub-workflows" in some
    assert "more sub-workflow" not in every
    assert [some.count(": success, "), every.count(": success, ")] == [2, 5]
