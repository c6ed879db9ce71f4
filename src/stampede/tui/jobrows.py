"""The jobs and the causes of a workflow as rows of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stampede.analysis.triage import Cause
from stampede.model.exits import Exit, signal_name
from stampede.query.overview import JobLine
from stampede.tui import look
from stampede.tui.asks import Causes
from stampede.tui.columns import Column, sized
from stampede.tui.look import GREEN, GREY, RED, Piece
from stampede.tui.pages import Pages

_JOB = Column(name="job", least=18, most=60, rank=0)
_STATE = Column(name="state", least=9, rank=1)
_TRIES = Column(name="tries", least=5, right=True, rank=5)
_EXIT = Column(name="exit", least=8, rank=4)
_TOOK = Column(name="took", least=6, most=8, right=True, rank=6)
_SINCE = Column(name="for", least=6, right=True, rank=3)
_WHERE = Column(name="where", least=10, most=36, rank=8)
_TYPE = Column(name="type", least=11, rank=10)
_BEGAN = Column(name="began", least=11, rank=9)
_WHY = Column(name="why", least=26, most=120, rank=2)

USUAL = (_JOB, _STATE, _TRIES, _EXIT, _TOOK, _BEGAN, _WHERE, _TYPE)
TROUBLED = (_JOB, _STATE, _TRIES, _EXIT, _SINCE, _WHERE, _WHY)


class JobRows:
    """Jobs whose pages are partly here. ``causes`` are asked for the reason of a failure."""

    def __init__(self, pages: Pages, prefixes: dict[int, str], causes: Causes | None, now: float, why: bool) -> None:
        self.pages = pages
        self.columns = sized(TROUBLED if why else USUAL, {
            "job": max((len(prefixes.get(j.wf_id, "")) + len(j.job) for j in pages.here()), default=0),
            "where": max((len(j.slot or j.site or "") for j in pages.here()), default=0),
        })  # fmt: skip
        self._prefixes = prefixes
        self._causes = causes
        self._now = now
        self._why = why

    @property
    def count(self) -> int:
        return self.pages.count

    def fitted(self, layout: list[tuple[int, int]]) -> None:
        """Nothing here is drawn to scale."""

    def path(self, j: JobLine) -> str:
        """The name with the sub-workflows that it lies in."""
        return self._prefixes.get(j.wf_id, "") + j.job

    def cells(self, at: int) -> Sequence[Sequence[Piece]] | None:
        j = self.pages.row(at)
        if j is None:
            return None
        prefix = self._prefixes.get(j.wf_id, "")
        told: dict[str, Callable[[], list[Piece]]] = {
            "job": lambda: [(prefix, GREY), (j.job, "bold")],
            "state": lambda: look.state(j.word),
            "tries": lambda: [(look.number(j.attempts), "")],
            "exit": lambda: ended(j.exit),
            "took": lambda: [(look.span(self._took(j)), "")],
            "for": lambda: [(look.span(self._now - j.state_ts if j.state_ts is not None else None), "")],
            "began": lambda: [(look.when(j.execute_ts, self._now), "")],
            "where": lambda: [(j.slot or j.site or "-", "")],
            "type": lambda: [(j.type, GREY)],
            "why": lambda: [(self.why(j), "")],
        }
        return [told[c.name]() for c in self.columns]

    def _took(self, j: JobLine) -> float | None:
        if j.word == "running" and j.execute_ts is not None:
            return self._now - j.execute_ts
        return j.duration_s

    def cause(self, j: JobLine) -> Cause | None:
        """Why it failed or is held, where that was judged."""
        return self._causes.by_node.get(self.path(j)) if self._causes is not None else None

    def why(self, j: JobLine) -> str:
        """The reason in a line: that of a hold as HTCondor gave it, else the judged cause."""
        if j.word == "held" and j.reason:
            return j.reason
        cause = self.cause(j)
        waiting = "" if self._causes is not None else "…"
        return cause.title if cause is not None else j.reason or waiting


def ended(exit_: Exit | None) -> list[Piece]:
    """How something ended, short: ``0``, ``code 3``, ``SIGKILL``."""
    if exit_ is None or exit_.kind == "unknown":
        return [("-", "")]
    if exit_.kind == "signalled" and exit_.signal is not None:
        return [(signal_name(exit_.signal), f"bold {RED}")]
    return [(f"code {exit_.code}", GREEN if exit_.ok else f"bold {RED}")]


class CauseRows:
    """What is wrong, causes first."""

    columns: Sequence[Column] = (
        Column(name="cause", least=20, most=44, rank=0),
        Column(name="nodes", least=5, right=True, rank=1),
        Column(name="tries", least=5, right=True, rank=4),
        Column(name="first", least=11, rank=5),
        Column(name="what", least=20, most=200, rank=2),
    )

    def __init__(self, causes: Sequence[Cause], now: float) -> None:
        self.causes = causes
        self._now = now

    @property
    def count(self) -> int:
        return len(self.causes)

    def fitted(self, layout: list[tuple[int, int]]) -> None:
        """Nothing here is drawn to scale."""

    def cells(self, at: int) -> Sequence[Sequence[Piece]]:
        c = self.causes[at]
        mark = look.SIGNS["success" if c.resolved else "failed"]
        return [
            [(f"{mark.glyph} ", mark.style), (c.title, "" if c.resolved else "bold")],
            [(look.number(len(c.nodes)), "")],
            [(look.number(c.attempts), "")],
            [(look.when(c.first_ts, self._now), "")],
            [(c.message, GREY if c.resolved else "")],
        ]


def told(c: Cause) -> str:
    """All that is known of a cause, as a text."""
    parts = [c.title[:1].upper() + c.title[1:], "", c.message]
    parts += [f"so: {x}" for x in c.consequences]
    parts += ["", f"what to do: {c.next_step}"] if c.next_step else []
    parts += ["trying again will not help"] if not c.retry_helps else []
    parts += ["it has been mended by itself, or is over"] if c.resolved else []
    parts += ["", f"on: {', '.join(c.hosts)}"] if c.hosts else []
    parts += [f"files: {', '.join(c.sample_files)}"] if c.sample_files else []
    if c.sample_output.strip():
        parts += ["", f"output of {c.sample_job}:", *(f"  {line}" for line in c.sample_output.splitlines())]
    if c.nodes:
        parts += ["", f"nodes ({len(c.nodes):,}):", *(f"  {node}" for node in c.nodes)]
    return "\n".join(parts) + "\n"
