"""Graphs: folded they count what unfolded they show."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.errors import UnknownJobError
from stampede.pipeline import load
from stampede.places import url_of
from stampede.query import Reader, open_database
from stampede.query.collections import COLLECTIONS, ask, iterate, of_workflow
from stampede.query.columns import Frame, graph, neighbourhood, states
from stampede.query.columns.nodes import levels
from stampede.query.workflows import Workflow, list_workflows


def test_groups_count_the_jobs_and_edges_that_are_shown_one_by_one(reader: Reader, workflow: Workflow) -> None:
    single = graph(reader, workflow, fold="none")
    nodes, edges = single.tables["nodes"], single.tables["edges"]
    kinds = [single.facts["kinds"][k] for k in nodes["kind"]]
    for fold in ("transformation", "level"):
        folded = graph(reader, workflow, fold=fold)
        groups = folded.tables["nodes"]
        names = [folded.facts["kinds"][k] for k in groups["kind"]]
        keys = list(zip(names, groups["level"], strict=True))
        own = list(zip(kinds, nodes["level"] if fold == "level" else [0] * len(kinds), strict=True))
        assert dict(zip(keys, groups["jobs"], strict=True)) == Counter(own)
        assert sum(groups["failed"]) == list(nodes["state"]).count(single.facts["states"].index("failed"))
        between = Counter((own[p], own[c]) for p, c in zip(edges["parent"], edges["child"], strict=True))
        told = folded.tables["edges"]
        assert between == {
            (keys[p], keys[c]): n for p, c, n in zip(told["parent"], told["child"], told["count"], strict=True)
        }


def test_every_edge_leads_to_a_later_level(reader: Reader, workflow: Workflow) -> None:
    frame = graph(reader, workflow, fold="none")
    level = frame.tables["nodes"]["level"]
    edges = frame.tables["edges"]
    assert len(edges["parent"])
    assert all(level[p] < level[c] for p, c in zip(edges["parent"], edges["child"], strict=True))


def test_a_neighbourhood_holds_what_is_within_reach_and_says_when_there_is_more(
    reader: Reader, workflow: Workflow
) -> None:
    near = neighbourhood(reader, workflow, "findrange_ID0000003", hops=1)
    whole = graph(reader, workflow, fold="none")
    names = whole.tables["nodes"]["job"]
    ends = [(names[p], names[c]) for p, c in zip(*whole.tables["edges"].values(), strict=True)]
    expected = {n for edge in ends if "findrange_ID0000003" in edge for n in edge}
    assert set(near.tables["nodes"]["job"]) == expected
    assert not near.facts["cut"]
    far = neighbourhood(reader, workflow, "findrange_ID0000003", hops=50)
    assert set(far.tables["nodes"]["job"]) == set(names)
    assert neighbourhood(reader, workflow, "findrange_ID0000003", hops=50, most=3).facts["cut"]
    with pytest.raises(UnknownJobError):
        neighbourhood(reader, workflow, "nobody")


def test_states_alone_are_those_of_the_graph(reader: Reader, workflow: Workflow) -> None:
    whole = graph(reader, workflow, fold="none").tables["nodes"]
    assert states(reader, workflow, fold="none").tables["nodes"]["state"] == whole["state"]
    folded, alone = graph(reader, workflow), states(reader, workflow)

    def by_kind(frame: Frame) -> dict[str, list[int]]:
        nodes = frame.tables["nodes"]
        rows = zip(*(nodes[name] for name in ("jobs", *frame.facts["states"])), strict=True)
        return {frame.facts["kinds"][kind]: list(row) for kind, row in zip(nodes["kind"], rows, strict=True)}

    assert by_kind(alone) == by_kind(folded)


def test_the_state_is_the_word_of_the_list_of_jobs(corpus: Path, tmp_path: Path) -> None:
    """What is in HTCondor's queue is told apart: held, running, idle."""
    url = url_of(tmp_path / "run.sqlite")
    for run in ("dm_g_hold", "pg_fail"):
        load([corpus / run], url)
    reader = open_database(url)
    for workflow in list_workflows(reader):
        frame = graph(reader, workflow, fold="none")
        nodes = frame.tables["nodes"]
        told = {name: frame.facts["states"][state] for name, state in zip(nodes["job"], nodes["state"], strict=True)}
        jobs = iterate(reader, ask(COLLECTIONS["jobs"], of_workflow(workflow)))
        assert told == {job.name: job.word for job in jobs}


@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=40))
def test_a_level_is_the_longest_way(pairs: list[tuple[int, int]]) -> None:
    edges = sorted({(min(p), max(p)) for p in pairs if p[0] != p[1]})
    longest = [0] * 15
    for node in range(15):
        longest[node] = max((longest[p] + 1 for p, c in edges if c == node), default=0)
    assert list(levels(15, [p for p, _ in edges], [c for _, c in edges])) == longest


def test_a_circle_does_not_keep_it_for_ever() -> None:
    assert list(levels(3, [0, 1], [1, 0])) == [0, 0, 0]
