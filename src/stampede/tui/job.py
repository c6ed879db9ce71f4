"""The screen of one job: what it is, and every try of it."""

from __future__ import annotations

import os
import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from stampede.analysis.triage import Cause
from stampede.query.job import Try
from stampede.tui.asks import JobReading, Place, read_job
from stampede.tui.command import show_command
from stampede.tui.desk import Answer
from stampede.tui.frame import Bar, Frame, badge, rich, stacked
from stampede.tui.jobtext import TryRows, about, described, invocations
from stampede.tui.listing import Listing
from stampede.tui.longtext import File, Source, Stored
from stampede.tui.look import ORANGE, Piece
from stampede.tui.pager import Pager
from stampede.tui.printed import PrintedScreen


class JobScreen(Frame):
    """A job. The tries stand above, all that is known of the one under the cursor below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "back", "Back"),
        Binding("tab", "app.focus_next", "Other half"),
    ]
    DEFAULT_CSS = """
    JobScreen #about { height: auto; max-height: 5; }
    JobScreen Listing { height: 2fr; min-height: 3; }
    JobScreen #try { height: 3fr; padding: 0 1; background: #15202b; }
    """

    def __init__(self, place: Place, job: str, path: str, cause: Cause | None = None) -> None:
        super().__init__()
        self.place, self.job, self.path, self.cause = place, job, path, cause
        self.reading: JobReading | None = None
        self._shown = ""

    def body(self) -> ComposeResult:
        yield Static(id="about")
        yield Listing(TryRows(), empty="Reading …")
        yield Pager(key="try", plain=True)

    def on_mount(self) -> None:
        self.focus_main()

    @property
    def listing(self) -> Listing:
        return self.query_one(Listing)

    def ask(self) -> None:
        place, job = self.place, self.job
        self.desk.ask("reading", lambda: read_job(place, job))

    def take(self, answer: Answer) -> None:
        if isinstance(answer.value, JobReading):
            self.reading = answer.value

    def draw(self) -> None:
        now = time.time()
        left: list[Piece] = [(" job ", "bold reverse"), (f" {self.path}", "bold")]
        if self.reading is None:
            self.query_one("#title", Bar).tell(left, badge(self.read_ts, None, False, self.fault, now))
            self.listing.empty = self.fault or "Reading …"
            self.listing.show()
            return
        job = self.reading.job
        running = any(t.outcome is None for t in job.tries[-1:])
        last = max((t.state_ts for t in job.tries if t.state_ts is not None), default=None)
        self.query_one("#title", Bar).tell(left, badge(self.read_ts, last, running, self.fault, now))
        *lines, why = about(job, self.cause)
        told = stacked(lines, self.size.width)
        told.append("\n").append(rich([(self.fault, ORANGE)] if self.fault else why))
        self.query_one("#about", Static).update(told)
        self.listing.empty = "It has not been tried yet."
        self.listing.show(TryRows(job.tries, now))
        self._describe()

    def _describe(self) -> None:
        one = self._try
        text = described(one[1]) if one is not None else ""
        if text != self._shown:
            self._shown = text
            self.query_one(Pager).open(Stored(text, prose=True))

    @property
    def _try(self) -> tuple[int, Try] | None:
        rows = self.listing.rows
        return rows.tries[self.listing.cursor] if isinstance(rows, TryRows) and rows.count else None

    def on_listing_moved(self, event: Listing.Moved) -> None:
        self._describe()

    def on_listing_opened(self, event: Listing.Opened) -> None:
        one = self._try
        if one is not None and self.reading is not None:
            number, t = one
            title = f"{self.path}, try {number}"
            command = show_command(self.place, self.job, number)
            self.app.push_screen(PrintedScreen(title, texts(t, self.reading.there), command))

    def action_search(self) -> None:
        """There is nothing to search among the tries of one job."""
        self.query_one(Listing).focus()

    def command(self) -> str:
        return show_command(self.place, self.job)


def texts(t: Try, there: frozenset[str]) -> list[tuple[str, Source]]:
    """All that a try left to read: what it printed, its files, what kickstart recorded, its facts.

    Of a try that failed what it printed on standard error comes first.
    """
    streams = [o.stream for o in t.output]
    printed: list[tuple[str, Source]] = [
        (o.stream if streams.count(o.stream) == 1 else f"{o.stream} of {f'task {o.seq}' if o.seq else 'the job'}",
         Stored(o.text)) for o in t.output
    ]  # fmt: skip
    if t.outcome == "failed":
        printed.sort(key=lambda p: not p[0].startswith("stderr"))
    ran: list[tuple[str, Source]] = [("kickstart", Stored(invocations(t)))] if t.invocations else []
    files = {k: (os.path.basename(f), File(f)) for k, f in t.files.items() if f in there}
    submit = [files.pop("submit")] if "submit" in files else []
    return [*printed, *ran, *files.values(), ("facts", Stored(described(t), prose=True)), *submit]
