"""A whole run through the detector: every ended try in the order in which they ended, then what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from math import exp
from typing import Final

from stampede.analysis.anomaly.detector import Detector
from stampede.analysis.anomaly.finding import Anomaly
from stampede.analysis.anomaly.history import Expected
from stampede.analysis.anomaly.observation import Observation
from stampede.analysis.anomaly.silence import Activity
from stampede.analysis.anomaly.unended import unended
from stampede.query.measured import MeasuredTry, OpenTry

#: types of jobs that somebody's workflow asks for; the planner adds the others
_COMPUTING: Final = frozenset({"compute", "unknown", ""})
#: anomalies of single jobs that are kept of a run: beyond them more of the same tell nothing new
MOST_JOBS: Final = 2_000


class RunJudge:
    """Judges one run. ``told`` has what was found, by kind and subject, the latest word on each.

    ``learn`` first takes what ended in earlier runs of the same label, oldest first.
    """

    def __init__(self, run: str) -> None:
        self._run = run
        self._detector = Detector()
        self._activity = Activity()
        self._jobs = 0
        self.told: dict[tuple[str, str], Anomaly] = {}

    def learn(self, run: str, tries: Iterable[MeasuredTry]) -> None:
        """Take in an earlier run; nothing of it is told."""
        for one in tries:
            self._detector.judge(observation(run, one))

    def judge(self, one: MeasuredTry) -> list[Anomaly]:
        """Take in a try of this run that ended; what is news."""
        self._detector.judge(observation(self._run, one))
        news = [a for a in self._detector.found if self._is_kept(a)]
        for anomaly in news:
            self.told[anomaly.key] = anomaly
        self._note(one)
        return news

    def _is_kept(self, anomaly: Anomaly) -> bool:
        if anomaly.kind != "job":
            return True
        self._jobs += 1
        return self._jobs <= MOST_JOBS

    def _note(self, one: MeasuredTry) -> None:
        self._activity.note(one.submit_ts, one.execute_ts, one.ended_ts)
        usual = self._detector.expected(_kind(one.transformation, one.path), one.path)
        self._activity.ran(one.execute_ts, one.ended_ts, _longest(usual))

    def look(
        self, open_tries: Iterable[OpenTry], pauses: Iterable[tuple[float, float]] = (), now_ts: float | None = None
    ) -> list[Anomaly]:
        """What is missing: ends of tries that began, and anything at all for a long time; what is news.

        ``now_ts`` is the time up to which everything is known while the run goes on, None when it is over or unknown.
        """
        found = []
        for one in open_tries:
            usual = self._detector.expected(_kind(one.transformation, one.path), one.path)
            self._activity.note(one.submit_ts, one.execute_ts)
            self._activity.ran(one.execute_ts, one.last_ts if now_ts is None else now_ts, _longest(usual))
            missing = unended(one, usual, now_ts)
            if missing is not None:
                found.append(missing)
        found += self._activity.stalls(pauses, now_ts)
        news = [a for a in found if self.told.get(a.key) != a]
        for anomaly in news:
            self.told[anomaly.key] = anomaly
        return news


def _longest(usual: Expected | None) -> float | None:
    """Seconds within which nearly every such job ends."""
    return None if usual is None else exp(usual.centre + 4 * usual.spread)


def observation(run: str, one: MeasuredTry) -> Observation:
    """An ended try as the detector wants it."""
    return Observation(
        run=run,
        job=one.path,
        attempt=one.attempt,
        transformation=_kind(one.transformation, one.path),
        host=one.machine or "",
        ended_ts=one.ended_ts,
        duration_s=one.duration_s,
        work_s=one.work_s,
        staging_s=one.staging_s,
        cpu_s=one.cpu_s,
        auxiliary=one.type_desc not in _COMPUTING,
        failed=one.failed,
    )


def _kind(transformation: str | None, path: str) -> str:
    """Of a job of which nobody knows what it runs, only its own past says anything."""
    return transformation if transformation is not None else f"node {path}"
