"""The process that forks readers: itself forked when the service has no threads yet, and nothing open.

A process with threads must not be forked, since their locks would stay locked in the child for ever; and a reader that
dies has to be replaced while the service runs. What is forked has all modules already: it answers after some
milliseconds and shares most of its memory.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, NoReturn

_LOG = logging.getLogger("stampede.service")
#: more files than any process has open
_ALL_FILES: Final = 1 << 20
#: what a reader does, with its end of the line that tells when the service has ended, and its lanes
Reads = Callable[[socket.socket, Sequence[socket.socket]], NoReturn]


class Nursery:
    """Gives readers, as long as its process lives. Raises OSError when none can be started."""

    def __init__(self, reads: Reads) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        gc.freeze()  # what is there now stays as it is, in memory that all share
        try:
            self.pid = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            raise
        if self.pid == 0:
            ours.close()
            _child(theirs, reads)
        theirs.close()
        self._line = ours

    def reader(self, lanes: int) -> tuple[socket.socket, list[socket.socket]]:
        """A new process that reads: the line whose closing ends it, and its lanes. Raises OSError."""
        ours: list[socket.socket] = []
        theirs: list[socket.socket] = []
        try:
            for _ in range(lanes + 1):
                one, other = socket.socketpair()
                ours.append(one)
                theirs.append(other)
            socket.send_fds(self._line, [b"."], [end.fileno() for end in theirs])
        except OSError:
            for end in ours:
                end.close()
            raise
        finally:
            for end in theirs:
                end.close()
        return ours[0], ours[1:]

    def close(self) -> None:
        """End it. Its readers end when the lines to them are closed."""
        self._line.close()
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def begun(reads: Reads) -> Nursery | None:
    """A nursery; None where there can be none, which is told in the log."""
    if threading.active_count() > 1:
        _LOG.warning("there are threads already: no further process is started to read")
        return None
    try:
        return Nursery(reads)
    except OSError as e:
        _LOG.warning("no further process can be started to read: %s", e.strerror)
        return None


def _child(line: socket.socket, reads: Reads) -> NoReturn:
    status = 1
    try:
        _quiet()
        _keep_only([line.fileno()])
        while True:
            _, handles, _, _ = socket.recv_fds(line, 1, 64)
            if not handles:
                status = 0
                break
            ends = [socket.socket(fileno=handle) for handle in handles]
            with suppress(OSError):  # the other ends are closed then, which tells
                if os.fork() == 0:
                    line.close()
                    reads(ends[0], ends[1:])
            for end in ends:
                end.close()
    finally:
        os._exit(status)


def _quiet() -> None:
    """The service is told to end, and ends us; a terminal's Ctrl-C comes to all of its processes."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGCHLD"):  # of children nobody asks how they ended
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.set_wakeup_fd(-1)


def _keep_only(handles: Sequence[int]) -> None:
    """Close all files but those and the three that every process has: also what is listened on."""
    at = 3
    for handle in sorted(handles):
        os.closerange(at, handle)
        at = handle + 1
    os.closerange(at, _ALL_FILES)
