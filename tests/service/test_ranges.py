"""Byte ranges as RFC 9110 has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.service.ranges import UnsatisfiableError, tail_bytes, wanted


@given(size=st.integers(0, 50), first=st.integers(0, 60), last=st.integers(0, 60))
def test_a_range_gives_the_bytes_that_a_slice_would(size: int, first: int, last: int) -> None:
    data = bytes(range(size))
    header = f"bytes={first}-{last}"
    if first > last:
        assert wanted(header, size) is None
    elif first >= size:
        with pytest.raises(UnsatisfiableError):
            wanted(header, size)
    else:
        start, end = wanted(header, size) or (-1, -1)
        assert data[start:end] == data[first : last + 1]


@given(size=st.integers(0, 50), last=st.integers(0, 60))
def test_a_suffix_gives_the_end(size: int, last: int) -> None:
    data = bytes(range(size))
    if min(last, size) == 0:
        with pytest.raises(UnsatisfiableError):
            wanted(f"bytes=-{last}", size)
    else:
        start, end = wanted(f"bytes=-{last}", size) or (-1, -1)
        assert data[start:end] == data[-last:]


@given(st.text(max_size=300), st.integers(0, 100))
def test_any_other_header_asks_for_all_or_is_refused(header: str, size: int) -> None:
    try:
        found = wanted(header, size)
    except UnsatisfiableError:
        return
    assert found is None or 0 <= found[0] < found[1] <= size


@pytest.mark.parametrize("text, size", [("500", 500), ("64k", 65_536), ("1M", 1 << 20), ("2g", 2 << 30)])
def test_sizes_of_tails(text: str, size: int) -> None:
    assert tail_bytes(text) == size
