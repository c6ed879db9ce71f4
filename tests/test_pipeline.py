"""The whole flow: load and stream."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede import pipeline
from stampede.errors import InputError, NotAWorkflowError, UsageError


def test_load_tells_what_it_did(corpus: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int, int]] = []
    url = f"sqlite:///{tmp_path}/x.db"
    loaded = pipeline.load([corpus / "pg_fail"], url, progress=lambda *step: seen.append(step))
    assert loaded.events > 200
    assert len(loaded.workflows) == 1
    assert seen[-1][2] == loaded.events
    assert seen[-1][0] == seen[-1][1] > 0
    assert pipeline.load([corpus / "pg_fail"], url).skipped == loaded.events


def test_load_and_stream_have_the_same_events(corpus: Path, tmp_path: Path) -> None:
    loaded = pipeline.load([corpus / "dm_g_hold"], f"sqlite:///{tmp_path}/x.db")
    assert len(list(pipeline.stream([corpus / "dm_g_hold"]))) == loaded.events


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    empty = tmp_path / "x.bp"
    empty.touch()
    with pytest.raises(InputError):
        pipeline.load([empty], f"sqlite:///{tmp_path}/x.db")
    with pytest.raises(NotAWorkflowError):
        pipeline.load([tmp_path / "nowhere"], f"sqlite:///{tmp_path}/x.db")


def test_unknown_forms_and_dialects_are_wrong_use() -> None:
    with pytest.raises(UsageError):
        list(pipeline.encoded([], "xml", "current"))
    with pytest.raises(UsageError):
        list(pipeline.encoded([], "bp", "klingon"))


def test_rebuilt_summaries_are_those_of_the_loader(corpus: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    pipeline.load([corpus / "dm_c_rescue"], url)
    assert pipeline.rebuild_summaries(url) == 0
