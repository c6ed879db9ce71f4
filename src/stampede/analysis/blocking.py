"""How many nodes can never run because of each cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stampede.query.trouble import Evidence

#: seeds of a cause: the nodes that failed by it, and the workflows they are in
Seeds = tuple[Iterable[str], set[str]]


def blocked_by(seeds: Sequence[Seeds], facts: Evidence) -> list[int | None]:
    """For each cause, how many nodes wait for one that failed by it; None when that was not looked up.

    A node that waits for several counts for each. The failure of a sub-workflow is that of the node that ran it.
    """
    if not any(w.futile for w in facts.workflows):
        return [0] * len(seeds)
    if facts.blocked is None:
        alone = len(seeds) == 1
        return [sum(w.futile for w in facts.workflows) if alone else None for _ in seeds]
    masks = _seeded(seeds, facts)
    children: dict[str, list[str]] = {}
    for child, parents in facts.blocked.items():
        for parent in parents:
            children.setdefault(parent, []).append(child)
    todo = [path for path in masks if path in children]
    while todo:
        path = todo.pop()
        mask = masks[path]
        for child in children.get(path, ()):
            had = masks.get(child, 0)
            if had | mask != had:
                masks[child] = had | mask
                todo.append(child)
    reached = [masks.get(path, 0) for path in facts.blocked]
    return [sum(mask >> i & 1 for mask in reached) for i in range(len(seeds))]


def _seeded(seeds: Sequence[Seeds], facts: Evidence) -> dict[str, int]:
    """Failed nodes, and those that run the workflows they are in -> the causes, a bit each."""
    flows = {w.workflow.wf_uuid: w for w in facts.workflows}
    masks: dict[str, int] = {}
    for i, (nodes, inside) in enumerate(seeds):
        found = list(nodes)
        for uuid in inside:
            at = flows.get(uuid)
            while at is not None and at.node and at.workflow.parent_wf_uuid is not None:
                found.append(at.node)
                at = flows.get(at.workflow.parent_wf_uuid)
        for node in found:
            masks[node] = masks.get(node, 0) | 1 << i
    return masks
