"""Reads a NODE_STATUS_FILE: DAGMan's snapshot of every node, in ClassAd text, rewritten every so often.

It is evidence only: it can be stale by the update interval and is not written at all when DAGMan is killed; it says
``STATUS_SUBMITTED`` while a DAG is halted, and jobs submitted on hold look idle. With a FINAL node that succeeds after
a failure it says success where the metrics file says failure."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from stampede.files import open_regular
from stampede.sources.dagman.daglines import Lines
from stampede.sources.dagman.problem import FileProblem, Problems

_PAIR = re.compile(r'(\w+) = (?:"((?:[^"\\]|\\.)*)"|(-?\d{1,18}))?')
_COMMENT = re.compile(r'/\* "?(.*?)"? \*/')
_UNESCAPE = re.compile(r"\\(.)")


class NodeState(msgspec.Struct, frozen=True, gc=False):
    """One node's last state: ``status`` is DAGMan's number, ``state`` its word (``STATUS_DONE``)."""

    name: str
    status: int | None = None
    state: str | None = None
    details: str | None = None
    retries: int | None = None
    procs_queued: int | None = None
    procs_held: int | None = None


class NodeStatus(msgspec.Struct):
    """The snapshot. ``ts`` and ``next_ts`` are epoch seconds (0 as next: the last one); ``counts`` has the numbers of
    the DagStatus ad by their names (``NodesDone`` …); ``complete`` says that its end is there."""

    path: str
    dag_files: list[str] = []
    ts: int | None = None
    next_ts: int | None = None
    status: int | None = None
    state: str | None = None
    counts: dict[str, int] = {}
    nodes: dict[str, NodeState] = {}
    complete: bool = False
    problems: list[FileProblem] = []


def read_node_status(path: Path) -> NodeStatus:
    """Read one file. Content never raises; ``OSError`` does, when the file cannot be read."""
    result = NodeStatus(str(path))
    problems = Problems()
    with open_regular(path) as file:
        lines = Lines(file, result.path, problems)
        ad: dict[str, str | int] | None = None
        listing = False
        start = 0
        for text in lines:
            if text == "[":
                if ad is not None:
                    problems.add("torn-ad", "An ad has no end: left out.", result.path, start, lines.line)
                ad, listing, start = {}, False, lines.offset
            elif text == "]":
                if ad is not None:
                    _take(result, ad, problems, start)
                ad = None
            elif ad is not None:
                listing = _line(result, ad, text, listing)
    if ad is not None:
        problems.add(
            "torn-ad", "The last ad has no end: the file was being written, or cut. Left out.", result.path, start
        )
    if not result.complete:
        problems.add("incomplete", "The snapshot has no end (StatusEnd): it may lack nodes.", result.path)
    result.problems = problems.all()
    return result


def _line(result: NodeStatus, ad: dict[str, str | int], text: str, listing: bool) -> bool:
    """One line of an ad; says whether it is in the list of DAG files."""
    if listing:
        if text.startswith("}"):
            return False
        name = text.rstrip(",").strip().strip('"')
        if name:
            result.dag_files.append(name)
        return True
    if text.startswith("DagFiles = {"):
        return "}" not in text
    pair = _PAIR.match(text)
    if pair is not None and (pair[2] is not None or pair[3] is not None):
        ad[pair[1]] = int(pair[3]) if pair[3] is not None else _UNESCAPE.sub(r"\1", pair[2])
        comment = _COMMENT.search(text, pair.end())
        if comment is not None:
            ad[f"{pair[1]}/"] = comment[1]
    return False


def _take(result: NodeStatus, ad: dict[str, str | int], problems: Problems, start: int) -> None:
    kind = ad.get("Type")
    if kind == "NodeStatus" and isinstance(name := ad.get("Node"), str):
        result.nodes[name] = NodeState(
            name,
            _int(ad, "NodeStatus"),
            _text(ad, "NodeStatus/"),
            _text(ad, "StatusDetails"),
            _int(ad, "RetryCount"),
            _int(ad, "JobProcsQueued"),
            _int(ad, "JobProcsHeld"),
        )
    elif kind == "DagStatus":
        result.ts, result.status, result.state = _int(ad, "Timestamp"), _int(ad, "DagStatus"), _text(ad, "DagStatus/")
        result.counts = {k: v for k, v in ad.items() if isinstance(v, int) and k.startswith(("Nodes", "JobProcs"))}
    elif kind == "StatusEnd":
        result.complete = True
        result.next_ts = _int(ad, "NextUpdate")
    else:
        problems.add("unknown-ad", "An ad has no Type that is known: left out.", result.path, start)


def _int(ad: dict[str, str | int], name: str) -> int | None:
    value = ad.get(name)
    return value if isinstance(value, int) else None


def _text(ad: dict[str, str | int], name: str) -> str | None:
    value = ad.get(name)
    return value if isinstance(value, str) and value else None
