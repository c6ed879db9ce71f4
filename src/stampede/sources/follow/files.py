"""What jobs leave behind, read while they run: files may come after the line that tells of them, or be half there.

The end of a try is told at once. What is lacking or damaged is *owed*: looked for again, less and less often, and the
try is told again with it when it came; so is a try whose files changed once more just after they had been read. Every
write of it is idempotent. The place in DAGMan's log of the first try that something is owed for is kept with the
positions, so that a reading begun anew tells those tries again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.sources.dagman.attempts import Attempt
from stampede.sources.dagman.dag import Dag, Node
from stampede.sources.jobfiles import Job, JobFiles, submit_key

#: a file that is lacking is looked for after so many seconds, each time that many times longer, at most so long
_FIRST_S, _FACTOR, _LONGEST_S = 0.2, 1.7, 60.0
#: what does not come in so many seconds may never come: the try is told with what is there
_PATIENCE_S = 10.0
#: a file that was written to less than so many seconds before it was read is looked at once more after so many
_YOUNG_S, _AGAIN_S = 2.0, 3.0
#: logs of sub-workflows are looked for so often
_ORPHANS_S = 0.3
#: tries that something is owed for; the oldest are told for good when there are more
_MOST = 2000

#: a file as it was when it was read: size and time of change in nanoseconds
_Look = tuple[int, int]


class _Owed(msgspec.Struct, gc=False):
    attempt: Attempt
    node: Node | None
    ts: float
    js: int
    last: bool
    #: where the lines begin among which it ended
    at: int
    since: float
    wait: float
    due: float
    #: something is lacking or damaged; else it was only read while it was being written
    short: bool
    #: files that were just being written, as they were
    young: dict[str, _Look]
    #: it was told with all that is there
    told: bool = False


class _Orphan(msgspec.Struct, gc=False):
    """A job that runs a sub-workflow whose log was not there when the job was submitted."""

    log: Path
    node: str
    seq: int


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
        self._owed: dict[int, _Owed] = {}
        self._young: dict[str, _Look] = {}
        #: the plan is being told: what is not there is told at once
        self._planning = True
        #: what is to be told in the end of submit files that are not there
        self._missing: dict[str, ev.Problem] = {}
        self._orphans: list[_Orphan] = []
        self._orphans_due = float("inf")

    @property
    def owing(self) -> int | None:
        """Where in the log the first try ended that something is owed for; None when nothing is."""
        return min((o.at for o in self._owed.values()), default=None)

    @property
    def due(self) -> float:
        """When to look again (monotonic seconds)."""
        return min([self._orphans_due, *(o.due for o in self._owed.values())])

    def expects(self, now: float) -> bool:
        """Whether something is owed for a try that ended so lately that it may well come."""
        return any(now - o.since < _PATIENCE_S for o in self._owed.values())

    def forget(self) -> None:
        """The plan was told: submit files are read again, when they are needed."""
        self._planning = False
        super().forget()

    # ---- ends of tries ----------------------------------------------------------------------------------------------

    def ended(self, attempt: Attempt, node: Node | None, ts: float, js: int, *, last: bool) -> list[Event]:
        """All that is known of a try after it ended; what is lacking is looked for later."""
        job = self._last_look(node, attempt)
        if self.silent and (self.owed_since is None or self.at < self.owed_since):
            return []
        before = self.problems()
        self._young = {}
        events = self.outcome(job, attempt, node, ts, js, last=last)
        self.short |= job is None and _described(node)
        if self.short or self._young:
            now = time.monotonic()
            wait = _FIRST_S if self.short else _AGAIN_S
            kept = msgspec.structs.replace(attempt)
            owed = _Owed(kept, node, ts, js, last, self.at, now, wait, now + wait, self.short, self._young)
            if self.short:
                events = self._essence(events)
            events += self._owe(owed)
        if self.silent:
            self.again += events
            return []
        return before + events

    def _essence(self, events: list[Event]) -> list[Event]:
        """Of what half a record says, only that the try has ended; its problems may be over soon."""
        self._withdraw(events)
        return [e for e in events if isinstance(e, ev.JobInstMainEnd)]

    def _withdraw(self, events: list[Event]) -> None:
        """These problems were not told after all."""
        for e in events:
            if isinstance(e, ev.Problem):
                self._told.discard(f"{e.kind}:{e.file}")

    def _owe(self, owed: _Owed) -> list[Event]:
        self._owed[owed.attempt.seq] = owed
        if len(self._owed) <= _MOST:
            return []
        oldest = self._owed.pop(next(iter(self._owed)))
        return self._told_again(oldest) if oldest.short or _changed(oldest.young) else []

    def overdue(self, now: float) -> list[Event]:
        """Tries told again: those of which what was lacking has come or has changed, or has kept us waiting long."""
        out: list[Event] = []
        for owed in [o for o in self._owed.values() if o.due <= now]:
            if owed.short or _changed(owed.young):
                out += self._looked_again(owed, now)
            else:
                del self._owed[owed.attempt.seq]
        return out + self._found_orphans()

    def _looked_again(self, owed: _Owed, now: float) -> list[Event]:
        events = self._told_again(owed)
        if not self.short and not self._young:
            del self._owed[owed.attempt.seq]
            return events
        owed.short, owed.young = self.short, self._young
        owed.wait = min(owed.wait * _FACTOR, _LONGEST_S) if owed.short else _AGAIN_S
        owed.due = now + owed.wait
        if not owed.short:
            return events
        self._withdraw(events)
        if owed.told or now - owed.since < _PATIENCE_S:
            return []
        owed.told = True
        return [e for e in events if not isinstance(e, ev.Problem)]

    def at_last(self) -> list[Event]:
        """Tries that something is owed for, told for good with what is there now."""
        out = self._found_orphans()
        for owed in self._owed.values():
            if owed.short or _changed(owed.young):
                out += self._told_again(owed)
        self._owed.clear()
        return out + list(self._missing.values())

    def _told_again(self, owed: _Owed) -> list[Event]:
        a = owed.attempt
        self._young = {}
        job = self.job(owed.node, a.node, a.retry)
        events = self.outcome(job, a, owed.node, owed.ts, owed.js, last=owed.last)
        self.short |= job is None and _described(owed.node)
        return events

    def job(self, node: Node | None, name: str, retry: int = 0) -> Job | None:
        """The job behind a node; a submit file that is not there may still come, and is looked for each time."""
        found = super().job(node, name, retry)
        if node is None or not _described(node) or self._planning:
            return found
        if found is not None:
            self._missing.pop(node.submit_file, None)
            return found
        self._jobs.pop(submit_key(node, name, retry), None)
        for problem in self._problems:
            if isinstance(problem, ev.Problem) and problem.file == node.submit_file:
                self._missing[node.submit_file] = problem
        self._problems = [p for p in self._problems if p not in self._missing.values()]
        return None

    def _bytes(self, path: str) -> bytes | None:
        """The content of a file; one that is just being written is remembered as it was."""
        look = _look(path)
        if look is not None and time.time() - look[1] / 1e9 < _YOUNG_S:
            self._young[path] = look
        return super()._bytes(path)

    # ---- sub-workflows ----------------------------------------------------------------------------------------------

    def sub_workflow(self, attempt: Attempt, node: Node | None) -> str | None:
        """The uuid of the workflow that this try is; asked again later when its log is not there yet."""
        log = self._child_log(attempt, node)
        if log is None or self.follow is None:
            return None
        child = self.follow(log, attempt.node, self.uuid)
        if child is None:
            self._orphans.append(_Orphan(log, attempt.node, attempt.seq))
            self._orphans_due = 0.0
        elif self.silent:
            self.again.append(self._mapped(child, attempt.node, attempt.seq))
        return child

    def _mapped(self, child: str, node: str, seq: int) -> Event:
        return ev.XwfMapSubwfJob(xwf_id=self.uuid, subwf_id=child, job_id=node, job_inst_id=seq)

    def _found_orphans(self) -> list[Event]:
        return list(self._adopted()) if self._orphans and self.follow is not None else []

    def _adopted(self) -> Iterator[Event]:
        assert self.follow is not None
        orphans, self._orphans = self._orphans, []
        for orphan in orphans:
            child = self.follow(orphan.log, orphan.node, self.uuid)
            if child is None:
                self._orphans.append(orphan)
            else:
                yield self._mapped(child, orphan.node, orphan.seq)
        self._orphans_due = time.monotonic() + _ORPHANS_S if self._orphans else float("inf")

    def awaited(self) -> list[Path]:
        """Logs of sub-workflows that were started and have none yet."""
        return [o.log for o in self._orphans]


def _described(node: Node | None) -> bool:
    """Whether a submit file says what a node runs."""
    return node is not None and bool(node.submit_file)


def _look(path: str) -> _Look | None:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns


def _changed(young: dict[str, _Look]) -> bool:
    """Whether one of the files is another one now."""
    return any(_look(path) != look for path, look in young.items())
