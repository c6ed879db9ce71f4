"""Who may write what is read from a place: one owner at a time, on whichever machine.

A lease is a row of the database it protects. Whoever takes it gives it a *fence*, a number of his own; every
transaction of the owner looks in the same transaction whether the fence is still that (``Lease.guard``), so that an
owner that was suspended, or cut off, and was replaced meanwhile writes nothing any more. The owner's *beat* is a number
that it counts up: others see that it lives without comparing clocks, which may differ and jump. (M. Kleppmann, How to
do distributed locking, 2016.)
"""

from __future__ import annotations

import os
import platform
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from stampede.errors import BusyError, DatabaseError, FencedError
from stampede.store.connection import Connection, Error

#: an owner whose beat has stood still for so many seconds of ours is gone
PATIENCE_S = 30.0
#: an owner counts its beat up so often, in seconds
BEAT_S = 3.0

T = TypeVar("T")


class Holder(msgspec.Struct, frozen=True):
    """A process: which one on which machine since when, and what it is there for."""

    host: str
    pid: int
    #: boot and process namespace: where process ids mean the same
    realm: str
    #: start of the process in clock ticks since boot: tells it from a later one with its number
    start_ticks: int
    what: str = "watch"

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


def myself(what: str = "watch") -> Holder:
    """This process."""
    return Holder(platform.node(), os.getpid(), _realm(), _start_ticks(os.getpid()) or 0, what)


def _realm() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _start_ticks(pid: int) -> int | None:
    """Field 22 of ``/proc/PID/stat`` (proc(5)); None when there is no such process, or only what is left of it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return None if fields[0] in "ZX" else int(fields[19])
    except (OSError, IndexError, ValueError):
        return None


def _lives(holder: Holder) -> bool | None:
    """Whether the process is there; None when it cannot be known from here."""
    if not holder.realm or holder.realm != _realm():
        return None
    return _start_ticks(holder.pid) == holder.start_ticks


class Lease:
    """The right to write what is read from ``name``. ``take`` it, ``beat`` while nothing is written, ``release`` it."""

    def __init__(self, connection: Connection, name: str, holder: Holder) -> None:
        self.name = name
        self.holder = holder
        self.fence = -1
        self._connection = connection
        self._beaten = 0.0
        #: what was seen of another owner, and since when: (fence, beat), monotonic seconds
        self._seen: tuple[tuple[int, int], float] | None = None

    def take(self) -> None:
        """Become the owner. Raises BusyError while another one lives, DatabaseError."""
        try:
            fence = self._persistently(self._taken)
        except Error as e:
            raise DatabaseError(f"The right to write could not be taken: {e}.") from e
        self.fence = fence
        self._beaten = time.monotonic()

    def _persistently(self, work: Callable[[], T]) -> T:
        """Do something again when a server was away for a moment. Raises sqlite3.Error."""
        while True:
            try:
                return work()
            except Error as e:
                if not self._connection.recover(e, PATIENCE_S):
                    raise

    def _taken(self) -> int:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            row = self._connection.execute(
                "SELECT fence, beat, holder FROM lease WHERE name = ?", (self.name,)
            ).fetchone()
            if row is not None and row[2]:
                self._refuse_if_alive(row[0], row[1], row[2])
            fence = secrets.randbits(62)
            self._connection.execute(
                "INSERT OR REPLACE INTO lease(name, fence, beat, holder, taken_ts) VALUES (?, ?, 0, ?, ?)",
                (self.name, fence, msgspec.json.encode(self.holder).decode(), time.time()),
            )
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        return fence

    def _refuse_if_alive(self, fence: int, beat: int, text: str) -> None:
        try:
            holder = msgspec.json.decode(text, type=Holder)
        except msgspec.DecodeError:  # not written by us: nobody that could be asked
            return
        if holder == self.holder:
            return
        lives = _lives(holder)
        if lives is False:
            return
        now = time.monotonic()
        if self._seen is None or self._seen[0] != (fence, beat):
            self._seen = ((fence, beat), now)
        if now - self._seen[1] < PATIENCE_S:
            raise BusyError(f"{self.name} is being read by {holder} ({holder.what}).", holder=str(holder))

    def guard(self, connection: Connection) -> None:
        """Raise FencedError unless we are still the owner. Call it inside each transaction."""
        row = connection.execute("SELECT fence FROM lease WHERE name = ?", (self.name,)).fetchone()
        if row is None or row[0] != self.fence:
            raise FencedError(f"{self.name} was taken over by another process; nothing more is written by this one.")
        now = time.monotonic()
        if now - self._beaten >= BEAT_S:
            connection.execute("UPDATE lease SET beat = beat + 1 WHERE name = ?", (self.name,))
            self._beaten = now

    def beat(self) -> None:
        """Show that we live, when it is time to. Raises FencedError, DatabaseError."""
        if time.monotonic() - self._beaten < BEAT_S:
            return
        try:
            self._persistently(self._beat)
        except Error as e:
            raise DatabaseError(f"The right to write could not be kept: {e}.") from e

    def _beat(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self.guard(self._connection)
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise

    def release(self) -> None:
        """Let others be the owner. Never raises: a lease of a process that is gone is nobody's."""
        try:
            self._connection.execute("DELETE FROM lease WHERE name = ? AND fence = ?", (self.name, self.fence))
        except Error:
            pass
        self.fence = -1


class Leases:
    """Several leases that are taken, kept and given back together, always in the same order."""

    def __init__(self, connection: Connection, names: list[str], holder: Holder) -> None:
        self._leases = [Lease(connection, name, holder) for name in sorted(set(names))]

    @property
    def held(self) -> bool:
        """Whether they are ours, as far as we know."""
        return all(lease.fence >= 0 for lease in self._leases)

    def take(self) -> None:
        """Take all of them or none. Raises BusyError, DatabaseError."""
        try:
            for lease in self._leases:
                lease.take()
        except DatabaseError:
            self.release()
            raise

    def guard(self, connection: Connection) -> None:
        """Raise FencedError unless all of them are still ours."""
        for lease in self._leases:
            lease.guard(connection)

    def beat(self) -> None:
        """Show that we live. Raises FencedError, DatabaseError."""
        for lease in self._leases:
            lease.beat()

    def lose(self) -> None:
        """They are somebody else's now."""
        for lease in self._leases:
            lease.fence = -1

    def release(self) -> None:
        """Give back those that are ours. Never raises."""
        for lease in self._leases:
            if lease.fence >= 0:
                lease.release()
