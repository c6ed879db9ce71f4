"""One transaction of a writer: which of the waiting batches it holds, and what of them is new."""

from __future__ import annotations

import time
from concurrent.futures import Future

import msgspec

from stampede.intake.batch import Batch, Stored

#: an early batch waits so long for those before it, in seconds
EARLY_S = 2.0


class Waiting(msgspec.Struct, gc=False):
    """A batch, and who waits for it to be stored."""

    batch: Batch
    answer: Future[Stored]
    since: float = msgspec.field(default_factory=time.monotonic)

    @property
    def expired(self) -> bool:
        """Whether it has waited long enough for what comes before it."""
        return time.monotonic() - self.since > EARLY_S


class New(msgspec.Struct, gc=False):
    """Records ``begin`` to ``end`` of a batch that waits, which are to be stored; the last one stored is
    ``begin - 1``."""

    waiting: Waiting
    begin: int
    end: int

    @property
    def position(self) -> str:
        """What the position of its source is kept under."""
        return self.waiting.batch.position

    def stored(self, problems: int) -> Stored:
        """What its sender is told."""
        batch = self.waiting.batch
        new = max(self.end - self.begin + 1, 0)
        return Stored(
            source=batch.source, stored=self.end, new=new, known=len(batch.lines) - new, problems=problems
        )  # fmt: skip


def sort_out(waiting: list[Waiting], stored: dict[str, int]) -> tuple[list[New], list[Waiting]]:
    """What is new of the batches, in the order of their records, and the batches that came too early.

    ``stored`` has the numbers of the last records stored, by position, and is not changed.
    """
    reached = dict(stored)
    new: list[New] = []
    early: list[Waiting] = []
    for one in sorted(waiting, key=lambda w: (w.batch.position, w.batch.first)):
        batch = one.batch
        last = reached[batch.position]
        if batch.first > last + 1:
            early.append(one)
            continue
        new.append(New(one, last + 1, max(batch.last, last)))
        reached[batch.position] = max(batch.last, last)
    return new, early
