"""XML records of Pegasus 4 and before: fields, units of memory, cut and hostile documents."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.model.exits import exited, signalled
from stampede.sources.pegasus.joboutput import parse_output
from stampede.sources.pegasus.records import FileUse, Invocation

from .samples import XML_RECORD

RECORD = XML_RECORD.replace("{ram}", "16332700").encode()


def test_every_field_is_taken_from_the_main_job() -> None:
    output = parse_output(RECORD)
    assert output.problems == []
    assert output.rest == ""
    assert output.invocations == [
        Invocation(
            source="kickstart-xml",
            start_time=1464643891.0,
            duration_s=7.0,
            transformation="ns::sim:1.0",
            derivation="ID01",
            resource="cluster",
            user="wf",
            hostname="node9",
            hostaddr="192.0.2.9",
            cwd="/scratch/run1",
            utime_s=0.819,
            stime_s=5.514,
            maxrss_kb=2048,
            raw_status=139,
            exit=signalled(11),
            signal_text="Segmentation fault",
            core_dumped=True,
            executable="/opt/sim",
            argv="-a x < y",
            ram_total_kb=16332700,
            uname="linux-3.10.0-x86_64",
            cpu_count=16,
            cpu_speed=2400,
            cpu_vendor="GenuineIntel",
            cpu_model="Intel Xeon",
            stdout="hello\n  - invocation: True\n",
            stdout_truncated=True,
            files=[
                FileUse("f.in", "/scratch/f.in", 11, False, None, "wf", "2016-05-30T14:31:30-07:00"),
                FileUse("f.out", "/scratch/f.out", 12, True, None, "wf", "2016-05-30T14:31:30-07:00", "abc123", 0.5),
                FileUse("f.gone", "/scratch/f.gone", None, True, 2),
            ],
        )
    ]


@pytest.mark.parametrize(
    ("ram", "kb"),
    [("131895024", 131895024), ("148299268096", 144823504), ("8589934592", 8388608), ("x", None)],
)
def test_memory_is_in_kb_whatever_the_age(ram: str, kb: int | None) -> None:
    output = parse_output(XML_RECORD.replace("{ram}", ram).encode())
    assert output.invocations[0].ram_total_kb == kb


def test_old_arguments_failures_and_suspensions() -> None:
    old = RECORD.replace(
        b'<argument-vector><arg nr="1">-a</arg><arg nr="2">x &lt; y</arg></argument-vector>',
        b"<arguments>-a b</arguments>",
    )
    status = b'<status raw="139"><signalled signal="11" corefile="true">Segmentation fault</signalled></status>'
    failed = old.replace(status, b'<status raw="-1"><failure error="2">No such file</failure></status>')
    found = parse_output(failed).invocations[0]
    assert (found.argv, found.exit, found.error_note) == ("-a b", exited(-1), "No such file (errno 2)")
    stopped = old.replace(status, b'<status raw="4991"><suspended signal="19">Stopped</suspended></status>')
    found = parse_output(stopped).invocations[0]
    assert (found.exit, found.error_note) == (signalled(19), "suspended: Stopped")


def test_several_documents_with_lines_between_are_several_invocations() -> None:
    headless = RECORD[RECORD.index(b"<invocation") :]
    data = RECORD + b"[seqexec-task id=1, status=0]\njunk\n" + headless + RECORD
    output = parse_output(data)
    assert [item.offset for item in output.invocations] == [
        0, data.index(headless, len(RECORD)), data.rindex(b"<?xml"),
    ]  # fmt: skip
    assert len(output.cluster_tasks) == 1
    assert output.rest == "junk\n"


def test_bytes_that_are_no_utf8_and_control_characters_do_not_lose_the_record() -> None:
    found = parse_output(RECORD.replace(b"hello", b"h\xe9llo \x1b[1m \x00")).invocations[0]
    assert found.stdout is not None
    assert found.stdout.startswith("h\ufffdllo \ufffd[1m \ufffd")
    assert parse_output(RECORD.replace(b"hello", "hällo".encode())).invocations[0].stdout == (
        "hällo\n  - invocation: True\n"
    )


def test_a_cut_record_gives_what_stands_before_the_cut() -> None:
    output = parse_output(RECORD[: RECORD.index(b"<cwd>")])
    assert output.invocations[0].exit == signalled(11)
    assert output.invocations[0].argv == "-a x < y"
    assert [problem.kind for problem in output.problems] == ["xml-truncated"]


def test_a_cut_record_does_not_swallow_the_next() -> None:
    cut = RECORD[: RECORD.index(b"<cwd>")] + b"\n"
    output = parse_output(cut + RECORD)
    assert [item.offset for item in output.invocations] == [0, len(cut)]
    assert len(output.problems) == 1


def test_a_doctype_is_refused() -> None:
    """Entities are never expanded, wherever the declaration stands."""
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    output = parse_output(RECORD.replace(b"<invocation", bomb + b"<invocation", 1))
    assert output.invocations == []
    assert [problem.kind for problem in output.problems] == ["xml-doctype"]


def test_undefined_entities_are_a_fault_of_the_record_not_ours() -> None:
    output = parse_output(RECORD.replace(b"hello", b"&bomb;"))
    assert [problem.kind for problem in output.problems] == ["xml-malformed"]
    assert output.invocations[0].executable == "/opt/sim"


def test_xml_of_a_program_is_text() -> None:
    data = b'<?xml version="1.0"?>\n<svg><g/></svg>\n'
    output = parse_output(data)
    assert (output.invocations, output.rest, output.problems) == ([], data.decode(), [])


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(RECORD)), st.integers(0, 100), st.binary(max_size=30))
def test_damaged_records_never_raise(position: int, length: int, noise: bytes) -> None:
    parse_output(RECORD[:position] + noise + RECORD[position + length :])


@pytest.mark.shared
def test_records_of_2008(shared: Path) -> None:
    """Samples with ``uname`` in place of ``machine``, one of them with forty documents."""
    folder = shared / "corpus" / "third-party" / "job-output"
    failed, nonzero, many = (
        parse_output((folder / name).read_bytes()) for name in ("failed.out", "nonzero.out", "signalled.out")
    )
    assert failed.invocations[0].exit == exited(-1)
    assert failed.invocations[0].error_note == "No such file or directory (errno 2)"
    assert failed.invocations[0].start_time == 1212183090.8
    assert nonzero.invocations[0].exit == exited(1)
    assert nonzero.invocations[0].uname == "linux-2.6.20-1.2307.fc5-x86_64"
    assert len(many.invocations) == 40
    assert sum(item.exit == signalled(11) for item in many.invocations) == 12
    assert many.cluster_summary is not None
    assert (many.cluster_summary.tasks, many.cluster_summary.failed) == (40, 12)
    assert failed.problems == nonzero.problems == many.problems == []
