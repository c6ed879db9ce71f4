"""One observation that something went wrong, before alike ones are put together (``grouping``)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from stampede.query.trouble import Try


class Finding(msgspec.Struct):
    """A label with its message at one node (empty: the workflow or the pool) and time (epoch seconds).

    ``resolved``: it is over, or a later try went well. ``task`` is the failed task of a clustered job, ``key`` puts
    findings of a label together whatever their messages say, ``kind`` is a closer word than the label. One of a try
    that stands for many is about all of their nodes.
    """

    label: str
    message: str
    node: str = ""
    ts: float | None = None
    resolved: bool = False
    one: Try | None = None
    consequences: list[str] = []
    task: str | None = None
    key: str = ""
    kind: str = ""

    @property
    def nodes(self) -> Iterable[str]:
        """The nodes it is about; none when it is about the workflow or the pool."""
        if self.one is not None and self.one.alike is not None and self.task is None:
            return self.one.alike.nodes
        return (self.node,) if self.node else ()

    @property
    def jobs(self) -> Iterable[str]:
        """The same without the names of tasks."""
        if self.one is None:
            return self.nodes
        return self.one.alike.nodes if self.one.alike is not None else (self.one.path,)
