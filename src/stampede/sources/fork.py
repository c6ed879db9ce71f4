"""A second process for a part of the reading, forked from this one, at the other end of a connection.

A forked process has all modules and all that was read so far, and starts in milliseconds. It must not be forked while
other threads run: their locks would stay locked in it for ever. Where there are some, callers do the work themselves
(:func:`several_processes`).

The child dies with its parent: it holds no end of any pipe but its own, so that its next read or write fails.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from typing import Any, Concatenate, ParamSpec

from stampede.errors import InputError

P = ParamSpec("P")

#: input smaller than this is read in the process that asks: messages would cost more than they gain
WORTHWHILE_BYTES = 2 << 20
#: how far a child stands back behind its parent, who has to take in what it finds
_NICE = 3
#: more files than any process has open
_ALL_FILES = 1 << 20


def several_processes(size: int) -> bool:
    """Whether input of ``size`` bytes is better read by several processes. ``STAMPEDE_WORKERS=0`` says never."""
    return (
        size >= WORTHWHILE_BYTES
        and os.environ.get("STAMPEDE_WORKERS") != "0"
        and (os.cpu_count() or 1) > 1
        and threading.active_count() == 1
        and not multiprocessing.current_process().daemon  # those may have no children
        and hasattr(os, "fork")
    )


class Connection:
    """One end of a line between two processes: messages of bytes, both ways.

    (That of ``multiprocessing`` takes three times as long for messages of a megabyte.)
    """

    _LENGTH = struct.Struct("<I")

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._incoming = end.makefile("rb")

    def send(self, *pieces: bytes) -> None:
        """Send a message, in pieces or whole, waiting for room. Raises OSError when nobody listens any more."""
        self._socket.sendall(self._LENGTH.pack(sum(map(len, pieces))))
        for piece in pieces:
            self._socket.sendall(piece)

    def receive(self) -> bytes | None:
        """The next message; None when the other end is closed, also in the middle of one."""
        try:
            head = self._incoming.read(self._LENGTH.size)
            if len(head) < self._LENGTH.size:
                return None
            (length,) = self._LENGTH.unpack(head)
            message = self._incoming.read(length)
        except ConnectionResetError:
            return None
        return message if len(message) == length else None

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._incoming.close()
        self._socket.close()


class Child:
    """A process that runs ``serve(connection, *args)``; ``connection`` is our end.

    Raises InputError when none can be started.
    """

    def __init__(self, serve: Callable[Concatenate[Connection, P], None], *args: P.args, **kwargs: P.kwargs) -> None:
        context = multiprocessing.get_context("fork")
        ends: list[Connection] = []
        try:
            ends += [Connection(end) for end in socket.socketpair()]
            self.connection, theirs = ends
            self.process: ForkProcess = context.Process(target=_run, args=(serve, *ends, args, kwargs))
            signals = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # till the child ignores it
            try:
                self.process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, signals)
        except OSError as e:  # too many processes or files, or no memory left
            for end in ends:
                end.close()
            raise InputError(f"No further process could be started to read ({e.strerror}). "
                             "Set STAMPEDE_WORKERS=0 to do without.") from e  # fmt: skip
        theirs.close()

    def end(self) -> int:
        """Wait until it has ended, without a word more; its exit status, negative when a signal ended it."""
        self.connection.close()
        self.process.join()
        status = self.process.exitcode or 0
        self.process.close()
        return status

    def kill(self) -> None:
        """End it now."""
        self.process.kill()


def _run(serve: Callable[..., None], theirs: Connection, connection: Connection, args: Any, kwargs: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, and ends us
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    gc.freeze()  # nothing of the parent's is to be finalised here
    theirs.close()
    os.nice(_NICE)
    own = connection.fileno()
    os.closerange(3, own)
    os.closerange(own + 1, _ALL_FILES)
    try:
        serve(connection, *args, **kwargs)
    except ConnectionError:  # nobody listens any more: if somebody still should, the status tells of it
        sys.exit(1)
