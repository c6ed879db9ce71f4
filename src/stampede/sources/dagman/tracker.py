"""From the lines of dagman.out to events: the state machine of one DAG.

One ``Tracker`` follows one workflow through all runs of DAGMan (restarts, rescues, recoveries). Its parts, each with a
method ``on_<kind>`` for the records it understands::

    Tracker ─┬─ Engine        DAGMan's own life; Recovery tells which events it repeats
             ├─ Scripts       PRE and POST scripts
             ├─ Submissions   tries begin
             ├─ Jobs          what happens to them, and how they end
             └─ Ledger        what the others share: nodes under way, numbers, the events so far

What lies in other files is left to the ledger's ``JobFiles``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stampede.events.base import Event
from stampede.model.standing import Standing
from stampede.sources.dagman.attempts import Attempt
from stampede.sources.dagman.dag import Node
from stampede.sources.dagman.dagmanout import Record
from stampede.sources.dagman.engine import Engine
from stampede.sources.dagman.jobs import Jobs
from stampede.sources.dagman.ledger import JobFiles, Ledger
from stampede.sources.dagman.recovery import DEPENDENT
from stampede.sources.dagman.scripts import Scripts
from stampede.sources.dagman.submissions import Submissions
from stampede.sources.dagman.tally import JobIds

_PARTS = (Engine, Scripts, Submissions, Jobs)
#: kind of record -> place of the part that understands it, and its method; shared by the thousands of a forest
_HANDLERS: dict[str, tuple[int, Callable[[Any, Record], None]]] = {
    name.removeprefix("on_"): (place, getattr(part, name))
    for place, part in enumerate(_PARTS)
    for name in dir(part)
    if name.startswith("on_")
}

#: records that only a running DAGMan writes
_RUNNING = frozenset({"truncated_log", "submitting", "event", "nodes"})


class Tracker:
    """Turns records of one dagman.out into events of one workflow."""

    def __init__(self, uuid: str, nodes: Mapping[str, Node], files: JobFiles) -> None:
        self.ledger = Ledger(uuid, nodes, files)
        self.engine = Engine(self.ledger)
        self.submissions = Submissions(self.ledger, self.engine)
        self.jobs = Jobs(self.ledger, self.engine, self.submissions)
        self._parts = (self.engine, Scripts(self.ledger, self.engine), self.submissions, self.jobs)

    @property
    def files(self) -> JobFiles:
        """What answers for the files around the DAG."""
        return self.ledger.files

    @property
    def running(self) -> bool:
        """Whether the last start of DAGMan has no end yet."""
        return self.engine.running

    @property
    def unfinished(self) -> bool:
        """Whether some node has still to be done."""
        ledger = self.ledger
        return any(n.type != "service" and name not in ledger.done for name, n in ledger.nodes.items())

    def go_on(self, standing: Standing) -> None:
        """Take over where the database stands, when the beginning of the log is gone."""
        self.ledger.go_on(standing)
        self.engine.go_on(standing)

    def repack(self, nodes: Mapping[str, Node]) -> None:
        """The same nodes, kept in another way."""
        self.ledger.repack(nodes)

    @property
    def by_job(self) -> JobIds:
        """Node and job instance number of every ``cluster.proc``."""
        return self.ledger.by_job

    def waiting(self) -> list[tuple[Attempt, Node | None]]:
        """Tries in the queue that never executed, for what they ask for."""
        found = []
        for run in self.ledger.runs.values():
            last = run.current
            if last is not None and last.phase == "queued" and last.execute is None:
                found.append((last, self.ledger.nodes.get(run.name)))
        return found

    def feed(self, records: Iterable[Record]) -> list[Event]:
        """Events that follow from the records, in order."""
        out = self.ledger.out = []
        parts = self._parts
        jobs, engine = self.jobs, self.engine
        recovery = engine.recovery
        for r in records:
            kind = r.kind
            if jobs.held is not None and kind != "hold_reason":
                jobs.hold_without_reason()
            if recovery.skipping and kind in DEPENDENT:
                continue
            if not engine.running and kind in _RUNNING:
                engine.started(r.ts)
            handler = _HANDLERS.get(kind)
            if handler is not None:
                place, method = handler
                method(parts[place], r)
            if engine.last_ts is None or r.ts > engine.last_ts:
                engine.last_ts = r.ts
        return out

    def finish(self) -> list[Event]:
        """What is still to be said when the file is read to its end (it may go on later)."""
        self.ledger.out = []
        self.jobs.hold_without_reason()
        self.engine.begin()
        self.engine.send_table()
        return self.ledger.out
