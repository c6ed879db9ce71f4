"""A client of the live stream, for tests: events as they come, over a plain socket."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from serving import Server

#: streams that were opened, for a fixture to close
OPEN: list[Stream] = []


class Event(NamedTuple):
    name: str
    id: str | None
    data: Any


class Stream:
    """``Stream(server, path)``: ``events(seconds)`` gives what comes in that time. ``last_id`` is kept as a browser
    keeps it."""

    def __init__(self, server: Server, path: str, *, last_id: str | None = None, buffer_bytes: int = 0) -> None:
        self.last_id = last_id
        self.comments = 0
        self._name, self._id, self._data = "message", None, []
        self._raw, self._text = b"", b""
        self._ended = False
        self._socket = socket.socket()
        OPEN.append(self)
        if buffer_bytes:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        self._socket.settimeout(20)
        self._socket.connect((server.settings["host"], server.settings["port"]))
        last = f"Last-Event-ID: {last_id}\r\n" if last_id else ""
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {server.settings['host']}\r\n{last}\r\n".encode())
        while b"\r\n\r\n" not in self._raw:
            piece = self._socket.recv(65536)
            assert piece, "the server closed the connection"
            self._raw += piece
        head, self._raw = self._raw.split(b"\r\n\r\n", 1)
        self.status = int(head.split()[1])

    def events(self, seconds: float, *, until: int | None = None) -> list[Event]:
        """Events of that time, or that many, whatever comes first."""
        found: list[Event] = []
        end = time.monotonic() + seconds
        while not self._ended:
            found += self._parsed()
            left = end - time.monotonic()
            if left <= 0 or (until is not None and len(found) >= until):
                break
            self._socket.settimeout(left)
            try:
                piece = self._socket.recv(65536)
            except (TimeoutError, ConnectionResetError):
                break
            self._ended = not piece
            self._raw += piece
        return found

    @property
    def ended(self) -> bool:
        """Whether the server has closed it."""
        return self._ended

    def _parsed(self) -> Iterator[Event]:
        while b"\r\n" in self._raw:  # chunks (RFC 9112, 7.1)
            size, rest = self._raw.split(b"\r\n", 1)
            length = int(size, 16)
            if len(rest) < length + 2:
                break
            self._text += rest[:length]
            self._raw = rest[length + 2 :]
            self._ended = self._ended or length == 0
        *lines, self._text = self._text.split(b"\n")
        for line in lines:
            yield from self._take(line.decode())

    def _take(self, line: str) -> Iterator[Event]:
        if not line:
            if self._id is not None:
                self.last_id = self._id
            if self._data:
                yield Event(self._name, self._id, json.loads("\n".join(self._data)))
            self._name, self._id, self._data = "message", None, []
            return
        field, _, value = line.partition(": ")
        if line.startswith(":"):
            self.comments += 1
        elif field == "event":
            self._name = value
        elif field == "id":
            self._id = value
        elif field == "data":
            self._data.append(value)

    def close(self) -> None:
        """As a client that goes away."""
        self._socket.close()
