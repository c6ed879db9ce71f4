"""States and phases of a try."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.model.states import RANK
from stampede.query.timeline import history, phases


def told(rows: list[tuple[Any, ...]], *, has_post: bool = False) -> list[tuple[str, float | None]]:
    return [(p.phase, p.duration_s) for p in phases(history(rows), has_post=has_post)]


def test_a_plain_try_waits_and_runs() -> None:
    rows = [
        ("SUBMIT", 0, 1, None),
        ("EXECUTE", 5, 2, None),
        ("JOB_TERMINATED", 9, 3, None),
        ("JOB_SUCCESS", 9, 4, None),
    ]
    assert told(rows) == [("queue", 5), ("run", 4)]


def test_scripts_and_holds_are_phases() -> None:
    rows = [
        ("PRE_SCRIPT_STARTED", 0, 1, None), ("PRE_SCRIPT_SUCCESS", 2, 2, None), ("SUBMIT", 3, 3, None),
        ("EXECUTE", 4, 4, None), ("JOB_HELD", 6, 5, "why"), ("JOB_RELEASED", 10, 6, None), ("EXECUTE", 11, 7, None),
        ("JOB_TERMINATED", 12, 8, None), ("JOB_SUCCESS", 12, 8, None), ("POST_SCRIPT_STARTED", 12, 9, None),
        ("POST_SCRIPT_TERMINATED", 14, 10, None), ("POST_SCRIPT_SUCCESS", 14, 11, None),
    ]  # fmt: skip
    assert told(rows, has_post=True) == [
        ("pre", 2), ("dagman", 1), ("queue", 1), ("run", 2), ("held", 4), ("queue", 1), ("run", 1), ("post", 2),
    ]  # fmt: skip


def test_what_lasts_has_no_end() -> None:
    assert told([("SUBMIT", 0, 1, None), ("EXECUTE", 1, 2, None)]) == [("queue", 1), ("run", None)]


def test_states_without_a_number_stand_where_their_time_puts_them() -> None:
    rows = [("JOB_HELD", 5, 3, None), ("REMOTE_ERROR", 5, 0, None), ("EXECUTE", 4, 2, None), ("SUBMIT", 4, 1, None)]
    assert [s.state for s in history(rows)] == ["SUBMIT", "EXECUTE", "REMOTE_ERROR", "JOB_HELD"]


ROWS = st.lists(st.tuples(st.sampled_from([*RANK, "NO_SUCH"]), st.integers(0, 50), st.integers(0, 9), st.none()))


@given(ROWS, st.booleans())
@settings(max_examples=100)
def test_any_history_gives_phases_in_order_without_overlap(rows: list[tuple[Any, ...]], has_post: bool) -> None:
    states = history(rows)
    assert [s.ts for s in states] == sorted(s.ts for s in states)
    assert len(states) == len(rows)
    found = phases(states, has_post=has_post)
    for a, b in pairwise(found):
        assert a.end_ts is not None
        assert a.start_ts <= a.end_ts <= b.start_ts
