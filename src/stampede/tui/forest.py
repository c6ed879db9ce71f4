"""The first screen: every workflow that is watched, with those below it."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from stampede.errors import StampedeError
from stampede.tui.desk import Answer, Desk
from stampede.tui.forestrows import ForestRows, forest_lines, note
from stampede.tui.frame import Bar, Frame, badge, pause
from stampede.tui.listing import Listing
from stampede.tui.look import span
from stampede.tui.reading import Reading, Watch, Watched
from stampede.tui.tree import SORTS, Branch, Line, View
from stampede.tui.workflow import WorkflowScreen

#: a database that does not answer for so long is said not to
_PATIENCE_S = 5.0
#: how often is looked for more databases
_FIND_S = 10.0

#: what of a reading is drawn: its trees, how many were left out, its fault
_State = tuple[list[Branch], int, str]


def _same(before: list[_State], now: list[_State]) -> bool:
    """Whether these are the very same trees, which is quicker told than whether they are equal."""
    return len(before) == len(now) and all(a[0] is b[0] and a[1:] == b[1:] for a, b in zip(before, now, strict=True))


class ForestScreen(Frame):
    """All workflows. Each database has a desk of its own, so that one that does not answer holds up no other."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "unfold(True)", "Unfold", show=False),
        Binding("left,h", "unfold(False)", "Fold", show=False),
        Binding("space", "fold", "Fold"),
        Binding("plus,equals_sign", "all(True)", "Unfold all", show=False),
        Binding("minus", "all(False)", "Fold all", show=False),
        Binding("f", "failing", "Failing"),
        Binding("s", "sort", "Sort"),
    ]
    search_for = "name, folder or uuid"

    def __init__(self, watched: list[Watched], find: Callable[[], list[Watched]] | None = None) -> None:
        super().__init__()
        self._find = find
        self._find_due = time.monotonic() + _FIND_S
        self.view = View()
        self.rows = ForestRows()
        self._watches = {w.url: Watch(w) for w in watched}
        self._desks: dict[str, Desk] = {}
        self._readings: dict[str, Reading] = {}
        self._due_of: dict[str, float] = {}
        self._asked_of: dict[str, float] = {}
        self._at: tuple[str, str] | None = None
        self._laid_out: tuple[list[_State], object] | None = None

    def body(self) -> ComposeResult:
        yield Listing(self.rows, empty="Nothing is here yet.")
        yield Static(id="note")

    @property
    def listing(self) -> Listing:
        return self.query_one(Listing)

    def on_mount(self) -> None:
        self._desks = {url: Desk(self) for url in self._watches}
        self.focus_main()

    def on_unmount(self) -> None:
        for desk in self._desks.values():
            desk.close()

    # ---- reading ----

    def tick(self) -> None:
        if self.app.screen is not self:
            return
        now = time.monotonic()
        if self._find is not None and now >= self._find_due:
            self._find_due = now + _FIND_S
            self.desk.ask("watched", self._find)
        for url in self._desks:
            if url not in self._asked_of and now >= self._due_of.get(url, 0):
                self._ask_of(url)
        self.draw()

    def ask(self) -> None:
        for url in self._desks:
            self._ask_of(url, again=True)

    def _ask_of(self, url: str, *, again: bool = False) -> None:
        self._asked_of[url] = time.monotonic()
        watch = self._watches[url]
        self._desks[url].ask(url, lambda: watch.read(again=again))

    def take(self, answer: Answer) -> None:
        if answer.desk is self.desk:
            self._add(answer.value or [])
            return
        url = str(answer.key)
        self._asked_of.pop(url, None)
        self._due_of[url] = time.monotonic() + pause(self.top.interval, answer.took_s)
        if answer.fault:
            kept = self._readings.get(url, Reading(url=url, read_ts=time.time()))
            self._readings[url] = msgspec.structs.replace(kept, fault=StampedeError(answer.fault))
        else:
            self._readings[url] = answer.value

    def _add(self, watched: list[Watched]) -> None:
        """What is to be watched from now on as well."""
        for w in watched:
            if w.url not in self._watches:
                self._watches[w.url] = Watch(w)
                self._desks[w.url] = Desk(self)

    # ---- drawing ----

    def draw(self) -> None:
        now = time.time()
        readings = [r for url in self._watches if (r := self._known(url)) is not None]
        self._lay_out(readings, now)
        self.listing.empty = self._empty(readings)
        self.listing.show(self.rows, cursor=self._cursor())
        self._title(readings, now)
        self._note(now)

    def _lay_out(self, readings: list[Reading], now: float) -> None:
        """The lines anew where something has changed, else only their clocks: there may be thousands of them."""
        state = ([(r.roots, r.more, str(r.fault or "")) for r in readings], self.view.key)
        before = self._laid_out
        if before is None or before[1] != state[1] or not _same(before[0], state[0]):
            self.rows = ForestRows(forest_lines(readings, self.view), now)
            self._laid_out = state
        self.rows.now = now

    def _known(self, url: str) -> Reading | None:
        """What was read last of a database; with a fault while it does not answer."""
        known = self._readings.get(url)
        waited = time.monotonic() - self._asked_of.get(url, time.monotonic())
        if waited < _PATIENCE_S:
            return known
        fault = StampedeError(f"{url} has not answered for {span(waited)}: it is locked, or its disk is slow.")
        return msgspec.structs.replace(known or Reading(url=url, read_ts=time.time()), fault=fault)

    def _cursor(self) -> int:
        """Where the line is now on which the cursor was."""
        if self._at is not None:
            for i, line in enumerate(self.rows.lines):
                if line.name == self._at:
                    return i
        return self.listing.cursor

    def _empty(self, readings: list[Reading]) -> str:
        if len(readings) < len(self._watches):
            return "Reading …"
        if self.view.text or self.view.only_failing:
            return "No workflow matches. Esc shows all." if self.view.text else "Nothing fails. f shows all."
        return "The database has no workflows yet."

    def _title(self, readings: list[Reading], now: float) -> None:
        states = [b.glance.status for r in readings for b in r.roots]
        running = [s for s in states if s.state == "running"]
        bad = sum(s.state in ("failed", "removed", "lost") for s in states)
        told = f"{len(states):,} workflow{'s' if len(states) != 1 else ''}, {len(running):,} running, {bad:,} failed"
        view = f"by {self.view.sort}" + (", only failing" if self.view.only_failing else "")
        view += f", /{self.view.text}" if self.view.text else ""
        read = min((r.read_ts for r in readings if r.fault is None), default=None)
        last = max((s.last_ts for s in running if s.last_ts is not None), default=None)
        fault = "all" if readings and all(r.fault is not None for r in readings) else ""
        self.query_one("#title", Bar).tell(
            [(" stampede ", "bold reverse"), (f" {told}", ""), (f"  {view}", "dim")],
            badge(read, last, bool(running), fault, now),
        )

    def _note(self, now: float) -> None:
        line = self.line
        self.note(*(note(line, self._readings.get(line.url), now) if line is not None else ((), ())))

    @property
    def line(self) -> Line | None:
        """The line of the cursor."""
        at = self.listing.cursor
        return self.rows.lines[at] if at < self.rows.count else None

    # ---- keys ----

    def on_listing_moved(self, event: Listing.Moved) -> None:
        line = self.line
        self._at = line.name if line is not None else None
        self._note(time.time())

    def on_listing_seen(self, event: Listing.Seen) -> None:
        self._note(time.time())

    def on_listing_opened(self, event: Listing.Opened) -> None:
        line = self.line
        if line is not None and line.branch is not None:
            self.app.push_screen(WorkflowScreen(line.url, line.branch.uuid))

    def action_fold(self) -> None:
        line = self.line
        if line is not None and line.branch is not None and line.branch.branches:
            self.view.toggle(line.branch.uuid)
            self.draw()

    def action_unfold(self, opened: bool) -> None:
        line = self.line
        if line is None or line.branch is None:
            return
        if line.branch.branches and line.opened != opened:
            self.action_fold()
        elif not opened:
            self._to_parent(line)

    def _to_parent(self, line: Line) -> None:
        above = [i for i in range(self.listing.cursor) if self.rows.lines[i].depth == line.depth - 1]
        if above and line.depth:
            self.listing.action_move(above[-1] - self.listing.cursor)

    def action_all(self, unfolded: bool) -> None:
        self.view.all(unfolded)
        self.draw()

    def action_failing(self) -> None:
        self.view.only_failing = not self.view.only_failing
        self.draw()

    def action_sort(self) -> None:
        names = list(SORTS)
        self.view.sort = names[(names.index(self.view.sort) + 1) % len(names)]
        self.draw()

    def searched(self, text: str) -> None:
        self.view.text = text.strip()
        self.draw()

    def command(self) -> str:
        line = self.line
        if line is None or line.branch is None:
            return "stampede top"
        return f"stampede status {line.branch.uuid[:8]} --db {shlex.quote(line.url)}"
