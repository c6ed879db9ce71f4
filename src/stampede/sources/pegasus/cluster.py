"""What clustered jobs print (one line a task and one summary), and the ``.in`` file that lists their tasks.

pegasus-cluster writes ``[cluster-task id=1, start="…", duration=0.541, status=0, line=2, pid=1, app="…"]``;
pegasus-mpi-cluster (PMC) gives ``name=`` in place of ``id=`` and adds hostname, slot, cpus and memory; releases before
4.0 say ``seqexec-``. Source: the reference of job outputs, and recorded runs of 2008 to 2026.
"""

from __future__ import annotations

import re
import shlex

from stampede.sources.pegasus.records import ClusterInput, ClusterSummary, ClusterTask, Invocation, RecordProblem
from stampede.sources.pegasus.scalars import epoch, exit_of, integer, number

#: A line, wherever it starts: a task that prints no final newline leaves the mark in the middle of one.
LINE = re.compile(
    r"\[(?:(?:cluster|seqexec)-(task|summary)|(struct)) "
    r'((?:[^"\]\n]++|"[^"\n]*+")*)'
    r"(?:(\])[ \t\r]*\n?|[^\n]*+\n?)"
)
_PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|([^",\]\s]*))[,\]\s]')
_PMC_FLAGS = frozenset(("-H", "--help"))


def read_line(match: re.Match[str]) -> ClusterTask | ClusterSummary | RecordProblem:
    """The task or summary of a match of :data:`LINE`; a problem when the line is cut short or makes no sense."""
    kind, old, body, closed = match.groups()
    offset = match.start()
    if not closed:
        message = (
            f"A line of the cluster tool is cut short: {match[0].strip()[:120]!r}. The job was probably killed while "
            "it was written; the task counts as not finished."
        )
        return RecordProblem("cluster-line", message, offset)
    pairs = {key: quoted or bare for key, quoted, bare in _PAIR.findall(body + closed)}
    if kind == "task" and ("id" in pairs or "name" in pairs):
        return _task(pairs, offset)
    if old or "tasks" in pairs or "succeeded" in pairs:
        return _summary(pairs, offset)
    message = f"A line of the cluster tool without its numbers: {match[0].strip()[:120]!r}. It is ignored."
    return RecordProblem("cluster-line", message, offset)


def read_cluster_input(data: bytes) -> list[ClusterInput]:
    """The tasks that the ``.in`` file of a clustered job lists, in order.

    A task is a line ``#@ <id> <transformation> <task id>`` followed by its command line, or by a ``TASK`` line of PMC.
    Other comments and ``EDGE`` lines say nothing about tasks. A command without the line before it gets its number.
    """
    tasks: list[ClusterInput] = []
    label: list[str] | None = None
    for raw in data.decode("utf-8", "replace").splitlines():
        line = raw.strip()
        if line.startswith("#@"):
            label = line[2:].split()
        elif line and not line.startswith("#") and not line.startswith("EDGE "):
            tasks.append(_input(line, label or [], len(tasks) + 1))
            label = None
    return tasks


def join_tasks(tasks: list[ClusterTask], inputs: list[ClusterInput]) -> list[Invocation]:
    """One invocation for each finished task, with what the ``.in`` file says of it: for clusters without kickstart."""
    known = {task.id: task for task in inputs}
    return [_invocation(task, known.get(task.name or str(task.id))) for task in tasks]


def _task(pairs: dict[str, str], offset: int) -> ClusterTask:
    status = integer(pairs.get("status"))
    return ClusterTask(
        id=integer(pairs.get("id")),
        name=pairs.get("name"),
        start_time=epoch(pairs.get("start")),
        duration_s=number(pairs.get("duration")),
        raw_status=status,
        exit=exit_of(status),
        app=pairs.get("app"),
        line=integer(pairs.get("line")),
        pid=integer(pairs.get("pid")),
        hostname=pairs.get("hostname"),
        slot=integer(pairs.get("slot")),
        cpus=integer(pairs.get("cpus")),
        memory_mb=integer(pairs.get("memory")),
        offset=offset,
    )


def _summary(pairs: dict[str, str], offset: int) -> ClusterSummary:
    tasks = integer(pairs.get("tasks", pairs.get("count")))
    failed = integer(pairs.get("failed"))
    succeeded = integer(pairs.get("succeeded"))
    if succeeded is None and tasks is not None and failed is not None:
        succeeded = tasks - failed
    return ClusterSummary(
        stat=pairs.get("stat", "").lower() or None,
        tasks=tasks,
        succeeded=succeeded,
        failed=failed,
        extra=integer(pairs.get("extra")),
        start_time=epoch(pairs.get("start")),
        duration_s=number(pairs.get("duration")),
        submitted=integer(pairs.get("submitted")),
        lines=integer(pairs.get("lines")),
        pid=integer(pairs.get("pid")),
        app=pairs.get("app"),
        runtime_s=number(pairs.get("runtime")),
        slots=integer(pairs.get("slots")),
        cpus=integer(pairs.get("cpus")),
        offset=offset,
    )


def _input(command: str, label: list[str], count: int) -> ClusterInput:
    words = _words(command)
    name = label[0] if label else None
    if words and words[0] == "TASK":
        name = name or (words[1] if len(words) > 1 else None)
        words = _after_options(words[2:])
    task_id = label[2] if len(label) > 2 and label[2] != "null" else None
    return ClusterInput(
        id=name or str(count),
        transformation=label[1] if len(label) > 1 else None,
        task_id=task_id,
        executable=words[0] if words else None,
        argv=" ".join(words[1:]) or None,
    )


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _after_options(words: list[str]) -> list[str]:
    """The command of a PMC task: what follows its options, which (but for flags) take one value each."""
    index = 0
    while index < len(words) and words[index].startswith("-"):
        index += 1 if words[index] in _PMC_FLAGS or "=" in words[index] else 2
    return words[index:]


def _invocation(task: ClusterTask, listed: ClusterInput | None) -> Invocation:
    return Invocation(
        source="pmc-task" if task.name is not None else "cluster-task",
        start_time=task.start_time,
        duration_s=task.duration_s,
        transformation=listed.transformation if listed else None,
        derivation=listed.task_id if listed else None,
        hostname=task.hostname,
        raw_status=task.raw_status,
        exit=task.exit,
        executable=listed.executable if listed and listed.executable else task.app,
        argv=listed.argv if listed else None,
        task_id=listed.task_id if listed else None,
        offset=task.offset,
    )
