"""Judges tries as they end while a run is watched.

What is told meanwhile is the best that can be said at once: tries are judged in the order in which they are read, which
over several logs is not quite that in which they ended. When a run ends all of it is judged once more from what is
stored (``judging``), and what differs is put right: a watch that was killed leaves the rows of one that was not.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Final

from stampede.analysis.anomaly.finding import Anomaly
from stampede.analysis.anomaly.run import RunJudge
from stampede.errors import StampedeError, UnknownWorkflowError
from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.judging import as_event, corrections, judge_run, judged, root_of
from stampede.query import Reader, open_database
from stampede.query.anomalies import anomalies
from stampede.query.measured import MeasuredTry, measured_among, open_tries, pauses
from stampede.query.workflows import Workflow, forest, roots_above

#: what ended is judged so often, in seconds
_TURN_S: Final = 1.0
#: what is missing (ends, anything at all) is looked for so often
_LOOK_S: Final = 30.0
#: more ends than this in one turn are judged together with all of the run, when it has become calmer
_MOST_PENDING: Final = 2_000
#: a run of which all was judged is not judged as a whole again for so many times what that took
_REST: Final = 20.0

#: events that may mean that a try is over
_ENDS: Final = (ev.JobInstMainEnd, ev.JobInstMainTerm, ev.JobInstPostEnd, ev.JobInstPreEnd, ev.JobInstAbortInfo)

_Name = tuple[str, str, int]


class OnlineJudge:
    """The runs of one path. Give it what was written; ``turn`` answers with what is to be told.

    Memory is bounded by the detector's limits and a bit a try. Times passed in are monotonic seconds; a run's own time
    goes by its records, so that a log that is read long after it was written makes no alarm.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._runs: dict[str, _Run] = {}
        self._root_of: dict[str, str] = {}
        self._next = 0.0
        self._over = self._broken = False

    @property
    def due(self) -> float:
        """When there is something to do although nothing is written."""
        return self._next if self._runs else float("inf")

    def note(self, events: Sequence[Event], now: float) -> None:
        """These events were written."""
        if self._broken or not events:
            return
        self._over = False
        for event in events:
            uuid = event.xwf_id
            if uuid is None:
                continue
            run = self._run(uuid)
            if event.ts is not None and event.ts > run.newest_ts:
                run.newest_ts, run.newest_at = event.ts, now
            if isinstance(event, _ENDS):
                run.pending[(uuid, event.job_id, event.job_inst_id)] = None
                self._next = min(self._next, now + _TURN_S)

    def _run(self, wf_uuid: str) -> _Run:
        """The run of a workflow; until its root has been looked up it has one of its own."""
        name = self._root_of.get(wf_uuid, wf_uuid)
        run = self._runs.get(name)
        if run is None:
            run = self._runs[name] = _Run()
        return run

    def turn(self, now: float) -> list[Event]:
        """What there is to tell now. Raises DatabaseError when the database cannot be read."""
        if now < self.due:
            return []
        try:
            return self._turn(now)
        except StampedeError:
            raise
        except Exception as e:  # a defect here must not end the watch
            return self._give_up(e)

    def _turn(self, now: float) -> list[Event]:
        waiting = any(run.pending for run in self._runs.values())
        self._next = now + (_TURN_S if waiting else _LOOK_S)
        if not waiting and not any(now >= run.next_look for run in self._runs.values()):
            return []
        with open_database(self._url) as reader, reader.snapshot():
            self._gather(reader)
            return [event for run in self._runs.values() for event in run.turn(reader, now)]

    def _give_up(self, error: Exception) -> list[Event]:
        self._broken = True
        self._runs.clear()
        message = f"Anomalies are no longer judged: {type(error).__name__}: {error}"
        return [ev.Problem(kind="defect", severity="error", message=message, remedy="Report it.")]

    def _gather(self, reader: Reader) -> None:
        """Sub-workflows join the run of their root; one that is only spoken of so far waits."""
        unknown = [uuid for uuid, run in self._runs.items() if run.root is None]
        if not unknown:
            return
        for uuid, name in roots_above(reader, unknown).items():
            run = self._runs.pop(uuid)
            self._root_of[uuid] = name
            whole = self._runs.setdefault(name, _Run())
            whole.join(run, whole.root or root_of(reader, name))

    def end(self, wf_uuids: Iterable[str]) -> list[Event]:
        """The runs of these workflows have ended: what their tries give when all are known, once.

        Raises DatabaseError when the database cannot be read.
        """
        if self._over or self._broken:
            return []
        try:
            events = [event for uuid in wf_uuids for event in self._whole(uuid)]
        except StampedeError:
            raise
        except Exception as e:  # a defect here must not end the watch
            return self._give_up(e)
        self._over = True
        self._runs.clear()
        return events

    def _whole(self, uuid: str) -> list[Event]:
        try:
            return judge_run(self._url, uuid)
        except UnknownWorkflowError:  # nothing of it was stored
            return []


class _Run:
    """A run: who it is, what ended and was not judged yet, and the detector."""

    def __init__(self) -> None:
        self.root: Workflow | None = None
        self.pending: dict[_Name, None] = {}
        self.newest_ts = 0.0
        self.newest_at = 0.0
        self.next_look = 0.0
        self._next_pass = 0.0
        self._judge: RunJudge | None = None
        self._judged = bytearray()

    def join(self, other: _Run, root: Workflow) -> None:
        """Take over what is known of a workflow that belongs to this run."""
        self.root = root
        self.pending.update(other.pending)
        if other.newest_ts > self.newest_ts:
            self.newest_ts, self.newest_at = other.newest_ts, other.newest_at

    def turn(self, reader: Reader, now: float) -> list[Event]:
        """What is news."""
        if self.root is None:
            return []
        if len(self.pending) > _MOST_PENDING:
            self._judge = None
            self.pending.clear()
        if self._judge is None:
            return self._pass(reader, now) if now >= self._next_pass else []
        news = [a for one in self._ended(reader) for a in self._judge.judge(one)]
        if now >= self.next_look:
            self.next_look = now + _LOOK_S
            news += self._look(reader, self._judge, now)
        return [as_event(a, self.root.wf_uuid) for a in news]

    def _pass(self, reader: Reader, now: float) -> list[Event]:
        """Judge all that is stored."""
        assert self.root is not None
        began = time.monotonic()
        self._judged = bytearray()
        self._judge = judged(reader, self.root, self._is_new)
        self.pending.clear()
        self._next_pass = now + _REST * (time.monotonic() - began)
        return corrections(self._judge.told.values(), anomalies(reader, self.root), self.root.wf_uuid)

    def _ended(self, reader: Reader) -> list[MeasuredTry]:
        """What ended since the last turn and was not judged. What is not over will be told of again."""
        if not self.pending:
            return []
        assert self.root is not None
        names, self.pending = self.pending, {}
        below = forest(reader, self.root)
        return [one for one in measured_among(reader, below, names) if self._is_new(one)]

    def _is_new(self, one: MeasuredTry) -> bool:
        """Whether it was not judged before; it is now."""
        byte, bit = divmod(one.job_instance_id, 8)
        if byte >= len(self._judged):
            self._judged.extend(bytes(max(byte + 1 - len(self._judged), len(self._judged))))
        known = bool(self._judged[byte] & (1 << bit))
        self._judged[byte] |= 1 << bit
        return not known

    def _look(self, reader: Reader, judge: RunJudge, now: float) -> list[Anomaly]:
        assert self.root is not None
        below = forest(reader, self.root)
        until = self.newest_ts + (now - self.newest_at)
        return judge.look(open_tries(reader, self.root, below, latest=True), pauses(reader, self.root), until)
