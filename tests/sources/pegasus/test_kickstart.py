"""The scanner of YAML records: its fields, its agreement with the general parser, and hostile input."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stampede.model.exits import exited, signalled
from stampede.sources.pegasus.joboutput import parse_output
from stampede.sources.pegasus.kickstart import extent, scan_record
from stampede.sources.pegasus.kickstart_general import general_record, salvage_record
from stampede.sources.pegasus.records import FileUse, Invocation, RecordProblem

from .samples import CLEANUP, FILES, STAT, record


def scanned(text: str) -> Invocation:
    found = scan_record(text, 0)
    assert found is not None, "the scanner does not recognise the record"
    assert found[1] == extent(text, 0)
    return found[0]


def read_kickstart(data: bytes) -> tuple[list[Invocation], list[RecordProblem]]:
    """All records of an output file, and what was wrong with them."""
    output = parse_output(data)
    return output.invocations, output.problems


def read_one(data: bytes) -> tuple[Invocation, list[RecordProblem]]:
    invocations, problems = read_kickstart(data)
    assert len(invocations) == 1
    return invocations[0], problems


def test_every_field_is_taken_from_its_own_section() -> None:
    """Usage and status of cleanup, setup, prejob, postjob and of kickstart itself are not those of the main job."""
    setup, prejob = CLEANUP.replace("cleanup:", "setup:"), CLEANUP.replace("cleanup:", "prejob:")
    postjob = CLEANUP.replace("cleanup:", "postjob:")
    text = record(before=setup + prejob, after=postjob + CLEANUP, stdout="out\n", stderr="err")
    found = scanned(text)
    assert found == Invocation(
        source="kickstart-yaml",
        start_time=1795296205.404,
        duration_s=0.53,
        transformation="diamond::process:4.0",
        derivation="ID0000020",
        resource="condorpool",
        user="wf",
        hostname="node7.example.org",
        hostaddr="192.0.2.2",
        cwd="/scratch/run0001",
        utime_s=0.017,
        stime_s=0.003,
        maxrss_kb=16556,
        raw_status=0,
        exit=exited(0),
        executable="/home/wf/step.py",
        argv="-n process18 a b",
        ram_total_kb=24684096,
        uname="linux-6.18.44-x86_64",
        cpu_count=2,
        cpu_speed=2600,
        cpu_vendor="AuthenticAMD",
        cpu_model="AMD EPYC",
        stdout="out\n",
        stderr="err\n",
        files=[
            FileUse("f.a", "/scratch/f.a", 243, False, None, "wf", "2026-11-21T21:23:25+00:00"),
            FileUse("f.b", "/scratch/f.b", 252, True, None, "wf", "2026-11-21T21:23:25+00:00", "4809c92d98dc", 0.25),
            FileUse("f.gone", "f.gone", None, False, 2),
        ],
    )
    assert found.cpu_time_s == pytest.approx(0.02)
    assert general_record(text) == found
    assert salvage_record(text) == found


@pytest.mark.parametrize(
    ("status", "raw", "outcome", "note", "signal_text", "core"),
    [
        ("      raw: 1280\n      regular_exitcode: 5\n", 1280, exited(5), None, None, None),
        (
            '      raw: 9\n      signalled_signal: 9\n      singalled_name: "Killed"\n      corefile: false\n',
            9, signalled(9), None, "Killed", False,
        ),
        (
            '      raw: 139\n      signalled_signal: 11\n      signalled_name: "Segmentation fault"\n'
            "      corefile: true\n",
            139, signalled(11), None, "Segmentation fault", True,
        ),
        (
            "      raw: -127\n      failure_error: 2   No such file or directory\n",
            -127, exited(-127), "No such file or directory (errno 2)", None, None,
        ),
        (
            '      raw: 4991\n      suspended_signal: 19\n      suspended_name: "Stopped (signal)"\n',
            4991, signalled(19), "suspended: Stopped (signal)", "Stopped (signal)", None,
        ),
    ],
)  # fmt: skip
def test_status(
    status: str, raw: int, outcome: object, note: str | None, signal_text: str | None, core: object
) -> None:
    """All five ways a job can end, by the scanner and by the general parser."""
    text = record(status=status)
    for found in (scanned(text), general_record(text), salvage_record(text)):
        assert found is not None
        assert (found.raw_status, found.exit, found.error_note) == (raw, outcome, note)
        assert (found.signal_text, found.core_dumped) == (signal_text, core)


def test_a_job_that_never_started_has_the_start_of_its_record() -> None:
    """Kickstart writes 1970 for a main job that could not be executed."""
    text = record(
        main_start="1970-01-01T00:00:00.000+00:00",
        executable="      error: 2\n      file_name: /no/such\n",
        arguments="",
    )
    found = scanned(text)
    assert found.start_time == 1795296205.399
    assert found.error_note == "the executable could not be examined (errno 2)"
    assert found.argv is None
    assert general_record(text) == found


def test_shapes_of_other_releases_are_scanned_too() -> None:
    """No machine section (-H), no metadata entry, no hostname, unquoted arguments, macOS names."""
    plain = record(machine="", metadata=False, arguments="      - -o\n      - f.c1 # not a comment: no\n")
    found = scanned(plain)
    assert found.ram_total_kb is None
    assert found.uname is None
    assert found.argv == "-o f.c1 # not a comment: no"
    mac = record(machine="  machine:\n    page-size: 4096\n    uname_system: darwin\n    uname_nodename: m\n"
                 "    uname_release: 24.1\n    uname_machine: arm64\n    ram_total: 33554432\n    ram_avail: 1\n"
                 "    swap_used: 0\n    boot: 2025-03-12T09:05:13.660-07:00\n    cpu_count: 24\n    cpu_speed: 3300\n"
                 "    cpu_vendor: Apple\n    cpu_name: Apple M9\n    load_min1: 2.44\n")  # fmt: skip
    found = scanned(mac)
    assert (found.uname, found.ram_total_kb, found.cpu_model) == ("darwin-24.1-arm64", 33554432, "Apple M9")
    assert general_record(mac) == found


def test_files_named_like_kickstarts_own_and_equal_names_are_kept() -> None:
    """An input called ``stdout`` is a file of the workflow; the same name read and written counts twice."""
    files = (
        '    stdout:\n      lfn: "stdout"\n      file_name: /s/stdout\n' + STAT.format(size=1)
        + '    final:\n      lfn: "f.old"\n      file_name: /s/f.old\n' + STAT.format(size=2)
        + FILES + FILES
        + '    "f \\"q\\".int":\n      comment: entry generated by pegasus-integrity\n      file_name: "/s/q"\n'
        + STAT.format(size=3) + "      output: True\n"
    )  # fmt: skip
    found = scanned(record(files=files, stdout="text"))
    names = [use.lfn for use in found.files]
    assert names == ["stdout", "f.old", "f.a", "f.b", "f.gone", "f.a", "f.b", "f.gone", 'f "q".int']
    assert found.stdout == "text\n"
    assert [use.output for use in found.files if use.lfn in ("f.old", 'f "q".int')] == [True, True]
    assert found.files[-1].pfn == "/s/q"


def test_captured_output_is_unindented_and_marked_when_cut() -> None:
    found = scanned(record(stdout="a\n\n  b\tc\n\n\n", stderr="\n  indented later", truncated=True))
    assert found.stdout == "a\n\n  b\tc\n"
    assert found.stdout_truncated
    assert found.stderr == "\n  indented later\n"
    assert not found.stderr_truncated


def test_text_that_looks_like_a_record_inside_of_output_is_text() -> None:
    hostile = (
        "- invocation: True\n    stderr:\n  files:\n[cluster-task id=1, status=0]\n---------------pegasus-multipart"
    )
    found, problems = read_one(record(stdout=hostile, stderr=hostile).encode())
    assert found.stdout == hostile + "\n"
    assert found.stderr == hostile + "\n"
    assert problems == []


def test_control_characters_and_colours_survive_where_yaml_would_refuse() -> None:
    colours = "\x1b[31mred\x1b[0m \x07\x00\x7f done"
    found, problems = read_one(record(stdout=colours).encode())
    assert found.stdout == colours + "\n"
    assert problems == []


def test_text_is_utf8_and_what_is_not_becomes_a_replacement_character() -> None:
    data = record(stdout="grün XX", arguments='      - "übung"\n').encode().replace(b"XX", b"\xff\xfe")
    found, _ = read_one(data)
    assert found.stdout == "grün \ufffd\ufffd\n"
    assert found.argv == "übung"


def test_several_records_with_junk_around_and_between_have_byte_offsets() -> None:
    junk = "Begin PBS Prologue grün\n  indented junk\n"
    first = junk.encode() + record(stdout="ü").encode()
    data = first + b"End of node 1\n" + record().encode() + b"epilogue\n"
    found, problems = read_kickstart(data)
    assert [item.offset for item in found] == [len(junk.encode()), data.rindex(b"- invocation:")]
    assert problems == []
    assert [item.stdout for item in found] == ["ü\n", None]


def test_a_record_cut_anywhere_gives_what_it_holds_and_a_problem() -> None:
    """Cut at every 37th byte: never an error, always a problem, and never a value that the whole does not have."""
    whole = record(stdout="line one\nline two\n", stderr="oops").encode()
    complete, _ = read_one(whole)
    stderr_at = whole.index(b"\n    stderr:")
    for cut in range(60, stderr_at, 37):
        invocations, problems = read_kickstart(whole[:cut])
        assert problems, cut
        assert problems[0].offset <= cut
        for found in invocations:
            assert found.transformation in (complete.transformation, None) or cut < 200
            if cut > whole.index(b"  jobids:"):
                assert (found.exit, found.argv, found.maxrss_kb) == (complete.exit, complete.argv, complete.maxrss_kb)


def test_a_record_cut_behind_its_captured_output_is_known_to_be_cut() -> None:
    """Kickstart writes its metadata file last: up to the ids of that file's owner, a part of the record is missing."""
    whole = record(stdout="out\n", stderr="one\ntwo\nthree\n")
    first, last = whole.index("    stderr:"), whole.rindex("      gid: ") + len("      gid: 1500\n")
    for cut in range(first, last):
        kinds = [p.kind for p in parse_output(whole[:cut].encode()).problems]
        assert kinds == ["kickstart-truncated"], whole[:cut][-80:]
    assert parse_output(whole[:last].encode()).problems == []


def test_a_cut_record_does_not_swallow_the_next_one() -> None:
    whole = record(stdout="text").encode()
    for cut in (700, 1500, whole.index(b"    stdout:"), whole.index(b"    stdin:") + 30):
        cut = whole.rindex(b"\n", 0, cut) + 1
        invocations, problems = read_kickstart(whole[:cut] + whole)
        assert [item.offset for item in invocations][-1] == cut
        assert invocations[-1].stdout == "text\n"
        assert problems


def test_windows_line_ends_are_read_by_the_general_parser() -> None:
    found, problems = read_one(record().replace("\n", "\r\n").encode())
    assert problems == []
    assert found.argv == "-n process18 a b"
    assert [use.lfn for use in found.files] == ["f.a", "f.b", "f.gone"]


@pytest.mark.parametrize(
    "data",
    [
        b"- invocation: True\n" + b"  a: " + b"[" * 100_000,
        b"- invocation: True\n" + b"".join(b" " * n + b"a:\n" for n in range(2, 1500)),
        b"- invocation: True\n  start: &a [*a, *a]\n",
        b"- invocation: True\n" + b"\x00" * 1000,
        b"- invocation: True\n  start: " + b"9" * 100_000 + b"\n  duration: 1\n",
        b"- invocation:",
        b"- invocation: True\n  mainjob: 3\n  files: [a]\n  machine: x\n  start: y\n",
    ],
    ids=["brackets", "deep", "alias", "nul", "digits", "bare", "wrong-shapes"],
)
def test_hostile_records_give_problems_never_errors(data: bytes) -> None:
    _, problems = read_kickstart(data)
    assert problems


@settings(max_examples=60, deadline=None)
@given(
    stdout=st.text(st.characters(codec="utf-8", exclude_characters="\r\x85\u2028\u2029", exclude_categories=["Cs"])),
    arguments=st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126)), max_size=4),
    names=st.lists(st.from_regex(r"\A[A-Za-z][\w.+-]{0,20}\Z"), max_size=4, unique=True),
)
@example(stdout=" \n  leading", arguments=['a"b\\', ""], names=["stdin"])
def test_scanner_gives_back_what_was_captured(stdout: str, arguments: list[str], names: list[str]) -> None:
    """Any output, argument and file name comes back as kickstart meant it."""
    quoted = "".join('      - "{}"\n'.format(a.replace("\\", "\\\\").replace('"', '\\"')) for a in arguments)
    files = "".join(
        f'    {name}:\n      lfn: "{name}"\n      file_name: /s/{name}\n' + STAT.format(size=1) for name in names
    )
    found, problems = read_one(record(stdout=stdout, arguments=quoted, files=files).encode())
    assert (found.stdout or "") == (stdout.rstrip("\n") + "\n" if stdout.rstrip("\n") else "")
    assert (found.argv or "") == " ".join(arguments)
    assert [use.lfn for use in found.files] == names
    assert problems == []


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_damaged_records_never_raise(data: st.DataObject) -> None:
    """Any bytes put anywhere into a record."""
    whole = record(stdout="some text").encode()
    position = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 200))
    noise = data.draw(st.binary(max_size=40))
    invocations, _ = read_kickstart(whole[:position] + noise + whole[position + length :])
    assert len(invocations) <= 2


def recorded_records(shared: Path) -> list[tuple[Path, str, int]]:
    found = []
    for path in sorted((shared / "corpus").rglob("*")):
        if path.is_file() and (".out" in path.name or ".err." in path.name) and "dagman" not in path.name:
            text = path.read_bytes().decode("latin-1")
            start = text.find("- invocation: True")
            while start != -1:
                found.append((path, text, start))
                start = text.find("- invocation: True", extent(text, start))
    return found


@pytest.mark.shared
def test_scanner_and_general_parser_agree_on_every_recorded_record(shared: Path) -> None:
    """Every field, every file; and the line-by-line reader on a sample of them."""
    records = recorded_records(shared)
    assert len(records) > 600
    for number, (path, text, start) in enumerate(records):
        if number % 3:
            continue
        end = extent(text, start)
        found = scan_record(text, start)
        assert found is not None, path
        assert found[1] == end, path
        assert general_record(text[start:end], start) == found[0], path
        if number % 5 == 0:
            assert salvage_record(text[start:end], start) == found[0], path


@pytest.mark.shared
def test_scanner_recognises_every_recorded_record(shared: Path) -> None:
    assert all(scan_record(text, start) is not None for _, text, start in recorded_records(shared))
