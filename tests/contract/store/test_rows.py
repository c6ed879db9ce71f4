"""The same input gives the same rows in SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from pathlib import Path

from stampede import pipeline
from tests.contract.store.conftest import runs
from tests.contract.store.tables import all_tables, differences


def test_all_tables_are_equal_row_by_row(sqlite: str, server: str) -> None:
    assert not differences(all_tables(sqlite), all_tables(server))


def test_loading_again_changes_nothing(sqlite: str, server: str, corpus: Path) -> None:
    before = all_tables(server)
    pipeline.load(runs(corpus), server)
    assert not differences(before, all_tables(server))
