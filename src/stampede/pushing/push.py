"""Reads paths, once or while they grow, and fills their outboxes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from stampede.emit.spool import is_spool
from stampede.errors import InputError
from stampede.pipeline import is_known
from stampede.pushing.outbox import Outbox, Target
from stampede.sources.base import Batch
from stampede.sources.follow import Forest, Wake
from stampede.sources.open import open_source

#: events that are kept in the spool together, about
_TOGETHER: Final = 2_000
#: after a turn nobody is looked at for so many times what it cost, in seconds between these bounds
_REST, _SHORTEST_S, _LONGEST_S = 4.0, 0.02, 0.25
#: nobody waits longer than this without looking around
_PATIENCE_S: Final = 1.0


class Sent(msgspec.Struct, kw_only=True):
    """What became of a path: events that were read now, and those that the server has not stored yet; ``trouble`` says
    why not."""

    path: str
    events: int
    waiting: int
    trouble: str | None


class Push:
    """Sends what paths hold to a server. ``go_on`` is asked now and then whether to.

    Raises NotAWorkflowError for a path that holds nothing, SpoolBusyError while another process pushes it to that
    server.
    """

    def __init__(self, paths: list[Path], target: Target, *, go_on: Callable[[], bool] = lambda: True) -> None:
        self.go_on = go_on
        self.outboxes: list[Outbox] = []
        try:
            for path in paths:
                self.outboxes.append(Outbox(path, target))
        except BaseException:
            self.close()
            raise

    # ---- once -------------------------------------------------------------------------------------------------------

    def read(self, outbox: Outbox) -> None:
        """All that a path holds now. Raises InputError when nothing can be read."""
        source = open_source(outbox.path)
        source.marks = outbox.marks
        held: list[Batch] = []
        for batch in source.batches():
            if is_known(batch, outbox.position(batch.source)):
                continue
            if held and (held[-1].source != batch.source or sum(len(b.events) for b in held) >= _TOGETHER):
                if not outbox.put(held, self.go_on):
                    return
                held = []
            held.append(batch)
        if held:
            outbox.put(held, self.go_on)

    def once(self) -> None:
        """Read all paths, and wait until everything is stored, or ``go_on`` says no."""
        for outbox in self.outboxes:
            self.read(outbox)
        self.settle(lambda outbox: self.read(outbox))

    def settle(self, anew: Callable[[Outbox], object]) -> None:
        """Wait until everything is stored. ``anew`` reads once more what a server has forgotten."""
        while self.go_on():
            for outbox in self.outboxes:
                if outbox.forgotten:
                    outbox.begin_anew()
                    anew(outbox)
            if all(outbox.drain(0.2) for outbox in self.outboxes) and not any(o.forgotten for o in self.outboxes):
                return

    # ---- while they grow --------------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Read what the paths hold and what is added, until all that began has ended and is stored, or ``go_on`` says
        no."""
        with Wake() as wake:
            followed = [Following(outbox, wake) for outbox in self.outboxes]
            while self.go_on():
                self._turn(followed, wake)
                if all(one.ended for one in followed):
                    self.settle(lambda outbox: None)
                    if not any(one.outbox.forgotten for one in followed):
                        break
            for one in followed:
                one.close()

    def _turn(self, followed: list[Following], wake: Wake) -> None:
        began, cost = time.monotonic(), time.thread_time()
        for one in followed:
            one.turn(began, self.go_on)
        if any(one.more for one in followed):
            changed = wake.ready()
        else:
            time.sleep(min(max(_REST * (time.thread_time() - cost), _SHORTEST_S), _LONGEST_S))
            due = min([began + _PATIENCE_S, *(one.due for one in followed)])
            changed = wake.wait(max(due - time.monotonic(), 0.0))
        for path in changed:
            for one in followed:
                one.notice(path)

    @property
    def sent(self) -> list[Sent]:
        """What became of the paths so far."""
        return [Sent(path=str(o.path), events=o.events, waiting=o.waiting, trouble=o.trouble) for o in self.outboxes]

    def close(self) -> None:
        """Stop; what was not sent waits for the next push."""
        for outbox in self.outboxes:
            outbox.close()

    def __enter__(self) -> Push:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Following:
    """A path that is followed into its outbox."""

    def __init__(self, outbox: Outbox, wake: Wake) -> None:
        self.outbox = outbox
        self._wake = wake
        self._begin()

    def _begin(self) -> None:
        self._forest = Forest(self.outbox.path, self.outbox.places, self._wake)

    @property
    def ended(self) -> bool:
        """Whether everything that began has ended."""
        return self._forest.ended and not self.outbox.forgotten

    @property
    def more(self) -> bool:
        """Whether there is more to read already."""
        return self._forest.more

    @property
    def due(self) -> float:
        """When it wants to be looked at although nothing changed (monotonic seconds)."""
        return self._forest.due

    def notice(self, path: Path) -> None:
        """Something happened to a path."""
        if self._forest.owns(path):
            self._forest.notice(path)

    def turn(self, now: float, go_on: Callable[[], bool]) -> None:
        """Read what is new and keep it."""
        if self.outbox.forgotten:
            self._forest.close()
            self.outbox.begin_anew()
            self._begin()
        batches = self._forest.step(now)
        if batches and self.outbox.put(batches, go_on):
            self._forest.stored(batches)

    def close(self) -> None:
        """Follow it no more."""
        self._forest.close()


def is_followed(path: Path) -> bool:
    """Whether a path is one that can be followed: a submit directory, a .dag or a dagman.out."""
    return os.path.isdir(path) or path.name.endswith((".dag", ".dagman.out"))


def leftover(path: Path) -> bool:
    """Whether a path is a spool that somebody left. Raises InputError when it is not there."""
    if not os.path.exists(path):
        raise InputError(f"{path} does not exist.", path=str(path))
    return os.path.isdir(path) and is_spool(path)
