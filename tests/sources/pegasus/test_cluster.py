"""Lines of the cluster tools and the ``.in`` files of clustered jobs."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.model.exits import exited, signalled
from stampede.sources.pegasus.cluster import join_tasks, read_cluster_input
from stampede.sources.pegasus.joboutput import parse_output
from stampede.sources.pegasus.records import ClusterInput

TASK = (
    b'[cluster-task id=2, start="2026-11-21T21:38:16.674+00:00", duration=4.100, status=1280, line=4, pid=7, '
    b'app="/x, y"]\n'
)
PMC = (
    b'[cluster-task name=A, start="2012-08-28T10:02:14.244-07:00", duration=1.003, status=9, app="/bin/sleep", '
    b'hostname="gideon.example.org", slot=1, cpus=3, memory=5]\n'
)
SUMMARY = (
    b'[cluster-summary stat="ok" tasks=2, submitted=2, succeeded=1, failed=1, extra=0, '
    b'start="2026-11-21T21:38:13.520+00:00", duration=7.254, pid=31465, app="pegasus-cluster", runtime=1.5, slots=3, '
    b"cpus=4]\n"
)

INPUT = b"""\
# comment
#@ 1 ns::process:1.0 ID0000016
/opt/bin/pegasus-kickstart -n process /home/wf/step.py -a "b c"
#@ 2 process ID0000006
/home/wf/step.py -n 4
EDGE 1 2
#@ A sim null
TASK A -m 100 -c 2 --pipe-forward V=f /opt/sim 'x y'
/bin/date
"""


def test_a_task_line() -> None:
    task = parse_output(b"x\n" + TASK).cluster_tasks[0]
    assert (task.id, task.name, task.start_time, task.duration_s) == (2, None, 1795297096.674, 4.1)
    assert (task.raw_status, task.exit, task.app, task.line, task.pid, task.offset) == (
        1280, exited(5), "/x, y", 4, 7, 2,
    )  # fmt: skip


def test_a_line_of_pegasus_mpi_cluster() -> None:
    task = parse_output(PMC).cluster_tasks[0]
    assert (task.id, task.name, task.exit, task.hostname) == (None, "A", signalled(9), "gideon.example.org")
    assert (task.slot, task.cpus, task.memory_mb) == (1, 3, 5)


def test_summaries_of_all_ages() -> None:
    summary = parse_output(SUMMARY).cluster_summary
    assert summary is not None
    assert (summary.stat, summary.tasks, summary.succeeded, summary.failed, summary.submitted) == ("ok", 2, 1, 1, 2)
    assert (summary.start_time, summary.duration_s, summary.runtime_s) == (1795297093.52, 7.254, 1.5)
    old = parse_output(
        b'[struct stat="OK", lines=40, count=40, failed=12, duration=1.5, start="2008-05-28T20:29:08-05:00"]'
    )
    assert old.cluster_summary is not None
    assert (old.cluster_summary.tasks, old.cluster_summary.succeeded, old.cluster_summary.stat) == (40, 28, "ok")
    assert parse_output(SUMMARY.replace(b"cluster-", b"seqexec-")).cluster_summary is not None


def test_a_line_after_output_without_a_final_newline_is_found() -> None:
    output = parse_output(b"no newline" + TASK + b"more" + SUMMARY)
    assert len(output.cluster_tasks) == 1
    assert output.cluster_summary is not None
    assert output.rest == "no newlinemore"


def test_text_right_after_a_line_is_no_part_of_it() -> None:
    output = parse_output(SUMMARY.strip() + b"Application 350352 resources\n" + TASK.replace(b"/x, y", b"/x]y"))
    assert output.cluster_summary is not None
    assert output.cluster_tasks[0].app == "/x]y"
    assert (output.rest, output.problems) == ("Application 350352 resources\n", [])


def test_a_cut_line_is_a_problem_and_no_task() -> None:
    output = parse_output(TASK + TASK[:60])
    assert len(output.cluster_tasks) == 1
    assert [(problem.kind, problem.offset) for problem in output.problems] == [("cluster-line", len(TASK))]
    assert parse_output(b"[cluster-task nonsense]\n").problems[0].kind == "cluster-line"


def test_the_input_file_lists_the_tasks() -> None:
    assert read_cluster_input(INPUT) == [
        ClusterInput("1", "ns::process:1.0", "ID0000016", "/opt/bin/pegasus-kickstart",
                     "-n process /home/wf/step.py -a b c"),
        ClusterInput("2", "process", "ID0000006", "/home/wf/step.py", "-n 4"),
        ClusterInput("A", "sim", None, "/opt/sim", "x y"),
        ClusterInput("4", None, None, "/bin/date", None),
    ]  # fmt: skip


def test_tasks_without_kickstart_become_invocations() -> None:
    invocations = join_tasks(parse_output(TASK + PMC + TASK.replace(b"id=2", b"id=77")).cluster_tasks,
                             read_cluster_input(INPUT))  # fmt: skip
    assert [(item.source, item.task_id, item.executable, item.argv) for item in invocations] == [
        ("cluster-task", "ID0000006", "/home/wf/step.py", "-n 4"),
        ("pmc-task", None, "/opt/sim", "x y"),
        ("cluster-task", None, "/x, y", None),
    ]
    assert invocations[0].exit == exited(5)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    read_cluster_input(data)
    parse_output(b"[cluster-task " + data)
    parse_output(b"[cluster-summary tasks=1, " + data + b"]\n")
