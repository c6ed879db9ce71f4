"""``events`` and ``validate``: streams in every form, and what is wrong with one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run

Ask = Callable[..., Any]
WF = "3f1f1f1f-0000-4000-8000-000000000001"
START = f"ts=2026-01-01T00:00:00Z event=stampede.xwf.start xwf.id={WF} restart_count=0\n"


@pytest.mark.parametrize("form", ["bp", "jsonl", "bson"])
def test_a_stream_loads_to_the_same_answer_as_the_folder(
    run: Run, ask: Ask, corpus: Path, tmp_path: Path, databases: dict[str, str], form: str
) -> None:
    file = tmp_path / f"x.{form}"
    assert run("events", str(corpus / "dm_g_hold"), "--format", form, "--output", str(file)).exit_code == 0
    run("load", str(file))
    loaded = ask("status", str(file))["workflows"][0]
    direct = ask("status", "--db", databases["dm_g_hold"])["workflows"][0]
    for key in ("wf_uuid", "state", "attempts"):
        assert loaded[key] == direct[key]
    assert loaded["nodes"] == direct["nodes"]


@pytest.mark.parametrize("form", ["bp", "jsonl", "bson"])
def test_standard_output_gets_the_same_bytes_as_a_file(run: Run, corpus: Path, tmp_path: Path, form: str) -> None:
    file = tmp_path / "x"
    run("events", str(corpus / "dm_g_hold"), "--format", form, "-o", str(file))
    result = run("events", str(corpus / "dm_g_hold"), "--format", form)
    assert result.stdout_bytes == file.read_bytes()


def test_pegasus_gets_only_what_pegasus_knows(run: Run, corpus: Path) -> None:
    ours = run("events", str(corpus / "dm_g_hold"), "--format", "jsonl").stdout
    pure = run("events", str(corpus / "dm_g_hold"), "--format", "jsonl", "--dialect", "pegasus").stdout
    names = {json.loads(line)["event"] for line in pure.splitlines()}
    assert len(pure) < len(ours)
    assert "stampede.xwf.state" not in names
    assert "stampede.job_inst.main.start" in names


def test_problems_are_told_on_standard_error(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.bp"
    file.write_text(START + "no event at all \x1b[2J\n")
    result = run("events", str(file))
    assert "problems in the stream: 1 undecodable" in result.stderr
    assert "\x1b" not in result.stderr


def test_an_unwritable_target_is_told(run: Run, corpus: Path) -> None:
    result = run("events", str(corpus / "dm_g_hold"), "-o", "/proc/no/such")
    assert result.exit_code == 3


def test_events_of_a_submit_directory_keep_the_schema(ask: Ask, run: Run, corpus: Path) -> None:
    result = run("validate", str(corpus / "pg_fail"), "--strict")
    assert result.exit_code == 0, result.output
    assert ask("validate", str(corpus / "pg_fail"))["files"][0]["rejected"] == 0


def test_records_that_cannot_be_used_end_with_1(run: Run, ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "x.bp"
    file.write_bytes(START.encode() + b"ts=2026-01-01T00:00:01Z event=stampede.no.such\n\x00\xff\n")
    result = run("validate", str(file))
    assert result.exit_code == 1
    assert "reject" in result.output
    assert ask("validate", str(file))["files"][0]["rejected"] == 2


def test_strict_minds_what_was_mended(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.bp"
    file.write_text(START + f"ts=2026-01-01T00:00:09Z event=stampede.xwf.end xwf.id={WF} restart_count=none status=0\n")
    assert run("validate", str(file)).exit_code == 0
    assert run("validate", str(file), "--strict").exit_code == 1


def test_nothing_to_check_is_input_that_cannot_be_used(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.bp"
    file.write_text("")
    assert run("validate", str(file)).exit_code == 3
