"""What is new in a database since a place in it: tries, states, what engines did, problems, anomalies.

Rows are numbered in the order in which they were committed, table by table; a :class:`Position` has one number for
each of them. It means the same to every process and after every restart, as long as the database is the same
(:func:`identity`). What is read in one snapshot up to its newest position holds all that was committed before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

import msgspec

from stampede.store.reader import Reader, Row

Kind = Literal["try", "state", "workflow", "engine", "problem", "anomaly"]


class Position(msgspec.Struct, frozen=True, array_like=True):
    """The numbers of the last rows that are known, by kind of change, in the order of :data:`KINDS`."""

    numbers: tuple[int, ...]

    def __str__(self) -> str:
        return ".".join(map(str, self.numbers))

    def to(self, index: int, number: int) -> Position:
        """The same with another number for one kind."""
        return Position((*self.numbers[:index], number, *self.numbers[index + 1 :]))

    def behind(self, other: Position) -> int:
        """How many rows it is behind another, at most."""
        return sum(max(b - a, 0) for a, b in zip(self.numbers, other.numbers, strict=True))

    def within(self, other: Position) -> Position:
        """The lesser of the two for each kind."""
        return Position(tuple(map(min, self.numbers, other.numbers)))


def read_position(text: str) -> Position | None:
    """A position as it was written; None when it is none."""
    parts = text.split(".")
    if len(parts) != len(FEEDS) or not all(p.isascii() and p.isdigit() and len(p) < 20 for p in parts):
        return None
    return Position(tuple(map(int, parts)))


class TryBegun(msgspec.Struct, kw_only=True):
    """A new try of a job: ``attempt`` counts from 1, ``seq`` is its number in the workflow."""

    wf_uuid: str
    job: str
    attempt: int
    seq: int


class StateEntered(msgspec.Struct, kw_only=True):
    """A try entered a state. ``number`` is its place in the engine's log, 0 where that has none."""

    wf_uuid: str
    job: str
    attempt: int
    seq: int
    ts: float
    state: str
    number: int
    reason: str | None


class WorkflowChanged(msgspec.Struct, kw_only=True):
    """The run of a workflow started (``WORKFLOW_STARTED``) or ended (``WORKFLOW_TERMINATED``; ``status`` 0: well)."""

    wf_uuid: str
    root_wf_uuid: str | None
    label: str | None
    ts: float
    state: str
    run: int
    status: int | None
    reason: str | None


class EngineEvent(msgspec.Struct, kw_only=True):
    """Something that the engine of a workflow did or said. ``run`` counts its starts from 1."""

    wf_uuid: str
    ts: float
    state: str
    value: str
    reason: str | None
    run: int


class ProblemFound(msgspec.Struct, kw_only=True):
    """Input that could not be taken as it is, with what to do about it."""

    wf_uuid: str | None
    ts: float | None
    kind: str
    severity: str
    file: str
    offset: int
    message: str
    remedy: str | None


class AnomalyTold(msgspec.Struct, kw_only=True):
    """Something that is not as it was; ``cleared``: it turned out to be none, and only kind and subject are told."""

    wf_uuid: str
    kind: str
    subject: str
    cleared: bool
    ts: float | None
    reason: str | None
    job: str | None
    attempt: int | None
    host: str | None
    transformation: str | None
    unit: str | None
    observed: float | None
    expected: float | None
    low: float | None
    high: float | None
    jobs: int | None
    of_jobs: int | None
    score: float | None


class Change(msgspec.Struct, kw_only=True):
    """Something new: of which kind, of which workflow, root and user, and ``position``, with all up to it."""

    kind: Kind
    position: Position
    wf_uuid: str | None
    root_uuid: str | None
    user: str | None
    state: str | None
    item: Any


class _Feed(msgspec.Struct, frozen=True):
    """A table that is read on: ``number`` is what its rows are numbered by."""

    kind: Kind
    table: str
    number: str
    columns: str
    source: str
    item: Callable[..., Any]
    #: which of the columns is the state, from 0
    state: int | None = None


_ATTEMPT = "(SELECT count(*) FROM job_instance k WHERE k.job_id = i.job_id AND k.job_submit_seq <= i.job_submit_seq)"
_TELLS = (
    "ts", "reason", "job", "attempt", "host", "transformation", "unit", "observed", "expected", "low", "high", "jobs",
    "of_jobs", "score",
)  # fmt: skip

#: in the order in which what is new in one snapshot is told: what is referred to first
FEEDS: Final[tuple[_Feed, ...]] = (
    _Feed("try", "job_instance", "job_instance_id", f"j.exec_job_id, {_ATTEMPT}, i.job_submit_seq",
          "job_instance i JOIN job j ON j.job_id = i.job_id JOIN workflow w ON w.wf_id = j.wf_id",
          lambda uuid, _root, job, attempt, seq: TryBegun(wf_uuid=uuid, job=job, attempt=attempt, seq=seq)),
    _Feed("state", "jobstate", "rowid", f"j.exec_job_id, {_ATTEMPT}, i.job_submit_seq, s.timestamp, s.state, "
          "s.jobstate_submit_seq, s.reason",
          "jobstate s JOIN job_instance i ON i.job_instance_id = s.job_instance_id "
          "JOIN job j ON j.job_id = i.job_id JOIN workflow w ON w.wf_id = j.wf_id",
          lambda uuid, _root, job, attempt, seq, ts, state, number, reason: StateEntered(
              wf_uuid=uuid, job=job, attempt=attempt, seq=seq, ts=ts, state=state, number=number, reason=reason),
          state=4),
    _Feed("workflow", "workflowstate", "rowid", "w.dax_label, s.timestamp, s.state, s.restart_count + 1, s.status, "
          "s.reason",
          "workflowstate s JOIN workflow w ON w.wf_id = s.wf_id",
          lambda uuid, root, label, ts, state, run, status, reason: WorkflowChanged(
              wf_uuid=uuid, root_wf_uuid=root, label=label, ts=ts, state=state, run=run, status=status, reason=reason),
          state=2),
    _Feed("engine", "workflow_event", "rowid", "s.ts, s.state, s.value, s.reason, coalesce(s.restart_count, 0) + 1",
          "workflow_event s JOIN workflow w ON w.wf_id = s.wf_id",
          lambda uuid, _root, ts, state, value, reason, run: EngineEvent(
              wf_uuid=uuid, ts=ts, state=state, value=value, reason=reason, run=run),
          state=1),
    _Feed("problem", "problem", "problem_id", 's.ts, s.kind, s.severity, s.file, s."offset", s.message, s.remedy',
          "problem s LEFT JOIN workflow w ON w.wf_id = s.wf_id",
          lambda uuid, _root, ts, kind, severity, file, offset, message, remedy: ProblemFound(
              wf_uuid=uuid, ts=ts, kind=kind, severity=severity, file=file, offset=offset, message=message,
              remedy=remedy)),
    _Feed("anomaly", "anomaly_change", "change_id", "s.kind, s.subject, s.cleared, "
          + ", ".join(f"a.{name}" for name in _TELLS),
          "anomaly_change s JOIN workflow w ON w.wf_id = s.wf_id LEFT JOIN anomaly a ON a.wf_id = s.wf_id "
          "AND a.kind = s.kind AND a.subject = s.subject",
          lambda uuid, _root, kind, subject, cleared, *told: AnomalyTold(
              wf_uuid=uuid, kind=kind, subject=subject, cleared=bool(cleared),
              **dict(zip(_TELLS, told, strict=True)))),
)  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = tuple(feed.kind for feed in FEEDS)
BEGINNING: Final = Position((0,) * len(FEEDS))


def identity(reader: Reader) -> str:
    """What tells a database from another that takes its place: when it was made. Empty for one that is not ours."""
    if not reader.columns("stampede_meta"):
        return ""
    row = reader.one("SELECT value FROM stampede_meta WHERE key = 'created_ts'")
    return str(row[0]) if row is not None else ""


def newest(reader: Reader) -> Position:
    """The position of all that is there now. Tables that a database has not got count as empty."""
    numbers = []
    for feed in FEEDS:
        row = reader.one(f"SELECT max({feed.number}) FROM {feed.table}") if _has(reader, feed) else None
        numbers.append(row[0] or 0 if row is not None else 0)
    return Position(tuple(numbers))


def _has(reader: Reader, feed: _Feed) -> bool:
    """Whether there is such a table. A view, as is laid over the tables of Pegasus' own databases, has no numbers of
    rows: what is new there is not told."""
    return not reader.is_view(feed.table) and bool(reader.columns(feed.table))


def changes(
    reader: Reader, after: Position, *, until: Position | None = None, limit: int = 2_000
) -> tuple[list[Change], Position, bool]:
    """What came after a position, at most ``limit`` changes: they, the position behind them, whether there is more.

    Ask inside a snapshot. ``until`` leaves out what came after another position.
    """
    here = newest(reader)
    end = here if until is None else until.within(here)
    position = after.within(here)  # rows that were taken back have given their numbers back
    found: list[Change] = []
    for index, feed in enumerate(FEEDS):
        if position.numbers[index] >= end.numbers[index]:
            continue
        left = limit - len(found)
        rows = _rows(reader, feed, position.numbers[index], end.numbers[index], left)
        for row in rows:
            position = position.to(index, row[0])
            found.append(_change(feed, row, position))
        if len(rows) == left:
            return found, position, position.behind(end) > 0
        position = position.to(index, end.numbers[index])
    return found, position, False


def _rows(reader: Reader, feed: _Feed, after: int, until: int, limit: int) -> list[Row]:
    alias = "i" if feed.table == "job_instance" else "s"
    return reader.rows(
        f"SELECT {alias}.{feed.number}, w.user, r.wf_uuid, w.wf_uuid, {feed.columns} FROM {feed.source} "
        f"LEFT JOIN workflow r ON r.wf_id = w.root_wf_id "
        f"WHERE {alias}.{feed.number} > ? AND {alias}.{feed.number} <= ? ORDER BY {alias}.{feed.number} LIMIT ?",
        (after, until, limit),
    )


def _change(feed: _Feed, row: Row, position: Position) -> Change:
    _, user, root, uuid, *values = row
    return Change(
        kind=feed.kind, position=position, wf_uuid=uuid, root_uuid=root, user=user,
        state=None if feed.state is None else values[feed.state], item=feed.item(uuid, root, *values),
    )  # fmt: skip


class Counts(msgspec.Struct, kw_only=True, frozen=True):
    """How a workflow stands, in numbers; nodes by state as DAGMan counts them, and what its tries add up to."""

    wf_uuid: str
    root_wf_uuid: str | None
    label: str | None
    user: str | None
    state: str
    total: int
    done: int
    failed: int
    futile: int
    ready: int
    unready: int
    pre: int
    queued: int
    post: int
    submits: int
    executes: int
    holds: int
    evictions: int
    tries: int
    tries_failed: int
    problems: int
    last_ts: float | None


_COUNTS: Final = (
    "SELECT w.wf_uuid, r.wf_uuid, w.dax_label, w.user, coalesce(w.state, 'unstarted'), s.total, s.done, s.failed, "
    "s.futile, s.ready, s.unready, s.pre, s.queued, s.post, s.submits, s.executes, s.holds, s.evictions, s.attempts, "
    "s.attempts_failed, s.problems, w.last_ts FROM workflow w JOIN workflow_summary s ON s.wf_id = w.wf_id "
    "LEFT JOIN workflow r ON r.wf_id = w.root_wf_id"
)


def counts(reader: Reader, wf_uuids: list[str] | None = None, *, root: str | None = None, limit: int) -> list[Counts]:
    """The numbers of these workflows; of all of a forest with ``root``; of all roots when nothing is said.

    The ones that were heard of last come first; at most ``limit``.
    """
    if wf_uuids is not None:
        where, values = f"w.wf_uuid IN ({', '.join('?' * len(wf_uuids))})", list(wf_uuids)
    elif root is not None:
        where, values = "r.wf_uuid = ?", [root]
    else:
        where, values = "w.root_wf_id = w.wf_id", []
    rows = reader.rows(f"{_COUNTS} WHERE {where} ORDER BY w.last_ts DESC LIMIT ?", [*values, limit])
    return [Counts(**dict(zip(Counts.__struct_fields__, row, strict=True))) for row in rows]
