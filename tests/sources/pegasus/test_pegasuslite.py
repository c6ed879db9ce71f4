"""The ``.err`` file of PegasusLite."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.sources.pegasus.pegasuslite import lite_exitcode, lite_host

LITE = b"""\
2026-11-21 23:01:06: Job launched in directory /var/lib/condor/execute/dir_51722/scratch
2026-11-21 23:01:06: PegasusLite: version 5.1.3-dev.0
2026-11-21 23:01:06: Executing on host node1.example.org IP=192.0.2.2
2026-11-21 23:01:07: Executing on host container7 IP=192.0.2.3

######################[Pegasus Lite] Executing the user task ######################
FileNotFoundError: [Errno 2] No such file or directory: 'f.a'
PegasusLite: runtime 4
PegasusLite: exitcode 3
"""


def test_a_failed_job() -> None:
    assert lite_exitcode(LITE) == 3
    assert lite_host(LITE) == "node1.example.org"


def test_a_file_of_something_else() -> None:
    assert lite_exitcode(b"hello\n") is None
    assert lite_host(b"hello\n") is None


def test_host_without_address_and_windows_line_ends() -> None:
    assert lite_host(b"x: Executing on host h1\r\n") == "h1"
    assert lite_exitcode(b"x: Executing on host h1\r\nPegasusLite: exitcode 0\r\n") == 0


def test_text_about_the_exit_code_is_not_the_exit_code() -> None:
    assert lite_exitcode(b"echo PegasusLite: exitcode 5\nPegasusLite: exitcode five\n") is None


def test_the_last_of_several_counts_and_the_line_may_have_no_end() -> None:
    assert lite_exitcode(LITE + b"x" * (1 << 20) + b"\nPegasusLite: exitcode 71") == 71


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    assert lite_exitcode(data + b"\n" + LITE + b"\n" + data) in (3, lite_exitcode(b"\n" + data))
    lite_host(data)
