"""Tries as pictures need them: one row each with the edges of their phases, read once, in constant memory.

::

    begin_ts     queue_ts      run_ts        end_ts                    over_ts
       │ PRE script │ in the queue │ on a machine │ POST script (or held) │

What is held has left its machine. The start on a machine is the last one: what a try ran before it was evicted counts
as queue, since it had to be done again. The Gantt picture tells such tries in full, from their states.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from stampede.model.machine import machine_of
from stampede.query.pictures.window import Window
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader, Row


class DrawnTry(NamedTuple):
    """A try. Times are epoch seconds and in order; one that lasts has them up to the last record.

    ``failed`` is None while it lasts; ``final``: it is the last try of its job so far. ``runtime_s`` is what its
    programs ran for, else its time on the machine; None when it has not ended or never ran. ``exitcode`` is a raw wait
    status. ``whole``: its node runs a sub-workflow, whose jobs are tries of their own.
    """

    instance: int
    job_id: int
    wf_id: int
    job: str
    transformation: str
    host: str
    site: str
    begin_ts: float
    queue_ts: float
    run_ts: float
    end_ts: float
    over_ts: float
    failed: bool | None
    final: bool
    runtime_s: float | None
    exitcode: int | None
    whole: bool

    @property
    def ran(self) -> bool:
        """Whether it was on a machine."""
        return self.end_ts > self.run_ts


#: with more than this share of all tries of the database, all are read in the order in which they lie there
_MOST: Final = 0.25

# Columns of the try are asked of the view that ``as_it_stood`` lays over the table; the host is the one that
# ``query.ended`` gives, the site where it gives none.
_SQL: Final = """
SELECT i.job_instance_id, i.job_id, j.wf_id, j.exec_job_id,
       coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id),
                (SELECT min(v.transformation) FROM invocation v
                 WHERE v.job_instance_id = i.job_instance_id AND v.task_submit_seq > 0), j.type_desc),
       coalesce(nullif(h.hostname, 'unknown'), u.hostname, i.slot), i.site,
       i.pre_start_ts, i.submit_ts, i.execute_ts,
       min(coalesce(i.end_ts, {never}), CASE WHEN i.hold_count > 0 THEN coalesce((
           SELECT min(d.held_ts) FROM hold d WHERE d.job_instance_id = i.job_instance_id AND d.held_ts >= i.execute_ts
       ), {never}) ELSE {never} END), CASE WHEN i.outcome IS NULL THEN :now ELSE i.state_ts END,
       i.outcome, i.job_instance_id = j.last_job_instance_id,
       (SELECT sum(v.remote_duration) FROM invocation v
        WHERE v.job_instance_id = i.job_instance_id AND v.task_submit_seq > 0),
       coalesce(i.main_exitcode, i.exitcode), i.subwf_id IS NOT NULL OR j.node_type = 'subdag'
FROM {source}
LEFT JOIN host h ON h.host_id = i.host_id LEFT JOIN resource_usage u ON u.job_instance_id = i.job_instance_id
WHERE j.wf_id IN ({ids}) AND j.node_type <> 'service'
"""
#: later than any time
_NEVER: Final = 9e18
_BY_PLACE: Final = "job_instance i CROSS JOIN job j ON j.job_id = i.job_id"
_BY_JOB: Final = "job j CROSS JOIN job_instance i ON i.job_id = j.job_id"


def drawn_tries(reader: Reader, workflows: Sequence[Workflow], window: Window) -> Iterator[DrawnTry]:
    """All tries of the jobs of these workflows that touch the window, in no order."""
    ids = ", ".join(str(w.wf_id) for w in workflows)
    source = source_of(reader, ids)
    start, end = window.start_ts, window.end_ts
    machines = _Machines()
    for row in reader.iterate(_SQL.format(source=source, ids=ids, never=_NEVER), {"now": window.now_ts}):
        one = _drawn(row, machines)
        if one is not None and one.over_ts >= start and one.begin_ts <= end:
            yield one


def source_of(reader: Reader, ids: str) -> str:
    """Tries ``i`` with their jobs ``j``, joined in the order that is quicker for these workflows."""
    return _BY_PLACE if _are_most(reader, ids) else _BY_JOB


def _are_most(reader: Reader, ids: str) -> bool:
    mine = reader.one(f"SELECT sum(attempts) FROM workflow_summary WHERE wf_id IN ({ids})")
    all_of_them = reader.one("SELECT max(job_instance_id) FROM main.job_instance")
    return bool(mine and all_of_them and (mine[0] or 0) >= _MOST * (all_of_them[0] or 0))


class _Machines(dict[str, str]):
    """Machine by the name of a slot: names come again and again."""

    def __missing__(self, slot: str) -> str:
        self[slot] = machine = machine_of(slot) or slot
        return machine


def _drawn(row: Row, machines: _Machines) -> DrawnTry | None:
    """The try with its edges put in order; None for one of which no time is known."""
    (
        instance, job_id, wf_id, job, transformation, host, site, pre, submit, execute, end, over, outcome, final,
        runtime, exitcode, whole,
    ) = row  # fmt: skip
    if over is None:
        over = next((ts for ts in (end, execute, submit, pre) if ts is not None and ts < _NEVER), None)
        if over is None:
            return None
    # from the last edge to the first: one that is not known falls together with the next
    end = min(end, over)  # one that is not known is later than any time
    run = end if execute is None or execute > end else execute
    queue = run if submit is None or submit > run else submit
    begin = queue if pre is None or pre > queue else pre
    if execute is None or outcome is None:
        runtime = None
    elif runtime is None:
        runtime = end - run
    return DrawnTry(
        instance, job_id, wf_id, job, transformation, machines[host] if host else f"({site or 'unknown'})",
        site or "unknown", begin, queue, run, end, over, None if outcome is None else outcome == "failed", bool(final),
        runtime, exitcode, bool(whole),
    )  # fmt: skip
