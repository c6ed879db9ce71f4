"""A DAGMan that says little: what its own log leaves out, from its ``nodes.log``.

Told to (``condor_submit_dag -debug 2`` and less), DAGMan does not print the events of its jobs; and a dagman.out may be
gone. The job event log in which DAGMan itself reads those events (``<dag>.nodes.log``) has all that became of the jobs.
Here they are turned into the records that dagman.out would have had, so that the tracker reads both alike. What only
DAGMan could say stays unknown: when POST scripts began, and what became of PRE scripts.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping

from stampede.sources.dagman.dag import Node
from stampede.sources.dagman.dagmanout import Record
from stampede.sources.dagman.joblog import LogEvent
from stampede.sources.dagman.joblog_forms import Ended, Held

#: events whose text is needed
DETAILED = frozenset({5, 9, 12, 15, 16})
_ABORTED, _TERMINATED, _HELD, _SUBMIT, _POST = 9, 5, 12, 0, 16
#: seconds after which DAGMan, which looks at its log every few seconds, would have told of an event
_DUE_S = 30
#: DAGMan's last words come after all events of their second
_LAST = frozenset({"exit", "aborting", "rescue_written", "status", "nodes", "signal"})


def is_quiet(said: Iterable[Record], log: Iterable[LogEvent]) -> bool:
    """Whether DAGMan's own log has no job events although there were some a while ago, or is no log at all."""
    times = [e.ts for e in log if e.ts is not None]
    if not times:
        return False
    first, last = times[0], times[-1]
    begun = False
    for record in said:
        if record.kind == "event" or (not begun and record.ts > first + 1):  # what an earlier run left in nodes.log
            return False
        begun = True
        last = max(last, record.ts)
        if record.kind == "exit":
            return True
    return not begun or last > first + _DUE_S


def together(said: Iterable[Record], log: Iterable[LogEvent], nodes: Mapping[str, Node]) -> Iterator[Record]:
    """The records of a quiet dagman.out and those of its nodes.log, by time."""
    return heapq.merge(said, records(log, nodes), key=lambda r: (r.ts, 2 if r.kind in _LAST else r.kind == "event"))


def records(log: Iterable[LogEvent], nodes: Mapping[str, Node]) -> Iterator[Record]:
    """The job events of a nodes.log as records of dagman.out, with the lines that DAGMan prints after some of them."""
    names: dict[tuple[int, int], str] = {}
    #: processes of a node's last cluster that are under way; clusters a node had so far
    open_: dict[str, set[int]] = {}
    clusters: dict[str, list[int]] = {}
    ts = 0.0
    for e in log:
        if e.node is not None and e.number == _SUBMIT:
            names[e.cluster, e.proc] = e.node
        name = e.node or names.get((e.cluster, e.proc))
        if name is None or e.proc < 0:
            continue
        ts = max(ts, e.ts or ts)  # DAGMan prints them in this order
        job = f"{e.cluster}.{e.proc}"
        if e.number == _SUBMIT:
            tried = clusters.setdefault(name, [])
            if e.cluster not in tried:
                if tried:
                    retries = nodes[name].retries if name in nodes else 0
                    yield Record("retry", ts, e.offset, name, value=len(tried), reason=str(retries))
                tried.append(e.cluster)
                open_[name] = set()
            open_[name].add(e.proc)
        if e.number == _POST:
            yield Record("script_start", ts, e.offset, name, text="POST")
        yield Record("event", ts, e.offset, name, job, text=e.name.removeprefix("ULOG_"))
        yield from _after(e, Record("proc_end", ts, e.offset, name, job), open_.get(name, set()))


def _after(e: LogEvent, base: Record, procs: set[int]) -> Iterator[Record]:
    """What DAGMan prints after an event: the reason of a hold, how a process or a script ended, the end of a node."""
    details = e.details
    if e.number == _HELD and isinstance(details, Held):
        yield Record("hold_reason", base.ts, base.offset, base.node, text=details.reason or "")
    if e.number == _POST and isinstance(details, Ended) and details.exit is not None:
        yield Record("script_end", base.ts, base.offset, base.node, text="POST", value=_value(details))
    if e.number in (_TERMINATED, _ABORTED):
        procs.discard(e.proc)
        if e.number == _TERMINATED and isinstance(details, Ended) and details.exit is not None:
            base.value = _value(details)
            base.text = "signal" if details.exit.signal else "status"
            yield base
        if not procs:
            yield Record("node_left", base.ts, base.offset, base.node)


def _value(details: Ended) -> int:
    """As in a record: 0, the status, or minus the signal."""
    assert details.exit is not None
    return -details.exit.signal if details.exit.signal else details.exit.code or 0
