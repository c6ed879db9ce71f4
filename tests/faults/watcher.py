"""The process under test: ``stampede watch``, as anybody would run it, or behind a launcher that changes its world."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

#: nothing that is waited for takes longer than this, in seconds; only hanging tests do
DEADLINE_S = 180.0
_LAUNCHER = Path(__file__).with_name("launcher.py")


class Watch:
    """One process. ``changes`` are the launcher's options; ``prefix`` is a command that runs it with less."""

    def __init__(
        self, arguments: Sequence[str], env: Mapping[str, str], output: Path, *, changes: Sequence[str] = (),
        prefix: Sequence[str] = (), stdout: int | None = None,
    ) -> None:  # fmt: skip
        program = [str(_LAUNCHER), *changes, "--"] if changes else ["-m", "stampede.cli.main"]
        self.output = output
        #: what lay there as it began (see ``Lab.again``), and the seconds until all that was visible
        self.before: dict[str, int] | None = None
        self.known_after_s: float | None = None
        self.started = time.monotonic()
        with output.open("ab") as out:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, *program, "watch", *arguments], stdin=subprocess.DEVNULL,
                stdout=out if stdout is None else stdout, stderr=out, env=dict(env), cwd="/",
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs."""
        return self.process.poll()

    @property
    def alive(self) -> bool:
        return self.code is None

    def said(self) -> str:
        """All its output so far."""
        return self.output.read_text(errors="replace")

    def signal(self, number: int) -> None:
        """Send a signal, if it is still there."""
        if self.alive:
            self.process.send_signal(number)

    def kill(self) -> bool:
        """End it without a chance to do anything; whether it was there to be killed."""
        was = self.alive
        self.signal(signal.SIGKILL)
        self.process.wait()
        return was and self.process.returncode == -signal.SIGKILL

    def wait(self, timeout_s: float = DEADLINE_S) -> int:
        """Its exit code, once it has ended."""
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the watch has not ended within {timeout_s:.0f} s:\n{self.said()[-3000:]}") from None

    def cpu_s(self) -> float:
        """Seconds of processor time that it has used."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End it for good, stopped or not."""
        if self.alive:
            self.kill()
