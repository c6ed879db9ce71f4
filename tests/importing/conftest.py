"""Databases that Pegasus wrote."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """The database that Pegasus 5.1.3 wrote of a run in which a job failed."""
    return unpacked(DATA / "failing-0.stampede.db.gz", tmp_path)


@pytest.fixture
def recorded(shared: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Those of recorded runs beside the checkout, by the name of the run."""
    return lambda name: unpacked(packed(shared, name), tmp_path)


def packed(shared: Path, name: str) -> Path:
    """The last of the databases of a recorded run."""
    return sorted((shared / "corpus" / "runs" / name / "peer").glob("*.stampede.db.gz"))[-1]


def unpacked(path: Path, folder: Path) -> Path:
    """A copy that may be changed."""
    raw = path.read_bytes()
    found = folder / path.name.removesuffix(".gz")
    found.write_bytes(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    return found
