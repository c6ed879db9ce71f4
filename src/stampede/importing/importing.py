"""One database of Pegasus into one of ours."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

import msgspec

from stampede.events.base import Event
from stampede.events.catalogue import Problem
from stampede.importing.finding import Found
from stampede.importing.parts import Parts, combined, total
from stampede.pipeline import TRANSACTION, judge
from stampede.query import open_stored
from stampede.query.foreign import Fault, ForeignRows, WorkflowRow
from stampede.store.lease import Leases, myself
from stampede.store.loader import Loader, Position

#: how the names of positions begin; the uuid behind it has them struck out when its workflow is deleted
_PREFIX: Final = "pegasus#"
#: the part that stands for all, of a database in which nothing more is to happen
_WHOLE: Final = "whole"

#: called with (rows read, rows in all, events so far)
Progress = Callable[[int, int, int], None]

_REMEDIES: Final = {
    "undecodable": "Nothing: the bytes of the database are no UTF-8.",
    "unplaceable": "Import the run from its submit directory (stampede load) if that is still there.",
    "unreadable": "Look the value up in the database it came from.",
}


class Imported(msgspec.Struct, kw_only=True):
    """What an import did: events written, parts that were known already, workflows by what became of them.

    ``workflows`` are those that are there now from this database, ``left_alone`` those that were there from elsewhere
    (loaded or received), of which nothing was changed.
    """

    name: str
    events: int = 0
    known_events: int = 0
    workflows: list[str] = []
    left_alone: list[str] = []
    problems: dict[str, int] = {}
    first_problems: list[Problem] = []


def import_database(found: Found, url: str, *, progress: Progress | None = None) -> Imported:
    """Write what a database of Pegasus has into the one at ``url``, which is made when there is none.

    What is there already is not written twice. Raises BusyError when another process imports it, DatabaseError when
    one of both cannot be used.
    """
    with open_stored(found.url) as reader, Loader(url) as loader:
        work = _Import(found, loader, url)
        rows = ForeignRows(reader, work.told)
        workflows = [w for w in rows.workflows() if w.wf_uuid not in found.without]
        work.run(rows, workflows, progress)
    return work.result


class _Import:
    """An import under way."""

    def __init__(self, found: Found, loader: Loader, url: str) -> None:
        self.result = Imported(name=found.name)
        self._found = found
        self._loader = loader
        self._url = url
        self._problems: list[Event] = []
        self._uuids: dict[int, str] = {}
        self._file = posixpath.basename(found.name)

    def told(self, fault: Fault) -> None:
        """Note what could not be taken as it was."""
        where = fault.table if fault.number is None else f"{fault.table} {fault.number}"
        problem = Problem(
            kind=fault.kind, message=f"{where} {fault.what}.", file=f"{self._file}:{fault.table}", offset=fault.number,
            severity="warning", remedy=_REMEDIES.get(fault.kind, "Report it: a newer Pegasus may keep something new."),
            xwf_id=next(iter(self._uuids.values()), None),
        )  # fmt: skip
        self._problems.append(problem)
        kinds = self.result.problems
        kinds[fault.kind] = kinds.get(fault.kind, 0) + 1
        if len(self.result.first_problems) < 20:
            self.result.first_problems.append(problem)

    def run(self, rows: ForeignRows, workflows: list[WorkflowRow], progress: Progress | None) -> None:
        """Do it."""
        taken = self._taken(workflows)
        self.result.workflows = [w.wf_uuid for w in taken]
        self._uuids = {w.wf_id: w.wf_uuid for w in taken}
        if not taken:
            return
        name = _PREFIX + taken[0].wf_uuid
        with self._owning(name) as leases:
            rows.tell_unplaceable()
            known = self._known(name, taken)
            if _WHOLE in known and self._is_whole(known[_WHOLE], Parts(rows, taken), rows, progress):
                return
            digests = self._write_parts(name, rows, taken, known, leases, progress)
            if all(rows.ended(w.wf_id) for w in taken):
                self._settle(name, taken, digests, leases)
            judge(self._url, self.result.workflows, self._loader, leases)

    def _write_parts(
        self, name: str, rows: ForeignRows, taken: list[WorkflowRow], known: dict[str, int], leases: Leases,
        progress: Progress | None,
    ) -> list[tuple[str, int]]:  # fmt: skip
        """Write the parts that are not known; all of them with their digests."""
        upto = max(abs(w.wf_id) for w in taken)
        held: list[_Batch] = [([], Position(_PREFIX + w.wf_uuid, 1)) for w in taken]
        digests: list[tuple[str, int]] = []
        done, everything = 0, total(rows)
        for part in Parts(rows, taken):
            digests.append((part.name, part.digest))
            told = self._drained()
            if known.get(part.name) == part.digest:
                self.result.known_events += len(part.events)
                leases.beat()
            else:
                held.append((part.events + told, Position(f"{name}/{part.name}", upto, part.digest)))
            if sum(len(events) for events, _ in held) >= TRANSACTION:
                self._write(held, leases)
            done += part.rows
            if progress is not None:
                progress(min(done, everything), everything, self.result.events + self.result.known_events)
        self._write([*held, (self._drained(), None)], leases)
        return digests

    # ---- what is there ----------------------------------------------------------------------------------------------

    def _taken(self, workflows: list[WorkflowRow]) -> list[WorkflowRow]:
        """The workflows to be imported: all but of runs that the database has from elsewhere."""
        there = self._loader.known(w.wf_uuid for w in workflows)
        others = {w.wf_uuid for w in workflows
                  if w.wf_uuid in there and self._loader.position(_PREFIX + w.wf_uuid) is None}  # fmt: skip
        roots = {w.root_wf_id or w.wf_id for w in workflows if w.wf_uuid in others}
        self.result.left_alone = [w.wf_uuid for w in workflows if (w.root_wf_id or w.wf_id) in roots]
        return [w for w in workflows if (w.root_wf_id or w.wf_id) not in roots]

    def _known(self, name: str, taken: list[WorkflowRow]) -> dict[str, int]:
        """Digests of the parts that are there, by name; none when a workflow was deleted since."""
        positions = self._loader.positions_from(f"{name}/")
        upto = max((p.offset for p in positions), default=0)
        there = self._loader.known(w.wf_uuid for w in taken)
        if any(abs(w.wf_id) <= upto and w.wf_uuid not in there for w in taken):
            return {}
        return {p.source.removeprefix(f"{name}/"): p.inode for p in positions}

    def _is_whole(self, digest: int, parts: Parts, rows: ForeignRows, progress: Progress | None) -> bool:
        """Whether all is as it was when the last import ended; what is told meanwhile was told then."""
        digests, done, everything = [], 0, total(rows)
        for part in parts:
            digests.append(part.digest)
            self.result.known_events += len(part.events)
            done += part.rows
            if progress is not None:
                progress(min(done, everything), everything, self.result.known_events)
        self._problems.clear()
        if combined(digests) == digest:
            return True
        self.result.known_events = 0
        self.result.problems.clear()
        self.result.first_problems.clear()
        rows.tell_unplaceable()
        return False

    # ---- what is written --------------------------------------------------------------------------------------------

    @contextmanager
    def _owning(self, name: str) -> Iterator[Leases]:
        """As the only one who imports it."""
        leases = Leases(self._loader.connection, [name], myself("import"))
        leases.take()
        try:
            yield leases
        finally:
            leases.release()

    def _drained(self) -> list[Event]:
        told, self._problems = self._problems, []
        return told

    def _write(self, held: list[_Batch], leases: Leases) -> None:
        if held:
            self.result.events += self._loader.apply_all(held, guard=leases.guard)
            held.clear()

    def _settle(self, name: str, taken: list[WorkflowRow], digests: list[tuple[str, int]], leases: Leases) -> None:
        """One position for all parts, when all engines have ended."""
        upto = max(abs(w.wf_id) for w in taken)
        whole = Position(f"{name}/{_WHOLE}", upto, combined([d for _, d in digests]), complete=True)
        gone: list[_Batch] = [([], Position(f"{name}/{part}", -1)) for part, _ in digests]
        self._loader.apply_all([*gone, ([], whole)], guard=leases.guard)


#: events, and where the parts stand with them
_Batch: TypeAlias = tuple[list[Event], Position | None]
