"""Edges of tries counted by the database: what a picture of all tries shows, without reading each of them.

The edges of a try are those of ``tries.DrawnTry``, put in order by the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from stampede.query.pictures.bins import Bins, Edges
from stampede.store.reader import Reader

#: the edges of a try, in order; ``again`` is the end of one that was not the last of its job
EDGES: Final = ("begin", "queue", "run", "end", "over", "again")

#: from the last edge to the first: one that is not known, or lies after the next, falls together with it
_ORDERED: Final = """
raw AS (
    SELECT i.pre_start_ts AS pre, i.submit_ts AS submit, i.execute_ts AS execute,
           min(coalesce(i.end_ts, {never}), CASE WHEN i.hold_count > 0 THEN coalesce((
               SELECT min(d.held_ts) FROM hold d
               WHERE d.job_instance_id = i.job_instance_id AND d.held_ts >= i.execute_ts), {never})
           ELSE {never} END) AS ended,
           CASE WHEN i.outcome IS NULL THEN :now
                ELSE coalesce(i.state_ts, i.end_ts, i.execute_ts, i.submit_ts, i.pre_start_ts) END AS over_ts,
           i.job_instance_id = j.last_job_instance_id AS final
    FROM {source} WHERE j.wf_id IN ({ids}) AND j.node_type <> 'service'
), ended AS (
    SELECT pre, submit, execute, min(ended, over_ts) AS end_ts, over_ts, final FROM raw WHERE over_ts IS NOT NULL
), run AS (
    SELECT pre, submit, CASE WHEN execute <= end_ts THEN execute ELSE end_ts END AS run_ts, end_ts, over_ts, final
    FROM ended
), queued AS (
    SELECT pre, CASE WHEN submit <= run_ts THEN submit ELSE run_ts END AS queue_ts, run_ts, end_ts, over_ts, final
    FROM run
), ordered AS MATERIALIZED (
    SELECT CASE WHEN pre <= queue_ts THEN pre ELSE queue_ts END AS begin_ts, queue_ts, run_ts, end_ts, over_ts, final
    FROM queued
)"""
_TRIES: Final = """
SELECT 'begin' AS kind, begin_ts AS ts FROM ordered UNION ALL SELECT 'queue', queue_ts FROM ordered
UNION ALL SELECT 'run', run_ts FROM ordered UNION ALL SELECT 'end', end_ts FROM ordered
UNION ALL SELECT 'over', over_ts FROM ordered UNION ALL SELECT 'again', over_ts FROM ordered WHERE NOT final"""
_COUNT: Final = """
SELECT kind, bin, count(*), sum(place - bin) FROM (
    SELECT kind, place, CASE WHEN place <= 0 THEN -1 ELSE CAST(place AS INTEGER) END AS bin
    FROM (SELECT kind, (ts - :start) * :scale AS place FROM ({edges})) WHERE place < :size
) GROUP BY kind, bin"""


def counted(
    reader: Reader, edges: str, bins: Bins, parameters: dict[str, Any], kinds: Iterable[str], *, tables: str = ""
) -> dict[str, Edges]:  # fmt: skip
    """The edges that a statement gives as rows of ``kind`` and ``ts`` (epoch seconds), by kind; those that have none
    too. ``tables`` are common table expressions that the statement uses."""
    found = {kind: Edges(bins) for kind in kinds}
    frame = {"start": bins.start_ts, "scale": 1.0 / bins.width_s, "size": float(bins.count)}
    sql = f"{'WITH ' + tables if tables else ''} {_COUNT.format(edges=edges)}"
    for kind, index, count, late in reader.rows(sql, {**parameters, **frame}):
        found[kind].add_counted(index, count, late)
    return found


def edges_of_tries(reader: Reader, source: str, ids: str, bins: Bins, now_ts: float) -> dict[str, Edges]:
    """The edges of all tries of some workflows, by ``EDGES``. ``source`` joins tries ``i`` and jobs ``j``."""
    tables = _ORDERED.format(source=source, ids=ids, never=9e18)
    return counted(reader, _TRIES, bins, {"now": now_ts}, EDGES, tables=tables)
