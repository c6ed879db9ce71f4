"""Publishes paths beside what else is done with them: a thread each, with its own reading and its own spool."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from stampede.errors import StampedeError
from stampede.pushing.outbox import Target
from stampede.pushing.push import Push, Sent

#: in the end, what is still under way is waited for so long, in seconds
_SETTLE_S = 10.0


class Beside:
    """Pushes that follow paths in the background. What is not sent in the end waits in the spool for the next one."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._until = float("inf")
        self._threads: dict[Path, threading.Thread] = {}
        self._pushes: dict[Path, Push] = {}
        #: what keeps a path from being published at all
        self.troubles: dict[Path, str] = {}

    def add(self, path: Path) -> None:
        """Follow that path too."""
        if path not in self._threads:
            thread = threading.Thread(target=self._run, args=(path,), name="stampede-publish", daemon=True)
            self._threads[path] = thread
            thread.start()

    def _run(self, path: Path) -> None:
        try:
            with Push([path], self._target, go_on=lambda: time.monotonic() < self._until) as push:
                self._pushes[path] = push
                push.follow()
        except StampedeError as e:
            self.troubles[path] = str(e)

    @property
    def sent(self) -> list[Sent]:
        """What became of the paths so far."""
        return [one for push in list(self._pushes.values()) for one in push.sent]

    @property
    def trouble(self) -> str | None:
        """What is in the way."""
        return next(iter(self.troubles.values()), None) or next((s.trouble for s in self.sent if s.trouble), None)

    def close(self, *, at_once: bool = False) -> None:
        """Wait a moment for what is under way, and stop."""
        self._until = time.monotonic() + (0.0 if at_once else _SETTLE_S)
        for thread in self._threads.values():
            thread.join()
