"""Anomalies from the tries in a database to the rows of ``anomaly``.

All ended tries of a run are judged in the order in which they ended, so that the rows follow from what is stored and
from nothing else: not from the batches in which it came, nor from how often the monitor was killed. That happens at the
end of a load and of a watched run; while a run is watched, ``watching.online`` judges tries as they end.

What is found travels as events (``stampede.anomaly.*``) like everything else that is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from stampede.analysis.anomaly.finding import Anomaly
from stampede.analysis.anomaly.run import RunJudge
from stampede.errors import StampedeError
from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.query import Reader, open_database
from stampede.query.anomalies import StoredAnomaly, anomalies
from stampede.query.history import past_runs
from stampede.query.measured import MeasuredTry, measured_tries, open_tries, pauses
from stampede.query.workflows import Workflow, find, forest, roots_above

#: earlier runs that teach, and tries of them in all: more teach little and take seconds
_RUNS = 20
_TRIES = 20_000
_EVENTS: dict[str, type[ev.AnomalyEvent]] = {
    "job": ev.AnomalyJob,
    "host": ev.AnomalyHost,
    "baseline": ev.AnomalyBaseline,
    "failure_rate": ev.AnomalyFailureRate,
    "stall": ev.AnomalyStall,
    "start_without_end": ev.AnomalyStartWithoutEnd,
}
_FIELDS = tuple(f for f in Anomaly.__struct_fields__ if f != "kind")


def as_event(anomaly: Anomaly, wf_uuid: str) -> Event:
    """An anomaly of that run as an event."""
    return _EVENTS[anomaly.kind](xwf_id=wf_uuid, **{name: getattr(anomaly, name) for name in _FIELDS})


def judge_run(url: str, wf_uuid: str) -> list[Event]:
    """The events that make the stored anomalies of a run those that its stored tries give; none when they are.

    ``wf_uuid`` is any workflow of the run. Raises StampedeError when the database cannot be read.
    """
    with open_database(url) as reader, reader.snapshot():
        root = root_of(reader, wf_uuid)
        judge, stored = judged(reader, root), anomalies(reader, root)
    return corrections(judge.told.values(), stored, root.wf_uuid)


def corrections(found: Iterable[Anomaly], stored: Iterable[StoredAnomaly], wf_uuid: str) -> list[Event]:
    """What has to be told so that what is ``found`` is what is stored."""
    known = {(s.kind, s.subject): s for s in stored}
    events: list[Event] = []
    for anomaly in found:
        before = known.pop(anomaly.key, None)
        if before is None or not _same(anomaly, before):
            events.append(as_event(anomaly, wf_uuid))
    return [*(ev.AnomalyCleared(xwf_id=wf_uuid, ts=s.ts, kind=s.kind, subject=s.subject) for s in known.values()),
            *events]  # fmt: skip


def _same(anomaly: Anomaly, stored: StoredAnomaly) -> bool:
    return all(getattr(anomaly, name) == getattr(stored, name) for name in _FIELDS)


def root_of(reader: Reader, wf_uuid: str) -> Workflow:
    """The root of the run that a workflow belongs to. Raises UnknownWorkflowError."""
    found = find(reader, wf_uuid)[0]
    return found if found.root_wf_uuid == found.wf_uuid else find(reader, found.root_wf_uuid)[0]


def root_uuids(url: str, wf_uuids: Iterable[str]) -> list[str]:
    """The roots of the runs that these workflows belong to, each once; those that are not stored have none.

    Raises StampedeError when the database cannot be read.
    """
    with open_database(url) as reader, reader.snapshot():
        return list(dict.fromkeys(roots_above(reader, wf_uuids).values()))


def judged(reader: Reader, root: Workflow, seen: Callable[[MeasuredTry], object] | None = None) -> RunJudge:
    """All of a run as it is stored now, judged; ``seen`` is called with each of its tries."""
    judge = RunJudge(root.wf_uuid)
    _learn(judge, root, reader.url)
    below = forest(reader, root)
    for one in measured_tries(reader, root, below):
        judge.judge(one)
        if seen is not None:
            seen(one)
    judge.look(open_tries(reader, root, below), pauses(reader, root))
    return judge


def _learn(judge: RunJudge, root: Workflow, url: str) -> None:
    """What earlier runs of the label took, oldest first; the latest when there are too many."""
    began = root.first_ts if root.first_ts is not None else root.planned_ts
    if not root.label or began is None:
        return
    runs, tries = [], 0
    for run in past_runs(root.label, before_ts=began, without=[root.wf_uuid], urls=[url], limit=_RUNS):
        tries += run.tries
        if tries > _TRIES:
            break
        runs.append(run)
    for run in reversed(runs):
        try:
            with open_database(run.url) as reader, reader.snapshot():
                past = root_of(reader, run.wf_uuid)
                judge.learn(past.wf_uuid, measured_tries(reader, past, forest(reader, past)))
        except StampedeError:  # history is a help, never a condition
            continue
