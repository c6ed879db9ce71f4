"""A text of any size on the screen. Movements are worked out where the text is read, in a thread of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import ClassVar

import msgspec
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from stampede.cli.text import size as in_words
from stampede.tui.desk import Answer, Desk
from stampede.tui.listing import strip, style_of
from stampede.tui.longtext import START, LongText, Place, Source
from stampede.tui.look import GREY, ORANGE, one_line

#: a movement: from the text, a place and the height of a page to another place
_Move = Callable[[LongText, Place, int], Place]


class _Page(msgspec.Struct):
    rows: list[str]
    told: str


class Pager(Widget, can_focus=True):
    """The rows of a text, and under them how far one has read (unless ``plain``)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup,b,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("pagedown,space,ctrl+f", "page(1)", "Page down", show=False),
        Binding("home,g", "edge(False)", "Start", show=False),
        Binding("end,G", "edge(True)", "End", show=False),
        Binding("n", "again", "Next hit", show=False),
    ]
    DEFAULT_CSS = "Pager { height: 1fr; width: 1fr; }"

    def __init__(self, source: Source | None = None, *, plain: bool = False, key: str | None = None) -> None:
        super().__init__(id=key)
        self._plain = plain
        self._source = source
        self._desk = Desk(self)
        self._turn = itertools.count()
        self._needle = ""
        self._page = _Page([], "")
        self._fault = ""
        # only the thread of the desk touches these
        self._text: LongText | None = None
        self._place = START

    def on_unmount(self) -> None:
        self._desk.close()

    def open(self, source: Source) -> None:
        """Show another text, from its start."""
        self._source = source
        self._ask(lambda text, place, height: START, anew=True)

    def reload(self) -> None:
        """Look at the source again, which may have grown. Who has read to its end goes on reading there."""

        def follow(text: LongText, place: Place, height: int) -> Place:
            at_end = place >= text.last_page(height)
            text.again()
            return text.last_page(height) if at_end and place > START else place

        self._ask(follow)

    def search(self, text: str) -> None:
        """Go to the next line that holds the text."""
        self._needle = text
        self.action_again()

    def on_resize(self, event: events.Resize) -> None:
        width = self.size.width

        def turn(text: LongText, place: Place, height: int) -> Place:
            text.turned(width)
            return place[0], 0

        self._ask(turn)

    def action_move(self, by: int) -> None:
        self._ask(lambda text, place, height: text.forward(place, by) if by > 0 else text.back(place, -by))

    def action_page(self, by: int) -> None:
        self._ask(lambda t, place, height: t.forward(place, height - 1) if by > 0 else t.back(place, height - 1))

    def action_edge(self, last: bool) -> None:
        self._ask(lambda text, place, height: text.last_page(height) if last else START)

    def action_again(self) -> None:
        needle = self._needle
        if needle:
            self._ask(lambda text, place, height: text.find(needle, place) or place, looking=needle)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.action_move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.action_move(-3)

    def _ask(self, move: _Move, *, anew: bool = False, looking: str = "") -> None:
        """Movements follow each other, so each has a key of its own."""
        source, height, width = self._source, max(self.size.height - (not self._plain), 1), max(self.size.width, 1)
        if source is not None:
            self._desk.ask(next(self._turn), lambda: self._moved(source, move, height, width, anew, looking))

    def _moved(self, source: Source, move: _Move, height: int, width: int, anew: bool, looking: str) -> _Page:
        if anew or self._text is None:
            self._text, self._place = LongText(source, width), START
        text = self._text
        before = self._place
        self._place = min(move(text, before, height), text.last_page(height))
        rows = text.rows(self._place, height)
        missed = f"no further {looking!r}; " if looking and self._place == before else ""
        end = rows[-1][0][0] if rows else 0
        reached = 100 if self._place >= text.last_page(height) else min(100 * end // max(text.size, 1), 99)
        return _Page([row for _, row in rows], f"{missed}{in_words(text.size)}, {reached} %")

    def on_answer(self, answer: Answer) -> None:
        self._fault = answer.fault
        self._page = answer.value or _Page([], "")
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        if self._fault:
            return strip([(one_line(self._fault) if y == 0 else "", ORANGE)], base, width)
        if not self._plain and y == self.size.height - 1:
            return strip([(self._page.told, "")], base + style_of(GREY), width)
        return strip([(self._page.rows[y] if y < len(self._page.rows) else "", "")], base, width)
