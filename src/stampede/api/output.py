"""The output of tries, as streams."""

from __future__ import annotations

import io
import os
from typing import BinaryIO

from stampede.errors import UsageError
from stampede.files import open_regular
from stampede.query import Reader
from stampede.query.job import find_job
from stampede.query.workflows import Workflow, forest


def open_output(reader: Reader, root: Workflow, job: str, attempt: int, stream: str) -> BinaryIO:
    """The output of a try (-1: the last): its file where that is there, else what the database has of it.

    Raises UsageError when there is no such job, try or output, or when its file lies outside of the submit directory.
    """
    if stream not in ("stdout", "stderr"):
        raise UsageError(f"There is no stream {stream!r}: ask for stdout or stderr.")
    found = find_job(reader, [root], job)
    number = attempt - 1 if attempt > 0 else len(found.tries) + attempt
    if attempt == 0 or not 0 <= number < len(found.tries):
        raise UsageError(f"{found.path} has {len(found.tries)} tries, and no number {attempt}; 1 is the first.")
    one = found.tries[number]
    path = one.files.get(stream)
    if path is not None:
        folders = [f for w in forest(reader, root) if w.wf_uuid == found.wf_uuid for f in (w.found_dir, w.submit_dir)]
        opened = _opened(path, [f for f in folders if f])
        if opened is not None:
            return opened
    kept = "".join(piece.text for piece in one.output if piece.stream == stream)
    if not kept:
        raise UsageError(f"No {stream} of {found.path} is known: it has no file that is there, and wrote nothing.")
    return io.BytesIO(kept.encode("utf-8", "surrogatepass"))


def _opened(path: str, folders: list[str]) -> BinaryIO | None:
    """The file, open; None when it is not there. Links are followed before it is judged where it lies."""
    real = os.path.realpath(path)
    if not any(real.startswith(os.path.realpath(folder).rstrip(os.sep) + os.sep) for folder in folders):
        raise UsageError(f"{path} lies outside of the submit directory and is not read.")
    try:
        return open_regular(real)
    except OSError:
        return None
