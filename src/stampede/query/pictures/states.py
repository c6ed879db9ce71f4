"""How many jobs were in which state over time: ready, queued, running, done, failed and so on; and how many ran."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from stampede.query.pictures.bins import Bins, Edges, Spread, between
from stampede.query.pictures.counted import EDGES, counted, edges_of_tries
from stampede.query.pictures.tries import source_of
from stampede.query.pictures.window import Window
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

#: above so many jobs it is not looked up when each became ready: that takes a look-up for every edge of the graph
MOST_READY: Final = 200_000


class JobStates(msgspec.Struct, kw_only=True):
    """Numbers of jobs by state, averages over each bin. In each bin they add up to ``total``.

    ``waiting``: for parents (where not ``ready_known``, those that are ready too). ``ready``: for their first or next
    try to be submitted. ``pre``: in the PRE script. ``queued`` and ``held``: in HTCondor's queue. ``running``: on
    machines. ``post``: in the POST script, or DAGMan has not noticed their end yet. ``done``. ``failed``: or can never
    run because of one that failed.
    """

    window: Window
    total: int
    ready_known: bool
    waiting: list[float]
    ready: list[float]
    pre: list[float]
    queued: list[float]
    held: list[float]
    running: list[float]
    post: list[float]
    done: list[float]
    failed: list[float]

    @property
    def peak_running(self) -> float:
        """The most that ran at once, on average over a bin."""
        return max(self.running, default=0.0)


def job_states(reader: Reader, workflows: Sequence[Workflow], window: Window, *, bins: int) -> JobStates:
    """The states of all jobs of these workflows in so many bins of the window. What lasts has edges at the last record,
    which no window reaches beyond."""
    ids, frame = ", ".join(str(w.wf_id) for w in workflows), window.bins(bins)
    total = _total(reader, ids)
    edges = edges_of_tries(reader, source_of(reader, ids), ids, frame, window.now_ts)
    begin, queue, run, end, over = (edges[kind].levels() for kind in EDGES[:5])
    ended = {kind: one.levels() for kind, one in _ended(reader, ids, frame).items()}
    held_early, held_late = _held(reader, ids, frame, window.now_ts)
    known = total <= MOST_READY
    again = edges["again"]
    if known:
        again.add_all(counted(reader, _READY.format(ids=ids), frame, {}, ("ready",))["ready"])
    found = JobStates(
        window=window, total=total, ready_known=known, waiting=[],
        ready=between(again.levels(), begin) if known else [0.0] * bins, pre=between(begin, queue),
        queued=between(between(queue, run), held_early),
        held=[a + b for a, b in zip(held_early, held_late, strict=True)], running=between(run, end),
        post=between(between(end, over), held_late), done=ended["done"], failed=ended["failed"],
    )  # fmt: skip
    _complete(found)
    return found


def _total(reader: Reader, ids: str) -> int:
    row = reader.one(f"SELECT count(*) FROM job WHERE wf_id IN ({ids}) AND node_type <> 'service'")
    return int(row[0]) if row else 0


def _ended(reader: Reader, ids: str, bins: Bins) -> dict[str, Edges]:
    return counted(reader, _ENDED.format(ids=ids), bins, {}, ("done", "failed"))


def _held(reader: Reader, ids: str, bins: Bins, now_ts: float) -> tuple[list[float], list[float]]:
    """What was held before its last start on a machine, and after it."""
    early, late = Spread(bins), Spread(bins)
    for start, end, execute in reader.iterate(_HELD.format(ids=ids), {"now": now_ts}):
        (early if execute is None or start < execute else late).add(start, end)
    return early.levels(), late.levels()


#: a node that can never run has no time of its own: at the latest it was known when the last job of its workflow failed
_ENDED: Final = """
SELECT j.node_state AS kind, j.node_state_ts AS ts FROM job j
WHERE j.wf_id IN ({ids}) AND j.node_type <> 'service' AND j.node_state_ts IS NOT NULL
AND j.node_state IN ('done', 'failed')
UNION ALL SELECT 'failed', f.ts FROM job j JOIN (
    SELECT wf_id, max(node_state_ts) AS ts FROM job WHERE wf_id IN ({ids}) AND node_state = 'failed' GROUP BY wf_id
) f ON f.wf_id = j.wf_id WHERE j.node_state = 'futile' AND j.node_type <> 'service' AND f.ts IS NOT NULL"""
_HELD: Final = """
SELECT h.held_ts, coalesce(h.released_ts, i.end_ts, CASE WHEN i.outcome IS NULL THEN :now ELSE i.state_ts END),
       i.execute_ts
FROM hold h JOIN job_instance i ON i.job_instance_id = h.job_instance_id JOIN job j ON j.job_id = i.job_id
WHERE j.wf_id IN ({ids})
"""
#: a job is ready when the last of its parents is done; one without parents when its workflow begins
_READY: Final = """
SELECT 'ready' AS kind, coalesce(max(p.node_state_ts), w.first_ts) AS ts
FROM job j JOIN workflow w ON w.wf_id = j.wf_id
LEFT JOIN job_edge e ON e.wf_id = j.wf_id AND e.child_exec_job_id = j.exec_job_id
LEFT JOIN job p ON p.wf_id = e.wf_id AND p.exec_job_id = e.parent_exec_job_id
WHERE j.wf_id IN ({ids}) AND j.node_type <> 'service'
GROUP BY j.job_id HAVING count(e.parent_exec_job_id) = coalesce(sum(p.node_state = 'done'), 0)
    AND coalesce(max(p.node_state_ts), max(w.first_ts)) IS NOT NULL
"""
#: those that are known best first: where times contradict each other, the last ones give way
_ORDER: Final = ("done", "failed", "running", "held", "queued", "post", "pre", "ready")


def _complete(found: JobStates) -> None:
    """What is in no state waits. Clocks that disagree never make a sum larger than the whole."""
    series = [getattr(found, name) for name in _ORDER]
    for i in range(len(found.done)):
        left = float(found.total)
        for values in series:
            values[i] = min(values[i], left)
            left -= values[i]
        found.waiting.append(left)
