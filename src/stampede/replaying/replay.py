"""The play: lines are appended when their time comes, files put in place with the line that tells of them."""

from __future__ import annotations

import os
import re
import shutil
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from stampede.errors import InputError, UsageError
from stampede.replaying.script import Script, Step, take_apart
from stampede.replaying.stamps import Stamps
from stampede.replaying.times import TimeMap
from stampede.sources.dagman.clock import Clock
from stampede.sources.identity import Workflow, clock_of, identify

_PID: Final = re.compile(rb"\*\* PID = \d+")
#: DAGMan's name in its log has the id of its HTCondor job, which tells two runs of one DAG apart
_UUID: Final = re.compile(rb"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")
#: files that are larger are copied as they are
_MOVED_BYTES: Final = 64 << 20
#: seconds at most between two looks at whether to go on
_LOOK_S: Final = 0.2


class Played(msgspec.Struct, kw_only=True):
    """What a replay did. ``whole``: to the end."""

    source: str
    folder: str
    lines: int
    duration_s: float
    whole: bool


class Replay:
    """A finished run of ``source`` that happens once more in ``folder``, from now on.

    ``begin`` puts in place what was there before the run, ``play`` the rest, each line when its time comes. Raises
    InputError when ``source`` holds no log of DAGMan, UsageError when ``folder`` is not empty.
    """

    def __init__(
        self, source: Path, folder: Path, *, speed: float = 1.0, longest_pause_s: float | None = None,
        start_ts: float | None = None,
    ) -> None:  # fmt: skip
        if folder.exists() and any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty: name a folder for the replay that does not exist yet.")
        self.script: Script = take_apart(source)
        if not self.script.logs:
            raise InputError(f"{source} has no *.dagman.out: only runs that have left one can be replayed.")
        self.folder = folder
        self._at = 0
        run = identify(source / self.script.logs[0])
        clock = clock_of(run)
        self._due = _dues(self.script.steps, clock)
        self.times = TimeMap(
            self._due, start_ts=time.time() if start_ts is None else start_ts, speed=speed,
            longest_pause_s=longest_pause_s,
        )  # fmt: skip
        self._stamps = Stamps(self.times, clock, _replaced(run, source, folder))

    def begin(self) -> None:
        """Put in place what was there before the run."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in self.script.first:
            self._place(name)

    def play(
        self, *, go_on: Callable[[], bool] = lambda: True, tell: Callable[[int, int], None] = lambda _at, _of: None
    ) -> Played:
        """Play on to the end, or until ``go_on`` says no. ``tell`` hears how many lines of how many were played."""
        began, steps = time.monotonic(), self.script.steps
        files: dict[str, int] = {}
        try:
            while self._at < len(steps) and _wait(self.times(self._due[self._at]), go_on):
                self._write(files, steps[self._at])
                self._at += 1
                tell(self._at, len(steps))
            if self._at == len(steps):
                for name in self.script.last:
                    self._place(name)
        finally:
            for file in files.values():
                os.close(file)
        return Played(
            source=str(self.script.source), folder=str(self.folder), lines=self._at,
            duration_s=round(time.monotonic() - began, 3), whole=self._at == len(steps),
        )  # fmt: skip

    def _write(self, files: dict[str, int], step: Step) -> None:
        for name in step.files:
            self._place(name)
        path = self.folder / step.log
        if step.log not in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            files[step.log] = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        line = _PID.sub(b"** PID = %d" % os.getpid(), step.data)  # whoever looks finds DAGMan alive
        os.write(files[step.log], self._stamps.moved(line))

    def _place(self, name: str) -> None:
        """A file, whole: under another name first, as careful writers do."""
        source, target = self.script.source / name, self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.coming")
        if source.stat().st_size > _MOVED_BYTES:
            shutil.copyfile(source, partial)
        else:
            partial.write_bytes(self._stamps.moved(source.read_bytes()))
        partial.rename(target)


def _dues(steps: list[Step], clock: Clock) -> list[float]:
    """When each line was written, epoch seconds, never before the line above it."""
    dues: list[float] = []
    latest: float | None = None
    for step in steps:
        ts = clock.epoch(step.when) if step.when else None
        latest = max(filter(None, (latest, ts)), default=None)
        dues.append(latest or 0.0)
    first = next((due for due in dues if due), time.time())
    return [due or first for due in dues]


def _replaced(run: Workflow, source: Path, folder: Path) -> dict[bytes, bytes]:
    """Uuids of the run and all below it become new ones, its folder the new one: it is another run."""
    found = {os.fsencode(run.recorded): os.fsencode(folder.absolute())} if run.recorded else {}
    for dump in sorted(source.rglob("braindump.*")):
        for old in _UUID.findall(dump.read_bytes()):
            found.setdefault(old, str(uuid.uuid4()).encode())
    return found


def _wait(due: float, go_on: Callable[[], bool]) -> bool:
    while go_on():
        left = due - time.time()
        if left <= 0:
            return True
        time.sleep(min(left, _LOOK_S))
    return False
