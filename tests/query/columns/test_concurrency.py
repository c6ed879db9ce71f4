"""In each bin, what waited, was held and ran is what intervals say; what ended is counted once."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede.query.columns import concurrency
from stampede.query.pictures.window import Window, window_of
from stampede.query.workflows import list_workflows

from .made import START, made

_JOBS = [
    # waits 100, runs 1000, has a POST script of 100
    {"name": "a", "tries": [{"submit_ts": 0, "execute_ts": 100, "end_ts": 1100, "state_ts": 1200,
                             "outcome": "success"}]},
    # held for 200 while it waited, then failed
    {"name": "b", "tries": [{"submit_ts": 1000, "execute_ts": 1500, "end_ts": 1600, "state_ts": 1600,
                             "outcome": "failed", "held": [(1200, 1400)]}]},
    # runs still; began with a PRE script of 100
    {"name": "c", "tries": [{"pre_start_ts": 3900, "submit_ts": 4000, "execute_ts": 4000, "state_ts": 4000}]},
    # waits still
    {"name": "d", "tries": [{"submit_ts": 4500, "state_ts": 4500}]},
]  # fmt: skip


def test_sums_of_time_are_those_of_the_phases(tmp_path: Path) -> None:
    with made(tmp_path / "x.sqlite", _JOBS) as reader:
        workflows = list_workflows(reader)
        frame = concurrency(reader, workflows, window_of(workflows), bins=100)
    width = 5000 / 100
    table = frame.tables["bins"]
    spent = {name: sum(table[name]) * width for name in ("running", "queued", "held", "scripts")}
    assert spent == pytest.approx(
        {"running": 1000 + 100 + 1000, "queued": 100 + 300 + 500, "held": 200, "scripts": 100 + 100}
    )
    assert (sum(table["ended"]), sum(table["failed"])) == (2, 1)
    assert table["running"][4] == pytest.approx(1)


def test_times_in_which_nothing_ran_are_told_and_can_be_left_out(tmp_path: Path) -> None:
    with made(tmp_path / "x.sqlite", _JOBS) as reader:
        workflows = list_workflows(reader)
        window = window_of(workflows)
        gaps = concurrency(reader, workflows, window).facts["gaps"]
        spans = [(gap["start_ts"] - START, gap["end_ts"] - START) for gap in gaps]
        assert spans == [(0, 100), pytest.approx((1100, 1500), abs=1), pytest.approx((1600, 3900), abs=1)]
        folded = concurrency(
            reader, workflows, window, bins=100, skip=[(gap["start_ts"], gap["end_ts"]) for gap in gaps]
        )
        width = (5000 - sum(b - a for a, b in spans)) / 100
        assert sum(folded.tables["bins"]["running"]) * width == pytest.approx(2100, rel=1e-3)


def test_only_what_lies_in_the_window_counts(tmp_path: Path) -> None:
    window = Window(start_ts=START + 1150, end_ts=START + 1550, now_ts=START + 5000)
    with made(tmp_path / "x.sqlite", _JOBS) as reader:
        table = concurrency(reader, list_workflows(reader), window, bins=20).tables["bins"]
    assert sum(table["running"]) * 20 == pytest.approx(50)
    assert sum(table["held"]) * 20 == pytest.approx(200)
    assert (sum(table["ended"]), sum(table["failed"])) == (1, 0)
