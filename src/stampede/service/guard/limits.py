"""How often somebody may ask, how often be wrong about a credential, and how much is answered at once.

All is counted in this process, in memory that does not grow with the number of addresses. ``now`` is of the monotonic
clock, in seconds.
"""

from __future__ import annotations

from collections import OrderedDict
from math import ceil
from typing import Final

import msgspec

from stampede.service.guard.refusal import RefusedError

_MOST: Final = 20_000


class Bucket(msgspec.Struct):
    """What is left of what one may do, and when that was known."""

    left: float
    at_s: float


class Rate:
    """So many a second on average, and so many at once at most, by whatever the key is."""

    def __init__(self, per_second: float, burst: float) -> None:
        self.per_second = per_second
        self.burst = burst
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def wait_s(self, key: str, now: float) -> float:
        """How long to wait until one more is allowed; 0: now."""
        bucket = self._at(key, now)
        return 0.0 if bucket.left >= 1 else (1 - bucket.left) / self.per_second

    def take(self, key: str, now: float) -> None:
        """Count one."""
        self._at(key, now).left -= 1

    def give_back(self, key: str) -> None:
        """Count one less."""
        bucket = self._buckets.get(key)
        if bucket is not None:
            bucket.left += 1

    def _at(self, key: str, now: float) -> Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self.burst, now)
            while len(self._buckets) > _MOST:
                self._buckets.popitem(last=False)
        else:
            bucket.left = min(self.burst, bucket.left + (now - bucket.at_s) * self.per_second)
            bucket.at_s = now
            self._buckets.move_to_end(key)
        return bucket


class Attempts:
    """Wrong credentials: ten at once from one address, then one in 30 s; of one user's name ten times as many, from
    wherever, so that a name is no means to lock its bearer out easily.

    Who has used up theirs is refused whether the next credential is right or not: else the limit would not limit.
    """

    def __init__(self, burst: float = 10, pause_s: float = 30.0) -> None:
        self._addresses = Rate(1 / pause_s, burst)
        self._users = Rate(10 / pause_s, burst * 10)

    def check(self, address: str, user: str | None, now: float) -> None:
        """Raise RefusedError (429) when there were too many."""
        wait = self._addresses.wait_s(address, now)
        if user is not None:
            wait = max(wait, self._users.wait_s(user, now))
        if wait > 0:
            raise RefusedError(
                429, "too-many", "There were too many wrong credentials; wait a while.", Retry_After=str(ceil(wait))
            )

    def wrong(self, address: str, user: str | None, now: float) -> None:
        """Count a wrong one."""
        self._addresses.take(address, now)
        if user is not None:
            self._users.take(user, now)

    def right(self, address: str, user: str) -> None:
        """Take back one that was counted before it was known to be right."""
        self._addresses.give_back(address)
        self._users.give_back(user)


class Crowd:
    """How many requests are being worked on, of all and of each who asks. Those whose answer has begun do not count:
    what streams for hours costs little."""

    def __init__(self, most: int, most_each: int) -> None:
        self.most = most
        self.most_each = most_each
        self.total = 0
        self._each: dict[str, int] = {}

    def enter(self, key: str) -> None:
        """One more. Raises RefusedError (503 when all is full, 429 when only they have too many)."""
        if self.total >= self.most:
            raise RefusedError(503, "unavailable", "The service has too much to do; try again.", Retry_After="1")
        mine = self._each.get(key, 0)
        if mine >= self.most_each:
            raise RefusedError(429, "too-many", f"You have {mine} requests under way; wait for them.", Retry_After="1")
        self.total += 1
        self._each[key] = mine + 1

    def leave(self, key: str) -> None:
        """One less."""
        self.total -= 1
        left = self._each.get(key, 0) - 1
        if left > 0:
            self._each[key] = left
        else:
            self._each.pop(key, None)
