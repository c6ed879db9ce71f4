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
