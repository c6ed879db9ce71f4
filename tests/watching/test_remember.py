"""Runs that were loaded are found by name, as watched ones are."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede.pipeline import load
from stampede.places import url_of
from stampede.query import open_database
from stampede.query.registry import entries
from stampede.query.workflows import find
from stampede.watching.remember import remember


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry of its own."""
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def _loaded(corpus: Path, tmp_path: Path) -> str:
    url = url_of(tmp_path / "runs.sqlite")
    load([corpus / "pg_fail"], url)
    return url


def test_a_loaded_run_is_in_the_registry_as_it_stands(corpus: Path, tmp_path: Path) -> None:
    url = _loaded(corpus, tmp_path)
    with open_database(url) as reader:
        assert remember(reader, url, find(reader, "failing")) is None
    (found,) = entries()
    assert (found.label, found.state, found.done, found.total, found.db_url) == ("failing", "failed", 6, 14, url)


def test_a_registry_that_cannot_be_written_is_said_and_stops_nothing(corpus: Path, tmp_path: Path, state: Path) -> None:
    url = _loaded(corpus, tmp_path)
    state.write_text("no folder")
    with open_database(url) as reader:
        assert remember(reader, url, find(reader, "failing"))
