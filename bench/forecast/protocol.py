"""The protocol: a workflow is forecast from its own past and from workflows that ended before it, from nothing else.

Workflows come in the order of the data. The first part (``WARM_UP``) is only learned from. A workflow is asked about at
shares of its elapsed time; then it ends, and is learned from in its turn. The calibration is fitted anew now and then.
The reference is the share of tries that failed so far.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

import msgspec

from bench.forecast.data import Case
from bench.forecast.metrics import auc, brier, ece, quantile
from stampede.analysis.forecast import Experience, OpenJob, Snapshot, forecast
from stampede.analysis.forecast.model import outlook
from stampede.analysis.forecast.odds import odds_of
from stampede.analysis.forecast.replay import SHARES

#: the first part of the workflows, which is only learned from
WARM_UP = 0.2
#: this last part was looked at for the first time when the method stood
UNSEEN_FROM = 0.6
CALIBRATE_EVERY = 25
#: the shares of time at which an alarm may be given
ALARM_STEPS = tuple(i / 20 for i in range(1, 20))
#: of ended workflows that went well, the share that the threshold of the alarm lets be alarmed about
FALSE_ALARMS = 0.05
LABEL_ENOUGH = 30


class Told(msgspec.Struct, frozen=True):
    """What was said of a workflow at a time, and by the reference; ``doomed``: it was known to be lost."""

    failed: bool
    probability: float
    reference: float
    doomed: bool


class Alarm(msgspec.Struct, frozen=True):
    """When a workflow was alarmed about (share of its time; None: never), when it was lost (the same), how it went."""

    failed: bool
    alarm: float | None
    fatal: float | None


class Replay(msgspec.Struct):
    """All that was said: by share of time the answers by number of the workflow; alarms; tries that ran, with what was
    said of them; how long answers took; how often ``doomed`` was wrong."""

    told: dict[float, dict[int, Told]] = msgspec.field(default_factory=lambda: {s: {} for s in SHARES})
    alarms: dict[int, Alarm] = {}
    tries: list[tuple[bool, float]] = []
    answers: int = 0
    answer_s: float = 0.0
    learn_s: float = 0.0
    wrongly_doomed: int = 0


def replay(cases: Sequence[Case], *, alarms: bool = True) -> Replay:
    """Go through all workflows."""
    found, experience = Replay(), Experience()
    first = int(WARM_UP * len(cases))
    peaks: dict[str, list[float]] = {}
    for i, case in enumerate(cases):
        if i % CALIBRATE_EVERY == 0:
            experience.calibrate()
        if i >= first:
            for share in SHARES:
                found.told[share][i] = _ask(found, case, share, experience)
        if alarms:
            scores = _scores(case, experience)
            if i >= first:
                found.alarms[i] = _alarm(case, scores, _threshold(peaks, case.label))
            if not case.failed:
                peaks.setdefault(case.label, []).append(max(scores))
        began = time.perf_counter()
        experience.learn(case.ended(SHARES))
        found.learn_s += time.perf_counter() - began
    return found


def _ask(found: Replay, case: Case, share: float, experience: Experience) -> Told:
    snapshot = case.at(share * case.makespan_s)
    began = time.perf_counter()
    answer = forecast(snapshot.evidence, snapshot.ahead, experience, case.label, snapshot.ts)
    found.answer_s += time.perf_counter() - began
    found.answers += 1
    found.wrongly_doomed += answer.doomed != (case.fatal_s is not None and case.fatal_s <= snapshot.ts)
    if share == 0.5:
        found.tries += _tries(case, snapshot, experience)
    tries = snapshot.evidence.tries
    return Told(
        case.failed,
        answer.probability if answer.probability is not None else 0.5,
        len(snapshot.evidence.failures) / tries if tries else 0.0,
        answer.doomed,
    )


def _tries(case: Case, snapshot: Snapshot, experience: Experience) -> Iterator[tuple[bool, float]]:
    """The tries that ran then: whether they failed, and what was said of them."""
    lessons = experience.lessons(case.label)
    told = outlook(snapshot.evidence, snapshot.ahead, lessons, snapshot.ts)
    known = {job.job: job for job in snapshot.ahead.open_jobs}
    ends = {(t.job, t.start_ts): t.failed for t in case.tries}
    for r in snapshot.ahead.running:
        job = known.get(r.job) or OpenJob(job=r.job, kind=r.kind, tries=case.tries_each, host=r.host)
        yield ends[r.job, r.start_ts], odds_of(job, told.explanation, lessons, told.hosts).try_fails


def _scores(case: Case, experience: Experience) -> list[float]:
    """What is said of a workflow along its life."""
    scores = []
    for step in ALARM_STEPS:
        snapshot = case.at(step * case.makespan_s)
        if snapshot.ahead.exhausted:
            scores.append(1.0)
            continue
        told = outlook(snapshot.evidence, snapshot.ahead, experience.lessons(case.label), snapshot.ts)
        scores.append(experience.calibration(told.raw, snapshot.ahead.done_share))
    return scores


def _threshold(peaks: dict[str, list[float]], label: str) -> float:
    """What ended workflows that went well exceeded but rarely: those of the label, or all while there are few."""
    own = peaks.get(label, [])
    values = own if len(own) >= LABEL_ENOUGH else [p for of in peaks.values() for p in of]
    return quantile(values, 1.0 - FALSE_ALARMS) or 1.0


def _alarm(case: Case, scores: list[float], threshold: float) -> Alarm:
    alarm = next((step for step, score in zip(ALARM_STEPS, scores, strict=True) if score > threshold), None)
    return Alarm(case.failed, alarm, None if case.fatal_s is None else case.fatal_s / case.makespan_s)


def figures(found: Replay, numbers: Sequence[int]) -> dict[str, Any]:
    """The figures over these workflows: by share of time, and of the alarm."""
    made: dict[str, Any] = {f"at_{share:.0%}".rstrip("%"): _at(found.told[share], numbers) for share in SHARES}
    if found.alarms:
        made["alarm"] = _alarms([found.alarms[i] for i in numbers if i in found.alarms])
    return made


def _at(told: dict[int, Told], numbers: Sequence[int]) -> dict[str, Any]:
    all_ = [told[i] for i in numbers if i in told]
    undoomed = [t for t in all_ if not t.doomed]
    truth, said = [t.failed for t in all_], [t.probability for t in all_]
    left, left_said = [t.failed for t in undoomed], [t.probability for t in undoomed]
    return _rounded({
        "auc": auc(truth, said),
        "auc_undoomed": auc(left, left_said),
        "brier": brier(truth, said),
        "ece": ece(truth, said),
        "reference_auc": auc(truth, [t.reference for t in all_]),
        "reference_auc_undoomed": auc(left, [t.reference for t in undoomed]),
        "reference_brier": brier(truth, [t.reference for t in all_]),
        "workflows": len(all_),
        "doomed": len(all_) - len(undoomed),
    })  # fmt: skip


def _alarms(alarms: list[Alarm]) -> dict[str, Any]:
    well = [a for a in alarms if not a.failed]
    lost = [a for a in alarms if a.failed and a.fatal is not None]
    early = [a for a in lost if a.alarm is not None and a.fatal is not None and a.alarm < a.fatal]
    return _rounded({
        "false_alarms": sum(a.alarm is not None for a in well) / len(well) if well else None,
        "before_fatal": len(early) / len(lost) if lost else None,
        "lead_to_fatal": median([a.fatal - a.alarm for a in early if a.fatal and a.alarm]) if early else None,
        "lead_to_end": median([1.0 - a.alarm for a in early if a.alarm]) if early else None,
        "doomed_lead_to_end": median([1.0 - a.fatal for a in lost if a.fatal is not None]) if lost else None,
    })  # fmt: skip


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in values.items()}
