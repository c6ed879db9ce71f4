"""What a try left behind, told as events: records first, then the submit file's words, and never a made-up success."""

from __future__ import annotations

from typing import Any

import pytest

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.model.exits import UNKNOWN, Exit, exited, signalled
from stampede.sources.dagman.attempts import Attempt
from stampede.sources.dagman.dag import Node
from stampede.sources.integrity import metrics
from stampede.sources.outcome import Left, Outcome
from stampede.sources.pegasus.joboutput import parse_output
from stampede.sources.pegasus.submit_file import SubmitFile, read_submit

from .pegasus import samples

NODE = Node("A", "job", "A.sub", 0, 1)
SUBMIT = b"""executable = /opt/kickstart
arguments = "-n x /bin/work"
+pegasus_wf_xformation = "ns::work:1.0"
+pegasus_wf_dax_job_id = "ID01"
+pegasus_cores = 4
%s
queue
"""
PAYLOAD = (
    '@@@MONITORING_PAYLOAD - START@@@{"ts": 1, "monitoring_event": "int.metric", "payload": [{"event": "check", '
    '"file_type": "output", "succeeded": 2, "failed": 1, "duration": "0.5"}]}@@@MONITORING_PAYLOAD - END@@@\n'
)


OK = exited(0)


def told(left: Left, ended: Exit = OK, *, submit: bytes = b"", **attempt: Any) -> list[Event]:
    values = {"job": "1.0", "execute": 100.0, "end": 110.0, "phase": "ended", **attempt}
    tried = Attempt(1, "A", exit=ended, **values)
    return Outcome("u", tried, NODE, read_submit(SUBMIT % submit), left, work_dir="/w").events(112.0, 4)


def of(events: list[Event], kind: type[Event]) -> list[Any]:
    return [e for e in events if type(e) is kind]


def test_without_a_record_the_submit_file_and_dagman_tell_of_one_invocation() -> None:
    events = told(Left(stdout=b"hello\n"), exited(3))
    (invocation,) = of(events, ev.InvEnd)
    assert (invocation.start_time, invocation.dur, invocation.exitcode) == (100.0, 10.0, 768)
    assert (invocation.transformation, invocation.task_id) == ("ns::work:1.0", "ID01")
    (end,) = of(events, ev.JobInstMainEnd)
    assert (end.status, end.exitcode, end.local_dur, end.multiplier_factor) == (-1, 768, 10.0, 4)
    assert end.work_dir == "/w"


def test_a_kickstart_record_tells_what_ran_where_and_how_it_ended() -> None:
    events = told(Left(stdout=samples.record(stdout="out\n").encode()))
    (invocation,) = of(events, ev.InvEnd)
    assert (invocation.argv, invocation.site) == ("-n process18 a b", "condorpool")
    assert invocation.hostname == "node7.example.org"
    (host,) = of(events, ev.JobInstHostInfo)
    assert (host.ip, host.total_memory) == ("192.0.2.2", 24684096)
    (end,) = of(events, ev.JobInstMainEnd)
    assert (end.site, end.user, end.work_dir) == ("condorpool", "wf", "/scratch/run0001")
    assert end.stdout_text.startswith("#@ 1 stdout%0Aout%0A")
    files = {(e.lfn_id, e.output) for e in of(events, ev.InvFile)}
    assert ("f.b", 1) in files


_NOT_THERE = '    f.c:\n      error: 2\n      lfn: "f.c"\n      file_name: f.c\n    stdin:'


@pytest.mark.parametrize(
    ("submit", "listed", "output"),
    [
        (b"transfer_output_files = f.b, out/f.c", None, 1),
        (b"", b"f.b\nf.c\n", 1),
        (b"", None, 0),
        (b"transfer_output_files = f.b", b"f.d\n", 0),
    ],
    ids=["submit file", "list of outputs", "nothing known", "others"],
)
def test_a_file_that_is_not_there_was_to_be_written_if_it_was_promised(
    submit: bytes, listed: bytes | None, output: int
) -> None:
    """kickstart says of a file that is not there only that, not whether the program should have read or written it."""
    record = samples.record().replace("    stdin:", _NOT_THERE, 1)
    events = told(Left(stdout=record.encode(), promised=listed), exited(3), submit=submit)
    assert [(e.output, e.error) for e in of(events, ev.InvFile) if e.lfn_id == "f.c"] == [(output, 2)]
    assert not [e for e in of(events, ev.RcMeta) if e.lfn_id == "f.c"], "nothing is known of a file that is not there"


def test_every_record_of_a_cluster_is_an_invocation_numbered_from_one() -> None:
    events = told(Left(stdout=(samples.record() + samples.record()).encode()))
    assert [e.inv_id for e in of(events, ev.InvEnd)] == [1, 2]


@pytest.mark.parametrize(
    ("ended", "raw"), [(exited(0), 0), (exited(3), 768), (signalled(9), 9)], ids=["ok", "exit", "signal"]
)
def test_the_end_is_what_dagman_says(ended: Exit, raw: int) -> None:
    (end,) = of(told(Left(), ended), ev.JobInstMainEnd)
    assert (end.exitcode, end.status) == (raw, 0 if raw == 0 else -1)
    assert end.exit_unknown is None


def test_of_a_removed_job_its_own_record_tells_the_exit() -> None:
    killed = "      raw: 9\n      signalled_signal: 9\n      signalled_name: Killed\n"
    events = told(Left(stdout=samples.record(status=killed).encode()), UNKNOWN, aborted=True)
    (end,) = of(events, ev.JobInstMainEnd)
    assert (end.exitcode, end.exit_unknown) == (9, None)
    assert [e.note for e in of(events, ev.InvEnd)] == ["Killed"]
    assert "Killed" not in (end.stdout_text or "")


def test_of_a_removed_job_without_any_record_the_exit_is_unknown_and_a_failure() -> None:
    (end,) = of(told(Left(), UNKNOWN, aborted=True), ev.JobInstMainEnd)
    assert (end.status, end.exitcode, end.exit_unknown) == (-1, 256, 1)


def test_pegasuslite_tells_the_exit_that_nobody_else_tells() -> None:
    (end,) = of(told(Left(stderr=b"PegasusLite: exitcode 71\n"), UNKNOWN), ev.JobInstMainEnd)
    assert (end.exitcode, end.exit_unknown) == (71 << 8, None)


def test_a_record_that_is_cut_is_told_of_with_its_place() -> None:
    whole = samples.record().encode()
    events = told(Left(stdout_file="A.out", stdout=b"x\n" + whole[: len(whole) // 3]))
    assert [e.file for e in of(events, ev.Problem)] == ["A.out"]
    assert len(of(events, ev.JobInstMainEnd)) == 1


def test_checksums_are_summed_by_kind_and_side_wherever_they_are_told() -> None:
    output = parse_output((samples.record() + "\n" + PAYLOAD + PAYLOAD).encode())
    found, failed = metrics(output)
    assert {(m.type, m.file_type): (m.count, m.duration_s) for m in found} == {
        ("compute", "output"): (1, 0.25), ("check", "output"): (6, 1.0),
    }  # fmt: skip
    assert failed == 2


def test_failed_checks_are_a_tag_and_metrics_are_no_monitoring_event() -> None:
    events = told(Left(stdout=PAYLOAD.encode()))
    assert [(e.name, e.count) for e in of(events, ev.JobInstTag)] == [("int.error", 1)]
    assert of(events, ev.TaskMonitoring) == []


@pytest.mark.parametrize(
    "item", ['{"event": "check"}', '{"event": 1, "file_type": []}', '{"event": "check", "file_type": "input", '
             '"count": "many", "duration": -1, "failed": 1e400}'],
)  # fmt: skip
def test_metrics_of_any_shape_kill_nothing(item: str) -> None:
    text = f'@@@MONITORING_PAYLOAD - START@@@{{"monitoring_event": "int.metric", "payload": [{item}]}}'
    found, _ = metrics(parse_output((text + "@@@MONITORING_PAYLOAD - END@@@").encode()))
    assert sum(m.count for m in found) == 0


@pytest.mark.parametrize(("ended", "count"), [(exited(0), 1), (exited(1), 0)])
def test_only_a_registration_that_succeeded_registered_something(ended: Exit, count: int) -> None:
    listed = b'f.a file:///out/f.a site="local"\n# comment\n'
    events = told(Left(cluster_input=listed), ended, submit=b"+pegasus_job_class = 4")
    replicas = of(events, ev.RcPfn)
    assert len(replicas) == count
    if replicas:
        assert (replicas[0].lfn_id, replicas[0].pfn, replicas[0].site) == ("f.a", "file:///out/f.a", "local")


@pytest.mark.parametrize(("cores", "factor"), [("4", 4), ("²", 1), ("9" * 5000, 1), ("-3", 1), ("", 1)], ids=ascii)
def test_a_number_of_cores_that_is_none_counts_as_one(cores: str, factor: int) -> None:
    submit = SubmitFile(attributes={"pegasus_cores": cores})
    outcome = Outcome("u", Attempt(1, "A", exit=exited(0)), None, submit, Left())
    (end,) = of(outcome.events(110.0, 4), ev.JobInstMainEnd)
    assert end.multiplier_factor == factor
