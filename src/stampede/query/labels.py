"""Labels of workflows: how the runs (root workflows) of each went, and what became of one over time."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Final

import msgspec

from stampede.query.collections.parts import DURATION, FAILED
from stampede.query.collections.question import clause
from stampede.query.collections.scope import EVERYTHING, Scope
from stampede.store.reader import Reader

#: latest runs of a label that are told with it
RECENT: Final = 20


class LabelRun(msgspec.Struct, kw_only=True):
    """A run: how it stands, when it began (epoch seconds), how long it took (to its last record)."""

    wf_uuid: str
    state: str
    started_ts: float | None
    duration_s: float | None


class LabelLine(msgspec.Struct, kw_only=True):
    """A label (None: runs without one): its runs by state, the tries of their own jobs, its latest runs with the oldest
    of them first, and the median duration of those that went well."""

    label: str | None
    runs: int
    states: dict[str, int]
    tries: int
    tries_failed: int
    recent: list[LabelRun]
    median_s: float | None = None

    @property
    def last_ts(self) -> float:
        """When its latest run began."""
        return max((r.started_ts or 0.0 for r in self.recent), default=0.0)


def labels(reader: Reader, scope: Scope = EVERYTHING) -> list[LabelLine]:
    """The labels of a database, in no order."""
    where, values = scope.sql("w.wf_id")
    condition = clause(["w.parent_wf_id IS NULL", *where])
    found: dict[str | None, LabelLine] = {}
    for label, state, runs, tries, failed in reader.rows(
        f"""SELECT w.dax_label, coalesce(w.state, 'unstarted'), count(*), sum(coalesce(s.attempts, 0)),
                   sum(coalesce(s.attempts_failed, 0))
            FROM workflow w LEFT JOIN workflow_summary s ON s.wf_id = w.wf_id{condition} GROUP BY 1, 2 ORDER BY 1, 2""",
        values,
    ):
        line = found.setdefault(label, LabelLine(label=label, runs=0, states={}, tries=0, tries_failed=0, recent=[]))
        line.runs += runs
        line.states[state] = runs
        line.tries += tries
        line.tries_failed += failed
    for label, *run in reader.rows(
        f"""SELECT * FROM (SELECT w.dax_label, w.wf_uuid, coalesce(w.state, 'unstarted'), w.first_ts,
                   w.last_ts - w.first_ts, row_number() OVER (PARTITION BY w.dax_label ORDER BY w.first_ts DESC, w.wf_id
                   DESC) AS place FROM workflow w{condition}) WHERE place <= {RECENT} ORDER BY place DESC""",
        values,
    ):
        found[label].recent.append(LabelRun(wf_uuid=run[0], state=run[1], started_ts=run[2], duration_s=run[3]))
    return list(found.values())


def joined(parts: Iterable[LabelLine], *, limit: int) -> list[LabelLine]:
    """Lines of several databases as one each, those with the latest run first, at most ``limit``."""
    found: dict[str | None, LabelLine] = {}
    for part in parts:
        line = found.setdefault(part.label, part)
        if line is part:
            continue
        line.runs += part.runs
        line.tries += part.tries
        line.tries_failed += part.tries_failed
        for state, runs in part.states.items():
            line.states[state] = line.states.get(state, 0) + runs
        line.recent = sorted([*line.recent, *part.recent], key=lambda r: r.started_ts or 0.0)[-RECENT:]
    for line in found.values():
        well = [r.duration_s for r in line.recent if r.state == "success" and r.duration_s is not None]
        line.median_s = median(well) if well else None
    return sorted(found.values(), key=lambda line: line.last_ts, reverse=True)[:limit]


class TrendRun(msgspec.Struct, kw_only=True):
    """A run of a label with all below it: nodes, tries, and ``failed_s``, the time on machines of tries that failed."""

    wf_uuid: str
    state: str
    started_ts: float | None
    duration_s: float | None
    total: int = 0
    failed: int = 0
    tries: int = 0
    tries_failed: int = 0
    failed_s: float = 0.0


def trend(reader: Reader, label: str, scope: Scope = EVERYTHING, *, limit: int) -> list[TrendRun]:
    """The latest runs of a label, the oldest of them first."""
    where, values = scope.sql("w.wf_id")
    condition = clause(["w.parent_wf_id IS NULL", "w.dax_label = ?", *where])
    rows = reader.rows(
        f"""SELECT w.wf_id, w.wf_uuid, coalesce(w.state, 'unstarted'), w.first_ts, w.last_ts - w.first_ts
            FROM workflow w{condition} ORDER BY w.first_ts DESC, w.wf_id DESC LIMIT {int(limit)}""",
        [label, *values],
    )
    found = {
        key: TrendRun(wf_uuid=uuid, state=state, started_ts=started, duration_s=took)
        for key, uuid, state, started, took in reversed(rows)
    }
    _add_counts(reader, found)
    _add_cost(reader, found)
    return list(found.values())


def _add_counts(reader: Reader, found: dict[int, TrendRun]) -> None:
    for root, *counts in reader.rows(
        f"""SELECT coalesce(w.root_wf_id, w.wf_id), sum(s.total), sum(s.failed), sum(s.attempts),
                   sum(s.attempts_failed)
            FROM workflow w JOIN workflow_summary s ON s.wf_id = w.wf_id
            WHERE w.root_wf_id IN ({_ids(found)}) OR w.wf_id IN ({_ids(found)}) GROUP BY 1"""
    ):
        if root in found:
            one = found[root]
            one.total, one.failed, one.tries, one.tries_failed = counts


def _add_cost(reader: Reader, found: dict[int, TrendRun]) -> None:
    """From the index of tries that went wrong: what it costs follows their number, not that of all tries."""
    wrong = [key for key, run in found.items() if run.tries_failed]
    if not wrong:
        return
    for root, seconds in reader.rows(
        f"""SELECT coalesce(w.root_wf_id, w.wf_id), sum({DURATION})
            FROM job_instance i CROSS JOIN job j ON j.job_id = i.job_id JOIN workflow w ON w.wf_id = j.wf_id
            WHERE {FAILED} AND i.outcome = 'failed' AND i.subwf_id IS NULL
              AND coalesce(w.root_wf_id, w.wf_id) IN ({_ids(wrong)}) GROUP BY 1"""
    ):
        found[root].failed_s = float(seconds or 0.0)


def _ids(keys: Iterable[int]) -> str:
    return ", ".join(str(int(key)) for key in keys)
