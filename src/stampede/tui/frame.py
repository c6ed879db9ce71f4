"""What all screens have: a title with a badge, a place for a search, the keys, and a way back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

from stampede.tui.columns import cell
from stampede.tui.desk import Answer, Desk
from stampede.tui.look import GREEN, GREY, ORANGE, RED, Piece, one_line, span
from stampede.tui.news import SILENT_S

if TYPE_CHECKING:
    from stampede.tui.app import TopApp

#: a reading that took t is repeated after this many t, but after the longest pause at the latest
_BACK_OFF = 5
_LONGEST_PAUSE_S = 30.0
_TICK_S = 0.5


def pause(interval: float, took_s: float) -> float:
    """Seconds until what took so long is read again."""
    return max(interval, min(_BACK_OFF * took_s, _LONGEST_PAUSE_S))


def stacked(lines: Sequence[Sequence[Piece]], width: int) -> Text:
    """Lines of pieces, one below the other, cut to a width."""
    return Text("\n").join(rich(cell(pieces, max(width, 1))) for pieces in lines)


def rich(pieces: Sequence[Piece], *, wrap: bool = False) -> Text:
    """Pieces as a rich text. Nothing in them is markup."""
    return Text.assemble(*((one_line(text), style) for text, style in pieces), no_wrap=not wrap, overflow="ellipsis")


class Bar(Static):
    """One line: pieces at the left, a badge at the right."""

    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, *, key: str | None = None) -> None:
        super().__init__(id=key)
        self._told: tuple[Sequence[Piece], Sequence[Piece]] = ((), ())

    def tell(self, left: Sequence[Piece], right: Sequence[Piece] = ()) -> None:
        """Show this."""
        self._told = (left, right)
        badge = sum(len(text) for text, _ in right)
        width = max(self.size.width, 20)
        shown = [*cell(left, max(width - badge - 1, 8)), (" ", ""), *right] if right else cell(left, width)
        self.update(rich(shown))

    def on_resize(self, event: events.Resize) -> None:
        self.tell(*self._told)


class Frame(Screen[None]):
    """A screen that is read anew while it is seen. A subclass says what it reads and how that is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "back", "Back", show=False),
        # before any widget has it, so that what is typed right after it is typed into the search
        Binding("slash", "search", "Search", priority=True),
        Binding("r", "reload", "Refresh", show=False),
        Binding("y", "command", "Command", show=False),
        Binding("question_mark", "help", "Help"),
        Binding("q", "app.quit", "Quit"),
    ]
    DEFAULT_CSS = """
    Frame { layout: vertical; }
    Frame #title { background: #1c2a3a; color: #e6e6e6; }
    Frame #note { height: 3; padding: 0 1; background: #15202b; }
    Frame #search { height: 1; border: none; padding: 0 1; display: none; }
    """
    #: what stands in the empty search line
    search_for = "name"

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(self)
        self.fault = ""
        self.read_ts: float | None = None
        self._due = 0.0
        self._asked = False

    @property
    def top(self) -> TopApp:
        from stampede.tui.app import TopApp

        assert isinstance(self.app, TopApp)
        return self.app

    def compose(self) -> ComposeResult:
        yield Bar(key="title")
        yield from self.body()
        yield Input(id="search", placeholder=f"{self.search_for} (Enter keeps, Esc clears)", select_on_focus=False)
        yield Footer(show_command_palette=False)

    def body(self) -> ComposeResult:
        """What stands between title and keys."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.set_interval(_TICK_S, self.tick)
        self.tick()

    def on_unmount(self) -> None:
        self.desk.close()

    # ---- reading ----

    def tick(self) -> None:
        """Read again when it is time; only the screen that is seen reads."""
        if self.app.screen is not self:
            return
        if not self._asked and time.monotonic() >= self._due:
            self._asked = True
            self.ask()
        self.draw()

    def ask(self) -> None:
        """Put the question that ``take`` gets the answer of, with the key ``reading``."""
        raise NotImplementedError

    def take(self, answer: Answer) -> None:
        """What was asked for is here."""
        raise NotImplementedError

    def draw(self) -> None:
        """Show what is known, as of now."""
        raise NotImplementedError

    def on_answer(self, answer: Answer) -> None:
        if answer.key == "reading":
            self.waited(answer.took_s)
            self.fault = answer.fault
            if not answer.fault:
                self.read_ts = time.time()
        self.take(answer)
        self.draw()

    def note(self, what: Sequence[Piece], where: Sequence[Piece]) -> None:
        """Under the list: up to two lines of what there is to say, and one of where and when it is."""
        field = self.query_one("#note", Static)
        width = max(field.size.width - 2, 20)
        lines = rich(what, wrap=True).wrap(self.app.console, width)
        if len(lines) > 2:
            lines[1].append(" …")
            lines[1].truncate(width, overflow="ellipsis")
        kept = [*lines[:2], rich(where)]
        field.update(Text("\n").join(kept))

    def waited(self, took_s: float = 0.0) -> None:
        """What was asked is answered: it is asked again after a pause."""
        self._asked = False
        self._due = time.monotonic() + pause(self.top.interval, took_s)

    def soon(self) -> None:
        """Read now, whatever the interval; what is being read just now is not waited for."""
        self._asked = True
        self.ask()

    # ---- keys ----

    def action_back(self) -> None:
        field = self.query_one("#search", Input)
        if field.display or field.value:
            self._end_search("")
        elif len(self.app.screen_stack) > 2:
            self.app.pop_screen()

    def action_search(self) -> None:
        field = self.query_one("#search", Input)
        if self.focused is field:
            field.post_message(events.Key("slash", "/"))  # behind what was typed before it
        field.display = True
        self.set_focus(field)

    def action_reload(self) -> None:
        self.soon()

    def action_help(self) -> None:
        self.top.show_help()

    def action_command(self) -> None:
        self.top.show_command(self.command())

    def command(self) -> str:
        """The command that answers what this screen shows."""
        raise NotImplementedError

    def on_input_changed(self, event: Input.Changed) -> None:
        self.searched(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._end_search(None)

    def searched(self, text: str) -> None:
        """The text of the search has changed."""

    def _end_search(self, text: str | None) -> None:
        field = self.query_one("#search", Input)
        if text is not None:
            field.value = text
        field.display = False
        self.focus_main()

    def focus_main(self) -> None:
        """Give the keys back to what the screen is about."""
        self.set_focus(self.query("Listing, Pager").first())


def badge(read_ts: float | None, last_ts: float | None, running: bool, fault: str, now: float) -> list[Piece]:
    """How fresh what is shown is: when it was read, and when the source said something last."""
    if fault:
        return [(f"✗ not read{f' for {span(now - read_ts)}' if read_ts else ''} ", RED)]
    if read_ts is None:
        return [("… reading ", GREY)]
    if not running:
        return [(f"read {span(now - read_ts)} ago ", "")]
    if last_ts is None:
        return [("◌ no record yet ", ORANGE)]
    silent = now - last_ts
    if silent > SILENT_S:
        return [(f"◌ silent for {span(silent)} ", ORANGE)]
    return [(f"● last record {span(silent)} ago ", GREEN)]
