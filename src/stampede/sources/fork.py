"""A second process for a part of the reading, forked from this one, at the other end of a connection.

A forked process has all modules and all that was read so far, and starts in milliseconds. It must not be forked while
other threads run: their locks would stay locked in it for ever. Where there are some, callers do the work themselves
(:func:`several_processes`).

The child dies with its parent: it holds no end of any pipe but its own, so that its next read or write fails.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import Any, Concatenate, ParamSpec

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
        and hasattr(os, "fork")
    )


class Child:
    """A process that runs ``serve(connection, *args)``; ``connection`` is our end."""

    def __init__(
        self, serve: Callable[Concatenate[Connection[Any, Any], P], None], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        context = multiprocessing.get_context("fork")
        self.connection, theirs = context.Pipe()
        self.process: ForkProcess = context.Process(target=_run, args=(serve, theirs, args, kwargs))
        self.process.start()
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


def _run(serve: Callable[..., None], connection: Connection[Any, Any], args: Any, kwargs: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, and ends us
    os.nice(_NICE)
    own = connection.fileno()
    os.closerange(3, own)
    os.closerange(own + 1, _ALL_FILES)
    try:
        serve(connection, *args, **kwargs)
    except BrokenPipeError:  # nobody listens any more
        pass
