"""``trace``: its JSON, its tree, its graph, its exit codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .conftest import Run

Ask = Callable[..., Any]


def test_json_has_files_processes_and_links(ask: Ask, databases: dict[str, str]) -> None:
    found = ask("trace", "f.b1", "--db", databases["pg_fail"])
    assert found["subject"] == ["file:f.b1"]
    assert {"f.a", "f.b1", "f.c1"} <= {f["name"] for f in found["files"]}
    assert {"reads", "writes"} <= {link["kind"] for link in found["links"]}
    assert all(p["execute_ts"] is None or p["execute_ts"].endswith("Z") for p in found["processes"])


def test_people_read_a_tree_of_what_made_it_and_what_came_of_it(run: Run, databases: dict[str, str]) -> None:
    output = run("trace", "f.b1", "--db", databases["pg_fail"]).output
    assert output.index("Made by") < output.index("preprocess_ID0000001") < output.index("f.a")
    assert output.index("Used by") < output.index("findrange_ID0000002") < output.index("f.c1")
    assert "checksum" in output


def test_one_direction_is_told_alone(run: Run, databases: dict[str, str]) -> None:
    assert "Used by" not in run("trace", "f.b1", "--up", "--db", databases["pg_fail"]).output
    assert "Made by" not in run("trace", "f.b1", "--down", "--db", databases["pg_fail"]).output


def test_an_input_was_made_by_nothing(run: Run, databases: dict[str, str]) -> None:
    assert "it is an input of the workflow" in run("trace", "f.a", "--up", "--db", databases["pg_fail"]).output


def test_the_graph_is_one_that_graphviz_reads(run: Run, databases: dict[str, str]) -> None:
    lines = run("trace", "f.b1", "--dot", "--db", databases["pg_fail"]).stdout.splitlines()
    assert (lines[0], lines[-1]) == ("digraph trace {", "}")
    assert any('"file:f.b1" [label="f.b1", shape=note];' in line for line in lines)
    assert sum(" -> " in line for line in lines) >= 4
    assert all(line.count('"') % 2 == 0 for line in lines)


def test_wrong_use_ends_with_two(run: Run, databases: dict[str, str]) -> None:
    assert run("trace", "nix", "--db", databases["pg_fail"]).exit_code == 2
    assert run("trace", "f.a", "--dot", "--json", "--db", databases["pg_fail"]).exit_code == 2


def test_as_of_a_time_only_what_was_known_then_is_told(run: Run, databases: dict[str, str]) -> None:
    """``f.b1`` was written at 21:13:46."""
    early = run("trace", "preprocess_ID0000001", "--db", databases["pg_fail"], "--as-of", "2026-11-21T21:13:35Z")
    assert early.exit_code == 0
    assert "f.b1" not in early.output


def test_an_output_that_was_not_written_is_told_with_who_was_to_write_it(
    run: Run, ask: Ask, databases: dict[str, str]
) -> None:
    """``transfer_output_files = f.c2`` of findrange_ID0000003, which failed before it wrote it."""
    shown = " ".join(run("trace", "f.c2", "--db", databases["pg_fail"]).output.split())
    assert "not there, to be made by findrange_ID0000003, which failed" in shown
    assert shown.index("Made by") < shown.index("Used by") < shown.index("analyze_ID0000004")
    assert "input of the workflow" not in shown.split("Made by")[0]
    (file,) = [f for f in ask("trace", "f.c2", "--db", databases["pg_fail"])["files"] if f["name"] == "f.c2"]
    assert (file["missing"], file["input"], file["due_from"]) == (True, False, ["findrange_ID0000003"])


def test_a_job_behind_which_nothing_comes_is_called_no_output(run: Run, databases: dict[str, str]) -> None:
    output = run("trace", "cleanup_failing_0_local", "--down", "--db", databases["pg_fail"]).output
    assert "nothing" in output
    assert "output of the workflow" not in output


def test_a_try_that_has_not_started_has_no_times(run: Run, databases: dict[str, str]) -> None:
    """The second try waited from 21:14:31 to 21:19:13."""
    at = ("--as-of", "2026-11-21T21:16:00Z")
    output = run("trace", "findrange_ID0000003", "--db", databases["pg_fail"], *at).output
    assert "2 of 2, has not started" in output
