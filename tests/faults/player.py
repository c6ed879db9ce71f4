"""Plays a finished directory back: it comes into being again, line by line, as its run had made it.

As a program it is a DAGMan of its own, whose process can be killed::

    python -m tests.faults.player SOURCE FOLDER [LINES_PER_S [UNTIL]]
"""

from __future__ import annotations

import os
import random
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from stampede.replaying.script import Script, Step, take_apart

_PID = re.compile(rb"\*\* PID = \d+")
#: parts of what is written at once, and seconds of rest between them
Parts = Iterable[bytes | float]


class Pace(NamedTuple):
    """How fast: ``lines_per_s`` on the whole, in bursts of ``burst`` lines, with a rest of up to ``rest_s`` seconds
    after a burst with the chance ``rests``, and the chance ``torn`` that a burst ends within a line."""

    lines_per_s: float = 500.0
    burst: int = 5
    rests: float = 0.0
    rest_s: float = 0.0
    torn: float = 0.0


class Player:
    """One play. ``play`` goes on to a share of all lines and returns; ``start`` does so in a thread."""

    def __init__(self, script: Script, folder: Path, pace: Pace | None = None, seed: int = 0) -> None:
        self.script = script
        self.folder = folder
        self.pace = pace or Pace()
        #: what becomes of a step's line; None leaves it as it is
        self.change: Callable[[Step], Parts | None] = lambda _step: None
        #: puts a file in place; another one may do so late, or by halves
        self.place: Callable[[str], None] = self.copy
        #: the process that the logs name as DAGMan
        self.pid = os.getpid()
        self.at = 0
        self._random = random.Random(seed)
        self._files: dict[str, int] = {}
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._error: BaseException | None = None

    # ---- the stage --------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Put in place what was there before the run."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in self.script.first:
            self.copy(name)

    def copy(self, name: str) -> None:
        """Put a file in place, whole: under another name first, as careful writers do."""
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.coming")
        shutil.copy2(self.script.source / name, partial)
        partial.chmod(0o644)
        partial.rename(target)

    def path(self, log: str) -> Path:
        """Where a log lies."""
        return self.folder / log

    @property
    def done(self) -> bool:
        """Whether all lines were played."""
        return self.at >= len(self.script.steps)

    @property
    def share(self) -> float:
        """How much of it was played."""
        return self.at / max(len(self.script.steps), 1)

    # ---- playing ----------------------------------------------------------------------------------------------------

    def play(self, until: float = 1.0) -> None:
        """Go on to that share of all lines, at the pace."""
        pace, goal = self.pace, round(min(until, 1.0) * len(self.script.steps))
        began, first = time.monotonic(), self.at
        while self.at < goal and not self._stopped.is_set():
            self.lines(min(pace.burst, goal - self.at), torn=self._random.random() < pace.torn)
            if self._random.random() < pace.rests:
                rest = self._random.uniform(0, pace.rest_s)
                began += rest
                self._stopped.wait(rest)
            self._stopped.wait(max(began + (self.at - first) / pace.lines_per_s - time.monotonic(), 0))

    def lines(self, number: int, *, torn: bool = False) -> None:
        """Play so many lines now; the last one in two pieces when ``torn``."""
        steps = self.script.steps[self.at : self.at + number]
        for step in steps:
            for name in step.files:
                self.place(name)
            parts = self.change(step)
            if parts is None:
                data = _PID.sub(b"** PID = %d" % self.pid, step.data)
                parts = self._in_two(data) if torn and step is steps[-1] else (data,)
            for part in parts:
                if isinstance(part, bytes):
                    self.write(step.log, part)
                else:
                    time.sleep(part)
            self.at += 1

    def _in_two(self, data: bytes) -> Iterator[bytes | float]:
        place = self._random.randrange(len(data)) if data else 0
        yield data[:place]
        yield self._random.uniform(0, 0.05)
        yield data[place:]

    def finish(self) -> None:
        """Put in place what came when all was over."""
        for name in self.script.last:
            self.place(name)

    # ---- files ------------------------------------------------------------------------------------------------------

    def write(self, log: str, data: bytes) -> None:
        """Append to a log, through the descriptor that was opened first."""
        os.write(self.file(log), data)

    def file(self, log: str) -> int:
        """The descriptor of a log."""
        found = self._files.get(log)
        if found is None:
            self.path(log).parent.mkdir(parents=True, exist_ok=True)
            found = self._files[log] = os.open(self.path(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        return found

    def reopen(self, log: str, *, append: bool = True) -> None:
        """Write through a new descriptor from here on; one that does not append keeps its own place in the file."""
        old = self._files.pop(log, None)
        if old is not None:
            os.close(old)
        mode = os.O_APPEND if append else 0
        self._files[log] = os.open(self.path(log), os.O_WRONLY | os.O_CREAT | mode, 0o644)
        os.lseek(self._files[log], 0, os.SEEK_END)

    # ---- in a thread ------------------------------------------------------------------------------------------------

    def start(self, until: float = 1.0) -> None:
        """Play on in a thread."""
        self._thread = threading.Thread(target=self._run, args=(until,), daemon=True)
        self._thread.start()

    def _run(self, until: float) -> None:
        try:
            self.play(until)
        except BaseException as e:
            self._error = e

    @property
    def playing(self) -> bool:
        """Whether the thread is at it."""
        return self._thread is not None and self._thread.is_alive()

    def wait(self) -> None:
        """Until the thread has played what it was told to."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Leave the stage."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        for file in self._files.values():
            os.close(file)
        self._files.clear()


def main() -> None:
    """Play to the end or to a share, and wait to be killed."""
    source, folder, *more = sys.argv[1:]
    pace = Pace(float(more[0]) if more else 500.0)
    until = float(more[1]) if len(more) > 1 else 1.0
    player = Player(take_apart(Path(source)), Path(folder), pace)
    playing = Path(folder) / "playing"  # is there as long as something is to come
    playing.parent.mkdir(parents=True)
    playing.touch()
    player.begin()
    player.play(until)
    player.finish()
    playing.unlink()
    time.sleep(3600)


if __name__ == "__main__":
    main()
