"""What is left of a workflow and how its jobs have gone so far: what a forecast of its end works from.

The cost is bounded at any size. Up to :data:`DETAIL` unfinished nodes are told one by one with their edges; of more,
a sample stands for all of them. Of the tries that ended the last :data:`SAMPLE` are told.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, Final

import msgspec

from stampede.query.status import EXECUTING
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

#: unfinished nodes that are told one by one at most, and the edges between them
DETAIL: Final = 1_000
MOST_EDGES: Final = 20_000
#: ended tries told, and jobs looked at where there are too many for all of them
SAMPLE: Final = 1_500
#: ways down the graph that are followed where it is too large to be read, and the steps of one at most
WALKS: Final = 24
MOST_STEPS: Final = 200
#: parents looked at to learn when a job became ready; of jobs with more it is not told
_PARENTS: Final = 20

_UNFINISHED = "('unready', 'ready', 'pre', 'queued', 'post')"
_DIGITS = re.compile(r"\d+")
#: jobs that Pegasus adds; they run beside the pool (on the submit host), not in its slots
_BESIDE: Final = frozenset({
    "stage-in-tx", "stage-out-tx", "inter-site-tx", "create-dir", "registration", "unassigned", "cleanup", "chmod",
    "stage-worker-tx", "replica-registration", "dax", "dag",
})  # fmt: skip


class Past(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A try that ended. ``kind`` is that of its job, ``pooled`` whether it took a slot of the pool, ``ready_ts`` when
    the last parent was done (first tries only), ``done_ts`` when DAGMan had acted on its end. ``interrupted``: it was
    held or evicted between, so that it started more than once or waited for a hand. Epoch seconds."""

    kind: str
    pooled: bool
    failed: bool
    interrupted: bool
    ready_ts: float | None
    submit_ts: float | None
    execute_ts: float | None
    end_ts: float | None
    done_ts: float | None


class Left(msgspec.Struct, kw_only=True):
    """A node that is not finished. ``children`` are places in the list of nodes, ``waiting`` counts its parents there.

    ``phase`` is ``unready``, ``ready``, ``pre``, ``idle``, ``running``, ``held`` or ``post``, since ``since_ts``.
    ``inside`` is set for the node of a sub-workflow that runs: it ends when the nodes of that do; ``final`` for one
    that runs when nothing else can, however the others ended.
    """

    name: str
    kind: str
    pooled: bool
    phase: str
    since_ts: float | None
    execute_ts: float | None
    tries_left: int
    category: str | None = None
    inside: bool = False
    final: bool = False
    waiting: int = 0
    children: list[int] = []


class Remaining(msgspec.Struct, kw_only=True):
    """What is left. ``left`` holds all unfinished nodes when ``whole``; else those that DAGMan works on, and the rest
    is known by ``kinds`` (nodes by kind: done, and left) and ``walks`` (the kinds along ways down to the last node).

    ``nodes_left`` is exact; ``pooled`` tells by kind whether its jobs take a slot.
    """

    whole: bool
    nodes_left: int
    left: list[Left]
    past: list[Past]
    kinds: dict[str, tuple[float, float]]
    pooled: dict[str, bool]
    walks: list[list[str]] = []


def kind_of(name: str, type_desc: str) -> str:
    """What jobs that do the same have in common: the name without its numbers, and the type (``compute map_#``)."""
    return f"{type_desc} {_DIGITS.sub('#', name)}"


def is_pooled(type_desc: str, node_type: str) -> bool:
    """Whether such a job takes a slot of the pool; those that Pegasus adds run beside it."""
    return node_type in ("job", "final") and type_desc not in _BESIDE


def remaining(reader: Reader, workflows: Sequence[Workflow], *, nodes_left: int) -> Remaining:
    """What is left of a forest; ``workflows`` is :func:`stampede.query.workflows.forest` of a root, parents first, and
    ``nodes_left`` how many nodes its summaries say are not finished."""
    running = [w for w in workflows if w.state == "running"] or list(workflows[:1])
    ids = ", ".join(str(w.wf_id) for w in running)
    every = ", ".join(str(w.wf_id) for w in workflows)
    total = sum(w.total for w in workflows)
    whole = nodes_left <= DETAIL
    rows = reader.rows(_LEFT.format(ids=ids, states=_UNFINISHED, most=DETAIL + 1)) if whole else []
    whole = whole and len(rows) <= DETAIL
    left: list[Left] = []
    if whole:
        rows.sort(key=itemgetter(0, 1))  # what is random further on does not depend on the order of the database
        left = [_left(row) for row in rows]
        whole = _connect(reader, ids, rows, left, running)
    walks: list[list[str]] = []
    if not whole:
        left = [_left(row) for row in reader.rows(_LEFT.format(ids=ids, states="('pre', 'queued', 'post')",
                                                               most=DETAIL))]  # fmt: skip
        walks = _walks(reader, running[0])
    kinds, pooled = _profile(reader, every, total, nodes_left)
    return Remaining(
        whole=whole, nodes_left=nodes_left, left=left, past=past_tries(reader, every),
        kinds=kinds, pooled=pooled, walks=walks,
    )  # fmt: skip


_LEFT = """
SELECT j.wf_id, j.exec_job_id, j.type_desc, j.node_type, j.node_state, j.node_state_ts, j.max_retries - j.attempts,
       j.category, i.state, i.outcome, i.submit_ts, i.execute_ts, i.state_ts
FROM job j LEFT JOIN job_instance i ON i.job_instance_id = j.last_job_instance_id
WHERE j.wf_id IN ({ids}) AND j.node_state IN {states} AND j.node_type <> 'service' LIMIT {most}
"""


def _left(row: tuple[Any, ...]) -> Left:
    _, name, type_desc, node_type, state, since, tries_left, category, try_state, outcome, submit, execute, ts = row
    phase = str(state)
    if phase == "queued" and outcome is None:
        if try_state == "JOB_HELD":
            phase, since = "held", ts
        elif try_state in EXECUTING:
            phase, since = "running", execute if execute is not None else ts
        elif try_state in ("JOB_TERMINATED", "JOB_SUCCESS", "JOB_FAILURE"):
            phase, since = "post", ts
        else:
            phase, since = "idle", submit if submit is not None else since
    elif phase == "queued":
        phase = "idle"
    if state in ("pre", "queued", "post"):
        tries_left += 1  # the try that is under way is among those counted
    return Left(
        name=name, kind=kind_of(name, type_desc), pooled=is_pooled(type_desc, node_type), phase=phase, since_ts=since,
        execute_ts=execute if phase == "running" else None, tries_left=max(0, tries_left), category=category,
        final=node_type == "final", children=[],
    )  # fmt: skip


def _connect(
    reader: Reader, ids: str, rows: list[tuple[Any, ...]], left: list[Left], running: list[Workflow]
) -> bool:  # fmt: skip
    """Give the nodes their edges; False when there are too many."""
    place = {(row[0], row[1]): at for at, row in enumerate(rows)}
    edges = reader.rows(
        f"""SELECT e.wf_id, e.parent_exec_job_id, e.child_exec_job_id FROM job j CROSS JOIN job_edge e
            ON e.wf_id = j.wf_id AND e.parent_exec_job_id = j.exec_job_id
            WHERE j.wf_id IN ({ids}) AND j.node_state IN {_UNFINISHED} LIMIT {MOST_EDGES + 1}"""
    )
    for wf_id, parent, child in sorted(edges):
        at, to = place.get((wf_id, parent)), place.get((wf_id, child))
        if at is not None and to is not None:
            left[at].children.append(to)
            left[to].waiting += 1
    _connect_finals(rows, left)
    known = {w.wf_uuid: w.wf_id for w in running}
    for w in running[1:]:
        outer = place.get((known.get(w.parent_wf_uuid or "", -1), w.parent_job or ""))
        if outer is not None:
            left[outer].inside = True
            for at, row in enumerate(rows):
                if row[0] == w.wf_id:
                    left[at].children.append(outer)
                    left[outer].waiting += 1
    return len(edges) <= MOST_EDGES


def _connect_finals(rows: list[tuple[Any, ...]], left: list[Left]) -> None:
    """A FINAL node waits for all others of its workflow."""
    for to, final in enumerate(rows):
        if final[3] == "final":
            for at, row in enumerate(rows):
                if row[0] == final[0] and at != to:
                    left[at].children.append(to)
                    left[to].waiting += 1


def past_tries(reader: Reader, ids: str, limit: int = SAMPLE) -> list[Past]:
    """The tries of these workflows that ended last, in the order in which they were begun."""
    rows = reader.rows(
        f"""SELECT j.exec_job_id, j.type_desc, j.node_type, i.outcome = 'failed',
                   i.hold_count + i.evict_count > 0 OR i.execute_count > 1, i.submit_ts, i.execute_ts, i.end_ts,
                   coalesce(i.post_end_ts, CASE WHEN i.job_instance_id = j.last_job_instance_id
                            AND j.node_state = 'done' THEN j.node_state_ts END, i.end_ts),
                   CASE WHEN j.attempts = 1 THEN (
                       SELECT CASE WHEN count(*) BETWEEN 1 AND {_PARENTS} THEN max(ts) END FROM (
                           SELECT p.node_state_ts AS ts FROM job_edge e CROSS JOIN job p ON p.wf_id = e.wf_id
                               AND p.exec_job_id = e.parent_exec_job_id
                           WHERE e.wf_id = j.wf_id AND e.child_exec_job_id = j.exec_job_id LIMIT {_PARENTS + 1})) END
            FROM job_instance i CROSS JOIN job j ON j.job_id = i.job_id
            WHERE j.wf_id IN ({ids}) AND i.outcome IS NOT NULL AND j.node_type <> 'service'
            ORDER BY i.job_instance_id DESC LIMIT {int(limit)}"""
    )
    return [
        Past(
            kind=kind_of(name, type_desc), pooled=is_pooled(type_desc, node_type), failed=bool(failed),
            interrupted=bool(interrupted), ready_ts=ready, submit_ts=submit, execute_ts=execute, end_ts=end,
            done_ts=done,
        )
        for name, type_desc, node_type, failed, interrupted, submit, execute, end, done, ready in reversed(rows)
    ]  # fmt: skip


def _profile(
    reader: Reader, ids: str, total: int, nodes_left: int
) -> tuple[dict[str, tuple[float, float]], dict[str, bool]]:
    """Nodes by kind, done and left: all of them, or what a sample of jobs says of all."""
    columns = "SELECT j.exec_job_id, j.type_desc, j.node_type, j.node_state FROM job j WHERE j.wf_id IN"
    if total <= 2 * SAMPLE:
        rows = reader.rows(f"{columns} ({ids}) AND j.node_type <> 'service' LIMIT {4 * SAMPLE}")
    else:
        rows = reader.rows(f"{columns} ({ids}) AND j.job_id IN ({_some(_ids_in(reader))})")
        if len(rows) < SAMPLE // 10:  # jobs of other workflows lie between
            rows = reader.rows(f"{columns} ({ids}) LIMIT {SAMPLE}")
    done: Counter[str] = Counter()
    left: Counter[str] = Counter()
    pooled: dict[str, bool] = {}
    for name, type_desc, node_type, state in sorted(rows):
        kind = kind_of(name, type_desc)
        pooled[kind] = is_pooled(type_desc, node_type)
        (left if state in _UNFINISHED else done)[kind] += 1
    up = (total - nodes_left) / max(1, done.total()), nodes_left / max(1, left.total())
    return {k: (done[k] * up[0], left[k] * up[1]) for k in pooled}, pooled


def _ids_in(reader: Reader) -> range:
    low, high = reader.one("SELECT (SELECT min(job_id) FROM job), (SELECT max(job_id) FROM job)") or (0, 0)
    return range(low or 0, (high or 0) + 1)


def _some(ids: range, most: int = SAMPLE) -> str:
    chosen: Iterable[int] = ids if len(ids) <= most else random.Random(len(ids)).sample(ids, most)
    return ", ".join(map(str, chosen))


#: from a node to its first child by name, or to its last, in turn; both are found at once in the index
_WAYS: Final = """
WITH RECURSIVE way(start, at, step) AS (
    SELECT exec_job_id, exec_job_id, 0 FROM ({starts})
    UNION ALL
    SELECT start, CASE WHEN (step + length(start)) % 2
        THEN (SELECT min(e.child_exec_job_id) FROM job_edge e WHERE e.wf_id = :wf AND e.parent_exec_job_id = at)
        ELSE (SELECT max(e.child_exec_job_id) FROM job_edge e WHERE e.wf_id = :wf AND e.parent_exec_job_id = at) END,
        step + 1
    FROM way WHERE at IS NOT NULL AND step < {most})
SELECT w.start, j.exec_job_id, j.type_desc FROM way w CROSS JOIN job j ON j.wf_id = :wf AND j.exec_job_id = w.at
ORDER BY w.start, w.step
"""
_STARTS: Final = """
SELECT exec_job_id FROM job WHERE wf_id = :wf AND node_state IN ('queued', 'ready', 'pre', 'post')
AND node_type <> 'service' LIMIT {most}
"""


def _walks(reader: Reader, root: Workflow) -> list[list[str]]:
    """The kinds of nodes along ways down the graph, each from an unfinished node to one without children."""
    found: dict[str, list[str]] = {}
    for start, name, type_desc in reader.rows(
        _WAYS.format(starts=_STARTS.format(most=WALKS), most=MOST_STEPS), {"wf": root.wf_id}
    ):
        found.setdefault(start, []).append(kind_of(name, type_desc))
    return list(found.values())
