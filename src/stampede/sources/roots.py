"""Which workflows a path means."""

from __future__ import annotations

import os
from pathlib import Path

from stampede.errors import NotAWorkflowError
from stampede.files import present, real, told
from stampede.sources.dagman.dagfile import parse_dag
from stampede.sources.identity import find_braindump


def find_dagman_logs(path: Path) -> list[Path]:
    """The dagman.out of every root workflow that a path means (files that may not exist yet).

    ``path`` is a submit directory, a DAG file or a dagman.out. Raises NotAWorkflowError when it is none of them.
    """
    if os.path.isfile(path):
        if path.name.endswith(".dagman.out"):
            return [path]
        return [path.with_name(path.name + ".dagman.out")]
    dump = find_braindump(path)
    if dump is not None and dump.dag:
        return [path / (Path(dump.dag).name + ".dagman.out")]
    logs = sorted(path.glob("*.dagman.out"))
    if not logs:
        dags = sorted(path.glob("*.dag"))
        if not dags:
            raise NotAWorkflowError(
                f"{path} holds no workflow: neither braindump.yml nor a *.dag or *.dagman.out file. "
                "Name the submit directory, a .dag, a dagman.out, an event file or a job event log.",
                path=str(path),
            )
        logs = [dag.with_name(dag.name + ".dagman.out") for dag in dags]
    return _roots(logs)


def is_workflow(path: Path) -> bool:
    """Whether a path means a workflow already."""
    try:
        return any(present(log) or present(log.with_name(log.name.removesuffix(".dagman.out")))
                   for log in find_dagman_logs(path))  # fmt: skip
    except (NotAWorkflowError, OSError):
        return False


def owned_names(path: Path) -> list[str]:
    """What somebody owns who reads that path: the path itself and the log of each root workflow it means."""
    names = [told(real(path))]
    try:
        names += [told(real(log)) for log in find_dagman_logs(path)]
    except (NotAWorkflowError, OSError):
        pass
    return names


def _roots(logs: list[Path]) -> list[Path]:
    """Those that no other one runs as its sub-DAG."""
    if len(logs) == 1:
        return logs
    children: set[Path] = set()
    for log in logs:
        dag_path = log.with_name(log.name.removesuffix(".dagman.out"))
        if not present(dag_path):
            continue
        dag = parse_dag(dag_path)
        children |= {real(read.path + ".dagman.out") for read in dag.files[1:]}  # spliced and included
        for node in dag.nodes.values():
            if node.subdag_file:
                name = Path(node.dir or "") / node.subdag_file
                children.add(real(log.parent / (str(name) + ".dagman.out")))
    roots = [log for log in logs if real(log) not in children]
    return roots or logs
