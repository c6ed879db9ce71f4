"""What was measured."""

from __future__ import annotations

from pathlib import Path

from stampede.events import catalogue as ev

from ..samples import IDS, ask, attempt, load_batches, start


def test_an_image_size_without_a_number_is_no_state(database: Path) -> None:
    size = ev.JobInstImageInfo(ts=101.0, **IDS, size=4711)
    load_batches(database, [[start(), *attempt("a", 1, 100), size]])
    assert ask(database, "SELECT count(*) FROM jobstate WHERE state = 'IMAGE_SIZE'") == (0,)
    assert ask(database, "SELECT image_size_kb FROM job_instance") == (4711,)
