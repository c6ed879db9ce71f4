"""The command ``stampede``: as a process that watches, as a process that answers, and its answers without a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from stampede.cli.naming import workflows_of
from stampede.cli.status import as_object
from stampede.errors import StampedeError
from stampede.query.status import status

COMMAND = [sys.executable, "-m", "stampede.cli.main"]


def answer(folder: Path, url: str) -> list[dict[str, Any]] | None:
    """What ``status --json`` answers now (the same code, without starting a process); None while it knows nothing."""
    try:
        with workflows_of(url, str(folder)) as (reader, roots):
            return [msgspec.to_builtins(as_object(s)) for root in roots for s in status(reader, root)]
    except StampedeError:
        return None


def stampede(*arguments: str, codes: tuple[int, ...] = (0, 1)) -> Any:
    """The JSON that a verb prints as a process of its own."""
    done = subprocess.run([*COMMAND, *arguments, "--json"], capture_output=True, text=True, timeout=120)
    assert done.returncode in codes, f"{arguments} ended with {done.returncode}: {done.stderr}"
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


class Watch:
    """``stampede watch`` as a process; what it prints goes to files."""

    def __init__(self, target: Path, url: str, output: Path, *options: str) -> None:
        self.options = options
        self._out, self._err = output.with_suffix(".out"), output.with_suffix(".err")
        self.started = time.time()
        self.ended: float | None = None
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [*COMMAND, "watch", str(target), "--db", url, *options], stdin=subprocess.DEVNULL, stdout=out,
                stderr=err, env={**os.environ, "COLUMNS": "100"},
            )  # fmt: skip

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def code(self) -> int | None:
        """What it exited with; negative: the signal it died of."""
        return self._process.poll()

    @property
    def stdout(self) -> str:
        return self._out.read_text()

    @property
    def stderr(self) -> str:
        return self._err.read_text()

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, seconds: float) -> int | None:
        """Its exit code; None when it still runs after so long."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self.ended = self.ended or time.time()
        return code

    def close(self) -> None:
        """End it, whatever it does."""
        if self.running:
            self._process.kill()
        self._process.wait()
