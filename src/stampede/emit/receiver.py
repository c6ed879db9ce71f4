"""What a spool is sent to: a server, or a bus."""

from __future__ import annotations

from typing import Protocol

from stampede.emit.client import Answer


class Receiver(Protocol):
    """Somebody who takes records and says how far they are stored."""

    #: ``idle`` wants to be called so often while there is nothing to send, in seconds; None: never
    idle_s: float | None

    def send(self, source: str, first: int, records: list[bytes]) -> Answer:
        """Send records, of which the first has that number. Never raises."""

    def stored(self, source: str) -> Answer:
        """How far the records of a source are stored. Never raises."""

    def idle(self) -> None:
        """There is nothing to send. Never raises."""

    def close(self) -> None:
        """Let go of any connection. Never raises."""
