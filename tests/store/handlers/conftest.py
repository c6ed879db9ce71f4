"""What the tests of the handlers share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where a database can be made."""
    return tmp_path / "x.sqlite"
