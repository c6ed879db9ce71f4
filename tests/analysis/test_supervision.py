"""Verdicts for supervisors: thresholds, the worst counts, performance data."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stampede.analysis.supervision import CHECKS, EXITS, Threshold, checked, failed, line, worst

numbers = st.floats(0, 1e9)


@given(numbers, numbers, numbers, st.booleans())
def test_a_worse_value_has_no_better_verdict(a: float, b: float, limit: float, falling: bool) -> None:
    threshold = Threshold(warning=limit / 2 if not falling else limit, critical=limit if not falling else limit / 2,
                          falling=falling)  # fmt: skip
    better, worse = (max(a, b), min(a, b)) if falling else (min(a, b), max(a, b))
    assert EXITS[threshold.verdict(better)] <= EXITS[threshold.verdict(worse)]


def test_the_worst_counts_and_critical_more_than_unknown() -> None:
    limit = CHECKS["lag"].threshold
    well, slow, late = (checked("lag", value, "x", limit) for value in (0, 60, 600))
    unknown = failed("lag", "x", limit, "unknown")
    assert [worst([well]), worst([well, slow]), worst([late, unknown]), worst([unknown, well]), worst([])] == [
        "ok", "warning", "critical", "unknown", "unknown"
    ]  # fmt: skip


def test_performance_data_have_value_unit_and_ranges() -> None:
    lag = checked("lag", 12.5, "a | b\nc", CHECKS["lag"].threshold)
    disk = checked("disk", 40.0, "room", CHECKS["disk"].threshold)
    none = checked("failing", None, "nothing", CHECKS["failing"].threshold)
    assert lag.performance() == "lag=12.5s;60;600;0"
    assert disk.performance() == "disk=40%;10:;3:;0", "an alarm below a limit is written with a colon"
    assert none.performance() == ""
    text = line("ok", [lag, disk, none])
    assert text.count("|") == 1
    assert "\n" not in text
