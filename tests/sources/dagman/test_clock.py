"""Local stamps become the right instant, and the zone they are in is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.sources.dagman.clock import Clock, Switched, infer_offset, system_zone

BERLIN = ZoneInfo("Europe/Berlin")
SUMMER, WINTER = 1782900000.0, 1795301490.0  # 2026-07-01 and 2026-11-21


@pytest.mark.parametrize(
    "text, expected",
    [
        ("11/21/26 22:51:30", WINTER),
        ("11/21/2026 22:51:30", WINTER),
        ("2026-11-21 22:51:30", WINTER),
        ("2026-11-21T22:51:30", WINTER),
        ("2026-11-21 22:51:30.512", WINTER + 0.512),
        ("2026-11-21 22:51:30.512Z", WINTER + 0.512),
        ("2026-11-21T23:51:30+01:00", WINTER),
        ("2026-11-21T17:21:30-0530", WINTER),
        ("11/21/26 22:51:30.506", WINTER + 0.506),
    ],
)
def test_every_form_of_stamp_gives_the_same_instant(text: str, expected: float) -> None:
    clock = Clock(UTC)
    assert clock.epoch(text) == pytest.approx(expected)
    assert clock.epoch(text) == pytest.approx(expected), "the memo must not change the answer"


@pytest.mark.parametrize(
    "text",
    ["", "x", "13/45/26 22:51:30", "11/21/26 22:51:61", "11/21/26 22:51:3x", "11/21/26 25:00:00", "2026-02-30 00:00:00",
     "2026-11-21 22:51:30 ", "2026-11-21 22:51:30.", "\0" * 17, "é" * 17, "1" * 10_000],
)  # fmt: skip
def test_text_that_is_no_stamp_is_none_also_when_its_minute_is_known(text: str) -> None:
    clock = Clock(UTC)
    clock.epoch("11/21/26 22:51:30")
    assert clock.epoch(text) is None


def test_a_stamp_without_year_takes_the_latest_year_not_after_the_reference() -> None:
    clock = Clock(UTC, reference=datetime(2027, 1, 2, tzinfo=UTC).timestamp())
    assert clock.epoch("12/31 23:59:59") == datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()
    assert clock.epoch("01/01 00:00:00") == datetime(2027, 1, 1, tzinfo=UTC).timestamp()
    assert clock.epoch("02/29 00:00:00") == datetime(2024, 2, 29, tzinfo=UTC).timestamp()
    assert Clock(UTC).epoch("12/31 23:59:59") is None


def test_an_offset_in_the_stamp_overrules_the_zone() -> None:
    assert Clock(BERLIN).epoch("2026-11-21T22:51:30Z") == WINTER


def test_the_hour_that_happens_twice_follows_the_line_before() -> None:
    clock = Clock(BERLIN)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()
    assert clock.epoch("10/25/26 02:30:00") == first
    assert clock.epoch("10/25/26 02:30:00", near=first - 900) == first
    assert clock.epoch("10/25/26 02:30:00", near=first + 1800) == first + 3600


def test_a_local_time_that_a_clock_skipped_is_still_an_instant() -> None:
    assert Clock(BERLIN).epoch("03/29/26 02:30:00") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC).timestamp()


@given(st.floats(min_value=0, max_value=4e9), st.integers(-48, 56))
@settings(max_examples=100)
def test_what_a_fixed_clock_shows_it_reads_back(ts: float, quarters: int) -> None:
    clock = Clock.fixed(quarters * 900)
    second = float(int(ts))
    assert clock.epoch(clock.local(second).strftime("%Y-%m-%d %H:%M:%S")) == second


@given(st.text(max_size=30))
@settings(max_examples=100)
def test_no_text_raises(text: str) -> None:
    Clock(BERLIN, reference=WINTER).epoch(text)


def show(ts: float, zone: timezone | ZoneInfo) -> str:
    return datetime.fromtimestamp(ts, zone).strftime("%m/%d/%y %H:%M:%S")


def test_the_offset_is_rounded_to_a_quarter_of_an_hour_and_odd_pairs_are_ignored() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    guess = infer_offset([(show(WINTER + 3, india), WINTER), (show(WINTER + 450, india), WINTER), ("rubbish", WINTER)])
    assert guess is not None
    assert (guess.offset_s, guess.how, guess.used, guess.ignored) == (19800, "fixed", 1, 2)


def test_the_machine_zone_is_taken_when_it_fits_so_that_other_seasons_are_right() -> None:
    guess = infer_offset([(show(WINTER, BERLIN), WINTER)], machine_zone=BERLIN)
    assert guess is not None
    assert guess.how == "machine"
    assert Clock(guess.zone).epoch(show(SUMMER, BERLIN)) == SUMMER


def test_the_machine_zone_is_refused_when_a_run_comes_from_elsewhere() -> None:
    guess = infer_offset([("11/21/26 22:51:30", WINTER)], machine_zone=BERLIN)
    assert guess is not None
    assert (guess.how, guess.offset_s) == ("fixed", 0)


@pytest.mark.parametrize("day", [datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 3, 28, tzinfo=UTC)])
def test_a_run_over_the_change_of_season_is_read_piecewise(day: datetime) -> None:
    start = day.timestamp()
    pairs = [(show(start + hours * 3600, BERLIN), start + hours * 3600) for hours in (0, 6, 40, 60)]
    guess = infer_offset(pairs)
    assert guess is not None
    assert guess.how == "switched"
    clock = Clock(guess.zone)
    assert [clock.epoch(text) for text, _ in pairs] == [ts for _, ts in pairs]


def test_a_switched_zone_shows_and_reads_the_same_instant_around_its_switch() -> None:
    zone = Switched(7200, 3600, WINTER)
    for ts in (WINTER - 7200, WINTER - 1800, WINTER, WINTER + 1800, WINTER + 7200):
        assert datetime.fromtimestamp(ts, zone).timestamp() == ts


def test_no_usable_pair_gives_no_guess() -> None:
    assert infer_offset([]) is None
    assert infer_offset([("11/21/26 22:51:30", float("nan")), ("11/21/26 22:51:30", 0.0)]) is None


def test_the_system_zone_follows_tz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    assert datetime.fromtimestamp(WINTER, system_zone()).utcoffset() == timedelta(hours=5, minutes=45)
    for odd in ("../../etc/passwd", "Nowhere/Land", ""):
        monkeypatch.setenv("TZ", odd)
        assert datetime.fromtimestamp(WINTER, system_zone()).utcoffset() is not None
