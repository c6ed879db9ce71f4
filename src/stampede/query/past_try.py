"""What was known of a try at a time: its states up to then, told over again by the loader's rules."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from stampede.model.states import INFORMATIVE, node_state_of
from stampede.query.moment import outcome_of
from stampede.query.timeline import StateInterval, history
from stampede.store.reader import Reader

#: columns of ``job_instance`` that its states tell
TOLD: Final = (
    "exitcode", "state", "state_ts", "outcome", "pre_exitcode", "post_exitcode", "pre_start_ts", "pre_end_ts",
    "submit_ts", "execute_ts", "end_ts", "post_start_ts", "post_end_ts", "hold_reason", "hold_code", "hold_subcode",
    "remove_reason", "submit_count", "execute_count", "hold_count", "evict_count", "slot",
    "stdin_file", "stdout_file", "stderr_file",
)  # fmt: skip

_PRE_END = frozenset({"PRE_SCRIPT_SUCCESS", "PRE_SCRIPT_FAILED"})
_MAIN_END = frozenset({"JOB_SUCCESS", "JOB_FAILURE"})
_POST_END = frozenset({"POST_SCRIPT_SUCCESS", "POST_SCRIPT_FAILED"})


class Instance(NamedTuple):
    """A try at a time: its columns (those of ``TOLD``), and whether its program was over.

    Without arguments: one that had not begun.
    """

    columns: dict[str, Any] = {}
    main_over: bool = False


def told_by(reader: Reader, instance: int, at: float, post: bool) -> Instance:
    """What was known of a try by then; ``post``: its job has a POST script."""
    states = _states(reader, instance, at)
    names = [s.state for s in states]
    pre_over, main_over, post_over = (bool(ends & {*names}) for ends in (_PRE_END, _MAIN_END, _POST_END))
    first, last = {s.state: s.ts for s in reversed(states)}, {s.state: s.ts for s in states}
    pre, main, post_exit, exitcode, slot, execute_ts, removed, *files = reader.rows(
        "SELECT pre_exitcode, main_exitcode, post_exitcode, exitcode, slot, execute_ts, remove_reason, "
        "stdin_file, stdout_file, stderr_file "
        "FROM job_instance WHERE job_instance_id = ?",
        (instance,),
    )[0]
    hold = reader.one(
        "SELECT reason, code, subcode FROM hold WHERE job_instance_id = ? AND held_ts <= ? "
        "ORDER BY held_ts DESC, seq DESC LIMIT 1",
        (instance, at),
    ) or (None, None, None)
    telling = [s for s in states if s.state not in INFORMATIVE]
    ok = outcome_of(names, post)
    failed_pre = (pre or 256) if "PRE_SCRIPT_FAILED" in last else None
    return Instance({
        "exitcode": exitcode if post_over else main if main_over else failed_pre,
        "state": telling[-1].state if telling else None,
        "state_ts": telling[-1].ts if telling else None,
        "outcome": None if ok is None else "success" if ok else "failed",
        "pre_exitcode": pre if pre_over else None,
        "post_exitcode": post_exit if post_over else None,
        "pre_start_ts": last.get("PRE_SCRIPT_STARTED"),
        "pre_end_ts": _one_of(last, _PRE_END),
        "submit_ts": first.get("SUBMIT"),
        "execute_ts": last.get("EXECUTE"),
        "end_ts": last.get("JOB_TERMINATED", _one_of(first, _MAIN_END)),
        "post_start_ts": last.get("POST_SCRIPT_STARTED"),
        "post_end_ts": last.get("POST_SCRIPT_TERMINATED", _one_of(first, _POST_END)),
        "hold_reason": hold[0],
        "hold_code": hold[1],
        "hold_subcode": hold[2],
        "remove_reason": removed if "JOB_ABORTED" in last else None,
        "submit_count": names.count("SUBMIT"),
        "execute_count": names.count("EXECUTE"),
        "hold_count": names.count("JOB_HELD"),
        "evict_count": names.count("JOB_EVICTED"),
        # the log tells where it runs only of its last start
        "slot": slot if execute_ts is not None and execute_ts <= at else None,
        **(dict(zip(TOLD[-3:], files, strict=True)) if "EXECUTE" in last else {}),
    }, main_over)  # fmt: skip


def node_since(reader: Reader, instance: int, at: float, state: str, post: bool) -> float | None:
    """Since when a node was in a state, as far as its last try tells."""
    states = [s for s in _states(reader, instance, at) if s.state not in INFORMATIVE]
    if not states:
        return None
    if outcome_of([s.state for s in states], post) is not None:
        return states[-1].ts if state in ("done", "failed", "ready") else None
    since = None
    for s in reversed(states):
        if node_state_of(s.state) != state:
            break
        since = s.ts
    return since


def _states(reader: Reader, instance: int, at: float) -> list[StateInterval]:
    return history(
        reader.rows(
            "SELECT state, timestamp, jobstate_submit_seq, reason FROM jobstate "
            "WHERE job_instance_id = ? AND timestamp <= ?",
            (instance, at),
        )
    )


def _one_of(times: dict[str, float], names: frozenset[str]) -> float | None:
    return next((ts for name, ts in times.items() if name in names), None)
