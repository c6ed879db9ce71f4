"""The screen of one workflow: its counts, its jobs by what they do, and what is wrong."""

from __future__ import annotations

import time
from typing import ClassVar, Final

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from stampede.cli.text import count
from stampede.query.overview import SORTS, JobLine, Kind
from stampede.tui import look
from stampede.tui.asks import Causes, Choice, Place, WorkflowReading, more_pages, read_causes, read_workflow
from stampede.tui.command import jobs_command
from stampede.tui.desk import Answer, Desk
from stampede.tui.frame import Bar, Frame, badge, stacked
from stampede.tui.job import JobScreen
from stampede.tui.jobrows import CauseRows, JobRows, told
from stampede.tui.listing import Listing
from stampede.tui.longtext import Stored
from stampede.tui.look import GREY, ORANGE, Piece
from stampede.tui.news import called, news, shown_state
from stampede.tui.pages import Found, Pages
from stampede.tui.tree import Sums

#: the lists, in the order of their keys
TABS: Final[tuple[Kind, ...]] = ("all", "failing", "held", "running", "idle")
_CAUSES: Final = len(TABS)
#: causes are judged again after so many seconds at the earliest, and after so many times as judging took
_JUDGE_S, _JUDGE_OFF = 10.0, 10


class WorkflowScreen(Frame):
    """One workflow. Causes are judged at a desk of their own, since that may take long."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "back", "Back"),
        *(Binding(str(i + 1), f"tab({i})", name, show=False) for i, name in enumerate((*TABS, "causes"))),
        Binding("right,l,tab", "turn(1)", "Next list"),
        Binding("left,h,shift+tab", "turn(-1)", "List before", show=False),
        Binding("f", "tab(1)", "Failing"),
        Binding("s", "sort", "Sort"),
        Binding("b", "below", "Below", show=False),
    ]
    DEFAULT_CSS = "WorkflowScreen #counts { height: 3; }"
    search_for = "job, or sub-workflow/job; * ? match any"

    def __init__(self, url: str, uuid: str) -> None:
        super().__init__()
        self.place = Place(url, uuid)
        self.choice = Choice()
        self.tab = 0
        self.pages = Pages()
        self.reading: WorkflowReading | None = None
        self.causes: Causes | None = None
        self.judged = ""
        self._judge = Desk(self)
        self._judge_due = 0.0
        self._judging = False
        self._chosen = False
        self._at: int | None = None

    def body(self) -> ComposeResult:
        yield Static(id="counts")
        yield Bar(key="tabs")
        yield Listing(JobRows(self.pages, {}, None, 0.0, False), empty="Reading …")
        yield Static(id="note")

    def on_mount(self) -> None:
        self.focus_main()

    def on_unmount(self) -> None:
        self._judge.close()

    @property
    def listing(self) -> Listing:
        return self.query_one(Listing)

    # ---- reading ----

    def ask(self) -> None:
        place, choice, numbers = self.place, self.choice, self.pages.needed(*self.listing.seen)
        self.desk.ask("reading", lambda: read_workflow(place, choice, numbers))
        self._ask_causes()

    def _ask_causes(self) -> None:
        wanted = self.tab == _CAUSES or TABS[self.tab] in ("failing", "held")
        if wanted and not self._judging and time.monotonic() >= self._judge_due:
            self._judging = True
            place = self.place
            self._judge.ask("causes", lambda: read_causes(place))

    def take(self, answer: Answer) -> None:
        if answer.key == "causes":
            self._judging = False
            self._judge_due = time.monotonic() + max(_JUDGE_S, _JUDGE_OFF * answer.took_s)
            self.judged = answer.fault or " "
            self.causes = answer.value or self.causes
        elif isinstance(answer.value, WorkflowReading):
            self._take_reading(answer.value)
        elif isinstance(answer.value, Found):
            self.pages.add(answer.value)

    def _take_reading(self, reading: WorkflowReading) -> None:
        self.reading = reading
        if not self._chosen:
            self._chosen = True
            self._begin(reading)
        if reading.choice == self.choice:
            self.pages.renew(reading.found)
            at = self.pages.find(self._at) if self._at is not None else None
            if at is not None and self.tab != _CAUSES:
                self.listing.cursor = at
            self._ask_more()

    def _begin(self, reading: WorkflowReading) -> None:
        """Open where the news is."""
        sums = reading.branch.all
        counts = {"failing": sums.nodes.failed, "held": sums.held, "running": sums.running}
        first = next((name for name, n in counts.items() if n), "all")
        if first != "all":
            self.action_tab(TABS.index(first))

    def _ask_more(self) -> None:
        """Fetch the pages that are seen and not here."""
        wanted, known = self.pages.wanted, self.pages.known()
        missing = self.pages.missing(*self.listing.seen) if self.tab != _CAUSES else []
        if missing and wanted is not None:
            place, found = self.place, Found(wanted, self.pages.count, known)
            self.desk.ask("pages", lambda: more_pages(place, wanted, missing, found))

    # ---- drawing ----

    def draw(self) -> None:
        now = time.time()
        self._title(now)
        if self.reading is None:
            self.listing.empty = self.fault or "Reading …"
            self.listing.show()
            return
        self.query_one("#counts", Static).update(stacked(self._counts(self.reading, now), self.size.width))
        self.query_one("#tabs", Bar).tell(self._tabs(self.reading), self._view())
        self.listing.empty = self._empty()
        self.listing.show(self._rows(now))
        self._note()

    def _rows(self, now: float) -> JobRows | CauseRows:
        if self.tab == _CAUSES:
            return CauseRows(self.causes.triage.causes if self.causes is not None else (), now)
        prefixes = self.reading.prefixes if self.reading is not None else {}
        return JobRows(self.pages, prefixes, self.causes, now, TABS[self.tab] in ("failing", "held"))

    def _empty(self) -> str:
        if self.tab == _CAUSES:
            return "Judging …" if not self.judged else self.judged.strip() or "Nothing is wrong."
        if self.reading is None or self.reading.choice != self.choice:
            return "Reading …"
        return "No job matches; Esc shows all." if self.choice.text else f"No job is {TABS[self.tab]}."

    def _title(self, now: float) -> None:
        left: list[Piece] = [(" workflow ", "bold reverse")]
        last, running = None, False
        if self.reading is not None:
            s = self.reading.branch.glance
            left += [(f" {called(s.status)} ", "bold"), *look.state(shown_state(s))]
            left.append((f"  {s.status.wf_uuid[:8]}", "dim"))
            last, running = self.reading.branch.all.last_ts, s.status.state == "running"
        self.query_one("#title", Bar).tell(left, badge(self.read_ts, last, running, self.fault, now))

    def _counts(self, reading: WorkflowReading, now: float) -> list[list[Piece]]:
        sums = self._sums(reading)
        n = sums.nodes
        width = max(min(self.size.width - 24, 60), 10)
        bar = [(" ", ""), *look.bar(n, width), (f" {look.share(n.done, n.total)}", "bold")]
        words = (
            ("done", n.done), ("running", sums.running), ("idle", sums.idle), ("held", sums.held), ("pre", n.pre),
            ("post", n.post), ("failed", n.failed), ("futile", n.futile), ("ready", n.ready), ("unready", n.unready),
        )  # fmt: skip
        counts: list[Piece] = [(" ", "")]
        for word, many in words:
            if many:
                sign = look.sign(word)
                counts += [(f"{sign.glyph} {many:,} {word}  ", sign.style)]
        fault = [(self.fault, ORANGE)] if self.fault else [(" ", ""), *news(reading.branch.worst, now)]
        return [bar, counts, fault]

    def _sums(self, reading: WorkflowReading) -> Sums:
        return reading.branch.all if self.choice.below else reading.branch.own

    def _tabs(self, reading: WorkflowReading) -> list[Piece]:
        sums = self._sums(reading)
        counts = {"all": None, "failing": reading.failing, "held": sums.held, "running": sums.running,
                  "idle": sums.idle}  # fmt: skip
        told: list[Piece] = []
        for i, name in enumerate((*TABS, "causes")):
            many = counts.get(name)
            label = f" {i + 1} {name}{f' {many:,}' if many else ''} "
            told.append((label, "bold reverse" if i == self.tab else GREY if many == 0 else ""))
        return told

    def _view(self) -> list[Piece]:
        if self.tab == _CAUSES:
            return []
        found = f"/{self.choice.text} " if self.choice.text else ""
        own = "" if self.choice.below else "own jobs only "
        return [(f"{found}{own}{self.pages.count:,} by {self.choice.sort} ", "dim")]

    def _note(self) -> None:
        self.note(*self._noted())

    def _noted(self) -> tuple[list[Piece], list[Piece]]:
        rows, at = self.listing.rows, self.listing.cursor
        if isinstance(rows, CauseRows) and rows.count:
            return [(rows.causes[at].message, "")], [(rows.causes[at].next_step, GREY)]
        j = self._line
        if j is None or not isinstance(rows, JobRows):
            return [], []
        cause = rows.cause(j) if j.word in ("failed", "held", "ready") else None
        first = [(f"{cause.title}: ", "bold"), (cause.message, "")] if cause is not None else [(j.reason or "", "")]
        retries = f", RETRY {j.max_retries}" if j.max_retries else ""
        where = f", on {j.slot or j.site}" if j.slot or j.site else ""
        return first, [(f"{rows.path(j)}: {j.type}, {count(j.attempts, 'try', 'tries')}{retries}{where}", GREY)]

    @property
    def _line(self) -> JobLine | None:
        return self.pages.row(self.listing.cursor) if self.tab != _CAUSES else None

    # ---- keys ----

    def on_listing_moved(self, event: Listing.Moved) -> None:
        line = self._line
        self._at = line.job_id if line is not None else None
        self._ask_more()
        self._note()

    def on_listing_seen(self, event: Listing.Seen) -> None:
        self._ask_more()
        self._note()

    def on_listing_opened(self, event: Listing.Opened) -> None:
        rows, line = self.listing.rows, self._line
        if isinstance(rows, CauseRows):
            cause = rows.causes[event.at]
            self.top.show_text(f"cause: {cause.title}", Stored(told(cause), prose=True), self.command())
        elif isinstance(rows, JobRows) and line is not None and self.reading is not None:
            uuid = self._uuids().get(line.wf_id, self.place.uuid)
            self.app.push_screen(JobScreen(Place(self.place.url, uuid), line.job, rows.path(line), rows.cause(line)))

    def _uuids(self) -> dict[int, str]:
        found: dict[int, str] = {}
        waiting = [self.reading.branch] if self.reading is not None else []
        while waiting:
            b = waiting.pop()
            found[b.glance.wf_id] = b.uuid
            waiting += b.branches
        return found

    def action_tab(self, tab: int) -> None:
        self.tab = tab
        self._at = None
        self.listing.cursor = 0
        self.listing.scroll_to(y=0, animate=False)
        if tab == _CAUSES:
            self._judge_due = 0.0
            self._ask_causes()
            self.draw()
        else:
            self._choose(kind=TABS[tab])

    def action_turn(self, by: int) -> None:
        self.action_tab((self.tab + by) % (_CAUSES + 1))

    def action_sort(self) -> None:
        if self.tab != _CAUSES:
            self._choose(sort=SORTS[(SORTS.index(self.choice.sort) + 1) % len(SORTS)])

    def action_below(self) -> None:
        self._choose(below=not self.choice.below)

    def searched(self, text: str) -> None:
        self._choose(text=text)

    def _choose(self, **changes: object) -> None:
        """Another list: nothing of the one before is shown."""
        choice = msgspec.structs.replace(self.choice, **changes)
        if choice != self.choice:
            self.choice = choice
            self.pages = Pages()
        self.soon()
        self.draw()

    def command(self) -> str:
        return jobs_command(self.place, self.choice, causes=self.tab == _CAUSES)
