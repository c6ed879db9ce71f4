"""Texts in files, found in constant memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.service.scanning import BLOCK, ERRORS, OVERLAP, Read, hits, text_pattern


def _read(data: bytes) -> Read:
    return lambda n, at: data[at : at + n]


def _all(data: bytes, text: str, most: int = 1000) -> list[int]:
    found, start = [], 0
    while True:
        page = hits(_read(data), text_pattern(text), start=start, size=len(data), most=most)
        found += [h.offset for h in page.items]
        if page.next is None:
            return found
        assert page.next > start
        start = page.next


@given(st.text("ab\n", max_size=60), st.text("ab", min_size=1, max_size=3), st.integers(1, 5))
def test_pages_of_hits_are_together_those_that_a_plain_search_finds(text: str, wanted: str, most: int) -> None:
    data = text.encode()
    expected, at = [], data.find(wanted.encode())
    while at >= 0:
        expected.append(at)
        at = data.find(wanted.encode(), at + len(wanted))
    assert _all(data, wanted) == expected
    assert set(expected) <= set(_all(data, wanted, most))


@pytest.mark.parametrize("before", [0, BLOCK - 3, BLOCK - 1, BLOCK, BLOCK + OVERLAP - 2, 3 * BLOCK - 4])
def test_a_hit_across_the_edge_of_a_block_is_found_once(before: int) -> None:
    data = b"x" * before + b"NEEDLE" + b"y" * BLOCK
    assert _all(data, "needle") == [before]


def test_a_hit_comes_with_its_line() -> None:
    data = b"one\ntwo \xff<b>Fatal</b> end\nthree\n"
    (hit,) = hits(_read(data), ERRORS, start=0, size=len(data), most=9).items
    assert (hit.line_offset, hit.text) == (4, "two \ufffd<b>Fatal</b> end")
    assert data[hit.offset : hit.offset + hit.length] == b"Fatal"


def test_of_a_long_line_only_what_is_near_is_given() -> None:
    data = b"x" * (3 * BLOCK) + b"needle" + b"y" * BLOCK
    (hit,) = hits(_read(data), text_pattern("needle"), start=0, size=len(data), most=9).items
    assert len(hit.text) < 1000
    assert "needle" in hit.text


def test_when_it_takes_too_long_the_answer_says_where_to_go_on() -> None:
    data = b"x" * (4 * BLOCK) + b"needle"
    first = hits(_read(data), text_pattern("needle"), start=0, size=len(data), most=9, seconds=-1)
    assert (first.items, first.next) == ([], BLOCK)
    assert _all(data, "needle") == [4 * BLOCK]


@pytest.mark.parametrize("line", [b"0 errors", b"no error", b"all is well", b"0 failed, 3 passed"])
def test_lines_that_say_that_nothing_is_wrong_are_no_errors(line: bytes) -> None:
    assert not hits(_read(line), ERRORS, start=0, size=len(line), most=9).items
