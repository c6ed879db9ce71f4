"""Recorded runs, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede import pipeline
from tests.store.migrations.old import Rows, rows_of

RUNS = ("pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue")


@pytest.fixture(scope="session")
def loaded(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file into which they were loaded with the tables of today."""
    path = tmp_path_factory.mktemp("migrations") / "today.sqlite"
    pipeline.load([corpus / name for name in RUNS], f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def recorded(loaded: Path) -> Rows:
    """All its rows."""
    return rows_of(loaded)
