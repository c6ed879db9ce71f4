"""``plot``: pictures from a database, as files and as data."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from stampede.query.pictures.album import KINDS

from .conftest import Run

Ask = Callable[..., Any]
HOSTILE = "</text><script>alert(1)</script>\u202e\x1b[31m"


@pytest.mark.parametrize("kind", [*KINDS, "all"])
@pytest.mark.parametrize("name", ["pg_fail", "dm_e_subdag"])
def test_every_kind_is_a_picture(run: Run, databases: dict[str, str], kind: str, name: str, tmp_path: Path) -> None:
    done = run("plot", kind, "--db", databases[name], "-o", str(tmp_path / "x.svg"))
    assert done.exit_code == 0, done.output
    assert ET.parse(tmp_path / "x.svg").getroot().tag.endswith("}svg")


def test_a_folder_gets_a_file_for_each_picture(run: Run, databases: dict[str, str], tmp_path: Path) -> None:
    assert run("plot", "all", "--db", databases["pg_fail"], "-o", f"{tmp_path}/new/").exit_code == 0
    assert {p.stem for p in (tmp_path / "new").iterdir()} == set(KINDS)


def test_standard_output_gets_the_picture_alone(run: Run, databases: dict[str, str]) -> None:
    ET.fromstring(run("plot", "jobs", "--db", databases["pg_fail"]).stdout)


def test_json_gives_the_data(ask: Ask, databases: dict[str, str]) -> None:
    found = ask("plot", "gantt", "--db", databases["pg_fail"])["gantt"]
    assert (found["tries"], found["failed"], len(found["bars"])) == (8, 2, 8)
    assert found["window"]["start_ts"] == "2026-11-21T21:13:29Z"


def test_a_part_of_the_time(ask: Ask, run: Run, databases: dict[str, str]) -> None:
    """Only the second try of ``findrange_ID0000003`` touches the last minutes."""
    db = databases["pg_fail"]
    bars = ask("plot", "gantt", "--db", db, "--since", "2026-11-21T21:16:00Z")["gantt"]["bars"]
    assert [b["job"] for b in bars] == ["findrange_ID0000003"]
    wrong = run("plot", "gantt", "--db", db, "--since", "2026-11-21T21:16:00Z", "--until", "2026-11-21T21:15:00Z")
    assert wrong.exit_code == 2


def test_as_of_a_time_nothing_later_is_drawn(ask: Ask, run: Run, databases: dict[str, str]) -> None:
    db = databases["pg_fail"]
    found = ask("plot", "gantt", "--db", db, "--as-of", "2026-11-21T21:14:00Z")["gantt"]
    assert any(b["failed"] is None for b in found["bars"])
    assert max(b["end_ts"] for b in found["bars"]) <= "2026-11-21T21:14:00Z"
    assert run("plot", "gantt", "--db", db, "--as-of", "2020-01-01T00:00:00Z").exit_code == 2


def test_sub_workflows_can_be_left_out(ask: Ask, databases: dict[str, str]) -> None:
    db = databases["dm_e_subdag"]
    with_them, without = (ask("plot", "jobs", "--db", db, *o)["jobs"]["total"] for o in ((), ("--no-sub",)))
    assert with_them > without > 0


def test_a_file_that_cannot_be_written_is_an_error_in_words(run: Run, databases: dict[str, str]) -> None:
    done = run("plot", "jobs", "--db", databases["pg_fail"], "-o", "/nowhere/x.svg")
    assert done.exit_code == 3
    assert "cannot be written" in done.stderr


def test_a_file_that_was_there_is_whole_or_new(run: Run, databases: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "x.svg").write_text("old")
    run("plot", "jobs", "--db", databases["pg_fail"], "-o", str(tmp_path / "x.svg"))
    assert [p.name for p in tmp_path.iterdir()] == ["x.svg"]
    ET.parse(tmp_path / "x.svg")


@pytest.fixture
def hostile(databases: dict[str, str], tmp_path: Path) -> str:
    """The URL of a database whose names try everything."""
    path = tmp_path / "hostile.db"
    with sqlite3.connect(databases["pg_fail"].removeprefix("sqlite:///")) as source, sqlite3.connect(path) as target:
        source.backup(target)
        target.execute("UPDATE workflow SET dax_label = ?, user = ?, submit_hostname = ?", (HOSTILE,) * 3)
        target.execute("UPDATE job SET exec_job_id = exec_job_id || ?, transformation = ?", (HOSTILE, HOSTILE))
        target.execute("UPDATE job_instance SET slot = ?, site = ?, stdout_text = ?", (HOSTILE,) * 3)
    return f"sqlite:///{path}"


def test_hostile_names_stay_text(run: Run, hostile: str) -> None:
    root = ET.fromstring(run("plot", "all", "--db", hostile).stdout)
    assert not [e for e in root.iter() if e.tag.endswith("script")]
    text = "".join(root.itertext())
    assert "<script>alert(1)</script>" in text
    assert not {"\x1b", "\u202e"} & set(text)


def test_a_report_of_hostile_names_has_no_script_of_theirs(run: Run, hostile: str) -> None:
    page = run("report", "--db", hostile).stdout
    assert page.count("<script>") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not {"\x1b", "\u202e"} & set(page)
