"""The whole flow: load, stream, validate."""

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
        pipeline.validate(tmp_path / "nowhere")


def test_unknown_forms_and_dialects_are_wrong_use() -> None:
    with pytest.raises(UsageError):
        list(pipeline.encoded([], "xml", "current"))
    with pytest.raises(UsageError):
        list(pipeline.encoded([], "bp", "klingon"))


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_what_we_make_keeps_our_own_schema(corpus: Path, name: str) -> None:
    found = pipeline.validate(corpus / name)
    assert found.faults == []
    assert found.events["stampede.wf.plan"] >= 1


def test_hostile_event_files_give_faults_not_crashes(tmp_path: Path) -> None:
    file = tmp_path / "x.bp"
    file.write_bytes(
        b"\xff\x00\x1b[2J" * 50 + b"\n" + b"ts=1 event=" + b"x" * 300_000 + b"\nts=1 event=stampede.xwf.sta"
    )
    found = pipeline.validate(file)
    assert found.rejected >= 2
    assert pipeline.load([file], f"sqlite:///{tmp_path}/x.db").problems


def test_rebuilt_summaries_are_those_of_the_loader(corpus: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    pipeline.load([corpus / "dm_c_rescue"], url)
    assert pipeline.rebuild_summaries(url) == 0
