"""Columns of a list: which of them fit into a width, how wide they are, and a row cut to them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.cells import cell_len, set_cell_size

from stampede.tui.look import Piece, one_line

GAP = 1


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column: ``least`` and ``most`` columns wide; of those that do not fit the one with the highest ``rank`` goes
    first."""

    name: str
    least: int
    most: int = 0
    right: bool = False
    rank: int = 0


def sized(columns: Sequence[Column], needed: dict[str, int]) -> list[Column]:
    """The columns, of which those that are named grow no wider than what is in them."""
    return [
        msgspec.structs.replace(c, most=min(c.most, max(needed[c.name], c.least))) if c.name in needed else c
        for c in columns
    ]


def fit(columns: Sequence[Column], width: int) -> list[tuple[int, int]]:
    """Index and width of each column that is shown. What is left over goes to those that may grow, by their ranks."""
    shown = list(range(len(columns)))
    while len(shown) > 1 and _needed(columns, shown) > width:
        shown.remove(max(shown, key=lambda i: columns[i].rank))
    widths = {i: columns[i].least for i in shown}
    left = width - _needed(columns, shown)
    for i in sorted(shown, key=lambda i: columns[i].rank):
        more = min(max(columns[i].most - columns[i].least, 0), max(left, 0))
        widths[i] += more
        left -= more
    if len(shown) == 1 and left < 0:
        widths[shown[0]] = max(width, 1)
    return list(widths.items())


def _needed(columns: Sequence[Column], shown: list[int]) -> int:
    return sum(columns[i].least for i in shown) + GAP * (len(shown) - 1)


def cell(pieces: Sequence[Piece], width: int, *, right: bool = False) -> list[Piece]:
    """Pieces cut to a width (with ``…`` where something is lost) or filled up with blanks; nothing in them steers."""
    pieces = [(one_line(text), style) for text, style in pieces]
    size = sum(cell_len(text) for text, _ in pieces)
    if size <= width:
        blank = (" " * (width - size), "")
        return [blank, *pieces] if right else [*pieces, blank]
    kept: list[Piece] = []
    room = width - 1
    for text, style in pieces:
        taken = set_cell_size(text, min(cell_len(text), room))
        kept.append((taken, style))
        room -= cell_len(taken)
        if room <= 0:
            break
    return [*kept, ("…" + " " * max(room, 0), "")]


def row(cells: Sequence[Sequence[Piece]], columns: Sequence[Column], layout: list[tuple[int, int]]) -> list[Piece]:
    """A row of cells (one for each column) as pieces that stand side by side."""
    made: list[Piece] = []
    for at, (i, width) in enumerate(layout):
        if at:
            made.append((" " * GAP, ""))
        made += cell(cells[i], width, right=columns[i].right)
    return made


def head(columns: Sequence[Column], layout: list[tuple[int, int]]) -> list[Piece]:
    """The names of the columns, above them."""
    return row([[(c.name.upper(), "bold")] for c in columns], columns, layout)
