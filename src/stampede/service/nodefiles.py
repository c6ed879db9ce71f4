"""Files about a job rather than of one try: its submit file, and what DAGMan's logs say of it."""

from __future__ import annotations

import functools
import os
import re
import time
from collections.abc import Iterator
from typing import Annotated, Final, Literal, cast

import msgspec
from litestar import Response
from litestar.params import QueryParameter

from stampede.errors import UnknownJobError
from stampede.query.job import Job
from stampede.query.workflows import Workflow, of_uuid
from stampede.service.asking import Ask
from stampede.service.forms import json
from stampede.service.output import Source, close, file_source, opened, serve
from stampede.service.output import Tail as Last
from stampede.service.parameters import Asked, JobName, Uuid
from stampede.service.scanning import MOST_S, OVERLAP, Read, blocks, line_start
from stampede.service.search import From, reading
from stampede.service.single import job_of
from stampede.service.view import View

LogName = Literal["dagman", "events"]
Log = Annotated[
    LogName,
    QueryParameter(
        description="dagman: DAGMan's own log (.dagman.out); events: the log of events it reads (.nodes.log)"
    ),
]
Most = Annotated[int, QueryParameter(ge=1, le=1000, description="pieces at most")]
#: of a line or an event, so many bytes are given
_MOST_BYTES: Final = 8192
_SUFFIX: Final[dict[LogName, str]] = {"dagman": ".dagman.out", "events": ".nodes.log"}
#: a name of so few letters may be a word of a sentence: what stands before it has to say that it is a node
_SHORT: Final = 3
_HTCONDOR_ID: Final = re.compile(r"(\d+)(?:\.(\d+))?")
_REPORT_END: Final = re.compile(rb"\n[^\n]*-{20,}\t<END>")
_EVENT_HEAD: Final = re.compile(rb"\d{3} \(")


class Piece(msgspec.Struct, kw_only=True):
    """A line of DAGMan's log, or an event; ``offset`` is the byte that it begins at. ``cut``: it is longer."""

    offset: int
    text: str
    cut: bool


class NodeLog(msgspec.Struct, kw_only=True):
    """What a log says of a job, in the order of the log. ``next`` is where to go on; None when its end was reached."""

    file: str
    size: int
    items: list[Piece]
    next: int | None


async def submit_file(ask: Asked, uuid: Uuid, name: JobName, tail: Last = None) -> Response[bytes]:
    """The submit file of a job, as plain text; by byte range."""
    return await serve(ask, await ask.shared.in_thread(functools.partial(_submit_file, ask, uuid, name)), tail)


async def log(
    ask: Asked, uuid: Uuid, name: JobName, file: Log = "dagman", start: From = 0, most: Most = 500
) -> Response[NodeLog]:
    """What DAGMan's log, or the log of events, says of a job; looks through the file for half a second at most."""
    body = await ask.shared.in_thread(lambda: json(_log(ask, uuid, name, file, start, most)))
    return cast("Response[NodeLog]", Response(body, media_type="application/json", headers=_FRESH))


_FRESH: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


# ---- in a thread ----------------------------------------------------------------------------------------------------


def _job_and_workflow(name: str, view: View) -> tuple[Job, Workflow]:
    job = job_of(name, view)
    return job, of_uuid(view.reader, job.wf_uuid) or view.workflow


def _submit_file(ask: Ask, uuid: str, name: str) -> Source:
    job, workflow = ask.now(uuid, functools.partial(_job_and_workflow, name))
    handle = opened(ask, workflow.found_dir or workflow.submit_dir, job.submit_file)
    if handle is None:
        raise UnknownJobError(f"Of job {name[:200]} no submit file lies in the submit directory.")
    return file_source(handle)


def _log(ask: Ask, uuid: str, name: str, which: LogName, start: int, most: int) -> NodeLog:
    job, workflow = ask.now(uuid, functools.partial(_job_and_workflow, name))
    folder = workflow.found_dir or workflow.submit_dir
    path = os.path.join(folder or "", (workflow.dag or "") + _SUFFIX[which])
    handle = opened(ask, folder, path) if workflow.dag else None
    if handle is None:
        raise UnknownJobError(f"No {_SUFFIX[which]} file of this workflow lies in its submit directory.")
    source = file_source(handle)
    try:
        if which == "dagman":
            literal = _bytes(job.job)
            found = pieces(reading(source), naming(job.job), start=start, size=source.size, most=most, literal=literal)
        else:
            ids = [one.htcondor_id for one in job.tries if one.htcondor_id]
            found = pieces(reading(source), of_ids(ids), start=start, size=source.size, most=most, events=True)
    finally:
        close(source)
    found.file = path
    return found


# ---- what stands in a log -------------------------------------------------------------------------------------------


def naming(node: str) -> re.Pattern[bytes]:
    """What finds a node's name where it is a word by itself: ``a1`` is not in ``a10`` and not in ``in+a1``."""
    name = re.escape(_bytes(node))
    pattern = name + rb"(?<![\w+.-]" + name + rb")(?![\w+-]|\.\w)"
    if len(node) <= _SHORT:
        pattern += rb"(?:(?<=[Nn]ode " + name + rb")|(?<=[Jj]ob " + name + rb")|(?<=Name: " + name + rb")"
        pattern += rb"|(?<=['\"=]" + name + rb"))"
    return re.compile(pattern)


def _bytes(node: str) -> bytes:
    return node.encode("utf-8", "surrogateescape")


def of_ids(ids: list[str]) -> re.Pattern[bytes]:
    """What finds the heads of events of jobs by their HTCondor ids (``83.0``): ``000 (083.000.000) …``."""
    known = [m for m in map(_HTCONDOR_ID.match, ids) if m is not None]
    if not known:
        return re.compile(rb"(?!)")
    each = "|".join(f"0*{int(m[1])}\\.0*{int(m[2] or 0)}" for m in known)
    return re.compile(rb"\((?:" + each.encode() + rb")\.\d+\)")


def pieces(
    read: Read, pattern: re.Pattern[bytes], *, start: int, size: int, most: int, events: bool = False,
    literal: bytes = b"", seconds: float = MOST_S,
) -> NodeLog:  # fmt: skip
    """At most so many lines in which a pattern is found, from byte ``start`` on, which is where a line begins; with
    ``events`` whole events of which the first line has it. ``literal`` is what every match begins with."""
    found = NodeLog(file="", size=size, items=[], next=None)
    until = time.monotonic() + seconds
    behind = start
    for base, data, owned in blocks(read, start, size):
        for at in _places(data, pattern, literal):
            if base + at < behind or at >= owned:
                continue
            line = line_start(read, base, data, at)
            if events and not _EVENT_HEAD.match(data if line >= base else read(OVERLAP, line), max(0, line - base)):
                continue
            if len(found.items) == most:
                found.next = line
                return found
            piece, behind = _piece(read, line, size, events=events)
            found.items.append(piece)
        if time.monotonic() > until and base + owned < size:
            found.next = base + owned
            return found
    return found


def _places(data: bytes, pattern: re.Pattern[bytes], literal: bytes) -> Iterator[int]:
    if not literal:
        yield from (one.start() for one in pattern.finditer(data))
        return
    at = data.find(literal)  # five times as quick as the pattern alone
    while at >= 0:
        if pattern.match(data, at):
            yield at
        at = data.find(literal, at + 1)


def _piece(read: Read, line: int, size: int, *, events: bool) -> tuple[Piece, int]:
    """The line or event that begins there, and the byte behind it. What DAGMan says of a failed node in several lines
    is one piece."""
    data = read(_MOST_BYTES, line)
    end = data.find(b"\n...\n" if events else b"\n")
    if not events and b"Node Name: " in data[: max(0, end)]:
        last = _REPORT_END.search(data)
        end = end if last is None else last.start()
    cut = end < 0 and line + len(data) < size
    body = data if end < 0 else data[:end]
    text = body.decode("utf-8", "replace").rstrip("\r\n")
    return Piece(offset=line, text=text, cut=cut), line + len(body) + 1
