"""Who belongs to which cause: all of its nodes, however many; a cause itself lists only some."""

from __future__ import annotations

from collections.abc import Iterator

from stampede.analysis.finding import Finding
from stampede.analysis.grouping import identity
from stampede.query.members import Place


def membership(groups: list[list[Finding]]) -> dict[str, list[Place]]:
    """The members of each cause (``triage.groups_of``) by its ``id``.

    A node (or failed task of a clustered one) is told once, in the order in which they were found, with its last try
    that went wrong so.
    """
    return {identity(group): _members(group) for group in groups}


def _members(group: list[Finding]) -> list[Place]:
    found: dict[tuple[str, str | None], Place] = {}
    for finding in group:
        for place in _places(finding):
            found[place.node, place.task] = place
    return list(found.values())


def _places(f: Finding) -> Iterator[Place]:
    if f.one is None:
        if f.node:
            yield Place(node=f.node)
    elif f.one.alike is not None and f.task is None:
        for node, instance in zip(f.one.alike.nodes, f.one.alike.instances, strict=True):
            yield Place(node=node, instance=instance)
    else:
        yield Place(node=f.node, instance=f.one.job_instance_id, task=f.task)
