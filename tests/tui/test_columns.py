"""Rows fit: whatever is in them and however narrow the screen is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from stampede.tui.columns import Column, cell, fit, head, row, sized
from stampede.tui.forestrows import COLUMNS
from stampede.tui.jobrows import TROUBLED, USUAL
from stampede.tui.jobtext import TryRows
from stampede.tui.look import Piece


@given(st.sampled_from([COLUMNS, USUAL, TROUBLED, TryRows.columns]), st.integers(1, 300))
def test_a_row_is_as_wide_as_the_screen_or_less(columns: tuple[Column, ...], width: int) -> None:
    layout = fit(columns, width)
    assert layout
    assert sum(cell_len(text) for text, _ in head(columns, layout)) <= max(width, 1)
    cells: list[list[Piece]] = [[("日本x" * 30, "")] for _ in columns]
    assert sum(cell_len(text) for text, _ in row(cells, columns, layout)) <= max(width, 1)


def test_the_most_important_columns_stay_on_a_narrow_screen() -> None:
    shown = {COLUMNS[i].name for i, _ in fit(COLUMNS, 60)}
    assert shown >= {"workflow", "state", "done", "held", "fail"}
    assert {COLUMNS[i].name for i, _ in fit(COLUMNS, 120)} == {c.name for c in COLUMNS}


@given(st.lists(st.tuples(st.text(), st.just("")), max_size=4), st.integers(1, 40), st.booleans())
def test_a_cell_has_exactly_its_width(pieces: list[Piece], width: int, right: bool) -> None:
    text = "".join(text for text, _ in cell(pieces, width, right=right))
    assert cell_len(text) == width
    assert not any(ord(c) < 32 for c in text)


def test_a_column_grows_no_wider_than_what_is_in_it() -> None:
    columns = sized([Column(name="a", least=3, most=50), Column(name="b", least=3, most=50)], {"a": 10})
    assert fit(columns, 40) == [(0, 10), (1, 29)]
