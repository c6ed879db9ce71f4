"""Where the files of a workflow lie."""

from __future__ import annotations

import os

from stampede.query.workflows import Workflow


def place(wf: Workflow, file: str | None) -> str | None:
    """Where a file of a workflow lies now: absolute, in the folder where the submit directory was found."""
    if not file:
        return None
    folder = wf.found_dir or wf.submit_dir or ""
    if os.path.isabs(file):
        old = (wf.submit_dir or "").rstrip("/")
        if old and folder and file.startswith(old + "/"):
            return os.path.join(folder, file[len(old) + 1 :])
        return file
    return os.path.normpath(os.path.join(folder, file))
