"""What jobs leave behind, read while they run: files may come after the line that tells of them, or be half there.

The end of a try is told at once. What is lacking or damaged is *owed* (``Debts``): looked for again, less and less
often, and the try is told again with it when it came; so is a try whose output went on after it had been read. Every
write of it is idempotent. The place in DAGMan's log of the first try that something is owed for is kept with the
positions, so that a reading begun anew tells those tries again.

Tries of a node may share their output files: what one of them left is read when it ends, before the next one writes
over it. That is more than can be known when the run is over.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.sources.dagman.attempts import Attempt
from stampede.sources.dagman.dag import Dag, Node
from stampede.sources.follow.debts import Debt, Debts
from stampede.sources.follow.lacking import Lacking
from stampede.sources.follow.looks import Look, goes_on, has_changed, look_at, mtime_of
from stampede.sources.follow.orphans import Orphans
from stampede.sources.follow.ownlogs import OwnLogs
from stampede.sources.jobfiles import MAX_OUTPUT, Job, JobFiles, keeps_output, late_name, submit_key

#: what does not come in so many seconds may never come: the try is told with what is there
_PATIENCE_S = 10.0
#: tries that something is owed for; the oldest are told for good when there are more
_MOST = 2000
#: DAGMan's log has whole seconds; clocks of machines that share a file system may be so many seconds apart
_SECOND_S, _SKEW_S = 1.0, 1.0


class LiveFiles(JobFiles):
    """``JobFiles`` of a run that is followed.

    ``at`` is where the lines begin that are being read. While ``silent`` (what is known is read again) nothing is told
    but what may have been owed: ends of tries from ``owed_since`` on, and sub-workflows; that is found in ``again``.
    """

    def __init__(self, _dag: Dag, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = 0
        self.silent = False
        self.owed_since: int | None = None
        self.again: list[Event] = []
        #: submit files that may still come
        self.lacking = Lacking()
        #: job event logs of tries that are under way
        self.own_logs = OwnLogs()
        self._debts = Debts(_MOST)
        self._looks: dict[str, Look] = {}
        #: the plan is being told
        self._planning = True
        #: a try whose output a later one will write over
        self._passing: Attempt | None = None
        self._orphans = Orphans()

    @property
    def owing(self) -> int | None:
        """Where in the log the first try ended that something is owed for; None when nothing is."""
        oldest = self._debts.oldest
        return None if oldest is None else oldest.at

    @property
    def due(self) -> float:
        """When to look again (monotonic seconds)."""
        return min(self._orphans.due, self._debts.due, self.lacking.due)

    def expects(self, now: float) -> bool:
        """Whether something is owed for a try that ended so lately that it may well come, or a sub-workflow is about to
        be known."""
        pressing = any(now - debt.since < _PATIENCE_S and debt.is_pressing for debt in self._debts)
        return pressing or self._orphans.expects(now)

    def forget(self) -> None:
        """The plan was told: submit files are read again, when they are needed."""
        self._planning = False
        super().forget()

    # ---- ends of tries ----------------------------------------------------------------------------------------------

    def submitted(self, attempt: Attempt, node: Node | None) -> tuple[str | None, str | None, str | None, str | None]:
        found = super().submitted(attempt, node)
        job = self.job(node, attempt.node, attempt.retry)
        if job is not None and job.log is not None:
            self.own_logs.begin(late_name(job.log, attempt), attempt.seq)
        return found

    def ended(self, attempt: Attempt, node: Node | None, ts: float, js: int, *, last: bool) -> list[Event]:
        """All that is known of a try after it ended; what is lacking is looked for later."""
        job = self._last_look(node, attempt)
        self.own_logs.end(attempt.seq)
        if self.silent and (self.owed_since is None or self.at < self.owed_since):
            return []
        before = self.problems()
        events = self._read(job, attempt, node, ts, js, last=last)
        for earlier in self._debts.of_node(attempt.node):
            earlier.overtaken |= {(e.lfn_id, e.key) for e in events if isinstance(e, ev.RcMeta)}
        if self.short or self._looks:
            now = time.monotonic()
            debt = Debt(msgspec.structs.replace(attempt), node, ts, js, last, self.at, now, self.short, self._looks)
            debt.begin(now)
            if self.short:
                events = self._essence(events)
            events += self._owe(debt)
        if self.silent:
            self.again += events
            return []
        return before + events

    def _read(
        self, job: Job | None, attempt: Attempt, node: Node | None, ts: float, js: int, *, last: bool
    ) -> list[Event]:
        """What is there of a try; ``_looks`` and ``short`` tell what may be there later."""
        last = last or keeps_output(job)
        self._looks = {}
        self._passing = None if last or self.silent else attempt
        events = self.outcome(job, attempt, node, ts, js, last=last)
        self._passing = None
        if not last:  # the next try writes over it: there is no second look
            self._looks, self.short = {}, False
        self._looks = {path: look for path, look in self._looks.items() if look.is_fresh}
        self.short |= job is None and _described(node)
        return events

    def _essence(self, events: list[Event]) -> list[Event]:
        """Of what half a record says, only that the try has ended; its problems may be over soon."""
        self._withdraw(events)
        return [e for e in events if isinstance(e, ev.JobInstMainEnd)]

    def _withdraw(self, events: list[Event]) -> None:
        """These problems were not told after all."""
        for e in events:
            if isinstance(e, ev.Problem):
                self._told.discard(f"{e.kind}:{e.file}")

    def _owe(self, debt: Debt) -> list[Event]:
        oldest = self._debts.add(debt)
        return self._told_again(oldest) if oldest is not None and self._is_due(oldest) else []

    def overdue(self, now: float) -> list[Event]:
        """Tries told again: those of which what was lacking has come or has changed, or has kept us waiting long."""
        out: list[Event] = []
        for debt in self._debts.overdue(now):
            if self._is_due(debt):
                out += self._looked_again(debt, now)
            elif debt.looked(now):
                self._debts.delay(debt)
            else:
                self._debts.settle(debt.attempt.seq)
        if self.lacking.due <= now:
            self.lacking.look()
        return out + self._found_orphans()

    def _is_due(self, debt: Debt) -> bool:
        """Whether there may be more of a try than was read. What others wrote over it is none of its."""
        if debt.short:
            return True
        changed = [path for path, look in debt.looks.items() if has_changed(path, look)]
        for path in changed:
            if not goes_on(path, debt.looks[path]):
                return False
        return bool(changed)

    def _looked_again(self, debt: Debt, now: float) -> list[Event]:
        events = self._told_again(debt)
        if not self.short and not self._looks:
            self._debts.settle(debt.attempt.seq)
            return events
        debt.renew(now, self._looks, short=self.short)
        self._debts.delay(debt)
        if not debt.short:
            return events
        self._withdraw(events)
        if debt.told or now - debt.since < _PATIENCE_S:
            return []
        debt.told = True
        return [e for e in events if not isinstance(e, ev.Problem)]

    def at_last(self) -> list[Event]:
        """Tries that something is owed for, told for good with what is there now."""
        out = self._found_orphans()
        for debt in self._debts:
            if self._is_due(debt):
                out += self._told_again(debt)
        self._debts.clear()
        self.lacking.look_at_all()
        return out + self.lacking.problems()

    def _told_again(self, debt: Debt) -> list[Event]:
        a = debt.attempt
        events = self._read(self.job(debt.node, a.node, a.retry), a, debt.node, debt.ts, debt.js, last=debt.last)
        later = debt.overtaken
        return [e for e in events if not isinstance(e, ev.RcMeta) or (e.lfn_id, e.key) not in later]

    # ---- submit files -----------------------------------------------------------------------------------------------

    def job(self, node: Node | None, name: str, retry: int = 0) -> Job | None:
        """The job behind a node; a submit file that is not there may still come, and is looked for each time."""
        found = super().job(node, name, retry)
        if node is None or not _described(node):
            return found
        if found is not None:
            if self.lacking:
                self.lacking.came(self.submit_path(node))
            return found
        self._jobs.pop(submit_key(node, name, retry), None)
        path = self.submit_path(node)
        self._problems = self.lacking.hold_back(path, node.submit_file, self._problems)
        if self._planning:
            self.lacking.add(path, name)
        return None

    # ---- output -----------------------------------------------------------------------------------------------------

    def _output(
        self, name: str, suffix: str, *, rotated: bool, last: bool, aborted: bool
    ) -> tuple[str | None, bytes | None]:
        a = self._passing
        if a is not None and not rotated and name and _was_written_by(a, self._place(name)):
            last = True
        return super()._output(name, suffix, rotated=rotated, last=last, aborted=aborted)

    def _bytes(self, path: str) -> bytes | None:
        """The content of a file, which is remembered as it was."""
        mtime = mtime_of(path)
        data = super()._bytes(path)
        if data is not None and mtime is not None:
            self._looks[path] = look_at(data, mtime, whole=len(data) < MAX_OUTPUT)
        return data

    # ---- sub-workflows ----------------------------------------------------------------------------------------------

    def sub_workflow(self, attempt: Attempt, node: Node | None) -> str | None:
        """The uuid of the workflow that this try is; asked again later when its log is not there yet."""
        log = self._child_log(attempt, node)
        if log is None or self.follow is None:
            return None
        child = self.follow(log, attempt.node, self.uuid)
        if child is None:
            self._orphans.add(log, attempt.node, attempt.seq)
        elif self.silent:
            self.again.append(self._mapped(child, attempt.node, attempt.seq))
        return child

    def _mapped(self, child: str, node: str, seq: int) -> Event:
        return ev.XwfMapSubwfJob(xwf_id=self.uuid, subwf_id=child, job_id=node, job_inst_id=seq)

    def _found_orphans(self) -> list[Event]:
        follow = self.follow
        if follow is None or self._orphans.due == float("inf"):
            return []
        found = self._orphans.found(lambda log, node: follow(log, node, self.uuid))
        return [self._mapped(child, orphan.node, orphan.seq) for child, orphan in found]

    def awaited(self) -> list[Path]:
        """Logs of sub-workflows that were started and have none yet."""
        return self._orphans.logs()


def _described(node: Node | None) -> bool:
    """Whether a submit file says what a node runs."""
    return node is not None and bool(node.submit_file)


def _was_written_by(attempt: Attempt, path: str) -> bool:
    """Whether a file that several tries of a node write into, one after the other, is as this one left it."""
    mtime = mtime_of(path)
    if mtime is None or attempt.execute is None or attempt.end is None:
        return False
    return attempt.execute - _SKEW_S <= mtime / 1e9 < attempt.end + _SECOND_S
