"""Tries that something is owed for: a file that is lacking, half a record, output that may go on."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import msgspec

from stampede.sources.dagman.attempts import Attempt
from stampede.sources.dagman.dag import Node
from stampede.sources.follow.looks import Look

#: a file that is lacking is looked for after so many seconds, each time that many times longer, at most so long
_FIRST_S, _FACTOR, _LONGEST_S = 0.2, 1.7, 60.0
#: output that is all there is looked at again after so many seconds each: it may have been read too early
_AGAIN_S = (3.0, 12.0, 45.0)
#: a file that was being written when it was read is as it stays soon afterwards, mostly
_WRITING_S = 2.0


class Debt(msgspec.Struct, gc=False):
    """A try that has ended, and how what it left behind was when it was read."""

    attempt: Attempt
    node: Node | None
    ts: float
    js: int
    last: bool
    #: where the lines begin among which it ended
    at: int
    since: float
    #: something is lacking or damaged
    short: bool
    #: files that were there, as they were
    looks: dict[str, Look]
    wait: float = _FIRST_S
    due: float = 0.0
    #: looks since what is there was read
    seen: int = 0
    #: it was told with all that is there, although something is lacking
    told: bool = False
    #: what later tries of its node told of files: (lfn, key), which is not to be replaced
    overtaken: set[tuple[str, str]] = msgspec.field(default_factory=set)

    def begin(self, now: float) -> None:
        """Say when to look for the first time."""
        self.due = now + (_FIRST_S if self.short else _AGAIN_S[0])

    def looked(self, now: float) -> bool:
        """Nothing has changed: say when to look again; False when that is not worth it any more."""
        self.seen += 1
        if self.seen >= len(_AGAIN_S):
            return False
        self.due = now + _AGAIN_S[self.seen]
        return True

    def renew(self, now: float, looks: dict[str, Look], *, short: bool) -> None:
        """It was read again."""
        self.short, self.looks, self.seen = short, looks, 0
        self.wait = min(self.wait * _FACTOR, _LONGEST_S)
        self.due = now + (self.wait if short else _AGAIN_S[0])

    @property
    def is_pressing(self) -> bool:
        """Whether what is owed may well come at once."""
        return self.short or (not self.seen and any(abs(look.age_s) < _WRITING_S for look in self.looks.values()))


class Debts:
    """All of them, in the order in which the tries ended; not more than ``most``."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._debts: dict[int, Debt] = {}
        self._by_node: dict[str, list[Debt]] = {}
        self._queue: list[tuple[float, int]] = []

    def __iter__(self) -> Iterator[Debt]:
        return iter(list(self._debts.values()))

    @property
    def oldest(self) -> Debt | None:
        """The one whose try ended first."""
        return next(iter(self._debts.values()), None)

    @property
    def due(self) -> float:
        """When the next one is to be looked at."""
        while self._queue:
            due, seq = self._queue[0]
            debt = self._debts.get(seq)
            if debt is not None and debt.due == due:
                return due
            heapq.heappop(self._queue)
        return float("inf")

    def of_node(self, name: str) -> list[Debt]:
        """Those of a node."""
        return self._by_node.get(name, [])

    def add(self, debt: Debt) -> Debt | None:
        """One more; the oldest one, when there are too many now."""
        self.settle(debt.attempt.seq)
        self._debts[debt.attempt.seq] = debt
        self._by_node.setdefault(debt.attempt.node, []).append(debt)
        self.delay(debt)
        return self.settle(next(iter(self._debts))) if len(self._debts) > self._most else None

    def delay(self, debt: Debt) -> None:
        """It is due at another time now."""
        heapq.heappush(self._queue, (debt.due, debt.attempt.seq))

    def settle(self, seq: int) -> Debt | None:
        """Nothing is owed for that try any more."""
        debt = self._debts.pop(seq, None)
        if debt is not None:
            others = self._by_node[debt.attempt.node]
            others.remove(debt)
            if not others:
                del self._by_node[debt.attempt.node]
        return debt

    def overdue(self, now: float) -> Iterator[Debt]:
        """Those that are to be looked at; each is to be settled or delayed."""
        found = []
        while self.due <= now:
            found.append(self._debts[heapq.heappop(self._queue)[1]])
        return iter(found)

    def clear(self) -> None:
        """Nothing is owed any more."""
        self._debts.clear()
        self._by_node.clear()
        self._queue.clear()
