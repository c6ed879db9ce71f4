"""One observation that something went wrong, before alike ones are put together (``grouping``)."""

from __future__ import annotations

import msgspec

from stampede.query.trouble import Try


class Finding(msgspec.Struct):
    """A label with its message at one node (empty: the workflow or the pool) and time (epoch seconds).

    ``resolved``: it is over, or a later try went well. ``task`` is the failed task of a clustered job, ``key`` puts
    findings of a label together whatever their messages say.
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
