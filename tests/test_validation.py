"""Events against the schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede import pipeline
from stampede.errors import NotAWorkflowError
from stampede.validation import validate


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotAWorkflowError):
        validate(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"])
def test_what_we_make_keeps_our_own_schema(corpus: Path, name: str) -> None:
    found = validate(corpus / name)
    assert found.faults == []
    assert found.events["stampede.wf.plan"] >= 1


def test_hostile_event_files_give_faults_not_crashes(tmp_path: Path) -> None:
    file = tmp_path / "x.bp"
    file.write_bytes(
        b"\xff\x00\x1b[2J" * 50 + b"\n" + b"ts=1 event=" + b"x" * 300_000 + b"\nts=1 event=stampede.xwf.sta"
    )
    found = validate(file)
    assert found.rejected >= 2
    assert pipeline.load([file], f"sqlite:///{tmp_path}/x.db").problems
