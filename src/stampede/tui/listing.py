"""A list of any length: only the lines that are seen are drawn, and nobody need have the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from stampede.tui.columns import Column, cell, fit, head, row
from stampede.tui.look import GREY, Piece

_CURSOR = Style.parse("on #1f4e79")
_STYLES: dict[str, Style] = {}


def style_of(name: str) -> Style:
    """A rich style, parsed once."""
    if name not in _STYLES:
        _STYLES[name] = Style.parse(name)
    return _STYLES[name]


def strip(pieces: Sequence[Piece], base: Style, width: int, over: Style | None = None) -> Strip:
    """Pieces as a line of the screen, filled up to a width, on a background."""
    segments = [Segment(text, base + style_of(style) + over if over else base + style_of(style))
                for text, style in pieces]  # fmt: skip
    return Strip(segments).adjust_cell_length(width, base + over if over else base)


class Rows(Protocol):
    """What a listing shows. ``cells`` gives None for a row that is not here yet, and one cell for a row that has no
    columns; ``fitted`` is told which columns are shown and how wide."""

    @property
    def columns(self) -> Sequence[Column]: ...

    @property
    def count(self) -> int: ...

    def cells(self, at: int) -> Sequence[Sequence[Piece]] | None: ...

    def fitted(self, layout: list[tuple[int, int]]) -> None: ...


class Listing(ScrollView, can_focus=True):
    """Rows under a line with the names of their columns, with a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("home,g", "edge(False)", "First", show=False),
        Binding("end,G", "edge(True)", "Last", show=False),
        Binding("enter", "open", "Open"),
    ]
    DEFAULT_CSS = "Listing { height: 1fr; width: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }"

    class Opened(Message):
        """Enter, or a click on the row of the cursor."""

        def __init__(self, listing: Listing, at: int) -> None:
            super().__init__()
            self.listing, self.at = listing, at

    class Moved(Message):
        """The user has put the cursor on another row."""

    class Seen(Message):
        """Other rows are seen."""

    def __init__(self, rows: Rows, *, empty: str = "", key: str | None = None) -> None:
        super().__init__(id=key)
        self.rows = rows
        self.empty = empty
        self.cursor = 0
        self._layout: list[tuple[int, int]] = []

    # ---- what is shown ----

    def show(self, rows: Rows | None = None, *, cursor: int | None = None) -> None:
        """Draw again, with other rows or after the rows have changed."""
        self.rows = self.rows if rows is None else rows
        self.cursor = max(0, min(self.cursor if cursor is None else cursor, self.rows.count - 1))
        self._measure()
        self._keep_in_sight()
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self._measure()
        self._keep_in_sight()
        self.post_message(self.Seen())

    def _measure(self) -> None:
        width = max(self.scrollable_content_region.width, 1)
        self._layout = fit(self.rows.columns, width)
        self.rows.fitted(self._layout)
        self.virtual_size = Size(width, self.rows.count + 1)

    @property
    def seen(self) -> tuple[int, int]:
        """First and last row that are seen."""
        first = self.scroll_offset.y
        return first, max(first, min(first + self.size.height - 2, self.rows.count - 1))

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        if y == 0:
            return strip(head(self.rows.columns, self._layout), base + style_of(GREY), width)
        at = self.scroll_offset.y + y - 1
        if at >= self.rows.count:
            told: list[Piece] = [(self.empty, GREY)] if y == 1 and not self.rows.count else []
            return strip(told, base, width)
        over = _CURSOR if at == self.cursor else None
        cells = self.rows.cells(at)
        if cells is None:
            return strip([("…", GREY)], base, width, over)
        if len(cells) < len(self.rows.columns):
            return strip(cell(cells[0], width), base, width, over)
        return strip(row(cells, self.rows.columns, self._layout), base, width, over)

    # ---- moving ----

    def action_move(self, by: int) -> None:
        self._go(self.cursor + by)

    def action_page(self, by: int) -> None:
        self._go(self.cursor + by * max(self.size.height - 2, 1))

    def action_edge(self, last: bool) -> None:
        self._go(self.rows.count - 1 if last else 0)

    def action_open(self) -> None:
        if self.rows.count:
            self.post_message(self.Opened(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        at = self.scroll_offset.y + event.y - 1
        if event.y == 0 or at >= self.rows.count:
            return
        if at == self.cursor:
            self.action_open()
        else:
            self._go(at)

    def _go(self, at: int) -> None:
        self.cursor = max(0, min(at, self.rows.count - 1))
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved())

    def _keep_in_sight(self) -> None:
        first, height = self.scroll_offset.y, max(self.size.height - 1, 1)
        if self.cursor < first:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= first + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Seen())
