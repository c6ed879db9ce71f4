"""The screens that are all text: what a try printed, help, a command, a cause."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from stampede.tui.desk import Answer
from stampede.tui.frame import Bar, Frame
from stampede.tui.longtext import Source
from stampede.tui.look import Piece
from stampede.tui.pager import Pager


class PrintedScreen(Frame):
    """Texts beside each other, one of which is shown. They are read by the pager, piece by piece."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "back", "Back"),
        *(Binding(str(i + 1), f"text({i})", show=False) for i in range(9)),
        Binding("right,l,tab", "turn(1)", "Next text"),
        Binding("left,h,shift+tab", "turn(-1)", "Text before", show=False),
        Binding("n", "further", "Next hit"),
    ]
    search_for = "text in it"

    def __init__(self, title: str, texts: list[tuple[str, Source]], command: str) -> None:
        super().__init__()
        self._named = title
        self._texts = texts
        self._command = command
        self._at = 0

    def body(self) -> ComposeResult:
        yield Bar(key="tabs")
        yield Pager(self._texts[0][1])

    def on_mount(self) -> None:
        self.query_one("#tabs").display = len(self._texts) > 1
        self.focus_main()

    @property
    def pager(self) -> Pager:
        return self.query_one(Pager)

    def ask(self) -> None:
        self.pager.reload()
        self.waited()

    def take(self, answer: Answer) -> None:
        """The pager takes its own answers."""

    def draw(self) -> None:
        self.query_one("#title", Bar).tell([(f" {self._named} ", "bold reverse")])
        told: list[Piece] = []
        for i, (name, _) in enumerate(self._texts):
            told.append((f" {i + 1} {name} ", "bold reverse" if i == self._at else ""))
        self.query_one("#tabs", Bar).tell(told)

    def action_text(self, at: int) -> None:
        if at < len(self._texts):
            self._at = at
            self.pager.open(self._texts[at][1])
            self.draw()

    def action_turn(self, by: int) -> None:
        self.action_text((self._at + by) % len(self._texts))

    def action_further(self) -> None:
        self.pager.action_again()

    def on_input_submitted(self, event: object) -> None:
        """The text is looked for when it is whole."""

    def searched(self, text: str) -> None:
        self.pager.search(text)

    def command(self) -> str:
        return self._command
