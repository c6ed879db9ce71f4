"""A watch, or a service, that goes on by itself: in the background, with a log, apart from the terminal."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from stampede.errors import StampedeError
from stampede.places import state_folder
from stampede.store.registry import Watcher, alive

#: a watcher that was told to stop writes what it has read and ends; after so many seconds it is told so
_STOP_S = 20.0


def detach(name: str, kind: str = "watch") -> Path | None:
    """Go on in a process of its own, away from the terminal; its output goes into a log file of its kind's folder.

    In the process that called, the answer is that file; in the new one None. Raises StampedeError.
    """
    folder = state_folder() / kind
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"{name[:80]}-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}.log"
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as e:
        raise StampedeError(f"{folder} cannot hold the log of a detached {kind}: {e.strerror}.") from e
    sys.stdout.flush()
    sys.stderr.flush()
    if os.fork():
        os.close(output)
        return log
    os.setsid()
    if os.fork():
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(here, there)
    return None


def own_log() -> str | None:
    """The file that the output of this process goes to, when it is a log."""
    try:
        name = os.readlink(f"/proc/self/fd/{sys.stdout.fileno()}")
    except (OSError, ValueError):
        return None
    return name if name.endswith(".log") and os.path.isfile(name) else None


def stop(watcher: Watcher) -> bool:
    """Tell a watcher of this host to end, and wait until it has; False when it does not listen.

    Raises StampedeError when it cannot be told.
    """
    if alive(watcher) is not True:
        raise StampedeError(f"Watcher {watcher.pid} runs on {watcher.host}: stop it there.")
    try:
        os.kill(watcher.pid, signal.SIGTERM)
    except OSError as e:
        raise StampedeError(f"Watcher {watcher.pid} cannot be told to stop: {e.strerror}.") from e
    end = time.monotonic() + _STOP_S
    while time.monotonic() < end:
        if not alive(watcher):
            return True
        time.sleep(0.05)
    return False
