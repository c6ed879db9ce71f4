"""Connections, with limits that uvicorn has not: on the head of a request and on how slowly somebody reads or writes.

uvicorn reads heads of any length, waits for them and for bodies for ever, and keeps what a visitor does not fetch. Here
a connection is cut when a head is too long or late, when a body stands still, and when an answer is not fetched.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from stampede.service.figures import Figures
from stampede.service.guard.neighbour import user_of
from stampede.service.guard.origin import UID
from stampede.service.settings import Settings

_TOO_LONG: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%b"
)
_BODY: Final = (
    b'{"type":"/problems/size","title":"Request Header Fields Too Large","status":431,'
    b'"detail":"The head of the request is too long.","instance":""}'
)


class Connection(HttpToolsProtocol):
    """One connection. Classes made by :func:`connections` know settings and figures."""

    settings: Settings
    figures: Figures
    addresses: Counter[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._in_head = True
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._uid: int | None = None
        self._address = ""

    # ---- begin and end ----------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.figures.connections += 1
        self._address = self.client[0] if self.client else ""
        self.addresses[self._address] += 1
        if self.figures.connections > self.settings.connections:
            self._cut("too many")
        elif self.addresses[self._address] > self.settings.connections_each:
            self._cut("too many of one address")
        elif self.client and self.server:
            if self._address.startswith("127.") or self._address == "::1":
                self._uid = user_of(self.client, cast("tuple[str, int]", self.server))
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self.figures.connections -= 1
        self.addresses[self._address] -= 1
        if self.addresses[self._address] <= 0:
            del self.addresses[self._address]
        for timer in (self._deadline, self._stalled):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def _cut(self, why: str) -> None:
        self.figures.cut[why] += 1
        self.transport.abort()

    # ---- the head of a request --------------------------------------------------------------------------------------

    def _await_head(self) -> None:
        """A head is to come: all of it within a time, however many pieces it has."""
        self._in_head, self._head_bytes = True, 0
        self._set_deadline(self.settings.head_s, "slow head")

    def _set_deadline(self, seconds: float, why: str) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self._cut, why)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._in_head:
            if self._deadline is None:  # the next request of a connection that waited
                self._await_head()
            # what is read at once may hold a body as well: a piece counts fully only when it did not end the head
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > self.settings.head_bytes and not self.transport.is_closing():
            self._refuse_head()
        elif not self._in_head and self._deadline is not None and not self.transport.is_closing():
            self._set_deadline(self.settings.stall_s, "slow body")

    def _refuse_head(self) -> None:
        self.figures.cut["long head"] += 1
        self.transport.write(_TOO_LONG % (len(_BODY), _BODY))
        self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[UID] = self._uid  # type: ignore[typeddict-unknown-key]

    def on_headers_complete(self) -> None:
        length = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if length > self.settings.head_bytes:
            self._refuse_head()
            return
        self._in_head = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self.cycle is not None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._in_head, self._head_bytes = True, 0
        if self.cycle is not None:
            super().on_message_complete()

    # ---- an answer that is not fetched ------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.settings.stall_s, self._cut, "slow reader")

    def resume_writing(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()


def connections(settings: Settings, figures: Figures) -> type[Connection]:
    """The class of the connections of one service."""
    return type("Connections", (Connection,), {"settings": settings, "figures": figures, "addresses": Counter()})
