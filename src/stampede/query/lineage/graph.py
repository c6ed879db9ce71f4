"""The answer of a trace: files, the processes that read and wrote them, and what links them."""

from __future__ import annotations

from typing import Literal

import msgspec

from stampede.model.exits import Exit

#: a process read or wrote a file, or only had to wait: for another process, or for the writer of a file to end
LinkKind = Literal["reads", "writes", "after"]


class Place(msgspec.Struct, frozen=True):
    """Where a file lies or lay. ``source``: ``record`` (a program saw it there), ``transfer``, ``catalog``."""

    pfn: str
    site: str | None
    source: str


class File(msgspec.Struct, kw_only=True):
    """A file by its logical name. ``distance``: steps from what was asked for, below 0 towards the inputs.

    ``input``: no process of the workflow wrote it; ``output``: none read it, nor will. ``missing``: it was not there
    when it should have been, ``due_from``: the jobs that were to write it. ``moved_by``: staging jobs that had to do
    with it.
    """

    id: str
    name: str
    distance: int
    size_bytes: int | None = None
    checksum: str | None = None
    input: bool = False
    output: bool = False
    missing: bool = False
    places: list[Place] = []
    due_from: list[str] = []
    moved_by: list[str] = []


class Process(msgspec.Struct, kw_only=True):
    """A job, or one task of a clustered job, with the try that counts: the last that went well, else the last.

    ``path`` has the sub-workflows it lies in. ``tries``: how many there were, ``number``: which of them this is. Times
    are epoch seconds.
    """

    id: str
    path: str
    distance: int
    wf_uuid: str
    type: str
    transformation: str | None
    tasks: list[str]
    state: str
    tries: int = 0
    number: int | None = None
    outcome: str | None = None
    exit: Exit | None = None
    host: str | None = None
    site: str | None = None
    execute_ts: float | None = None
    end_ts: float | None = None


class Link(msgspec.Struct, frozen=True):
    """From ``source`` to ``target`` in the order of time: file → reader, writer → file, process → later process.

    ``after`` from a file leads to a process that has not run and waits for its writer.
    """

    source: str
    target: str
    kind: LinkKind


class Trace(msgspec.Struct, kw_only=True):
    """``subject``: ids of what was asked for. ``cut``: there is more than was followed."""

    subject: list[str]
    files: list[File]
    processes: list[Process]
    links: list[Link]
    cut: bool = False
