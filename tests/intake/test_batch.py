"""Batches of records, and which of several are new."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sent import run

from stampede.errors import InputError, UsageError
from stampede.events.catalogue import JobInstMainStart, Problem
from stampede.intake.batch import Batch, make_batch
from stampede.intake.turn import Waiting, sort_out


def test_a_batch_of_json_and_one_of_bp_are_the_same_events() -> None:
    json = make_batch("a", 1, b'{"event":"stampede.xwf.start","ts":5,"xwf_id":"u","restart_count":0}\n')
    bp = make_batch("a", 1, b"ts=5 event=stampede.xwf.start xwf.id=u restart_count=0\n")
    assert json.events(1, 1) == bp.events(1, 1)


def test_only_the_records_asked_for_become_events() -> None:
    batch = make_batch("a", 11, b"\n".join(run(20)))
    events = batch.events(11, batch.last)
    assert batch.events(21, 30) == events[10:20]
    assert isinstance(events[23], JobInstMainStart)


def test_a_record_that_is_none_becomes_a_problem_that_says_which() -> None:
    lines = run(3)
    lines[4] = b'{"event": "stampede.nothing.like.it", "xwf_id": "u"}'
    lines[6] = b"{no json"
    problems = [e for e in make_batch("s", 101, b"\n".join(lines)).events(101, 108) if isinstance(e, Problem)]
    assert [(p.file, p.offset, p.kind) for p in problems] == [
        ("s", 105, "unknown_event"),
        ("s", 107, "undecodable"),
    ]


@pytest.mark.parametrize("source, first", [("", 1), ("x" * 257, 1), ("a\nb", 1), ("a", 0), ("a", 2**63)])
def test_names_and_numbers_that_cannot_be_are_refused(source: str, first: int) -> None:
    with pytest.raises(UsageError):
        make_batch(source, first, b"{}")


def test_a_body_without_a_record_is_refused() -> None:
    with pytest.raises(InputError):
        make_batch("a", 1, b"\n \n\r\n")


@given(st.binary(max_size=400))
def test_any_bytes_become_events(body: bytes) -> None:
    """Nothing vanishes and nothing is raised: each record is an event, or a problem."""
    try:
        batch = make_batch("hostile", 7, body)
    except InputError:
        return
    for event in batch.events(7, batch.last):
        if isinstance(event, Problem) and event.file == "hostile":
            assert 7 <= (event.offset or 0) <= batch.last


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 8)), min_size=1, max_size=12), st.integers(0, 10),
)  # fmt: skip
def test_of_batches_in_any_order_each_record_is_new_once(spans: list[tuple[int, int]], stored: int) -> None:
    waiting = [Waiting(Batch(source="a", first=f, lines=[b"x"] * n), Future()) for f, n in spans]
    new, early = sort_out(waiting, {"push:a": stored}, lambda position: [])
    taken = [number for n in new for number in range(n.begin, n.end + 1)]
    assert taken == list(range(stored + 1, stored + 1 + len(taken)))
    reached = stored + len(taken)
    assert all(e.batch.first > reached + 1 for e in early)
    assert len(new) + len(early) == len(waiting)
