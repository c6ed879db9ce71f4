"""Lines of dagman.out become records, whatever DAGMan's version and settings, and whatever else stands between them."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.sources.dagman.clock import Clock
from stampede.sources.dagman.dagmanout import MAX_LINE, Lines, Record

#: 2026-11-21 21:00:00 UTC
NOW = 1795294800.0


def records(*texts: str | bytes, stamp: bytes = b"11/21/26 21:00:00 ") -> list[Record]:
    data = b"".join(stamp + (t.encode() if isinstance(t, str) else t) + b"\n" for t in texts)
    return list(Lines(Clock(UTC)).feed(data, 0))


CASES: list[tuple[str, dict[str, Any]]] = [
    ("Event: ULOG_SUBMIT for HTCondor Node A (12.0.0) {11/21/26 20:59:58}",
     {"kind": "event", "node": "A", "job": "12.0", "text": "SUBMIT", "ts": NOW - 2}),
    ("Event: ULOG_EXECUTE for Condor Node A (12.3)", {"kind": "event", "node": "A", "job": "12.3", "text": "EXECUTE"}),
    ("Event: ULOG_SUBMIT_FAILED for HTCondor Node A (-1.-1.-1)", {"kind": "event", "job": "-1.-1"}),
    ("Event: ULOG_JOB_HELD for HTCondor Node A (1.0.0) {11/21/26 21:00:00} [recovery mode]",
     {"value": 1, "reason": ""}),
    ("  Hold reason: Transfer input files failure", {"kind": "hold_reason", "text": "Transfer input files failure"}),
    ("Submitting HTCondor Node A job(s)...", {"kind": "submitting", "node": "A"}),
    ("Submitting Condor Node A job(s)...", {"kind": "submitting", "node": "A"}),
    ("ERROR: submit attempt failed", {"kind": "submit_error"}),
    ("submit error: Owner attribute", {"kind": "submit_error", "text": "Owner attribute"}),
    ("Job submit failed after 6 tries.", {"kind": "submit_gave_up", "value": 6}),
    ("Node submit failed after 1 try.", {"kind": "submit_gave_up", "value": 1}),
    ("Running PRE script of Node A...", {"kind": "script_start", "node": "A", "text": "PRE"}),
    ("Running POST script of Job a.b+c...", {"kind": "script_start", "node": "a.b+c", "text": "POST"}),
    ("PRE Script of Node A completed successfully.", {"kind": "script_end", "value": 0, "text": "PRE"}),
    ("POST Script of node A failed with status 3", {"kind": "script_end", "value": 3, "text": "POST"}),
    ("PRE Script of node A died on signal 9", {"kind": "script_end", "value": -9, "text": "PRE"}),
    ("POST Script of node A died on signal 15", {"kind": "script_end", "value": -15, "text": "POST"}),
    ("PRE_SKIP return value 7 indicates we are done (successfully) with node A", {"kind": "pre_skip", "node": "A"}),
    ("Node A job proc (12.0.0) completed successfully.", {"kind": "proc_end", "job": "12.0", "value": 0, "text": "ok"}),
    ("Node A job proc (12.1.0) completed successfully, but status is STATUS_ERROR", {"kind": "proc_end", "value": 0}),
    ("Node A job proc (12.0.0) failed with status 3.", {"kind": "proc_end", "value": 3, "text": "status"}),
    ("Node A job proc (12.0.0) failed with signal 11.", {"kind": "proc_end", "value": -11, "text": "signal"}),
    ("Node A job completed", {"kind": "node_left", "node": "A"}),
    ("Retrying node A (retry #1 of 3)...", {"kind": "retry", "node": "A", "value": 1, "reason": "3"}),
    ("Aborting further retries of node A (last attempt returned 4)", {"kind": "no_retry", "node": "A"}),
    ("Shortcutting node A retries because of ABORT-DAG-ON", {"kind": "no_retry", "node": "A"}),
    ("Aborting DAG because we got the ABORT exit value from a PRE script", {"kind": "abort_value"}),
    ("Total hold count for job 12 (node A)has reached DAGMAN_MAX_JOB_HOLDS (3)", {"kind": "hold_limit", "node": "A"}),
    ("DAG going from halted to running state", {"kind": "resumed"}),
    ("DAG status: 2 (DAG_STATUS_NODE_FAILED)", {"kind": "status", "value": 2, "text": "DAG_STATUS_NODE_FAILED"}),
    ("Received SIGUSR1", {"kind": "signal", "text": "SIGUSR1"}),
    ("Found rescue DAG number 3; running d.dag.rescue003 in combination", {"kind": "rescue_read", "value": 3}),
    ("Running in RECOVERY mode... >>>>>>>", {"kind": "recovery_start"}),
    ("...done with RECOVERY mode <<<<<<<", {"kind": "recovery_end"}),
    ("Parsing d.dag ...", {"kind": "parsing", "text": "d.dag"}),
    ("**** condor_scheduniv_exec.7.0 (condor_DAGMAN) pid 9 EXITING WITH STATUS 1", {"kind": "exit", "value": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text[:40] for text, _ in CASES])
def test_a_line_of_every_form_is_understood(text: str, expected: dict[str, Any]) -> None:
    (record,) = records(text)
    assert {name: getattr(record, name) for name in expected} == expected


@pytest.mark.parametrize(
    "stamp",
    [
        b"11/21/26 21:00:00 ", b"11/21/26 21:00:00.123 ", b"11/21/2026 21:00:00 ", b"2026-11-21T21:00:00Z ",
        b"11/21/26 21:00:00 (D_ALWAYS) ", b"11/21/26 21:00:00 (pid:4711) ", b"11/21/26 21:00:00 (pid:1) (D_ALWAYS:2) ",
        b"11/21/26 21:00:00.5 (cid:3) (pid:1) (D_FULLDEBUG) ",
    ],
)  # fmt: skip
def test_what_stands_before_the_text_does_not_matter(stamp: bytes) -> None:
    (record,) = records("Node A job proc (12.0.0) failed with status 3.", stamp=stamp)
    assert (record.kind, record.node, record.value) == ("proc_end", "A", 3)
    assert int(record.ts) == NOW


def test_the_table_of_node_counts_is_read_with_and_without_futile_nodes() -> None:
    found = records("Of 9 nodes total:", "   1   2   3   1   0   1   1   0", "   1   2   3   1   0   1   1")
    tables = [(r.value, r.counts) for r in found if r.kind == "nodes"]
    assert tables == [(9, (1, 2, 3, 1, 0, 1, 1, 0)), (9, (1, 2, 3, 1, 0, 1, 1, -1))]


def test_records_tell_the_byte_at_which_their_line_starts() -> None:
    lines = [b"11/21/26 21:00:00 garbage", b"", b"11/21/26 21:00:00 Node A job completed"]
    (record,) = Lines(Clock(UTC)).feed(b"\n".join(lines) + b"\n", 1000)
    assert record.offset == 1000 + len(lines[0]) + 1 + 1


def test_names_that_are_no_utf8_and_carriage_returns_are_kept_apart_from_the_text() -> None:
    data = b"11/21/26 21:00:00 Node A\xff\x00B job completed\r\n"
    (record,) = Lines(Clock(UTC)).feed(data, 0)
    assert record.node == "A\\xff\x00B"


def test_a_line_that_is_too_long_is_cut_and_told_of() -> None:
    lines = Lines(Clock(UTC))
    found = list(lines.feed(b"11/21/26 21:00:00   Hold reason: " + b"x" * (MAX_LINE + 5) + b"\n", 0))
    assert len(found) == 1
    assert len(found[0].text) <= MAX_LINE
    assert [(offset, kind) for offset, kind, _ in lines.problems] == [(0, "long_line")]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_garbage_between_lines_hides_none_of_them(before: bytes, after: bytes) -> None:
    good = b"11/21/26 21:00:00 Node A job proc (12.0.0) failed with status 3."
    found = list(Lines(Clock(UTC)).feed(before + b"\n" + good + b"\n" + after, 0))
    assert [r for r in found if r.kind == "proc_end" and r.node == "A"]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([text for text, _ in CASES]), st.integers(0, 120), st.binary(max_size=5))
def test_a_line_that_is_cut_or_damaged_anywhere_kills_nothing(text: str, place: int, damage: bytes) -> None:
    line = b"11/21/26 21:00:00 " + text.encode()
    records(text)
    list(Lines(Clock(UTC)).feed(line[:place] + damage + line[place + 1 :] + b"\n" + line[:place], 0))


@given(st.lists(st.integers(0, 2_000_000), min_size=8, max_size=8))
def test_node_tables_of_any_size_are_read(counts: list[int]) -> None:
    """DAGMan writes each figure in five places or more: a large first one has no blank before it."""
    row = " ".join(f"{n:5d}   " for n in counts)
    found = records(f"Of {sum(counts)} nodes total:", row, f"{counts[0]} job proc(s) currently held")
    assert [(r.kind, r.counts) for r in found[1:2]] == [("nodes", tuple(counts))]
    assert found[2].value == counts[0]
