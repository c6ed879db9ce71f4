"""``anomalies``: what people read, what scripts get, exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from anomalous import run_events, uuid

from stampede import pipeline
from stampede.events.stream import encoder

from .conftest import Run

Ask = Callable[..., Any]


@pytest.fixture
def slow(tmp_path: Path) -> str:
    """Five runs, in the last of which a host is slow."""
    stream = tmp_path / "events.jsonl"
    encode = encoder("jsonl", "current", pure=False)
    stream.write_bytes(b"".join(encode(e) for n in range(5) for e in run_events(n, slow="h2" if n == 4 else "")))
    url = f"sqlite:///{tmp_path / 'x.db'}"
    pipeline.load([stream], url)
    return url


def test_people_read_what_was_expected_and_which_host_is_suspect(run: Run, slow: str) -> None:
    result = run("anomalies", "--db", slow)
    assert result.exit_code == 1
    flat = " ".join(result.output.split())
    assert "Suspect hosts" in flat
    assert "jobs on h2 slow" in flat
    assert "expected 10" in flat
    assert "h2 suspect" in flat


def test_a_run_in_which_all_is_as_it_was_ends_with_0(run: Run, slow: str) -> None:
    result = run("anomalies", uuid(2), "--db", slow)
    assert result.exit_code == 0
    assert "Everything is as it was" in result.output


def test_json_has_the_numbers_and_the_hosts(ask: Ask, slow: str) -> None:
    workflow = ask("anomalies", "sky", "--db", slow)["workflows"][0]
    host = next(a for a in workflow["anomalies"] if a["kind"] == "host")
    assert host["subject"] == "h2"
    assert host["ts"].startswith("2023-11-")
    assert host["jobs"] <= host["of_jobs"]
    assert {h["host"]: h["suspect"] for h in workflow["hosts"]} == {"h0": False, "h1": False, "h2": True, "h3": False}
    assert all(h["started"] == h["ended"] == 6 for h in workflow["hosts"])


def test_kind_and_time_leave_out_the_rest(ask: Ask, run: Run, slow: str) -> None:
    found = ask("anomalies", "sky", "--db", slow, "--kind", "host")["workflows"][0]["anomalies"]
    assert {a["kind"] for a in found} == {"host"}
    first = run("anomalies", "sky", "--db", slow, "--as-of", "2023-11-18T22:14:00Z")
    assert first.exit_code == 0


def test_a_narrow_terminal_and_recorded_runs_are_no_trouble(run: Run, databases: dict[str, str],
                                                            monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("COLUMNS", "40")
    for url in databases.values():
        assert run("anomalies", "--db", url).exit_code in (0, 1)
