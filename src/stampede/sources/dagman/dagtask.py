"""``TASK`` lines of pegasus-mpi-cluster: ``TASK name [options] executable [arguments]``.

Options as in the manual page of pegasus-mpi-cluster ("Task options").
"""

from __future__ import annotations

import msgspec

from stampede.sources.dagman.dagattrs import BadCommandError, integer
from stampede.sources.dagman.problem import quote

_OPTIONS = {
    "-m": "request_memory",
    "--request-memory": "request_memory",
    "-c": "request_cpus",
    "--request-cpus": "request_cpus",
    "-t": "tries",
    "--tries": "tries",
    "-p": "priority",
    "--priority": "priority",
    "-f": "pipe_forward",
    "--pipe-forward": "pipe_forward",
    "-F": "file_forward",
    "--file-forward": "file_forward",
}


class Task(msgspec.Struct, frozen=True):
    """One TASK line. ``vars`` has its options under their long names (``request_memory`` in MB, ``request_cpus`` …);
    repeated ones are joined by a blank."""

    name: str
    command: str
    vars: dict[str, str]
    retries: int = 0
    priority: int = 0


def read_task(text: str) -> Task:
    """The task of the text after ``TASK``. Raises :class:`BadCommandError` when there is no command."""
    name, *rest = text.split(None, 1)[:2] or [""]
    command = rest[0] if rest else ""
    found: dict[str, str] = {}
    while command.startswith("-"):
        option, *rest = command.split(None, 1)
        option, equals, value = option.partition("=")
        field = _OPTIONS.get(option)
        if field is None:
            raise BadCommandError("bad-syntax", f"TASK has no option '{quote(option)}': command left out.")
        command = rest[0] if rest else ""
        if not equals:
            value, *rest = command.split(None, 1) or [""]
            command = rest[0] if rest else ""
        found[field] = f"{found[field]} {value}" if field in found else value
    if not name or not command:
        raise BadCommandError("incomplete", "TASK needs a name and an executable: command left out.")
    retries = max(integer(found["tries"], "TASK's number of tries") - 1, 0) if "tries" in found else 0
    priority = integer(found["priority"], "TASK's priority") if "priority" in found else 0
    return Task(name, command, found, retries, priority)
