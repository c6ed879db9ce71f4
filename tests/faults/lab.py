"""A room for one fault: a run that is played back, a watch beside it, a clock, and the comparison at the end."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from stampede.replaying.script import Script, take_apart

from .compare import Difference, difference
from .player import Pace, Player
from .watcher import DEADLINE_S, Watch

_LOOK_S = 0.01
#: for processes that neither say nor ask anything
SILENT: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Outcome(NamedTuple):
    """What came of a fault: how often it was tried, how it ended, and the seconds of each recovery."""

    tries: int
    differences: list[Difference]
    recoveries_s: list[float]
    notes: str = ""


class Lab:
    """Folder ``home`` for everything; ``source`` is the finished directory that is played."""

    def __init__(self, home: Path, source: Path, *, seed: int = 0, pace: Pace | None = None, **how: Any) -> None:
        self.home = home
        self.random = random.Random(seed)
        self.folder = home / "run"
        self.database = home / "data" / "run.db"
        self.state = home / "state"
        for folder in (home, self.database.parent, self.state):
            folder.mkdir(parents=True, exist_ok=True)
        self.script: Script = take_apart(source, **how)
        self.player = Player(self.script, self.folder, pace, seed)
        #: what the logs name as DAGMan's process
        self.dagman = subprocess.Popen(["sleep", "3600"], **SILENT)
        self.player.pid = self.dagman.pid
        self.watches: list[Watch] = []
        self.recoveries_s: list[float] = []
        #: a command that runs every watch with less
        self.prefix: list[str] = []
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("STAMPEDE_", "PYTEST"))}
        self.env |= {"TZ": "UTC", "STAMPEDE_STATE": str(self.state), "PYTHONDONTWRITEBYTECODE": "1"}

    # ---- who is in the room -----------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The database as a URL."""
        return f"sqlite:///{self.database}"

    def watch(self, *options: str, changes: Sequence[str] = (), stdout: int | None = None) -> Watch:
        """Start a watch of the folder."""
        arguments = [str(self.folder), "--db", self.url, *options]
        output = self.home / f"watch{len(self.watches)}.txt"
        made = Watch(arguments, self.env, output, changes=changes, prefix=self.prefix, stdout=stdout)
        self.watches.append(made)
        return made

    def stampede(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another verb to its end."""
        return subprocess.run(
            [sys.executable, "-m", "stampede.cli.main", *arguments], env=self.env, cwd="/", text=True,
            capture_output=True, timeout=10 * DEADLINE_S, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    # ---- what is visible --------------------------------------------------------------------------------------------

    def ask(self, sql: str, *parameters: object) -> list[Any]:
        """Rows that a reader sees now; none where there is no database yet."""
        try:
            connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=1)
            try:
                return connection.execute(sql, parameters).fetchall()
            finally:
                connection.close()
        except sqlite3.Error:
            return []

    def written(self) -> dict[str, int]:
        """Length of the root's log as it lies there now (of sub-workflows, their parent has to tell first)."""
        path = self.player.path(self.script.logs[0])
        try:
            return {os.path.realpath(path): path.stat().st_size}
        except OSError:
            return {}

    def has(self, written: dict[str, int], *, more: bool = False, still: bool = False) -> bool:
        """Whether rows of all these lines are visible, and with ``more`` of a later one too: rows and the places behind
        them are written in one transaction. With ``still`` nothing is written meanwhile."""
        places = dict(self.ask("SELECT source, offset - complete FROM source_position"))
        known = [(places.get(log, 0), size) for log, size in written.items()]
        if still:
            return all(place == size for place, size in known)
        return all(place >= size for place, size in known) and (not more or any(p > size for p, size in known))

    def until(self, condition: Callable[[], Any], what: str, deadline_s: float = DEADLINE_S) -> float:
        """Wait for something; the seconds it took."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > deadline_s:
                said = "\n".join(f"{w.output.name} ({w.code}): {w.said()[-1500:]}" for w in self.watches[-3:])
                raise AssertionError(f"{what} did not happen within {deadline_s:.0f} s\n{said}")
            time.sleep(_LOOK_S)
        return time.monotonic() - began

    def rest(self, seconds: float) -> None:
        """Let time pass. Notes when what was there as the last watch began, and a line that was appended since, have
        become visible, if they do meanwhile."""
        watch, end = self.watches[-1], time.monotonic() + seconds
        if watch.known_after_s is None and watch.before is not None:
            while (now := time.monotonic()) < end and watch.alive:
                if self.has(watch.before, more=True):
                    watch.known_after_s = now - watch.started
                    self.recoveries_s.append(watch.known_after_s)
                    break
                time.sleep(_LOOK_S)
        time.sleep(max(end - time.monotonic(), 0))

    def again(self, *options: str, **how: Any) -> Watch:
        """Start the watch again; the next ``rest`` tells how long it needs to be where it should be."""
        before = self.written()
        watch = self.watch(*options, **how)
        watch.before = before
        return watch

    def caught_up(self) -> float:
        """Wait until all that lies there now is visible; the seconds it took."""
        written, still = self.written(), not self.player.playing
        return self.until(lambda: self.has(written, still=still), f"rows of {written}")

    def recover(self) -> float:
        """The fault has just ended: until a line appended now is a visible row; noted."""
        began = time.monotonic()
        while not self.player.done:
            log = self.script.steps[self.player.at].log
            self.player.lines(1)
            if log == self.script.logs[0]:
                break
        self.caught_up()
        took = time.monotonic() - began
        self.recoveries_s.append(took)
        return took

    # ---- the end ----------------------------------------------------------------------------------------------------

    def play_out(self) -> None:
        """Play what is left, and put the last files in place."""
        self.player.wait()
        self.player.play()
        self.player.finish()
        self.dagman_ends()

    def dagman_ends(self) -> None:
        """The process of DAGMan is gone."""
        self.dagman.kill()
        self.dagman.wait()

    def settle(self) -> int:
        """Play to the end and wait until the watch ends with the run; its exit code. One that ended before is started
        again, as somebody would who goes on with a failed workflow."""
        self.play_out()
        watch = self.watches[-1]
        if not watch.alive and not self.has(self.written()):
            watch = self.watch()
        return watch.wait()

    def compare(self, without: tuple[str, ...] = ()) -> Difference:
        """The database beside that of a load of the directory as it now lies there."""
        reference = self.home / "reference.db"
        for end in ("", "-wal", "-shm"):
            Path(f"{reference}{end}").unlink(missing_ok=True)
        loaded = self.stampede("load", str(self.folder), "--db", f"sqlite:///{reference}")
        assert loaded.returncode == 0, loaded.stderr
        return difference(self.database, reference, without)

    def outcome(self, *, tries: int = 1, without: tuple[str, ...] = (), notes: str = "") -> Outcome:
        """Settle and compare."""
        self.settle()
        return Outcome(tries, [self.compare(without)], self.recoveries_s, notes)

    def close(self) -> None:
        """Clear the room."""
        self.player.close()
        self.dagman_ends()
        for watch in self.watches:
            watch.close()

    def clean(self) -> None:
        """Take away what it left on the disk."""
        shutil.rmtree(self.home, ignore_errors=True)
