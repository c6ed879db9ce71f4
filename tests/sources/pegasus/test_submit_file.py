"""Submit descriptions as condor_submit reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.sources.pegasus.submit_file import parse_environment, read_submit

PEGASUS = b"""\
######################################################################
# PEGASUS WMS GENERATED SUBMIT FILE
######################################################################
environment = "LANG=en_US.UTF-8 CONDOR_JOBID=$(cluster).$(process) CLEAN='/bin/rm -rf a ''b'' ' X=a""b EMPTY= Q=''"
+WantIOProxy = True
+TransferOutput = ""
arguments = " -f  ""x y"" "
error = /submit/run0001//00/00/j.err
Executable\t= /submit/run0001/00/00/j.sh
log = $(wf_submit_dir)/w.log
periodic_remove = (JobStatus == 5) && ((CurrentTime - EnteredCurrentStatus) > 30)
request_cpus = $(pegasus_cores)
request_disk = $(pegasus_diskspace_mb) MB
request_memory = $(Pegasus_Memory_MB) MB
transfer_input_files = $(wf_submit_dir)/a,\\
   # a comment within
   $(nothing)$(nothing:b)
universe = vanilla
wf_submit_dir = /submit/run0001
pegasus_cores = 2
pegasus_memory_mb = 2048
pegasus_diskspace_mb = 5120
+pegasus_wf_xformation = "ns::sim:1.0"
+pegasus_wf_dax_job_id = "null"
My.pegasus_site = "condorpool"
on_exit_hold = ExitCode == 42
queue 3
executable = /after/queue
"""


def test_a_file_of_the_planner() -> None:
    found = read_submit(PEGASUS)
    assert found.executable == "/submit/run0001/00/00/j.sh"
    assert found.arguments == '-f  "x y"'
    assert found.log == "/submit/run0001/w.log"
    assert (found.request_cpus, found.request_memory_mb, found.request_disk_kb) == (2.0, 2048.0, 5120.0 * 1024)
    assert found.environment == {
        "LANG": "en_US.UTF-8", "CONDOR_JOBID": "$(cluster).$(process)", "CLEAN": "/bin/rm -rf a 'b' ",
        "X": 'a"b', "EMPTY": "", "Q": "",
    }  # fmt: skip
    assert found.attributes["wantioproxy"] == "True"
    assert found.attributes["transferoutput"] == ""
    assert found.attributes["pegasus_wf_xformation"] == "ns::sim:1.0"
    assert found.attributes["pegasus_wf_dax_job_id"] == "null"
    assert found.attributes["pegasus_site"] == "condorpool"
    assert found.attributes["pegasus_cores"] == "2"
    assert found.commands["transfer_input_files"] == "/submit/run0001/a,b"


def test_macros_of_the_dag_file_reach_the_commands_and_the_file_wins() -> None:
    data = b'args = "-n $(node) $(opts:none)"\noutput = out/$(Node).out\nkept = file\nx = $(kept)\nqueue\n'
    found = read_submit(data, {"NODE": "A", "kept": "vars"})
    assert (found.arguments, found.output, found.commands["x"]) == ("-n A none", "out/A.out", "file")


def test_macros_that_refer_to_themselves_end() -> None:
    found = read_submit(b"a = $(b)\nb = $(a)\nc = $(c)x\nd = $$(OpSys) $ENV(HOME)\nqueue\n")
    assert found.commands["d"] == "$$(OpSys) $ENV(HOME)"
    assert found.commands["c"] == "x"


@pytest.mark.parametrize(
    ("memory", "mb"),
    [("64", 64.0), ("1 GB", 1024.0), ("512K", 0.5), ("1.5G", 1536.0), ("2 TB", 2097152.0), ("2GiB", 2048.0),
     ("ifThenElse(x, 1, 2)", None), ("MemoryUsage * 3/2", None), ("-5", None)],
)  # fmt: skip
def test_memory_in_all_units_and_expressions_as_text(memory: str, mb: float | None) -> None:
    found = read_submit(f"request_memory = {memory}\nqueue\n".encode())
    assert found.request_memory_mb == mb
    assert found.commands["request_memory"] == memory


def test_disk_without_a_unit_is_kb_and_gpus_are_counted() -> None:
    found = read_submit(b"request_disk = 10240\nRequest_GPUs = 1\n")
    assert (found.request_disk_kb, found.request_gpus) == (10240.0, 1.0)


def test_the_old_environment_syntax() -> None:
    assert parse_environment("A=1;B=x y; C=/p") == {"A": "1", "B": "x y", "C": "/p"}


def test_conditions() -> None:
    data = b"""\
base = 1
IF defined special
  a = special
elif $(base)
  a = base
  if false
    a = never
  endif
else
  a = other
endif
if ! defined base
  b = undefined
else
  b = defined
endif
if version >= 8.1.6
  c = undecidable
endif
iffy = yes
queue
"""
    found = read_submit(data).commands
    assert (found["a"], found["b"], found["iffy"]) == ("base", "defined", "yes")
    assert "c" not in found
    assert read_submit(data, {"special": "1"}).commands["a"] == "special"


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=150), st.sampled_from([b"", b"if defined x\n", b"a = $(b)\n", b"a = b\\\n", b"\r\n", b"queue"])
)
def test_any_bytes_are_read(noise: bytes, between: bytes) -> None:
    read_submit(noise + b"\n" + between + noise + b"\nendif\n" + PEGASUS, {"x": "$(x)"})


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.from_regex(r"\A[A-Za-z_]\w{0,8}\Z"), st.text(st.characters(min_codepoint=32, max_codepoint=126)))
)
def test_the_new_environment_syntax_gives_back_any_value(variables: dict[str, str]) -> None:
    entries = ["{}='{}'".format(name, value.replace("'", "''")) for name, value in variables.items()]
    written = '"' + " ".join(entries).replace('"', '""') + '"'
    assert parse_environment(written) == variables


@pytest.mark.shared
def test_every_recorded_job_of_the_planner_has_its_class_site_and_log(shared: Path) -> None:
    count = 0
    for path in sorted((shared / "corpus").rglob("*.sub"))[::4]:
        data = path.read_bytes()
        if b"PEGASUS WMS" in data and b"pegasus_job_class" in data:
            count += 1
            found = read_submit(data)
            assert found.executable, path
            assert found.log, path
            assert found.attributes["pegasus_site"], path
            assert found.attributes["pegasus_job_class"].isdecimal(), path
            assert not any("$(pegasus" in value for value in found.commands.values()), path
    assert count > 100
