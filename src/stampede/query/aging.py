"""Which runs are old: roots whose last record, and that of everything below them, lies before a time."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stampede.store.reader import Reader
from stampede.store.retiring import MARK


class Aged(msgspec.Struct, kw_only=True):
    """A run: ``last_ts`` is the latest record of all its workflows (epoch seconds; None: no time is known), ``jobs``
    and ``tries`` those of all of them. ``folders`` are where its files were read, with the name of the DAG file."""

    wf_uuid: str
    label: str | None
    user: str | None
    state: str
    last_ts: float | None
    workflows: int
    jobs: int
    tries: int
    folders: list[tuple[str, str | None]] = []


_RUNS = """
WITH RECURSIVE run(root, wf_id) AS (
    SELECT wf_id, wf_id FROM workflow WHERE parent_wf_id IS NULL
    UNION ALL SELECT r.root, w.wf_id FROM workflow w JOIN run r ON w.parent_wf_id = r.wf_id),
known AS (
    SELECT r.root AS root, max(coalesce(w.last_ts, w.first_ts, w.timestamp)) AS last_ts, count(*) AS workflows,
           coalesce(sum(s.total), 0) AS jobs, coalesce(sum(s.attempts), 0) AS tries
    FROM run r JOIN workflow w ON w.wf_id = r.wf_id LEFT JOIN workflow_summary s ON s.wf_id = w.wf_id
    GROUP BY r.root)
SELECT w.wf_uuid, w.dax_label, w.user, coalesce(w.state, 'unstarted'), k.last_ts, k.workflows, k.jobs, k.tries,
       coalesce(w.found_dir, w.submit_dir), w.dag_file_name
FROM known k JOIN workflow w ON w.wf_id = k.root
"""


def aged(
    reader: Reader,
    *,
    before_ts: float,
    label: str | None = None,
    states: Sequence[str] = (),
    uuids: Sequence[str] | None = None,
) -> list[Aged]:
    """Runs without a record since ``before_ts``, oldest first: of a label (may hold ``*``), in one of some states.

    With ``uuids`` those roots, however old. A run of which no time is known is never old. Raises DatabaseError.
    """
    where: list[str] = ["k.last_ts < ?"]
    values: list[float | str] = [before_ts]
    if label is not None:
        where.append("w.dax_label GLOB ?")
        values.append(label)
    if states:
        where.append(f"coalesce(w.state, 'unstarted') IN ({', '.join('?' * len(states))})")
        values += states
    if uuids is not None:
        where, values = [f"w.wf_uuid IN ({', '.join('?' * len(uuids))})"], list(uuids)
    rows = reader.rows(f"{_RUNS} WHERE {' AND '.join(where)} ORDER BY k.last_ts, w.wf_id", values)
    return [
        Aged(wf_uuid=uuid, label=label_, user=user, state=state, last_ts=last, workflows=workflows, jobs=jobs,
             tries=tries, folders=[(folder, dag)] if folder else [])
        for uuid, label_, user, state, last, workflows, jobs, tries, folder, dag in rows
    ]  # fmt: skip


def under_way(reader: Reader) -> frozenset[str]:
    """The roots whose deletion was begun and interrupted, by uuid. Raises DatabaseError."""
    rows = reader.rows('SELECT "key" FROM stampede_meta WHERE "key" LIKE ?', (f"{MARK}%",))
    return frozenset(str(key).removeprefix(MARK) for (key,) in rows)
