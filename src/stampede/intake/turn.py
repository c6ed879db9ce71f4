"""One transaction of a writer: which of the waiting batches it holds, and what of them is new."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future

import msgspec

from stampede.events.base import Event
from stampede.events.catalogue import Problem
from stampede.intake.batch import Batch, Stored
from stampede.intake.gaps import Gap
from stampede.intake.move import Move


class Waiting(msgspec.Struct, gc=False, eq=False):
    """A batch, and who waits for it to be stored; ``told`` when that one was."""

    batch: Batch
    answer: Future[Stored]
    since: float = msgspec.field(default_factory=time.monotonic)
    told: bool = False

    @property
    def expired(self) -> bool:
        """Whether it has waited long enough for what comes before it."""
        return time.monotonic() - self.since > self.batch.patience_s


class New(msgspec.Struct, gc=False):
    """Records ``begin`` to ``end`` of a batch that waits, which are to be stored.

    ``before`` is the number of the last record stored before them, which the position moves on from; None: they move no
    position, since they have no numbers or come late. ``gap`` is what is missing before them, ``filled`` what they
    fill of a gap that was told of.
    """

    waiting: Waiting
    begin: int
    end: int
    before: int | None
    gap: Gap | None = None
    filled: Gap | None = None

    @property
    def position(self) -> str:
        """What the position of its source is kept under."""
        return self.waiting.batch.position

    @property
    def moves(self) -> list[Move]:
        """What the positions become with it."""
        found: list[Move] = []
        if self.gap is not None:
            found += self.gap.opened(self.position)
        if self.filled is not None:
            found += self.filled.filled(self.position, self.begin, self.end)
        if self.before is not None and self.end > self.before:
            found.append(Move(self.position, self.before, self.end))
        return found

    @property
    def about(self) -> list[Event]:
        """What is to be told beside the records themselves."""
        return [] if self.gap is None else [_missing(self.waiting.batch, self.gap)]

    def halves(self) -> list[New]:
        """It in two parts, the first one first."""
        middle = (self.begin + self.end) // 2
        left = New(self.waiting, self.begin, middle, self.before, self.gap)
        right = New(self.waiting, middle + 1, self.end, None if self.before is None else middle)
        if self.filled is not None:
            left.filled = self.filled
            right.filled = self.filled.after(middle)
        return [left, right]

    def stored(self, problems: int) -> Stored:
        """What its sender is told."""
        batch = self.waiting.batch
        new = max(self.end - self.begin + 1, 0)
        return Stored(
            source=batch.source, stored=self.end, new=new, known=len(batch.lines) - new, problems=problems
        )  # fmt: skip


def sort_out(
    waiting: list[Waiting], stored: dict[str, int], gaps: Callable[[str], list[Gap]]
) -> tuple[list[New], list[Waiting]]:  # fmt: skip
    """What is new of the batches, in the order of their records, and the batches that came too early.

    ``stored`` has the numbers of the last records stored, by position, and is not changed; ``gaps`` gives what of a
    position was missing.
    """
    reached = dict(stored)
    new: list[New] = []
    early: list[Waiting] = []
    late: set[str] = set()
    for one in sorted(waiting, key=lambda w: (w.batch.position, w.batch.first)):
        batch = one.batch
        if not batch.numbered:
            new.append(New(one, 0, batch.last, None))
            continue
        last = reached[batch.position]
        if batch.first > last + 1 and not batch.torn:
            early.append(one)
        elif batch.first > last + 1:
            new.append(New(one, batch.first, batch.last, last, Gap(last + 1, batch.first - 1)))
            reached[batch.position] = max(batch.last, last)
        elif batch.last <= last and (gap := _gap_of(batch, gaps, late)) is not None:
            new.append(New(one, max(batch.first, gap.first), min(batch.last, gap.last), None, filled=gap))
        else:
            new.append(New(one, last + 1, max(batch.last, last), last))
            reached[batch.position] = max(batch.last, last)
    return new, early


def _gap_of(batch: Batch, gaps: Callable[[str], list[Gap]], late: set[str]) -> Gap | None:
    """The gap that a late batch fills a part of; one batch of a source in a transaction, since the gap changes with
    it: another one finds it next time."""
    if not batch.may_be_late or batch.position in late or not batch.lines:
        return None
    found = next((g for g in gaps(batch.position) if g.first <= batch.last and batch.first <= g.last), None)
    if found is not None:
        late.add(batch.position)
    return found


def _missing(batch: Batch, gap: Gap) -> Problem:
    return Problem(
        kind="gap", severity="warning", file=batch.source, offset=gap.first,
        message=f"Records {gap.first} to {gap.last} of {batch.source} did not come.",
        remedy="Look at what the bus put aside, and whether a queue or spool was deleted; load the workflow from its "
        "submit directory to have all of it.",
    )  # fmt: skip
