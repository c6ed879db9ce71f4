"""Order and cycles on flat arrays."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.sources.dagman.graph import adjacency, find_cycle, topological_order

PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25)


def test_a_diamond_has_an_order() -> None:
    graph = adjacency(4, [0, 0, 1, 2], [1, 2, 3, 3])
    assert list(topological_order(graph)) == [0, 1, 2, 3]
    assert find_cycle(graph) is None


def test_a_node_that_is_its_own_parent_is_a_cycle() -> None:
    assert find_cycle(adjacency(2, [1], [1])) == [1]


def test_an_empty_graph_has_no_cycle() -> None:
    assert find_cycle(adjacency(0, [], [])) is None


def test_depth_is_no_limit() -> None:
    count = 50_000
    graph = adjacency(count, range(count - 1), range(1, count))
    assert len(topological_order(graph)) == count
    assert find_cycle(adjacency(count, [*range(count - 1), count - 1], [*range(1, count), 0])) is not None


@given(PAIRS)
@settings(max_examples=100)
def test_a_graph_has_either_a_full_order_or_a_named_cycle(pairs: list[tuple[int, int]]) -> None:
    graph = adjacency(10, [p for p, _ in pairs], [c for _, c in pairs])
    order = list(topological_order(graph))
    place = {node: i for i, node in enumerate(order)}
    cycle = find_cycle(graph)
    assert (cycle is None) == (len(order) == 10)
    assert all(place[p] < place[c] for p, c in pairs if p in place and c in place)
    if cycle is not None:
        assert all(edge in pairs for edge in zip(cycle, cycle[1:] + cycle[:1], strict=True))
