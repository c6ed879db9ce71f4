"""Months of UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.store.months.month import Month
from stampede.store.months.statements import moved

TIMES = st.floats(946_684_800, 7_000_000_000)


@given(TIMES)
def test_a_time_lies_in_its_month(ts: float) -> None:
    month = Month.of(ts)
    assert month.first_ts <= ts < month.end_ts
    assert month.after(1).first_ts == month.end_ts
    assert Month.of(month.end_ts) == month.after(1) > month


@given(TIMES, st.integers(-240, 240))
def test_months_are_counted_across_years(ts: float, many: int) -> None:
    month = Month.of(ts)
    assert month.after(many).after(-many) == month
    assert 1 <= month.after(many).number <= 12


@pytest.mark.parametrize(("year", "number", "name", "days"), [(2024, 2, "2024-02", 29), (2026, 12, "2026-12", 31)])
def test_a_month_has_a_name_and_its_days(year: int, number: int, name: str, days: int) -> None:
    month = Month(year, number)
    assert (month.name, month.table) == (name, f"jobstate_{name.replace('-', '_')}")
    assert month.first_ts == datetime(year, number, 1, tzinfo=UTC).timestamp()
    assert (month.end_ts - month.first_ts) == days * 86_400


def test_rows_are_moved_before_readers_have_to_wait() -> None:
    """What locks readers out comes after all that takes long."""
    said = [text.split()[0] for text in moved(Month(2026, 1), "jobstate_default", ("state", "row_id"))]
    assert said == ["CREATE", "WITH", "ALTER", "CREATE", "ALTER", "ALTER", "ALTER"]
