"""The ``.err`` file of PegasusLite."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.sources.pegasus.pegasuslite import read_lite

LITE = b"""\
2026-11-21 23:01:06: Job launched in directory /var/lib/condor/execute/dir_51722/scratch
2026-11-21 23:01:06: PegasusLite: version 5.1.3-dev.0
2026-11-21 23:01:06: Executing on host node1.example.org IP=192.0.2.2
2026-11-21 23:01:07: Executing on host container7 IP=192.0.2.3

######################[Pegasus Lite] Executing the user task ######################
DEBUG: no errors here yet
Traceback (most recent call last):
FileNotFoundError: [Errno 2] No such file or directory: 'f.a'
PegasusLite: runtime 4
PegasusLite: exitcode 3
"""


def test_a_failed_job() -> None:
    lite = read_lite(LITE)
    assert (lite.exitcode, lite.host, lite.ip, lite.runtime_s, lite.version) == (
        3, "node1.example.org", "192.0.2.2", 4.0, "5.1.3-dev.0",
    )  # fmt: skip
    assert lite.messages == [
        "Traceback (most recent call last):",
        "FileNotFoundError: [Errno 2] No such file or directory: 'f.a'",
    ]
    assert lite.is_lite


def test_a_file_of_something_else() -> None:
    lite = read_lite(b"hello\n")
    assert not lite.is_lite
    assert (lite.exitcode, lite.messages, lite.problems) == (None, [], [])


def test_host_without_address_and_windows_line_ends() -> None:
    lite = read_lite(b"x: Executing on host h1\r\nPegasusLite: exitcode 0\r\n")
    assert (lite.host, lite.ip, lite.exitcode) == ("h1", None, 0)


def test_text_about_the_exit_code_is_not_the_exit_code() -> None:
    assert read_lite(b"echo PegasusLite: exitcode 5\nPegasusLite: exitcode five\n").exitcode is None


def test_only_the_last_messages_and_not_endless_ones_are_kept() -> None:
    lite = read_lite(b"".join(b"ERROR: number %d\n" % n for n in range(30_000)) + b"ERROR: " + b"x" * 5000)
    assert len(lite.messages) == 20
    assert lite.messages[-2] == "ERROR: number 29999"
    assert len(lite.messages[-1]) == 1000


def test_of_a_huge_file_both_ends_are_read() -> None:
    lite = read_lite(LITE + b"x" * (5 << 20) + b"\nPegasusLite: exitcode 71\n")
    assert (lite.exitcode, lite.host) == (71, "node1.example.org")
    assert [problem.kind for problem in lite.problems] == ["error-file-too-large"]


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    read_lite(data + LITE + data)
    read_lite(data)
