"""A bus over one socket (unix or TCP): the loader listens, publishers and subscribers come to it.

Nothing lies between them: a message is answered when it is stored, and waits in its publisher's spool until then. For
several loaders, or while no loader runs for long, take another bus.
"""

from __future__ import annotations

import ipaddress
import select
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from stampede.bus import frames
from stampede.bus.base import LOADERS, WHOLE, Part
from stampede.bus.errors import BusError, BusFullError
from stampede.bus.folder import Graves
from stampede.bus.listener import SocketConsumer
from stampede.bus.message import Buried, Delivery, Message
from stampede.errors import UsageError

#: messages that wait for the loader
_MOST: Final = 512
#: messages that are under way at a time; how long one may take to be stored, in seconds
_WINDOW: Final = 32
_TIMEOUT_S: Final = 60.0


class SocketBus:
    """A path or (host, port). ``graves`` is the folder of the loader for what nobody can use."""

    notice = ""

    def __init__(
        self, address: str | tuple[str, int], *, graves: Path, secret: str | None = None, most: int = _MOST
    ) -> None:  # fmt: skip
        self.address = address
        self.name = f"unix://{address}" if isinstance(address, str) else "tcp://{}:{}".format(*address)
        self._family = _family(address)
        self._secret = secret
        self._graves = Graves(graves)
        self._most = most

    def publisher(self) -> SocketPublisher:
        """Somebody who publishes. Raises BusError."""
        return SocketPublisher(self.name, self._connected(frames.Come("publisher")))

    def consumer(self, group: str = LOADERS, part: Part = WHOLE) -> SocketConsumer:
        """The loader; there is one. Raises BusError, UsageError."""
        if group != LOADERS or part != WHOLE:
            raise UsageError(f"{self.name} has one loader, and neither groups nor parts.")
        if not isinstance(self.address, str) and not self._secret and not _is_loopback(self.address[0]):
            raise UsageError(f"{self.name} can be reached from elsewhere: give a secret, {self.name}?secret_file=FILE.")
        return SocketConsumer(self._family, self.address, secret=self._secret, graves=self._graves, most=self._most)

    def subscriber(self, patterns: Sequence[str]) -> SocketSubscriber:
        """Hears what is stored from now on. Raises BusError."""
        return SocketSubscriber(self.name, self._connected(frames.Come("subscriber", patterns=list(patterns))))

    def _connected(self, come: frames.Come) -> socket.socket:
        connection = socket.socket(self._family, socket.SOCK_STREAM)
        connection.settimeout(_TIMEOUT_S)
        try:
            connection.connect(self.address)
            hello = frames.receive(connection)
            if isinstance(hello, frames.Hello) and hello.nonce:
                come.proof = frames.proof(self._secret or "", hello.nonce)
            frames.send(connection, come)
            welcome = frames.receive(connection)
            if not isinstance(welcome, frames.Welcome) or welcome.refused:
                why = welcome.refused if isinstance(welcome, frames.Welcome) else "it says something else"
                raise BusError(f"{self.name} refuses us: {why}.")
        except OSError as e:
            connection.close()
            raise BusError(f"{self.name} cannot be reached: {e.strerror or e}. Does a loader listen there?") from e
        except BusError:
            connection.close()
            raise
        return connection

    def buried(self) -> list[Buried]:
        """What the loader put aside on this machine. Raises BusError."""
        try:
            return self._graves.all()
        except OSError as e:
            raise BusError(f"{self._graves.folder} cannot be read: {e.strerror}.") from e

    def revive(self) -> int:
        """Send again what was put aside. Raises BusError."""
        found = self.buried()
        publisher = self.publisher()
        try:
            publisher.publish([one.message for one in found])
            self._graves.clear(len(found))
        finally:
            publisher.close()
        return len(found)


def _family(address: str | tuple[str, int]) -> int:
    if isinstance(address, str):
        return socket.AF_UNIX
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class SocketPublisher:
    """Sends messages, some at a time, and waits for the answers."""

    def __init__(self, name: str, connection: socket.socket) -> None:
        self._name = name
        self._connection = connection
        self._number = 0

    def publish(self, messages: Sequence[Message]) -> None:
        """All are stored afterwards. Raises BusFullError, BusError."""
        try:
            for at in range(0, len(messages), _WINDOW):
                self._some(messages[at : at + _WINDOW])
        except OSError as e:
            self.close()
            raise BusError(f"{self._name} cannot be reached: {e.strerror or e}.") from e
        except BusFullError:
            raise
        except BusError:
            self.close()
            raise

    def _some(self, messages: Sequence[Message]) -> None:
        waiting = set()
        for message in messages:
            self._number += 1
            waiting.add(self._number)
            frames.send(self._connection, frames.Put(self._number, message))
        while waiting:
            taken = frames.receive(self._connection)
            if not isinstance(taken, frames.Taken):
                raise BusError(f"{self._name} answers with something else.")
            if taken.full and taken.number in waiting:  # answers about the others may come later: nobody waits for them
                raise BusFullError(f"{self._name} has no room: the loader is slower than what comes.")
            waiting.discard(taken.number)

    def idle(self) -> None:
        """Nothing has to be done."""

    def close(self) -> None:
        """Leave."""
        self._connection.close()


class SocketSubscriber:
    """Hears a copy of what is stored."""

    def __init__(self, name: str, connection: socket.socket) -> None:
        self._name = name
        self._connection = connection

    def receive(self, timeout_s: float) -> list[Delivery]:
        """The next message, if one comes. Raises BusError."""
        try:
            if not _readable(self._connection, timeout_s):
                return []
            given = frames.receive(self._connection)
        except OSError as e:
            raise BusError(f"{self._name} cannot be reached: {e.strerror or e}.") from e
        return [Delivery(message=given.message)] if isinstance(given, frames.Given) else []

    def done(self, deliveries: Iterable[Delivery]) -> None:
        """Nobody waits for that."""

    def bury(self, delivery: Delivery, reason: str) -> None:
        """A copy is not put aside."""

    def close(self) -> None:
        """Hear no more."""
        self._connection.close()


def _readable(connection: socket.socket, timeout_s: float) -> bool:
    return bool(select.select([connection], [], [], timeout_s)[0])
