"""The loader's end of the socket bus: listens, takes messages, and answers when they are stored.

A thread a connection; messages wait in memory, as many as there is room for: what was not answered is still in the
spool of its publisher.
"""

from __future__ import annotations

import hmac
import os
import queue
import secrets
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import msgspec

from stampede.bus import frames
from stampede.bus.claim import Claim
from stampede.bus.errors import BusError
from stampede.bus.folder import Graves
from stampede.bus.message import BATCH, Delivery, Message
from stampede.bus.topics import matcher

_MOST_HEARD: Final = 1_000
#: a stranger has so long to say who they are, in seconds; and so many may be there at a time
_PATIENCE_S: Final = 5.0
_MOST_GUESTS: Final = 500


class _Origin(msgspec.Struct):
    """Where a message came from, and what its sender calls it."""

    guest: _Guest
    number: int


class _Guest:
    """Somebody who is connected."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._lock = threading.Lock()
        self.heard: queue.Queue[Message | None] = queue.Queue(_MOST_HEARD)
        self.likes: Callable[[str], bool] | None = None

    def answer(self, frame: frames.Frame) -> None:
        """Say something; who has gone does not hear it."""
        try:
            with self._lock:
                frames.send(self.connection, frame)
        except OSError:
            self.leave()

    def hear(self, message: Message) -> None:
        """A copy, unless too many wait."""
        if self.likes is not None and self.likes(message.key):
            try:
                self.heard.put_nowait(message)
            except queue.Full:
                pass

    def leave(self) -> None:
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class SocketConsumer:
    """The one loader of a socket bus. Raises BusError when the address is taken."""

    def __init__(
        self, family: int, address: str | tuple[str, int], *, secret: str | None, graves: Graves, most: int
    ) -> None:  # fmt: skip
        self._secret = secret
        self._graves = graves
        self._most = most
        self._arrived: deque[Delivery] = deque()
        self._held = 0
        self._changed = threading.Condition()
        self._guests: set[_Guest] = set()
        self._closed = False
        self._claim: Claim | None = None
        self._listening = self._bound(family, address)
        self._threads: list[threading.Thread] = []
        self._spawn(self._listen)

    def _spawn(self, run: Callable[..., None], *about: object) -> None:
        thread = threading.Thread(target=run, args=about, name="stampede-bus", daemon=True)
        self._threads = [known for known in self._threads if known.is_alive()] + [thread]
        thread.start()

    def _bound(self, family: int, address: str | tuple[str, int]) -> socket.socket:
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            if isinstance(address, str):
                self._claim = Claim(Path(address + ".lock"))
                if not self._claim.take():
                    raise BusError(f"Another loader listens at {address}; a socket bus has one.")
                Path(address).unlink(missing_ok=True)
                before = os.umask(0o117)  # the user and the group
                try:
                    listening.bind(address)
                finally:
                    os.umask(before)
            else:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listening.bind(address)
            listening.listen(128)
        except BusError:
            listening.close()
            raise
        except OSError as e:
            listening.close()
            if self._claim is not None:
                self._claim.release()
            shown = address if isinstance(address, str) else "{}:{}".format(*address)
            raise BusError(f"Nobody can listen at {shown}: {e.strerror or e}.") from e
        return listening

    # ---- connections ------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        while not self._closed:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            if len(self._guests) >= _MOST_GUESTS:
                connection.close()
                continue
            self._spawn(self._serve, _Guest(connection))

    def _serve(self, guest: _Guest) -> None:
        with self._changed:
            self._guests.add(guest)
        try:
            guest.connection.settimeout(_PATIENCE_S)
            come = self._greet(guest)
            guest.connection.settimeout(None)
            if come is not None and come.role == "publisher":
                self._take_from(guest)
            elif come is not None:
                self._give_to(guest, come.patterns)
        except (OSError, BusError):
            pass
        finally:
            with self._changed:
                self._guests.discard(guest)
            guest.connection.close()

    def _greet(self, guest: _Guest) -> frames.Come | None:
        nonce = secrets.token_bytes(32) if self._secret else b""
        frames.send(guest.connection, frames.Hello(nonce))
        come = frames.receive(guest.connection)
        if not isinstance(come, frames.Come):
            return None
        if self._secret and not hmac.compare_digest(come.proof, frames.proof(self._secret, nonce)):
            frames.send(guest.connection, frames.Welcome("the secret is another one"))
            return None
        frames.send(guest.connection, frames.Welcome())
        return come

    def _take_from(self, guest: _Guest) -> None:
        while not self._closed:
            frame = frames.receive(guest.connection)
            if not isinstance(frame, frames.Put):
                return
            with self._changed:
                full = self._held >= self._most
                if not full:
                    self._held += 1
                    self._arrived.append(Delivery(message=frame.message, tag=_Origin(guest, frame.number)))
                    self._changed.notify_all()
            if full:
                guest.answer(frames.Taken(frame.number, full=True))

    def _give_to(self, guest: _Guest, patterns: list[str]) -> None:
        guest.likes = matcher([*patterns, f"{BATCH}.#"])
        self._spawn(self._await_end, guest)
        while (message := guest.heard.get()) is not None:
            guest.answer(frames.Given(message))

    def _await_end(self, guest: _Guest) -> None:
        """A subscriber says nothing more; when it goes, its thread ends."""
        try:
            while guest.connection.recv(4096):
                pass
        except OSError:
            pass
        guest.likes = None
        try:
            guest.heard.put_nowait(None)
        except queue.Full:
            guest.leave()  # its thread finds out when it sends
            guest.heard.get()
            guest.heard.put(None)

    # ---- the loader -------------------------------------------------------------------------------------------------

    def receive(self, timeout_s: float) -> list[Delivery]:
        """What there is. Raises BusError when it was closed."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._arrived) or self._closed, timeout_s)
            if self._closed:
                raise BusError("The bus was closed.")
            found = list(self._arrived)
            self._arrived.clear()
            return found

    def done(self, deliveries: Iterable[Delivery]) -> None:
        """Tell publishers that these are stored, and subscribers what they hold."""
        for one in deliveries:
            self._settle(one, frames.Taken(_origin(one).number))
            with self._changed:
                guests = list(self._guests)
            for guest in guests:
                guest.hear(one.message)

    def bury(self, delivery: Delivery, reason: str) -> None:
        """Put it aside in a folder of ours. Raises BusError."""
        try:
            self._graves.add(delivery.message, reason)
        except OSError as e:
            raise BusError(f"{self._graves.folder} cannot be written: {e.strerror}.") from e
        self._settle(delivery, frames.Taken(_origin(delivery).number))

    def _settle(self, delivery: Delivery, answer: frames.Taken) -> None:
        with self._changed:
            self._held -= 1
        _origin(delivery).guest.answer(answer)

    def close(self) -> None:
        """Listen no more; publishers keep what was not answered."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            guests = list(self._guests)
        try:
            self._listening.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        address = self._listening.getsockname() if self._claim is not None else None
        self._listening.close()
        for guest in guests:
            guest.leave()
        for thread in self._threads:
            thread.join(_PATIENCE_S)
        if self._claim is not None:
            Path(str(address)).unlink(missing_ok=True)
            self._claim.release()


def _origin(delivery: Delivery) -> _Origin:
    assert isinstance(delivery.tag, _Origin)
    return delivery.tag
