"""Pictures: well-formed, bounded, harmless, and they say what is there."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.export.pictures.draw import drawings, stacked
from stampede.export.pictures.failures import CauseBar
from stampede.export.pictures.gantt import packed_rows
from stampede.export.pictures.jobs import thumbnail
from stampede.export.pictures.sheet import Subject
from stampede.query.pictures.album import KINDS
from stampede.query.pictures.lanes import LANES_BY, By
from stampede.query.pictures.window import Window

from ..reading import HOSTILE, SVG, svg, words
from .samples import a_stack, an_album, window_of

SUBJECT = Subject(label="diamond", sentence="failed, 6 of 14 done")
#: the largest that a picture may be, however large the run
MOST_BYTES = 1_500_000


@pytest.mark.parametrize("count", [0, 1, 10, 600, 2000, 10_000])
def test_every_picture_of_any_size_is_well_formed_and_bounded(count: int) -> None:
    drawn = drawings(an_album(count), SUBJECT)
    assert set(drawn) == set(KINDS)
    for kind, drawing in drawn.items():
        text = drawing.svg()
        root = svg(text)
        assert len(text) < MOST_BYTES, kind
        assert float(root.attrib["height"]) <= 6000
        assert "diamond" in words(root)


def test_all_in_one_is_well_formed_and_has_each() -> None:
    album = an_album(20)
    root = svg(stacked(list(drawings(album, SUBJECT).values()), "diamond"))
    assert len(root.findall(f".//{SVG}svg")) == len(KINDS)


@pytest.mark.parametrize("count", [10, 3500])
def test_hostile_names_are_text_in_every_picture(count: int) -> None:
    subject = Subject(label=HOSTILE, sentence=HOSTILE)
    causes = [CauseBar(HOSTILE, 3, False)]
    for drawing in drawings(an_album(count, name=HOSTILE), subject, causes).values():
        found = words(svg(drawing.svg()))
        assert not {"\x1b", "\x00", "\u202e", "\u200f"} & set(found)


@pytest.mark.parametrize("by", LANES_BY)
def test_the_gantt_shows_every_try_once_whatever_its_rows_are(by: By) -> None:
    text = drawings(an_album(50, by=by), SUBJECT)["gantt"].svg()
    assert len(re.findall(r'class="hit"', text)) == 50
    # seven of fifty failed: each has a cross, which no colour is needed to see
    crosses = max(re.findall(r'd="([^"]*)" class="cross"', text), key=len)
    assert crosses.count("M") == 2 * 7


def test_too_many_tries_become_lanes_and_the_picture_says_so() -> None:
    found = words(svg(drawings(an_album(3500), SUBJECT)["gantt"].svg()))
    assert "too many to draw each" in found
    assert "work3" in found


def test_a_part_of_the_time_is_called_a_part() -> None:
    album = an_album(5)
    assert album.gantt is not None
    whole = album.gantt.window
    album.gantt.window = whole.__class__(start_ts=whole.start_ts, end_ts=whole.end_ts, now_ts=whole.now_ts, cut=True)
    assert "Shown is a part" in words(svg(drawings(album, SUBJECT)["gantt"].svg()))


def test_a_run_that_has_not_begun_has_no_time() -> None:
    nowhen = Window(start_ts=0.0, end_ts=1.0, now_ts=0.0)
    album = an_album(0)
    for kind in KINDS:
        getattr(album, kind).window = nowhen
    album.jobs = a_stack(nowhen, 2)
    for drawing in drawings(album, SUBJECT, [CauseBar("nothing was submitted", 0, False)]).values():
        assert "1970" not in words(svg(drawing.svg()))


def test_failures_show_their_causes() -> None:
    causes = [CauseBar("the disk is full", 5, False), CauseBar("evicted", 2, True)]
    found = words(svg(drawings(an_album(30), SUBJECT, causes)["failures"].svg()))
    assert "the disk is full" in found
    assert "evicted (over)" in found


@pytest.mark.parametrize("width", [480, 700, 4000])
def test_nothing_is_drawn_outside_at_any_width(width: int) -> None:
    for kind, drawing in drawings(an_album(40), SUBJECT, width=width).items():
        for rect in svg(drawing.svg()).iter(f"{SVG}rect"):
            if rect.attrib["width"] != "100%":
                assert float(rect.attrib.get("x", 0)) + float(rect.attrib["width"]) <= width + 2, kind


def test_a_thumbnail_is_small() -> None:
    text = thumbnail(a_stack(window_of(10), 10), SUBJECT).svg(styled=False)
    svg(text)
    assert len(text) < 30_000


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 30)), max_size=40))
def test_packed_bars_never_lie_upon_each_other_and_none_is_lost(made: list[tuple[int, int]]) -> None:
    bars = sorted((float(start), float(start + length)) for start, length in made)
    rows = packed_rows(bars, lambda b: b)
    assert sorted(b for row in rows for b in row) == bars
    for row in rows:
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(row))


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 30)), max_size=40))
def test_packed_bars_take_as_few_rows_as_ran_at_once(made: list[tuple[int, int]]) -> None:
    bars = sorted((float(start), float(start + length)) for start, length in made)
    at_once = max((sum(s <= t < e for s, e in bars) for t, _ in bars), default=0)
    assert len(packed_rows(bars, lambda b: b)) == at_once
