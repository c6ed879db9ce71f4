"""What is seen of a run from outside of DAGMan's log: its job in the queue, its process, the logs of its jobs."""

from __future__ import annotations

from itertools import islice

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.files import present
from stampede.sources.base import identity
from stampede.sources.dagman.joblog import LogEvent
from stampede.sources.dagman.outer import conclusion, dagman_log, outer_states, wrapper_output
from stampede.sources.follow.vital import Vital
from stampede.sources.run import Run

#: the log of DAGMan's job, and those of its jobs, may say something so long after DAGMan's last line
_OUTSIDE_S = 5.0
#: job event logs that are looked at while jobs are taken out of the queue
_MOST_LOGS = 100
#: DAGMan's job has ended and DAGMan said nothing of it: its last lines may be so late
_LATE_S = 10.0
#: the same while a process of its number is there, which may be another one
_VERY_LATE_S = 120.0
#: what a waiting job asks for is told after it has waited for so many looks
_PATIENT = 60
#: what DAGMan's own job can be in, or come to
_OF_DAGMAN = frozenset({"held", "released", "dagman_submitted", "dagman_executing", "dagman_removed", "dagman_killed"})


class Outside:
    """Looks around a run. ``lost``: DAGMan is gone without a word, by all that is seen."""

    def __init__(self) -> None:
        self.lost = False
        self._vital = Vital()
        self._look: tuple[object, ...] = ()
        self._dagman_end: LogEvent | None = None
        self._dagman_held = False
        self._jobs_look: tuple[object, ...] = ()
        self._jobs_changed = 0.0
        self._patience: dict[int, int] = {}

    def news(self, run: Run, now: float, quiet_s: float, *, over: bool) -> list[Event]:
        """What is new; ``quiet_s`` is how long DAGMan's log has not grown, ``over`` whether it told its end."""
        events = self._of_dagmans_job(run)
        if not over:
            events += self._of_its_end(run, now, quiet_s)
        return events + self._of_waiting_jobs(run)

    def _of_dagmans_job(self, run: Run) -> list[Event]:
        look = identity(dagman_log(run.wf)) + identity(wrapper_output(run.wf))
        if look == self._look:
            return []
        self._look = look
        events, self._dagman_end = outer_states(run.wf, run.clock, whole=False)
        self._dagman_held = _is_held(events)
        return events

    def _of_its_end(self, run: Run, now: float, quiet_s: float) -> list[Event]:
        tracker, engine = run.tracker, run.tracker.engine
        if self._dagman_end is not None and quiet_s > (_VERY_LATE_S if self._vital.here(engine.pid) else _LATE_S):
            events = list(conclusion(run.wf, tracker, self._dagman_end))
            self.lost = tracker.running
            return events
        if self._dagman_held:
            return []  # it comes back when somebody releases it
        why = self._vital.gone(tracker, now, quiet_s, supervised=present(dagman_log(run.wf)))
        if why is None:
            return []
        self.lost = True
        return [ev.XwfState(ts=engine.last_ts, xwf_id=run.wf.uuid, state="lost", reason=why)]

    def _of_waiting_jobs(self, run: Run) -> list[Event]:
        """What jobs ask for that have been waiting for long."""
        patient = []
        waiting = run.tracker.waiting()
        here = {attempt.seq for attempt, _ in waiting}
        self._patience = {seq: n for seq, n in self._patience.items() if seq in here}
        for attempt, node in waiting:
            n = self._patience[attempt.seq] = self._patience.get(attempt.seq, 0) + 1
            if n == _PATIENT:
                patient.append((attempt, node))
        return run.files.waiting(patient) if patient else []

    def goes_on(self, run: Run, now: float, grown: float) -> bool:
        """Whether something may still be written of a run whose DAGMan has ended; ``grown``: when its log last grew."""
        expects_word = present(dagman_log(run.wf)) and self._dagman_end is None
        if expects_word and now - grown < _OUTSIDE_S:
            return True
        left = [node.current for node in run.tracker.ledger.runs.values()]
        if not any(attempt is not None and attempt.phase == "queued" for attempt in left):
            return False
        # jobs that DAGMan left in the queue are taken out of it now
        look = tuple(identity(path) for path, _ in islice(run.job_logs(), _MOST_LOGS))
        if look != self._jobs_look:
            self._jobs_look, self._jobs_changed = look, now
        return now - max(self._jobs_changed, grown) < _OUTSIDE_S


def _is_held(events: list[Event]) -> bool:
    """Whether DAGMan's own job is held, by all that its log says."""
    states = [e.state for e in events if isinstance(e, ev.XwfState)]
    return next((s == "held" for s in reversed(states) if s in _OF_DAGMAN), False)
