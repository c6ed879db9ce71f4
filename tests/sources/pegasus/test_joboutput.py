"""Whole output files: records of all kinds together, multipart blocks, payloads, and sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.sources.pegasus import joboutput
from stampede.sources.pegasus.joboutput import parse_output
from stampede.sources.pegasus.records import IntegritySummary, JobOutput, Location

from .samples import XML_RECORD, record

MARKER = "---------------pegasus-multipart\n"
TRANSFERS = (
    MARKER
    + """\
- transfer_attempts:
  - src_url: "file:///a/f.b1"
    src_label: "local"
    dst_url: "file:///b/f.b1"
    dst_label: "condorpool"
    success: True
    start: 1795295553
    duration: 0.5
    lfn: "f.b1"
    bytes: 243
  - src_url: "x"
    success: False

"""
)
INTEGRITY = (
    MARKER
    + """\
- integrity_verification_attempts:
  - lfn: "f.a"
    pfn: "/s/f.a"
    sha256: abc
    success: True
- integrity_summary:
    succeeded: 1
    failed: 2
    duration: 0.25
"""
)
LOCATION = MARKER + 'location:\n  ip: 192.0.2.1\n  geohash: "9q5"\n  latitude: 34.0\n  longitude: -118.5\n'
TASK = '[cluster-task id=1, start="2026-11-21T21:23:25.395+00:00", duration=0.541, status=0, line=2, pid=3, app="/x"]\n'
SUMMARY = '[cluster-summary stat="ok", lines=2, tasks=1, succeeded=1, failed=0, extra=0, duration=1.0]\n'
PAYLOAD = (
    '@@@MONITORING_PAYLOAD - START@@@{"ts": 5.5, "monitoring_event": "int.metric", "payload": [{"event": "check"}]}'
    "@@@MONITORING_PAYLOAD - END@@@\n"
)


def test_everything_together_in_file_order() -> None:
    text = "wrapper says hello\n" + TRANSFERS + record(stdout="one") + TASK + record() + SUMMARY + INTEGRITY + INTEGRITY
    output = parse_output((text + LOCATION).encode())
    assert output.problems == []
    assert output.rest == "wrapper says hello\n"
    assert [item.stdout for item in output.invocations] == ["one\n", None]
    assert len(output.cluster_tasks) == 1
    assert output.cluster_summary is not None
    assert output.integrity == IntegritySummary(2, 4, 0.5)
    assert [(item.lfn, item.sha256, item.success) for item in output.integrity_attempts] == [("f.a", "abc", True)] * 2
    assert output.location == Location("192.0.2.1", 34.0, -118.5, "9q5", None, None)
    first, second = output.transfer_attempts
    assert (first.lfn, first.start_time, first.duration_s, first.size_bytes, first.success) == (
        "f.b1", 1795295553.0, 0.5, 243, True,
    )  # fmt: skip
    assert (second.lfn, second.success) == (None, False)


def test_the_common_file_of_one_record() -> None:
    output = parse_output(record().encode())
    assert len(output.invocations) == 1
    assert output == JobOutput(invocations=output.invocations)


def test_a_record_after_output_without_a_final_newline_is_found() -> None:
    output = parse_output(("no newline" + record() + "x" + MARKER + "- k: v\n").encode())
    assert len(output.invocations) == 1
    assert output.rest == "no newlinex"
    assert [(block.key, block.value) for block in output.blocks] == [("k", "v")]


def test_multipart_blocks_end_where_other_text_starts() -> None:
    output = parse_output((MARKER + "- k:\n    - 1\n\nEnd of PBS\n" + MARKER + "\n").encode())
    assert [(block.key, block.value) for block in output.blocks] == [("k", ["1"])]
    assert output.problems == []
    assert "PBS" in output.rest


@pytest.mark.parametrize(
    "block", ["- a: [\n", "- &x a: *x\n", "- " + "[" * 5000 + "\n", "- just text\n", "? {a: b}\n: c\n"]
)
def test_hostile_blocks_are_problems(block: str) -> None:
    output = parse_output((MARKER + block + record()).encode())
    assert len(output.invocations) == 1
    assert [(problem.kind, problem.offset) for problem in output.problems] == [("multipart", 0)] or block[0] == "?"


def test_payloads_leave_the_text() -> None:
    output = parse_output((record() + record(stdout=f"a\n{PAYLOAD}b", stderr=PAYLOAD) + PAYLOAD).encode())
    assert output.invocations[1].stdout == "a\nb\n"
    assert output.invocations[1].stderr is None
    assert [(item.invocation, item.stream, item.ts, item.monitoring_event) for item in output.payloads] == [
        (2, "stdout", 5.5, "int.metric"), (2, "stderr", 5.5, "int.metric"), (None, "stdout", 5.5, "int.metric"),
    ]  # fmt: skip
    assert output.payloads[0].payload == [{"event": "check"}]
    assert output.rest == ""


@pytest.mark.parametrize("inside", ["{", "[1]", '{"payload": 5}', "[" * 3000, '{"ts": "soon"}'])
def test_unreadable_payloads_stay_in_the_text(inside: str) -> None:
    text = f"@@@MONITORING_PAYLOAD - START@@@{inside}@@@MONITORING_PAYLOAD - END@@@"
    output = parse_output(record(stdout=text).encode())
    assert output.invocations[0].stdout == text + "\n"
    assert [problem.kind for problem in output.problems] == ["payload"]


def test_a_payload_without_end_stays_in_the_text() -> None:
    output = parse_output(record(stdout="@@@MONITORING_PAYLOAD - START@@@{").encode())
    assert output.invocations[0].stdout == "@@@MONITORING_PAYLOAD - START@@@{\n"
    assert [problem.kind for problem in output.problems] == ["payload"]


def test_of_a_huge_file_head_and_tail_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offsets of the tail are those of the file; a problem says what was left out."""
    one = record(stdout="first").encode()
    last = record(stdout="last").encode() + TASK.encode() + b"[cluster-task cut"
    monkeypatch.setattr(joboutput, "MAX_BYTES", 4 * len(last))
    data = one + b"filler line\n" * 20_000 + last
    output = parse_output(data)
    assert [(item.stdout, item.offset) for item in output.invocations] == [
        ("first\n", 0), ("last\n", data.index(last)),
    ]  # fmt: skip
    assert output.cluster_tasks[0].offset == data.index(TASK.encode())
    assert [problem.kind for problem in output.problems] == ["output-too-large", "cluster-line"]
    assert output.problems[1].offset == data.rindex(b"[cluster-task")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from([record(stdout="x"), XML_RECORD, TASK, SUMMARY, TRANSFERS, LOCATION, PAYLOAD, "junk\n", "j"])
        | st.text(max_size=20),
        max_size=8,
    ),
    st.integers(0, 200),
)
def test_any_mixture_is_read(pieces: list[str], cut: int) -> None:
    """Nothing raises, and whole records that stand alone on their lines are all found."""
    data = "".join(pieces).encode("utf-8", "replace")
    output = parse_output(data[: len(data) - cut])
    if not cut and all(piece.endswith("\n") and piece.isprintable() is False for piece in pieces):
        yaml = sum(piece.startswith("- invocation") for piece in pieces)
        assert sum(item.source == "kickstart-yaml" for item in output.invocations) >= yaml - sum(
            len(piece) < 21 for piece in pieces
        )


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read(data: bytes) -> None:
    output = parse_output(data)
    assert len(output.rest) <= len(data)


@pytest.mark.shared
def test_recorded_outputs_have_no_problems(shared: Path) -> None:
    """Every recorded output file is understood to its last line, and each clustered one has a task line a record."""
    clustered = 0
    for path in sorted((shared / "corpus").rglob("*.out.0*")):
        output = parse_output(path.read_bytes())
        assert output.problems == [], path
        assert output.blocks == [], path
        if output.cluster_tasks:
            clustered += 1
            assert len(output.invocations) == len(output.cluster_tasks), path
            assert output.cluster_summary is not None
            assert output.cluster_summary.tasks == len(output.cluster_tasks)
    assert clustered >= 8
