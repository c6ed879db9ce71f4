"""``stampede stats``: the same numbers as text, CSV and JSON, of one, several or all workflows."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from stampede import pipeline
from stampede.cli.stats import SECTIONS, day_of, hour_of
from stampede.cli.stats_jobs import HEADS, fitting

from .conftest import Run

Ask = Callable[..., Any]


def test_the_default_report_counts_as_status_does(databases: dict[str, str], ask: Ask) -> None:
    """Jobs and sub-workflows together are the nodes of ``stampede status``, of every recorded run."""
    for url in databases.values():
        told, status = ask("stats", "--db", url, "--all"), ask("status", "--db", url)
        nodes = [w["nodes"] for w in status["workflows"]]
        for ours, theirs in (("succeeded", "done"), ("failed", "failed"), ("total", "total")):
            assert told["jobs"][ours] + told["sub_workflows"][ours] == sum(n[theirs] for n in nodes)
        tries = sum(w["attempts"]["tries"] for w in status["workflows"])
        below = ask("stats", "--db", url, "--all", "-s", "efficiency")["types"]
        assert sum(t["tries"] for t in below) == tries


def test_the_numbers_of_a_failed_run(databases: dict[str, str], ask: Ask) -> None:
    """Those of its README and of pegasus-statistics (tests/conformance compares all of them on all runs)."""
    told = ask("stats", "--db", databases["pg_fail"], "-s", "all")
    assert told["tasks"] == {"succeeded": 2, "failed": 1, "incomplete": 1, "total": 4, "retries": 1, "executed": 4}
    assert told["walls"]["workflows_s"] == 381
    assert told["walls"]["jobs_s"] == pytest.approx(24.891)
    assert told["walls"]["bad_jobs_s"] == pytest.approx(8.297)
    assert (told["walls"]["seen_s"], told["walls"]["bad_seen_s"]) == (93, 76)
    assert told["all"]["retries"]["retries"] == 1
    assert {p["phase"] for p in told["phases"]} >= {"queue", "run", "stage-in", "post"}
    assert len(told["tries"]) == told["all"]["tries"]


def test_text_has_every_section_and_fits_a_narrow_terminal(
    databases: dict[str, str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for columns in ("200", "60"):
        monkeypatch.setenv("COLUMNS", columns)
        sections = [w for s in SECTIONS if s != "jobs" for w in ("-s", s)]
        result = run("stats", "--db", databases["dm_e_subdag"], *sections, "--per-workflow", "--by-host")
        assert result.exit_code == 0
        assert "SUCCEEDED" in result.output
        assert max(map(len, result.output.splitlines())) <= int(columns)


def test_every_try_is_told_one_by_one(databases: dict[str, str], run: Run, ask: Ask) -> None:
    lines = run("stats", "--db", databases["dm_e_subdag"], "-s", "jobs").output.splitlines()
    rows = ask("stats", "--db", databases["dm_e_subdag"], "-s", "jobs")["tries"]
    assert sum(line.startswith("bad2 ") for line in lines) == sum(r["job"] == "bad2" for r in rows) > 1
    numbers = [r["number"] for r in rows if r["job"] == "bad2"]
    assert numbers == list(range(1, len(numbers) + 1))


def test_csv_has_the_numbers_of_the_json(databases: dict[str, str], run: Run, ask: Ask, tmp_path: Path) -> None:
    url = databases["pg_fail"]
    assert run("stats", "--db", url, "-s", "all", "--csv", tmp_path / "x").exit_code == 0
    told = ask("stats", "--db", url, "-s", "all")
    tables = {p.stem: list(csv.DictReader(io.StringIO(p.read_text()))) for p in (tmp_path / "x").glob("*.csv")}
    assert tables.keys() == {*SECTIONS, "summary-time"}
    assert [int(r["count"]) for r in tables["transformations"]] == [p["count"] for p in told["programs"]]
    assert float(tables["summary-time"][0]["jobs_s"]) == pytest.approx(told["walls"]["jobs_s"])
    assert len(tables["jobs"]) == len(told["tries"])


def test_one_section_as_csv_to_standard_output_is_nothing_but_csv(databases: dict[str, str], run: Run) -> None:
    told = run("stats", "--db", databases["pg_fail"], "-s", "phases", "--csv", "-").output
    rows = list(csv.DictReader(io.StringIO(told)))
    assert rows[0].keys() >= {"phase", "total_s", "share"}
    two = run("stats", "--db", databases["pg_fail"], "-s", "phases", "-s", "hosts", "--csv", "-").output
    assert [line for line in two.splitlines() if line.startswith("#")] == ["# phases", "# hosts"]


def test_a_workflow_that_is_named_twice_is_added_up_once(databases: dict[str, str], run: Run, ask: Ask) -> None:
    one = ask("stats", "--db", databases["pg_fail"])
    twice = ask("stats", "failing", "failing", "--db", databases["pg_fail"])
    assert twice["jobs"] == one["jobs"]
    assert run("stats", "failing", "--all", "--db", databases["pg_fail"]).exit_code == 2
    assert run("stats", "nosuch", "--db", databases["pg_fail"]).exit_code == 2


def test_workflows_of_several_databases_are_one_report(corpus: Path, tmp_path: Path, ask: Ask) -> None:
    """Each submit directory has a database of its own; keys of workflows are the same in all of them."""
    alone, places = [], []
    for name in ("pg_fail", "dm_c_rescue"):
        places.append(str(shutil.copytree(corpus / name, tmp_path / name)))
        ask("load", places[-1])
        alone.append(ask("stats", places[-1], "-s", "all"))
    whole = ask("stats", *places, "-s", "all")
    apart = ask("stats", *places, "-s", "all", "--per-workflow")["per_workflow"]
    assert whole["jobs"]["total"] == sum(a["jobs"]["total"] for a in alone)
    assert whole["walls"]["seen_s"] == sum(a["walls"]["seen_s"] for a in alone)
    assert len(whole["tries"]) == sum(len(a["tries"]) for a in alone)
    assert [a["jobs"]["total"] for a in apart] == [a["jobs"]["total"] for a in alone]


def test_the_past_is_counted_as_it_stood(databases: dict[str, str], ask: Ask) -> None:
    """At every moment the tries that had begun, never more than now, and all of them at the end."""
    url = databases["dm_e_subdag"]
    status = ask("status", "--db", url)["workflows"]
    now = ask("stats", "--db", url, "-s", "summary", "-s", "efficiency")
    first = datetime.fromisoformat(status[0]["started_ts"]).timestamp()
    last = datetime.fromisoformat(status[0]["last_ts"]).timestamp()
    counts = []
    for share in (0.1, 0.4, 0.7, 1.0):
        then = ask("stats", "--db", url, "-s", "summary", "--as-of", str(first + share * (last - first)))
        counts.append(then["all"]["tries"])
        assert then["jobs"]["succeeded"] <= now["jobs"]["succeeded"]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] == now["all"]["tries"]


def test_kept_sums_and_sums_from_the_rows_are_the_same(databases: dict[str, str], ask: Ask, tmp_path: Path) -> None:
    """A database says without sums (of an older release, of a block that is written to) what it says with them."""
    for name, url in databases.items():
        copy = tmp_path / f"{name}.db"
        shutil.copy(url.removeprefix("sqlite:///"), copy)
        kept = ask("stats", "--db", f"sqlite:///{copy}", "--all", "--per-workflow", "-s", "all")
        connection = sqlite3.connect(copy)
        connection.execute("DROP TABLE statistics_block")
        connection.execute("DROP TABLE statistics_try")
        connection.commit()
        connection.close()
        assert ask("stats", "--db", f"sqlite:///{copy}", "--all", "--per-workflow", "-s", "all") == kept


def test_control_characters_of_names_do_not_reach_the_terminal(tmp_path: Path, run: Run) -> None:
    events = tmp_path / "x.jsonl"
    uuid = "5b0c6c2e-0000-4000-8000-000000000009"
    lines: list[dict[str, Any]] = [
        {"event": "stampede.wf.plan", "ts": 1, "xwf.id": uuid, "dax.label": "e\x1b[31mvil"},
        {"event": "stampede.xwf.start", "ts": 2, "xwf.id": uuid, "restart_count": 0},
        {"event": "stampede.job_inst.submit.start", "ts": 3, "xwf.id": uuid, "job.id": "a\x1b]0;x", "job_inst.id": 1},
        {"event": "stampede.job_inst.submit.end", "ts": 3, "xwf.id": uuid, "job.id": "a\x1b]0;x", "job_inst.id": 1,
         "js.id": 1, "status": 0},
    ]  # fmt: skip
    events.write_text("\n".join(map(json.dumps, lines)))
    pipeline.load([events], f"sqlite:///{tmp_path / 'x.db'}")
    for words in (["-s", "all"], ["-s", "all", "--csv", "-"]):
        result = run("stats", "--db", f"sqlite:///{tmp_path / 'x.db'}", *words)
        assert result.exit_code == 0
        assert "\x1b" not in result.output


def test_days_and_hours_are_those_of_the_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        # 2026-11-21 00:10 there, the day before in UTC
        assert day_of(1795199400 + 600) == 1795199400
        assert hour_of(1795199400 + 5000) == 1795199400 + 3600
    finally:
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()


def test_tables_fit_a_narrow_terminal(run: Run, databases: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = run("stats", "-s", "all", "--db", databases["pg_fail"]).output
    assert max(map(len, shown.splitlines())) <= 80
    phases = shown.partition("Where the time of jobs went")[2].partition("\n\n")[0]
    assert "…" not in phases


@pytest.mark.parametrize(("width", "last"), [(None, "HOST"), (200, "HOST"), (80, "RUN"), (20, "RUN")])
def test_a_terminal_gets_the_columns_that_it_has_room_for(width: int | None, last: str) -> None:
    """What is not read by people on a terminal has all of them."""
    kept = [HEADS[i] for i in fitting(width)]
    assert kept[:2] == ["JOB", "TRY"]
    assert kept[-1] == last
