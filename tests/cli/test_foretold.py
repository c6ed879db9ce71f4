"""Words for what is foretold: an end with its interval, or why there is none, and its age when it is old."""

from __future__ import annotations

import pytest

from stampede.analysis.progress.progress import Progress
from stampede.cli import foretold

THEN = 1_795_295_181.0  # 2026-11-21 21:06:21 UTC


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")


def progress(**told: object) -> Progress:
    known = {
        "as_of_ts": THEN, "percent_jobs": 44.4, "percent_work": 53.6, "remaining_s": 60.0, "eta_ts": THEN + 60,
        "eta_low_ts": THEN + 30, "eta_high_ts": THEN + 120, "limited_by": "slots",
        "limit": "slots: 6 run, 7 wait for one",
    }  # fmt: skip
    return Progress(**{**known, **told})  # type: ignore[arg-type]


def test_an_end_has_its_interval_its_middle_and_how_long_it_is_until_then() -> None:
    assert foretold.end(progress()) == "21:06:51 to 21:08:21 (80 %), most likely 21:07:21, in 1 min 00 s"
    assert foretold.work(progress()) == "53 % of the work is done (44 % of the nodes)"


def test_one_line_has_the_end_and_what_limits_it() -> None:
    assert foretold.line(progress()) == "ends 21:06:51 to 21:08:21 (80 %), limited by slots"


def test_earlier_runs_that_were_used_are_told() -> None:
    assert foretold.end(progress(earlier_runs=2)).endswith(", from 2 earlier runs too")


def test_a_forecast_that_is_old_says_for_when_it_was_made() -> None:
    assert "as it stood at the last record" not in foretold.end(progress(), THEN + 30)
    assert "as it stood at the last record (2026-11-21 21:06:21" in foretold.end(progress(), THEN + 86_400)


def test_an_end_on_another_day_has_its_date() -> None:
    assert "to 2026-11-22 21:06:21" in foretold.end(progress(eta_high_ts=THEN + 86_400))


def test_without_an_end_there_is_a_reason() -> None:
    stopped = progress(eta_ts=None, limited_by="dagman_held", no_eta="DAGMan's own job is held: quota")
    assert foretold.end(stopped) == "nobody can tell: DAGMan's own job is held: quota"
    assert foretold.line(stopped) == "no end in sight: dagman held"
