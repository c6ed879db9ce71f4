"""Words for people."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede import words as text


@pytest.mark.parametrize(
    "seconds, said",
    [(None, "-"), (0, "0 s"), (0.024, "0.024 s"), (1.26, "1.3 s"), (14, "14 s"), (59.6, "1 min 00 s"),
     (312, "5 min 12 s"), (3720, "1 h 02 min"), (3599.7, "1 h 00 min"), (273600, "3 d 04 h"), (-5, "-5 s")],
)  # fmt: skip
def test_durations_read_well(seconds: float | None, said: str) -> None:
    assert text.duration(seconds) == said


@given(st.text(st.characters(codec=None), max_size=60))
@settings(max_examples=100)
def test_nothing_steers_a_terminal(message: str) -> None:
    shown = text.clean(message)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown)
    shown.encode()


@given(st.floats(min_value=-1e9, max_value=4e9))
@settings(max_examples=100)
def test_times_come_back(ts: float) -> None:
    assert datetime.fromisoformat(str(text.rfc3339(ts))).timestamp() == pytest.approx(ts, abs=1e-3)
    assert datetime.fromisoformat(text.time(ts)).timestamp() == pytest.approx(ts, abs=1)


@pytest.mark.parametrize("ts", [1e300, float("inf"), float("nan"), -1e18])
def test_times_no_calendar_has_do_not_kill(ts: float) -> None:
    assert text.time(ts) == "-"
    text.rfc3339(ts)


def test_long_output_keeps_its_end() -> None:
    kept, left = text.shortened("\n".join(map(str, range(20))) + "\n\n", 3)
    assert kept == ["17", "18", "19"]
    assert left == 17
    assert text.shortened("x" * 5000, 1)[0][0].endswith("…")


def test_sizes_read_well() -> None:
    assert [text.size(n) for n in (0, 1023, 1536, 5 << 30)] == ["0 B", "1023 B", "1.5 KB", "5.0 GB"]
    assert [text.megabytes(n) for n in (2.5, 64, 1000, 2048)] == ["2.5 MB", "64 MB", "1000 MB", "2 GB"]


def test_a_bar_is_to_scale_and_shows_all_that_there_is() -> None:
    assert text.to_scale((50, 25, 0), 100, 20) == [10, 5, 0, 5]
    assert text.to_scale((1, 1, 1), 1_000_000, 10) == [1, 1, 1, 7]
    assert text.to_scale((90, 90, 90), 10, 9) == [3, 3, 3, 0]
    assert text.to_scale((0, 0, 0), 0, 5) == [0, 0, 0, 5]
