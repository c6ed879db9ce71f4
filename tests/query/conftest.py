"""Databases of the recorded runs, open for reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stampede import pipeline
from stampede.query import Reader, open_database

NAMES = ("pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue")


@pytest.fixture(scope="session")
def databases(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The URL of a database of each recorded run."""
    folder = tmp_path_factory.mktemp("databases")
    urls = {name: f"sqlite:///{folder / name}.db" for name in NAMES}
    for name, url in urls.items():
        pipeline.load([corpus / name], url)
    return urls


@pytest.fixture
def read(databases: dict[str, str]) -> Iterator[Callable[[str], Reader]]:
    """Open the database of a run."""
    opened: list[Reader] = []

    def open_one(name: str) -> Reader:
        opened.append(open_database(databases[name]))
        return opened[-1]

    yield open_one
    for reader in opened:
        reader.close()
