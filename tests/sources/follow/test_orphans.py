"""Sub-workflows whose logs are not known when their jobs are submitted."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from stampede.sources.follow import orphans
from stampede.sources.follow.orphans import Orphans


def test_a_log_that_is_there_is_expected_to_be_known_and_one_that_is_not_is_not(tmp_path: Path) -> None:
    """A run that is over waits for the first, since all of a workflow would be missing; the second may never come."""
    found = Orphans()
    found.add(tmp_path / "a.dagman.out", "a", 1)
    assert list(found.found(lambda log, node: None)) == []
    assert not found.expects(time.monotonic())
    (tmp_path / "a.dagman.out").touch()
    assert list(found.found(lambda log, node: None)) == []
    assert found.expects(time.monotonic())
    assert [child for child, _ in found.found(lambda log, node: "uuid")] == ["uuid"]
    assert not found.expects(time.monotonic())
    assert found.due == float("inf")


def test_a_log_that_never_says_whose_it_is_is_not_expected_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "_KNOWN_S", 0.0)
    found = Orphans()
    (tmp_path / "a.dagman.out").touch()
    found.add(tmp_path / "a.dagman.out", "a", 1)
    assert list(found.found(lambda log, node: None)) == []
    assert not found.expects(time.monotonic())
    assert found.logs() == [tmp_path / "a.dagman.out"]
