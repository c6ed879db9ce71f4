"""What a path is, and the source that reads it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from stampede.errors import NotAWorkflowError
from stampede.files import obstacle, open_regular, present, told
from stampede.sources.base import Source
from stampede.sources.submit_dir import SubmitDir

_EVENT_NAMES = (".bp", ".jsonl", ".json", ".bson", ".ndjson")
_JOB_EVENT = re.compile(rb"\A(?:\s*\d{3} \(-?\d+\.-?\d+\.-?\d+\) |<c>|<\?xml|\s*\{\s*\"?MyType)")
_EVENT = re.compile(rb"\A\s*(?:ts=|\{.*\"event\"|\w[\w.]*=)")


def open_source(path: Path, *, strict: bool = False) -> Source:
    """The source for a submit directory, .dag, dagman.out, event file (.bp, .jsonl, .bson, gzip too) or job event log.

    ``strict`` refuses event files with events that break the schema. Raises NotAWorkflowError for anything else.
    """
    if os.path.isdir(path):
        return SubmitDir(path)
    if not present(path):
        raise NotAWorkflowError(f"{told(path)} does not exist.", path=str(path))
    why = obstacle(path)
    if why is not None:
        raise NotAWorkflowError(f"{told(path)} cannot be read: {why}.", path=str(path))
    name = path.name.removesuffix(".gz")
    if name.endswith((".dagman.out", ".dag")):
        return SubmitDir(path)
    if name.endswith(_EVENT_NAMES):
        return _event_file(path, strict)
    try:
        with open_regular(path) as file:
            head = file.read(4096)
    except OSError as e:
        raise NotAWorkflowError(f"{path} cannot be read: {e.strerror}.", path=str(path)) from e
    if head.startswith((b"\x1f\x8b",)) or _EVENT.match(head):
        return _event_file(path, strict)
    if _JOB_EVENT.match(head):
        from stampede.sources.job_log import JobLog

        return JobLog(path)
    raise NotAWorkflowError(
        f"{path} is nothing Stampede can read: no submit directory, .dag, dagman.out, event file (.bp, .jsonl, .bson) "
        "or job event log.",
        path=str(path),
        offset=0,
    )


def _event_file(path: Path, strict: bool) -> Source:
    from stampede.sources.event_file import EventFile  # its validators are a third of the time to start

    return EventFile(path, strict=strict)
