"""Words of the screen: short, and never better than the truth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.model.states import NODE_STATES
from stampede.query.status import Nodes
from stampede.tui.look import SIGNS, bar, number, one_line, rate, share, span, when


def test_every_state_has_a_sign_of_its_own_or_means_the_same() -> None:
    assert set(NODE_STATES) <= SIGNS.keys()
    same = [{"success", "done"}, {"queued", "idle"}, {"unready", "unstarted"}]
    for word, sign in SIGNS.items():
        for other, its in SIGNS.items():
            if word != other and {word, other} not in same:
                assert sign.glyph != its.glyph, (word, other)
                assert len(sign.ascii) == 1


@given(st.integers(0, 10**10), st.integers(1, 10**10))
def test_what_is_not_all_done_never_looks_as_if_it_were(done: int, more: int) -> None:
    told = share(done, done + more)
    assert len(told) <= 11
    if done + more < 10_000 or told.partition("/")[0] != told.partition("/")[2]:
        return
    assert more * 100 < done + more  # three digits cannot tell more than that


@pytest.mark.parametrize(
    ("done", "total", "told"),
    [(0, 0, "0/0"), (9999, 9999, "9999/9999"), (99_999, 100_000, "99.9k/100k"), (1234, 2_000_000, "1.23k/2M")],
)
def test_a_share_is_told_in_three_digits(done: int, total: int, told: str) -> None:
    assert share(done, total) == told


@given(st.floats(0, 1e9))
def test_spans_and_numbers_fit_their_columns(x: float) -> None:
    assert len(span(x)) <= 6
    assert len(number(int(x))) <= 5
    assert len(rate(x)) <= 5


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "-"),
        (0.4, "0 s"),
        (312, "5m12s"),
        (7500, "2h05m"),
        (273_600, "3d04h"),
        (22_867_200, "264d"),
        (-5, "-5 s"),
    ],
)
def test_a_span_is_told_in_two_units(seconds: float | None, told: str) -> None:
    assert span(seconds) == told


def test_a_time_is_told_as_short_as_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_795_295_000.0  # 2026-11-21 21:03:20 UTC
    assert when(None, now) == "-"
    assert when(now - 60, now).endswith(":20")
    assert len(when(now - 60, now)) == 8
    assert len(when(now - 5 * 86_400, now)) == 11
    assert when(now - 400 * 86_400, now).startswith("2025-")


@given(st.builds(Nodes, *[st.integers(0, 3000)] * 9), st.integers(1, 60))
def test_a_bar_has_its_size_and_shows_every_failure(n: Nodes, size: int) -> None:
    pieces = bar(n, size)
    drawn = "".join(text for text, _ in pieces)
    assert len(drawn) == size
    if n.failed and size >= 3:
        assert "×" in drawn


def test_text_from_outside_cannot_steer_the_terminal() -> None:
    assert one_line("\x1b[31mred\nline\ttab\x07") == "\\x1b[31mred line tab\\x07"
