"""Members of a cause: the jobs that went wrong alike, each with the try that did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from stampede.model import exits
from stampede.model.exits import Exit
from stampede.model.machine import machine
from stampede.query.collections.parts import ATTEMPT, EXECUTING, TRANSFORMATION
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader, Row


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A node by its path; ``instance`` is the try that went wrong (None: only the node is known), ``task`` the failed
    task of a clustered job."""

    node: str
    instance: int | None = None
    task: str | None = None


class Member(msgspec.Struct, kw_only=True):
    """A job that went wrong: which of its tries, how that ended and where; how the job stands now.

    ``node`` is its path from the workflow that was asked for (``inner/work``), ``word`` the state of the node in one
    word, as in lists of jobs. ``attempt`` counts from 1; None when no try of it is known. Times are epoch seconds.
    """

    node: str
    wf_uuid: str
    job: str
    task: str | None
    transformation: str | None
    word: str
    attempt: int | None
    attempts: int
    max_retries: int
    outcome: str | None
    exit: Exit | None
    hostname: str | None
    site: str | None
    ts: float | None


#: as in lists of jobs; ``l`` is the job's last try
_WORD: Final = f"""CASE WHEN j.node_state <> 'queued' OR l.outcome IS NOT NULL THEN j.node_state
    WHEN l.state = 'JOB_HELD' THEN 'held' WHEN l.state IN {EXECUTING} THEN 'running' ELSE 'idle' END"""
_COLUMNS: Final = f"""
SELECT i.job_instance_id, w.wf_uuid, j.exec_job_id, {TRANSFORMATION}, {_WORD},
       CASE WHEN i.job_instance_id IS NOT NULL THEN {ATTEMPT} END, j.attempts, j.max_retries, i.outcome,
       i.main_exitcode, coalesce(i.exit_unknown, 0), i.slot, nullif(h.hostname, 'unknown'), i.site,
       coalesce(i.end_ts, i.state_ts)
"""
_BESIDE: Final = """
JOIN workflow w ON w.wf_id = j.wf_id LEFT JOIN host h ON h.host_id = i.host_id
LEFT JOIN job_instance l ON l.job_instance_id = j.last_job_instance_id
"""
_OF_TRIES: Final = (
    f"{_COLUMNS} FROM job_instance i JOIN job j ON j.job_id = i.job_id {_BESIDE} WHERE i.job_instance_id IN ({{ids}})"
)
_OF_NODE: Final = (
    f"{_COLUMNS} FROM job j LEFT JOIN job_instance i ON i.job_instance_id = j.last_job_instance_id {_BESIDE} "
    "WHERE j.wf_id = ? AND j.exec_job_id = ?"
)


#: tries in one question
_BLOCK: Final = 5_000
#: those that failed for good come first, those that went well in the end last
_RANK: Final = {"failed": 0, "futile": 0, "done": 2}


class Standing(msgspec.Struct, frozen=True):
    """The members of a cause, those that failed for good first, and how many stand how (by state of the node)."""

    places: list[Place]
    states: dict[str, int]


def standing(reader: Reader, places: Sequence[Place]) -> Standing:
    """How the members of a cause stand now. Those of which no try is known count as open."""
    instances = [p.instance for p in places if p.instance is not None]
    states: dict[int | None, str] = {}
    for at in range(0, len(instances), _BLOCK):
        ids = ", ".join(map(str, instances[at : at + _BLOCK]))
        states.update(reader.rows(
            f"""SELECT i.job_instance_id, j.node_state FROM job_instance i JOIN job j ON j.job_id = i.job_id
                WHERE i.job_instance_id IN ({ids})"""
        ))  # fmt: skip
    counted = Counter(states.get(p.instance, "unknown") for p in places)
    ordered = sorted(places, key=lambda p: _RANK.get(states.get(p.instance, ""), 1))
    return Standing(ordered, dict(counted))


def members(reader: Reader, places: Sequence[Place], workflows: list[Workflow], paths: dict[int, str]) -> list[Member]:
    """What is known of these places, in their order; those that the database does not have (any more) are left out."""
    ids = ", ".join(str(p.instance) for p in places if p.instance is not None)
    rows = {row[0]: row for row in reader.rows(_OF_TRIES.format(ids=ids))} if ids else {}
    found = []
    for place in places:
        row = _of_node(reader, place.node, workflows, paths) if place.instance is None else rows.get(place.instance)
        if row is not None:
            found.append(_member(place, row))
    return found


def _of_node(reader: Reader, node: str, workflows: list[Workflow], paths: dict[int, str]) -> Row | None:
    """The node of that path: names of jobs may have a slash themselves, so the longest path that fits is asked
    first."""
    fitting = sorted((w for w in workflows if node.startswith(paths[w.wf_id])), key=lambda w: -len(paths[w.wf_id]))
    for workflow in fitting:
        row = reader.one(_OF_NODE, (workflow.wf_id, node[len(paths[workflow.wf_id]) :]))
        if row is not None:
            return row
    return None


def _member(place: Place, row: Row) -> Member:
    raw, unknown, slot, host = row[9:13]
    return Member(
        node=place.node, wf_uuid=row[1], job=row[2], task=place.task, transformation=row[3], word=row[4],
        attempt=row[5], attempts=row[6], max_retries=row[7], outcome=row[8],
        exit=None if raw is None else exits.UNKNOWN if unknown else exits.from_raw(raw), hostname=machine(slot, host),
        site=row[13], ts=row[14],
    )  # fmt: skip
