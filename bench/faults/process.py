"""A process of ours, started again when it failed, as systemd does with ``Restart=on-failure``."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_VERB: Final = Path(__file__).with_name("verb.py")
#: one that failed is started again after so long, in seconds
_PAUSE_S: Final = 0.5
#: one that was asked to end has so long for it
_END_S: Final = 60.0


class Process:
    """``words`` is the verb with its arguments, ``role`` who it is (publisher, loader), ``inside`` the namespace."""

    def __init__(
        self, role: str, name: str, folder: Path, environment: Mapping[str, str], inside: Sequence[str],
        *words: object,
    ) -> None:  # fmt: skip
        self.role, self.name = role, name
        self.log = folder / f"{name}.log"
        self._environment = dict(environment)
        self._words = [*inside, sys.executable, str(_VERB), *map(str, words)]
        self.codes: list[int] = []
        #: with which codes it ends well
        self.ok: tuple[int, ...] = (0,)
        #: somebody keeps it from being started again
        self.held = False
        self._since = 0.0
        self.start()

    def start(self) -> None:
        """Start it."""
        self.held = False
        with open(self.log, "ab") as log:
            log.write(b"---- started\n")
            log.flush()
            self.process = subprocess.Popen(
                self._words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment, cwd="/"
            )
        self._since = 0.0

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    @property
    def done(self) -> bool:
        """Whether it has ended well."""
        return self.process.poll() in self.ok

    def tend(self) -> None:
        """Start it again when it failed, after a pause."""
        code = self.process.poll()
        if code is None or code in self.ok or self.held:
            return
        now = time.monotonic()
        if not self._since:
            self._since = now
            self.codes.append(code)
        elif now - self._since > _PAUSE_S:
            self.start()

    def signal(self, number: int) -> None:
        """Send a signal, if it is still there."""
        if self.alive:
            self.process.send_signal(number)

    def kill(self) -> None:
        """End it at once; it is not started again before somebody does."""
        self.held = True
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> float:
        """End it as a user does: the seconds that took. Raises TimeoutError."""
        self.held = True
        began = time.monotonic()
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"{self.name} did not end within {_END_S:.0f} s of SIGTERM") from None
        return time.monotonic() - began

    def said(self) -> str:
        """All its output so far."""
        return self.log.read_text(errors="replace")
