"""The model as a whole: from a run's facts to a probability, and from an ended run to lessons."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from math import exp

import msgspec

from stampede.analysis.forecast.calibration import Calibration, Said, calibrated
from stampede.analysis.forecast.evidence import PACES, Evidence
from stampede.analysis.forecast.facts import Ahead, Running
from stampede.analysis.forecast.lessons import Lessons
from stampede.analysis.forecast.odds import Hosts, hosts_of, survival
from stampede.analysis.forecast.replay import EndedRun
from stampede.analysis.forecast.suspects import Explanation, Unfinished, explain

#: what was said of ended runs that the calibration looks back at
MOST_SAID = 4_000


class Outlook(msgspec.Struct, kw_only=True):
    """What the model says of a run: ``raw`` is its probability of failure, not calibrated."""

    raw: float
    explanation: Explanation
    hosts: Hosts


def outlook(evidence: Evidence, ahead: Ahead, lessons: Lessons, now: float) -> Outlook:
    """What is behind the failures so far, and what that means for what is still to be done."""
    explanation = explain(evidence, lessons, _unfinished(ahead.running, evidence, lessons, now))
    hosts = hosts_of(evidence, ahead.running, explanation, lessons)
    return Outlook(raw=1.0 - survival(ahead, explanation, lessons, hosts), explanation=explanation, hosts=hosts)


def _unfinished(running: Sequence[Running], evidence: Evidence, lessons: Lessons, now: float) -> list[Unfinished]:
    usual = {kind: lessons.usual_s(kind, evidence) for kind in {r.kind for r in running}}
    found = []
    for r in running:
        usually_s = usual[r.kind]
        share = lessons.survived((now - r.start_ts) / usually_s) if usually_s is not None else 0.0
        if share > 0.0:
            found.append(Unfinished(r.kind, r.host, share))
    return found


class Experience(msgspec.Struct):
    """All that was learned from ended runs, in the order of their ends: lessons of all labels and of each, and what was
    said of them before they ended. It can be kept in a file (msgspec)."""

    pool: Lessons = msgspec.field(default_factory=Lessons)
    labels: dict[str, Lessons] = {}
    said: list[Said] = []
    calibration: Calibration = Calibration()

    def lessons(self, label: str) -> Lessons:
        """What is known of a label, leaning on what is known of all."""
        own = self.labels.get(label, Lessons())
        return msgspec.structs.replace(own, pool=self.pool)

    def runs(self, label: str) -> int:
        """Ended runs of the label that were learned from."""
        own = self.labels.get(label)
        return own.runs if own is not None else 0

    def learn(self, run: EndedRun) -> None:
        """Take in a run that ended: first what would have been said of it, then what it teaches."""
        lessons = self.lessons(run.label)
        for snapshot in run.snapshots:
            if not snapshot.ahead.exhausted:
                told = outlook(snapshot.evidence, snapshot.ahead, lessons, snapshot.ts)
                self.said.append(Said(told.raw, snapshot.ahead.done_share, run.failed))
        if len(self.said) > MOST_SAID:
            del self.said[: len(self.said) - MOST_SAID]
        explanation = explain(run.evidence, lessons)
        for taught in (self.pool, self.labels.setdefault(run.label, Lessons())):
            _teach(taught, run, explanation)

    def calibrate(self) -> None:
        """Fit the calibration to what was said; to be called when runs were learned and before it is asked."""
        self.calibration = calibrated(self.said)


def _teach(lessons: Lessons, run: EndedRun, explanation: Explanation) -> None:
    e = run.evidence
    lessons.runs += 1
    lessons.failed_runs += run.failed
    _teach_paces(lessons, e)
    for kind, (n, failed) in explanation.by_chance.items():
        before = lessons.kinds.get(kind, (0.0, 0.0))
        lessons.kinds[kind] = before[0] + n, before[1] + failed
    for kind, (n, logs) in e.spent.items():
        spent = lessons.spent.get(kind, (0, 0.0))
        lessons.spent[kind] = spent[0] + n, spent[1] + logs
    for kind, counts in e.lasted.items():
        lasted = lessons.lasted.setdefault(kind, {})
        for octave, count in counts.items():
            lasted[octave] = lasted.get(octave, 0) + count
    sites = len({*e.by_site, *explanation.sites})
    jobs = e.successes + len(e.unsolved)
    for what, n, broken in (
        ("kind", len(explanation.by_chance), sum(s.probability for s in explanation.kinds.values())),
        ("host", len({*e.by_host, *explanation.hosts}), sum(s.probability for s in explanation.hosts.values())),
        ("site", sites if sites > 1 else 0, sum(s.probability for s in explanation.sites.values())),
        ("job", jobs, sum(explanation.jobs.values())),
        ("time", 1, explanation.hour.probability if explanation.hour is not None else 0.0),
    ):
        tried = lessons.broken.get(what, (0.0, 0.0))
        lessons.broken[what] = tried[0] + n, tried[1] + broken
    lessons.multipliers = [a + b for a, b in zip(lessons.multipliers, explanation.multipliers, strict=True)]
    _teach_returns(lessons, e, explanation)


def _teach_paces(lessons: Lessons, evidence: Evidence) -> None:
    for i, n in enumerate(evidence.paces):
        lessons.success_paces[i] += n
    for failure in evidence.failures:
        n, logs = lessons.spent.get(failure.kind, (0, 0.0))
        if failure.duration_s is not None and n >= 3:
            lessons.failure_paces[bisect_right(PACES, failure.duration_s / exp(logs / n))] += 1


def _teach_returns(lessons: Lessons, evidence: Evidence, explanation: Explanation) -> None:
    """How often tries came back to a broken host, against the share of all tries that it took."""
    expected, returned = lessons.returned
    for failure in evidence.failures:
        host = explanation.hosts.get(failure.host or "")
        if failure.again_on is not None and host is not None and explanation.host_effect(host.name) > 0.3:
            expected += host.tries / evidence.tries
            returned += failure.again_on == failure.host
    lessons.returned = expected, returned
