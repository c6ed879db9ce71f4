"""Tries that went wrong, counted by what they have in common, however many there are.

Reads the index of tries that failed and the rows of their jobs only, not what they printed: the loader keeps a key of
that (``model.wording.alike``).
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from stampede.model.machine import machine
from stampede.model.wording import normalise
from stampede.query.workflows import Workflow
from stampede.store.partial import FAILED
from stampede.store.reader import Reader, Row

#: what a row of this kind means is known from one of them; see ``_key``
_SQL = f"""
SELECT i.job_instance_id, j.wf_id, j.exec_job_id, i.main_exitcode, i.post_exitcode, i.exit_unknown, i.end_ts,
       i.subwf_id IS NOT NULL OR j.abort_dag_on IS NOT NULL, i.job_id,
       i.pre_exitcode, i.outcome, i.state, i.execute_ts IS NULL, i.hold_code, i.alike, j.node_type, j.type_desc,
       j.node_state, j.clustered, i.job_instance_id = j.last_job_instance_id,
       i.host_id, i.site, i.slot,
       coalesce(j.transformation, (SELECT min(t.transformation) FROM task t WHERE t.job_id = j.job_id))
FROM job_instance i CROSS JOIN job j ON j.job_id = i.job_id
WHERE {FAILED} AND j.wf_id IN ({{ids}})
  AND (j.node_type <> 'service' OR (i.main_exitcode <> 0 AND coalesce(i.exit_unknown, 0) = 0))
"""
#: the first of the columns that are compared, and the one behind them
_COMPARED = slice(9, 20)
#: instance, workflow, name, end, host, site, slot, transformation
_TOLD = (0, 1, 2, 6, 20, 21, 22, 23)
#: seconds before the removal of a workflow from which on its jobs count as removed with it
_WITH_S = 2


class Tally(msgspec.Struct):
    """Tries that went wrong alike: how many, of which nodes, when (epoch seconds) and where; ``sample`` is one.

    ``instances`` are the last of them of each of the ``nodes``.
    """

    sample: int
    count: int
    #: uuids of the workflows that they are in
    workflows: list[str]
    nodes: list[str]
    first_ts: float | None
    last_ts: float | None
    hosts: dict[str, int]
    sites: dict[str, int]
    transformations: dict[str, int]
    instances: list[int] = []


def count_failing(reader: Reader, ids: str, most: int) -> int:
    """How many tries went wrong; counts no further than ``most``."""
    row = reader.one(
        f"SELECT count(*) FROM (SELECT 1 FROM job_instance i CROSS JOIN job j ON j.job_id = i.job_id "
        f"WHERE {FAILED} AND j.wf_id IN ({ids}) LIMIT {most})"
    )
    return int(row[0]) if row else 0


def tallies(reader: Reader, ids: str, by_id: dict[int, Workflow], paths: dict[int, str]) -> list[Tally]:
    """All tries that went wrong, the largest tally first."""
    with _no_collection():
        return _tallied(reader, ids, by_id, paths)


@contextmanager
def _no_collection() -> Iterator[None]:
    """A hundred thousand rows make the collector of cycles look at all of them again and again: there are none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _tallied(reader: Reader, ids: str, by_id: dict[int, Workflow], paths: dict[int, str]) -> list[Tally]:
    removed = _removed(reader, ids)
    hosts: dict[int, str] = dict(reader.rows("SELECT host_id, hostname FROM host"))
    found: dict[tuple[Any, ...], list[Row]] = {}
    failed_jobs: set[int] = set()
    late: list[Row] = []
    refused: list[Row] = []
    for row in reader.iterate(_SQL.format(ids=ids)):
        if row[3]:
            failed_jobs.add(row[8])
        elif row[4]:
            late.append(row)
            continue
        if row[11] == "SUBMIT_FAILED":
            refused.append(row)
            continue
        found.setdefault(_key(row, removed), []).append(row)
    for row in late:
        # the post script of several processes answers for the one that failed: that is judged for itself
        key = (row[0],) if row[8] in failed_jobs else _key(row, removed)
        found.setdefault(key, []).append(row)
    reasons = _refusals(reader, ids) if refused else {}
    for row in refused:
        said = normalise(reasons.get(row[0]) or "")
        found.setdefault((*_key(row, removed), said), []).append(row)
    return sorted((_tally(rows, by_id, paths, hosts) for rows in found.values()), key=lambda t: (-t.count, t.sample))


def _key(row: Row, removed: dict[int, float]) -> tuple[Any, ...]:
    """What tries have in common that went wrong alike. One of a sub-workflow, or with a rule of its own, is alone."""
    wf_id, raw, post, unknown, end = row[1], *row[3:7]
    gone = removed.get(wf_id) if unknown else None
    with_workflow = gone is not None and (end or 0) >= gone - _WITH_S
    return (row[0] if row[7] else None, raw, post, unknown, with_workflow, *row[_COMPARED])


def _refusals(reader: Reader, ids: str) -> dict[int, str | None]:
    """Why tries could not be submitted: that is no part of their key."""
    return dict(reader.rows(
        f"""SELECT s.job_instance_id, s.reason FROM (
                SELECT i.job_instance_id FROM job_instance i CROSS JOIN job j ON j.job_id = i.job_id
                WHERE {FAILED} AND state = 'SUBMIT_FAILED' AND j.wf_id IN ({ids})) n
            CROSS JOIN jobstate s ON s.job_instance_id = n.job_instance_id WHERE s.state = 'SUBMIT_FAILED'"""
    ))  # fmt: skip


def _removed(reader: Reader, ids: str) -> dict[int, float]:
    """When workflows were removed in their last run."""
    return dict(reader.rows(
        f"""SELECT e.wf_id, min(e.ts) FROM workflow_event e JOIN workflow w ON w.wf_id = e.wf_id
            WHERE e.wf_id IN ({ids}) AND e.state IN ('removed', 'dagman_removed')
              AND coalesce(e.restart_count, 0) = coalesce(w.restart_count, 0) GROUP BY e.wf_id"""
    ))  # fmt: skip


def _tally(rows: list[Row], by_id: dict[int, Workflow], paths: dict[int, str], hosts: dict[int, str]) -> Tally:
    columns = list(zip(*rows, strict=True))  # column by column takes a third of the time
    instances, wf_ids, names, ends, host_ids, sites, slots, transformations = (columns[n] for n in _TOLD)
    known = ends if None not in ends else [end for end in ends if end is not None]
    last_ts = max(known, default=None)
    machines: Counter[str] = Counter()
    for (slot, host_id), count in Counter(zip(slots, host_ids, strict=True)).items():
        if (host := machine(slot, hosts.get(host_id))) is not None:
            machines[host] += count
    nodes = dict(zip(zip(wf_ids, names, strict=True), instances, strict=True))
    return Tally(
        instances[ends.index(last_ts)], len(rows), [by_id[w].wf_uuid for w in dict.fromkeys(wf_ids)],
        [paths[w] + name for w, name in nodes],
        min(known, default=None), last_ts, dict(machines), _named(sites), _named(transformations), list(nodes.values()),
    )  # fmt: skip


def _named(values: tuple[str | None, ...]) -> dict[str, int]:
    return {name: count for name, count in Counter(values).items() if name}
