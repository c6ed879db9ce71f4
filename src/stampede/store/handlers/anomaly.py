"""What was found not to be as it was."""

from __future__ import annotations

from stampede.events import catalogue as ev
from stampede.store.handlers.handler import Handlers
from stampede.store.workingset import WorkingSet

_PREFIX = "stampede.anomaly."


def anomaly(db: WorkingSet, e: ev.AnomalyEvent) -> None:
    """An anomaly: replaces what was told of the same kind and subject."""
    wf, kind = db.workflow(e.xwf_id), e.NAME.removeprefix(_PREFIX)
    db.rows.anomaly_change.append((wf.wf_id, kind, e.subject, 0))
    db.rows.anomaly.append(
        (
            wf.wf_id, kind, e.subject, e.ts, e.reason, e.job, e.attempt,
            e.host, e.transformation, e.unit, e.observed, e.expected, e.low, e.high, e.jobs, e.of_jobs, e.score,
        )
    )  # fmt: skip


def cleared(db: WorkingSet, e: ev.AnomalyCleared) -> None:
    """It was none after all."""
    wf = db.workflow(e.xwf_id)
    if db.rows.anomaly:  # it may have been told just now
        db.rows.write(db.connection)
    db.connection.execute(
        "DELETE FROM anomaly WHERE wf_id = ? AND kind = ? AND subject = ?", (wf.wf_id, e.kind, e.subject)
    )
    db.rows.anomaly_change.append((wf.wf_id, e.kind, e.subject, 1))


HANDLERS: Handlers = {
    ev.AnomalyJob: anomaly,
    ev.AnomalyHost: anomaly,
    ev.AnomalyBaseline: anomaly,
    ev.AnomalyFailureRate: anomaly,
    ev.AnomalyStall: anomaly,
    ev.AnomalyStartWithoutEnd: anomaly,
    ev.AnomalyCleared: cleared,
}
