"""Databases of the recorded runs that ship with the project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stampede import pipeline
from stampede.api import Session, open_session
from stampede.places import url_of


@pytest.fixture(scope="session")
def urls(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The URL of a database of each recorded run."""
    folder = tmp_path_factory.mktemp("api")
    found = {name: url_of(folder / f"{name}.sqlite") for name in ("pg_fail", "dm_e_subdag", "dm_g_hold")}
    for name, url in found.items():
        pipeline.load([corpus / name], url)
    return found


@pytest.fixture
def failing(urls: dict[str, str]) -> Iterator[Session]:
    """A session of a Pegasus workflow that failed."""
    with open_session(urls["pg_fail"]) as session:
        yield session


@pytest.fixture
def forest(urls: dict[str, str]) -> Iterator[Session]:
    """A session of a workflow with sub-workflows."""
    with open_session(urls["dm_e_subdag"]) as session:
        yield session
