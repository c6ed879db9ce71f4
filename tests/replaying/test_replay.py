"""A replayed run is the recorded one, now, and another one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from stampede.errors import InputError, UsageError
from stampede.pipeline import load
from stampede.places import url_of
from stampede.query.status import WorkflowStatus
from stampede.replaying import Replay

FAST = 1e6


@pytest.fixture
def again(corpus: Path, tmp_path: Path) -> Path:
    """A replay of the Pegasus run, played to its end."""
    replay = Replay(corpus / "pg_fail", tmp_path / "again", speed=FAST)
    replay.begin()
    assert replay.play().whole
    return tmp_path / "again"


def _status(folder: Path, db: Path) -> WorkflowStatus:
    import stampede

    load([folder], url_of(db))
    with stampede.open(url_of(db)) as session:
        return session.workflow().status()[0]


def test_it_ends_as_the_recorded_one_did(again: Path, corpus: Path, tmp_path: Path) -> None:
    new, old = _status(again, tmp_path / "n.sqlite"), _status(corpus / "pg_fail", tmp_path / "o.sqlite")
    assert new.nodes == old.nodes
    assert new.state == old.state == "failed"


def test_it_has_a_uuid_of_its_own_and_times_of_now(again: Path, tmp_path: Path) -> None:
    found = _status(again, tmp_path / "n.sqlite")
    assert found.wf_uuid != "4c58fd30-924d-43b2-a70e-a0c97f5f7d5b"
    assert found.started_ts == pytest.approx(time.time(), abs=60)


def test_nothing_of_the_recording_is_changed_and_a_folder_with_something_in_it_is_refused(
    corpus: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="not empty"):
        Replay(corpus / "pg_fail", tmp_path)


def test_a_folder_without_a_log_of_dagman_cannot_be_replayed(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    with pytest.raises(InputError, match=r"dagman\.out"):
        Replay(tmp_path / "old", tmp_path / "new")


def test_it_stops_when_it_is_told_to(corpus: Path, tmp_path: Path) -> None:
    replay = Replay(corpus / "pg_fail", tmp_path / "again", speed=1)
    replay.begin()
    told: list[int] = []
    played = replay.play(go_on=lambda: len(told) < 5, tell=lambda at, _of: told.append(at))
    assert (played.whole, played.lines) == (False, 5)
