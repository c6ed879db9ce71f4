"""When it is known who a workflow is that has only just begun."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from stampede.files import open_regular, present
from stampede.sources.identity import Workflow, identify

#: DAGMan has said who it is: the banner of its log has its process id, and something follows
_BANNER = re.compile(rb"^\S+ \S+ \*\* PID = \d+[^\n]*\n", re.M)
#: a log without such a banner is taken as it is when it has so many lines, or has not grown for so many seconds
_LINES, _STILL_S = 400, 3.0
#: the last of the lines that say who and where a workflow is
_LAST_NAME = b"Default node log file is: <"
#: how the first line of DAGMan's banner goes, and how long its other lines may take at most
_STARS, _BANNER_S = b"*****", 600.0
#: a DAG file that was not written to for so many seconds is complete
_WRITTEN_S = 1.0


def known_as(log: Path) -> Workflow | None:
    """The workflow of a dagman.out; None as long as what names it may still be coming."""
    if not present(log):
        return None
    named = _has_banner(log)  # before it is read for its name: it grows
    wf = identify(log)
    return wf if wf.is_pegasus or named else None


def has_beginning(log: Path) -> bool:
    """Whether the log begins with the start of a DAGMan: not the rest of one that was cut or rotated."""
    try:
        with open_regular(log) as file:
            return b"STARTING UP" in file.read(4 << 10)
    except OSError:
        return False


def is_planned(log: Path) -> bool:
    """Whether the DAG of a dagman.out that is not there yet lies complete beside it."""
    dag = log.with_name(log.name.removesuffix(".dagman.out"))
    try:
        return abs(time.time() - os.stat(dag).st_mtime) > _WRITTEN_S
    except OSError:
        return False


def _has_banner(log: Path) -> bool:
    try:
        with open_regular(log) as file:
            head = file.read(64 << 10)
            changed = os.fstat(file.fileno()).st_mtime
    except OSError:
        return False
    if (_BANNER.search(head) and _LAST_NAME in head) or head.count(b"\n") >= _LINES:
        return True
    # one that begins like a banner is waited for: it will say who it is
    still = _STILL_S if _STARS not in head[: head.find(b"\n") + 1] else _BANNER_S
    return b"\n" in head and abs(time.time() - changed) > still
