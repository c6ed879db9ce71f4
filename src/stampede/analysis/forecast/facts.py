"""What a forecast is made from: tries that ended or run, and the jobs that are still to be done.

Names of jobs are unique within what is asked about. ``kind`` is the transformation (or the type, where there is none):
what jobs have in common that may fail alike. Times are epoch seconds, or seconds since any moment, if all are.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Try(NamedTuple):
    """A try of a job that ended: where it ran, when, and whether it failed."""

    job: str
    kind: str
    host: str | None
    site: str | None
    start_ts: float | None
    end_ts: float
    failed: bool
    submit_ts: float | None = None


class Running(NamedTuple):
    """A try that runs now."""

    job: str
    kind: str
    host: str | None
    start_ts: float


class Group(msgspec.Struct, frozen=True):
    """``count`` jobs of a kind that wait for their first try, or are in it, each of which may be tried ``tries`` times
    (retries + 1)."""

    kind: str
    tries: int
    count: int


class OpenJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job that is not done and has a story of its own: it failed before, is held for long, or is a sub-workflow.

    ``failed`` of its ``tries`` tries failed in this run of the engine. ``last_host`` is where the last one failed,
    ``host`` where the present one runs. ``below`` is the probability that the present try fails, where a sub-workflow
    tells (None: nothing does). ``held_long`` says that its hold counts as a failure (a soft one: it never dooms).
    """

    job: str
    kind: str
    tries: int
    failed: int = 0
    last_host: str | None = None
    host: str | None = None
    below: float | None = None
    held_long: bool = False

    @property
    def left(self) -> int:
        """Tries that may still fail or succeed, the present one with them; at least one."""
        return max(1, self.tries - self.failed - self.held_long)


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """What is still to be done of a workflow, beside the ``total`` jobs that it has.

    ``exhausted`` are jobs that failed in all their tries; ``decided_by_final`` says that a FINAL node, which still runs
    when other nodes have failed, has the last word. ``held`` jobs are held. ``ended`` is the state of a workflow that
    has ended.
    """

    total: int
    groups: list[Group] = []
    open_jobs: list[OpenJob] = []
    running: list[Running] = []
    exhausted: list[str] = []
    decided_by_final: bool = False
    held: int = 0
    ended: str | None = None

    @property
    def left(self) -> int:
        """Jobs that are not done."""
        return sum(g.count for g in self.groups) + len(self.open_jobs)

    @property
    def done_share(self) -> float:
        """Share of the jobs that are done, 0 to 1."""
        return min(1.0, max(0.0, 1.0 - self.left / self.total)) if self.total else 1.0
