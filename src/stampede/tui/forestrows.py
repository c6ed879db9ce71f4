"""The forest as rows of a list: the same on the screen and in plain text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from stampede.analysis.progress.progress import Progress
from stampede.cli import foretold
from stampede.cli.text import duration
from stampede.tui import look
from stampede.tui.columns import Column, sized
from stampede.tui.look import GREY, ORANGE, PINK, RED, Piece
from stampede.tui.news import called, news, shown_state, silence
from stampede.tui.reading import Reading
from stampede.tui.tree import Line, Root, Sums, View, lines

COLUMNS = (
    Column(name="workflow", least=16, most=48, rank=0),
    Column(name="state", least=11, rank=1),
    Column(name="progress", least=10, most=24, rank=8),
    Column(name="done", least=11, right=True, rank=2),
    Column(name="run", least=4, most=5, right=True, rank=4),
    Column(name="idle", least=4, most=5, right=True, rank=6),
    Column(name="held", least=4, most=5, right=True, rank=3),
    Column(name="fail", least=4, most=5, right=True, rank=3),
    Column(name="/min", least=5, right=True, rank=9),
    Column(name="took", least=6, most=8, right=True, rank=10),
    Column(name="last", least=6, most=9, right=True, rank=5),
)
_BAR = 2


class ForestRows:
    """Lines as rows. ``now`` is what times are told against."""

    def __init__(self, found: Iterable[Line] = (), now: float = 0.0, *, ascii_only: bool = False) -> None:
        self.lines = list(found)
        self.now = now
        self._ascii = ascii_only
        self._bar = COLUMNS[_BAR].least
        names = [called(x.branch.glance.status) for x in self.lines if x.branch and not x.depth]
        self._twice = {name for name, n in Counter(names).items() if n > 1}
        self.columns = sized(COLUMNS, {"workflow": max(map(self._width, self.lines), default=0)})

    @property
    def count(self) -> int:
        return len(self.lines)

    def cells(self, at: int) -> Sequence[Sequence[Piece]]:
        line = self.lines[at]
        if line.branch is None:
            return [[(line.fault, ORANGE)]]
        sums, s = line.sums, line.branch.glance
        w = s.status
        end = self.now if w.state == "running" else w.last_ts
        took = end - w.started_ts if end is not None and w.started_ts is not None else None
        ago = self.now - sums.last_ts if sums.last_ts is not None else None
        return [
            self._name(line),
            look.state(shown_state(s), ascii_only=self._ascii) if not line.stale else [("? not read", GREY)],
            look.bar(sums.nodes, self._bar, ascii_only=self._ascii),
            [(look.share(sums.nodes.done, sums.nodes.total), "")],
            [(look.number(sums.running), "")],
            [(look.number(sums.idle), "")],
            [(look.number(sums.held), f"bold {PINK}" if sums.held else "")],
            [(look.number(sums.nodes.failed), f"bold {RED}" if sums.nodes.failed else "")],
            [(look.rate(sums.rate), "")],
            [(look.span(took), "")],
            [(look.span(ago), ORANGE if silence(s, self.now) is not None else "")],
        ]

    def fitted(self, layout: list[tuple[int, int]]) -> None:
        """Bars are drawn to the scale of their column."""
        self._bar = dict(layout).get(_BAR, 0)

    def _width(self, line: Line) -> int:
        return sum(len(text) for text, _ in self._name(line)) if line.branch is not None else 0

    def _name(self, line: Line) -> list[Piece]:
        assert line.branch is not None
        b = line.branch
        marks = ("- ", "+ ", "  ") if self._ascii else ("▾ ", "▸ ", "─ " if line.depth else "  ")
        mark = marks[0 if line.opened else 1 if b.branches else 2]
        name = called(b.glance.status)
        guide = " " * len(line.guide) if self._ascii else line.guide
        pieces: list[Piece] = [(guide, GREY), (mark, GREY), (name, "bold")]
        if b.branches and not line.opened:
            pieces.append((f" +{b.below:,}", GREY))
        if name in self._twice and not line.depth:
            pieces.append((f" {b.uuid[:8]}", GREY))
        return pieces


def forest_lines(readings: Iterable[Reading], view: View) -> list[Line]:
    """The lines of all databases: what could not be read first, then the workflows, then what was left out."""
    known = list(readings)
    roots = [Root(r.url, branch, r.fault is not None) for r in known for branch in r.roots]
    return [
        *(Line(r.url, fault=f"! {r.fault}") for r in known if r.fault is not None),
        *lines(roots, view),
        *(Line(r.url, fault=f"  and {r.more:,} older workflows: name them to see them ({r.url})")
          for r in known if r.more),
    ]  # fmt: skip


def note(line: Line, reading: Reading | None, now: float) -> tuple[list[Piece], list[Piece]]:
    """About the line of the cursor: the worst of it, and when and where it is."""
    if line.branch is None:
        return [(line.fault.lstrip("! "), ORANGE)], [(line.url, GREY)]
    s, worst = line.branch.glance, line.branch.worst
    first: list[Piece] = []
    behind = reading.unread.get(s.wf_id) if reading is not None else None
    if behind is not None:
        first = [(f"its log is {duration(behind)} ahead of the database, nobody reads it "
                  f"(stampede watch {s.status.submit_dir}); ", ORANGE)]  # fmt: skip
    if worst is not s and not line.opened:
        first += [("below, in ", GREY), (f"{called(worst.status)}: ", "bold"), *news(worst, now)]
    else:
        first += news(s, now)
    w = s.status
    span = f"since {look.when(w.started_ts, now)}" if w.started_ts is not None else "not started"
    last = f", last record {look.span(now - w.last_ts)} ago" if w.last_ts is not None else ""
    end = _left(line.sums, reading.progress.get(s.wf_id) if reading is not None else None)
    return first, [(f"{w.wf_uuid[:8]}  {span}{last}{end}  {w.submit_dir or '-'}", GREY)]


def _left(sums: Sums, progress: Progress | None) -> str:
    """When it ends: as is foretold, else if it goes on so."""
    if progress is not None:
        return f", {foretold.line(progress)}"
    n = sums.nodes
    left = n.total - n.done - n.failed - n.futile
    return f", about {duration(60 * left / sums.rate)} left at this rate" if sums.rate and left > 0 else ""
