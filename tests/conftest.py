"""Fixtures of the whole suite.

``shared`` is the folder of recorded runs that lies beside a development checkout (``../shared``). The project builds
and passes without it: a test that asks for the fixture is skipped when the folder is absent.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORPUS = Path(__file__).resolve().parent / "corpus"


# a shell without job control starts what runs in the background with SIGINT ignored, nohup with SIGHUP ignored, and
# children would inherit that
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


def shared_folder() -> Path | None:
    folder = Path(os.environ.get("STAMPEDE_SHARED", ROOT.parent / "shared"))
    return folder if (folder / "corpus").is_dir() else None


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = shared_folder()
    if folder is None:
        pytest.skip("the shared folder of recorded runs is not here")
    return folder


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Recorded runs that ship with the project; each folder has a README that tells its story."""
    return CORPUS
