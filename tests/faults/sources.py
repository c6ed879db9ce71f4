"""The runs that are played: recorded ones, and ones that are made as large and as wrong as wanted."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from conftest import CORPUS, shared_folder

#: runs that are made: options of the generator
MADE = {
    "made_300": ("--jobs", "300", "--failure-rate", "0.1", "--held-rate", "0.05", "--retries", "2", "--seed", "7"),
    "made_broken": ("--jobs", "120", "--failure-rate", "0.15", "--kill", "3", "--retries", "1", "--seed", "8"),
    "made_hier": ("--jobs", "60", "--subworkflows", "4", "--sub-jobs", "20", "--failure-rate", "0.1", "--seed", "9"),
}  # fmt: skip
_making = threading.Lock()


def find(name: str, made_below: Path) -> Path | None:
    """The finished directory of that name; None where it cannot be had."""
    if (CORPUS / name).is_dir():
        return CORPUS / name
    shared = shared_folder()
    if shared is None:
        return None
    if name not in MADE:
        found = shared / "corpus" / "runs" / name / "submit"
        return found if found.is_dir() else None
    with _making:
        folder = made_below / name
        maker = shared / "bench" / "make_submit_dir.py"
        if not folder.exists() and maker.exists():
            subprocess.run([sys.executable, str(maker), str(folder), *MADE[name]], check=True, capture_output=True)
        return folder if folder.exists() else None
