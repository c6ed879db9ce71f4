"""Jobs that the loader forgets and fetches again."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.pipeline import load

from .samples import WF, attempt, contents, load_batches, node_states, start


def restarted() -> tuple[list[Event], list[Event]]:
    """A job that nobody declared fails, and a second run of the engine in the same batch does it."""
    ended = ev.XwfEnd(ts=400.0, xwf_id=WF, restart_count=0, status=1)
    first: list[Event] = [start(), *attempt("a", 1, 100)]
    second: list[Event] = [*attempt("x", 2, 200, exitcode=256), ended, start(500.0, 1), *attempt("x", 3, 600)]
    return first, second


def test_a_job_that_was_new_before_a_restart_in_the_same_batch_is_made_once(tmp_path: Path) -> None:
    first, second = restarted()
    load_batches(tmp_path / "one.sqlite", [first, second])
    load_batches(tmp_path / "many.sqlite", [[event] for event in [*first, *second]])
    assert node_states(tmp_path / "one.sqlite") == {"a": "done", "x": "done"}
    assert contents(tmp_path / "one.sqlite") == contents(tmp_path / "many.sqlite")


def test_a_name_with_a_nul_is_not_that_of_another_job(tmp_path: Path) -> None:
    database = tmp_path / "x.sqlite"
    for name, seq in (("a", 1), ("a\0b", 2)):
        load_batches(database, [[start(), *attempt(name, seq, 100 * seq)]])
    load_batches(database, [list(attempt("a\0b", 3, 900, exitcode=256))])
    assert node_states(database) == {"a": "done", "a\0b": "failed"}


@pytest.mark.parametrize("run", ["pg_fail", "dm_c_rescue", "dm_e_subdag"])
def test_what_is_kept_in_memory_does_not_change_what_is_written(
    run: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load([corpus / run], f"sqlite:///{tmp_path}/all.sqlite")
    monkeypatch.setattr("stampede.store.workingset._IDLE", 2)
    monkeypatch.setattr("stampede.sources.submit_dir.BATCH", 10)
    monkeypatch.setattr("stampede.pipeline.TRANSACTION", 10)
    load([corpus / run], f"sqlite:///{tmp_path}/few.sqlite")
    assert contents(tmp_path / "few.sqlite") == contents(tmp_path / "all.sqlite")
