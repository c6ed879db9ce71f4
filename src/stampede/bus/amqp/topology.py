"""What a bus has on a broker, by name.

::

    EXCHANGE (topic) ── # ──► EXCHANGE.GROUP (consistent hash of the root workflow) ──► EXCHANGE.GROUP.0 … 7 (quorum)
          └── patterns ──► a queue of each subscriber's own
    EXCHANGE.dead (fanout) ──► EXCHANGE.dead (quorum): what nobody could use, with reasons
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

#: the header whose hash says which queue; messages without it all go to the same one
ROOT_HEADER: Final = "stampede-root"
HASH_TYPE: Final = "x-consistent-hash"
#: so often a message may come back from loaders that ended over it before the broker puts it aside
_DELIVERIES: Final = 100


class Topology(msgspec.Struct, frozen=True, kw_only=True):
    """Names and arguments. ``partitions`` queues a group are made where there are none yet."""

    exchange: str = "stampede"
    partitions: int = 8
    #: bytes that may wait in a queue
    most_bytes: int = 1 << 30

    @property
    def dead(self) -> str:
        """Exchange and queue of what nobody could use."""
        return f"{self.exchange}.dead"

    def hashing(self, group: str) -> str:
        """The exchange that spreads over the queues of a group."""
        return f"{self.exchange}.{group}"

    def queue(self, group: str, number: int) -> str:
        """One of the queues of a group."""
        return f"{self.exchange}.{group}.{number}"

    def members(self, group: str) -> str:
        """The queue that all loaders of a group are at, to be counted; it goes with the last one."""
        return f"{self.exchange}.{group}.members"

    @property
    def queue_arguments(self) -> dict[str, Any]:
        """What a queue of a group is: on a majority of the brokers, one reader at a time, and full rather than
        forgetful."""
        return {
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-max-length-bytes": self.most_bytes,
            "x-overflow": "reject-publish",
            "x-delivery-limit": _DELIVERIES,
            "x-dead-letter-exchange": self.dead,
            "x-dead-letter-strategy": "at-least-once",
        }
