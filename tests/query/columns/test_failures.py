"""The graph where it failed: what failed, what that waited for, what can never run."""

from __future__ import annotations

from pathlib import Path

from stampede.pipeline import load
from stampede.places import url_of
from stampede.query import Reader, open_database
from stampede.query.columns import failures, graph
from stampede.query.workflows import Workflow, list_workflows


def test_it_has_what_failed_its_inputs_and_what_can_never_run(reader: Reader, workflow: Workflow) -> None:
    whole = graph(reader, workflow, fold="none")
    nodes, edges = whole.tables["nodes"], whole.tables["edges"]
    state = {name: whole.facts["states"][number] for name, number in zip(nodes["job"], nodes["state"], strict=True)}
    ends = [(nodes["job"][p], nodes["job"][c]) for p, c in zip(edges["parent"], edges["child"], strict=True)]
    failed = {name for name in state if state[name] == "failed"}
    expected = failed | {p for p, c in ends if c in failed} | {name for name in state if state[name] == "futile"}
    found = failures(reader, workflow)
    assert failed
    assert set(found.tables["nodes"]["job"]) == expected
    assert len(found.tables["edges"]["parent"]) == sum(p in expected and c in expected for p, c in ends)
    assert found.facts["cut"] is False


def test_with_little_room_what_failed_comes_first_and_it_says_that_there_is_more(
    reader: Reader, workflow: Workflow
) -> None:
    found = failures(reader, workflow, most=2)
    assert len(found.tables["nodes"]["job"]) == 2
    assert "failed" in {found.facts["states"][number] for number in found.tables["nodes"]["state"]}
    assert found.facts["cut"] is True


def test_where_nothing_failed_it_is_empty(corpus: Path, tmp_path: Path) -> None:
    url = url_of(tmp_path / "run.sqlite")
    load([corpus / "dm_c_rescue"], url)
    reader = open_database(url)
    whole = graph(reader, list_workflows(reader)[0], fold="none")
    assert whole.facts["states"].index("failed") not in whole.tables["nodes"]["state"]
    assert failures(reader, list_workflows(reader)[0]).tables["nodes"]["job"] == []
