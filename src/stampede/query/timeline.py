"""The history of one try: its states with how long each lasted, and the phases they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from stampede.model.states import INFORMATIVE, rank

PhaseName = Literal["pre", "queue", "run", "suspended", "held", "dagman", "post"]


class StateInterval(msgspec.Struct, kw_only=True):
    """A state and how long it lasted; ``duration_s`` is None for the last one. Times are epoch seconds."""

    state: str
    ts: float
    duration_s: float | None
    reason: str | None


class Phase(msgspec.Struct, kw_only=True):
    """What a try was doing: ``pre`` script, ``queue`` (idle in HTCondor), ``run``, ``suspended``, ``held``, ``dagman``
    (it had ended and DAGMan had not acted on it yet), ``post`` script. ``end_ts`` is None while it lasts."""

    phase: PhaseName
    start_ts: float
    end_ts: float | None
    duration_s: float | None


#: what a try does once it is in a state; states that are not here change nothing
_BEGINS: Final[dict[str, PhaseName | None]] = {
    "PRE_SCRIPT_STARTED": "pre",
    "PRE_SCRIPT_SUCCESS": "dagman",
    "PRE_SCRIPT_FAILED": None,
    "SUBMIT": "queue",
    "SUBMIT_FAILED": None,
    "EXECUTE": "run",
    "JOB_SUSPENDED": "suspended",
    "JOB_UNSUSPENDED": "run",
    "JOB_EVICTED": "queue",
    "SHADOW_EXCEPTION": "queue",
    "JOB_RECONNECT_FAILED": "queue",
    "JOB_HELD": "held",
    "JOB_RELEASED": "queue",
    "JOB_TERMINATED": "dagman",
    "JOB_ABORTED": "dagman",
    "POST_SCRIPT_STARTED": "post",
    "POST_SCRIPT_SUCCESS": None,
    "POST_SCRIPT_FAILED": None,
}


def history(rows: Sequence[tuple[Any, ...]]) -> list[StateInterval]:
    """States in order from rows of (state, timestamp, number, reason), as the ``jobstate`` table has them.

    The number counts what DAGMan logged; what other logs add has none and is placed by its time.
    """
    ordered = sorted((r for r in rows if r[2]), key=lambda r: (r[1], r[2], rank(r[0])))
    for row in sorted((r for r in rows if not r[2]), key=lambda r: (r[1], rank(r[0]))):
        later = (i for i, r in enumerate(ordered) if (r[1], rank(r[0])) > (row[1], rank(row[0])))
        ordered.insert(next(later, len(ordered)), row)
    ends = [*(r[1] for r in ordered[1:]), None]
    return [
        StateInterval(state=state, ts=ts, duration_s=None if end is None else end - ts, reason=reason)
        for (state, ts, _, reason), end in zip(ordered, ends, strict=False)
    ]


def phases(states: list[StateInterval], *, has_post: bool) -> list[Phase]:
    """The phases of a try, without gaps; those that follow each other with the same name are one."""
    found: list[Phase] = []
    for s in states:
        if s.state in INFORMATIVE:
            continue
        ended = s.state in ("JOB_SUCCESS", "JOB_FAILURE") and not has_post
        if s.state not in _BEGINS and not ended:
            continue
        name = None if ended else _BEGINS[s.state]
        if found and found[-1].end_ts is None and found[-1].phase == name:
            continue
        if found and found[-1].end_ts is None:
            _close(found[-1], s.ts)
        if name is not None:
            found.append(Phase(phase=name, start_ts=s.ts, end_ts=None, duration_s=None))
    return [p for p in found if p.end_ts is None or p.duration_s or p.phase not in ("dagman", "queue")]


def _close(phase: Phase, ts: float) -> None:
    phase.end_ts = ts
    phase.duration_s = ts - phase.start_ts
