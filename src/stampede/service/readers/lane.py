"""A line to a process that reads, as the event loop has it: one question at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from stampede.service.kept import Answer
from stampede.service.readers.messages import LENGTH, Failed, unpacked


class LostError(Exception):
    """The process at the other end has ended."""


class Lane(asyncio.Protocol):
    """``taken``: whether it has a question, or somebody is about to ask one."""

    def __init__(self, lost: Callable[[], None]) -> None:
        self.taken = False
        self._lost = lost
        self._transport: asyncio.WriteTransport | None = None
        self._waiting: asyncio.Future[bytes] | None = None
        self._pieces = bytearray()

    @property
    def is_open(self) -> bool:
        """Whether the process at the other end is there, as far as we have heard: that it has ended is known a moment
        before ``lost`` is called."""
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, message: bytes) -> Answer:
        """The answer to a message. Raises LostError, and what the question raised."""
        if self._transport is None or self._transport.is_closing():
            raise LostError
        waiting = self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(message)
        found = unpacked(await waiting)
        if isinstance(found, Failed):
            raise found.error()
        return cast(Answer, found)

    def close(self) -> None:
        """Let go of it."""
        if self._transport is not None:
            self._transport.close()

    # ---- asyncio.Protocol -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        self._pieces += data
        if len(self._pieces) < LENGTH.size:
            return
        (length,) = LENGTH.unpack_from(self._pieces)
        if len(self._pieces) < LENGTH.size + length:
            return
        body, self._pieces = bytes(memoryview(self._pieces)[LENGTH.size :]), bytearray()
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(body)

    def connection_lost(self, exc: Exception | None) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(LostError())
        self._lost()
