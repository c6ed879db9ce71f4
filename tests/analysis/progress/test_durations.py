"""Durations by kind: what ended, what still runs, other kinds and earlier runs all count."""

from __future__ import annotations

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from stampede.analysis.progress.durations import Kind, Observed, kinds

seconds = st.floats(0.0, 1e6, allow_nan=False)


def median_s(kind: Kind) -> float:
    """The median of the medians that are believed in."""
    rng = random.Random(1)
    drawn = sorted(kind.draw(rng, 0.0)[0] for _ in range(400))
    return math.exp(drawn[200])


def spread(kind: Kind) -> float:
    """How far the possible medians are from each other (80 %, logarithm)."""
    rng = random.Random(1)
    drawn = sorted(kind.draw(rng, rng.gauss(0, 1))[0] for _ in range(400))
    return drawn[360] - drawn[40]


def test_a_kind_that_ran_often_takes_what_it_took() -> None:
    found = kinds({"a": Observed(True, ended=[30.0, 31.0, 29.0] * 10)})["a"]
    assert 28 < median_s(found) < 32
    assert found.mean_s == 30.0


def test_the_more_has_ended_the_surer_it_is() -> None:
    few = kinds({"a": Observed(True, ended=[30.0, 40.0])})["a"]
    many = kinds({"a": Observed(True, ended=[30.0, 40.0] * 20)})["a"]
    assert spread(many) < spread(few)


def test_what_still_runs_makes_its_kind_longer() -> None:
    ended = Observed(True, ended=[2.0, 3.0])
    running = Observed(True, ended=[2.0, 3.0], running=[60.0] * 8)
    assert median_s(kinds({"a": running})["a"]) > 2 * median_s(kinds({"a": ended})["a"])


def test_a_kind_that_nobody_saw_is_like_the_others_but_less_sure() -> None:
    found = kinds({
        "seen": Observed(True, ended=[100.0] * 10), "other": Observed(True, ended=[120.0] * 10), "new": Observed(True),
    })  # fmt: skip
    assert 20 < median_s(found["new"]) < 400
    assert spread(found["new"]) > 3 * spread(found["seen"])


def test_with_nothing_seen_everything_is_possible() -> None:
    assert spread(kinds({"a": Observed(True)})["a"]) > 3  # 80 % of a factor of more than e^3


def test_earlier_runs_tell_of_what_did_not_run_yet() -> None:
    earlier = [[50.0, 52.0, 55.0, 49.0], [51.0, 53.0, 50.0, 48.0]]
    found = kinds({"a": Observed(True, earlier=earlier)})["a"]
    assert 45 < median_s(found) < 57


def test_a_run_that_is_slower_than_earlier_ones_is_so_in_its_other_kinds_too() -> None:
    earlier = [[10.0] * 10]
    slow = kinds({
        "done": Observed(True, ended=[20.0] * 20, earlier=earlier),
        "also": Observed(True, ended=[20.0] * 20, earlier=earlier),
        "next": Observed(True, earlier=earlier),
    })["next"]  # fmt: skip
    assert median_s(slow) > 13


@given(
    st.lists(seconds, max_size=30), st.lists(seconds, max_size=30), st.lists(st.lists(seconds, max_size=5), max_size=3)
)
def test_any_durations_give_finite_numbers(
    ended: list[float], running: list[float], earlier: list[list[float]]
) -> None:
    found = kinds({"a": Observed(True, ended, running, earlier), "b": Observed(False)})
    for kind in found.values():
        median, within = kind.draw(random.Random(0), 1.0)
        assert math.isfinite(median)
        assert 0 < within < 100
        assert 0 <= kind.mean_s < 1e12
