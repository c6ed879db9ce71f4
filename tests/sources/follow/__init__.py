"""Recorded runs that are played again: their files appear and grow as a test says, and a forest follows them."""

from __future__ import annotations

import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from test_growth import facts

from stampede import pipeline
from stampede.sources.base import Batch, Place
from stampede.sources.follow import Forest, Wake, files, forest, lacking, live_run, naming, orphans, ownlogs, quiet
from stampede.store.loader import Loader, Position

#: what grows line by line; other files are there or not
GROWING = (".dagman.out", ".nodes.log", ".dagman.log", ".lib.out")
#: written by DAGMan when it ends, or thereabouts
AT_THE_END = (".metrics", ".dag.status")

#: the local time with which a line begins, of whichever log
_STAMP = re.compile(rb"^(?:\d{3} \(\S+ )?(?:(\d\d)/(\d\d)/(\d\d)|20(\d\d)-(\d\d)-(\d\d)) (\d\d:\d\d:\d\d)", re.M)

_RECORDED = re.compile(rb'Default node log file is: <(.+?)/[^/]+>|^submit_dir:? "?([^"\n]+)"?$', re.M)


def as_if_it_ran_there(folder: Path) -> None:
    """Put the folder where a copied run lies now in the place of that where it ran, in all its files."""
    files = [p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()]
    heads = [p for p in files if p.name.endswith(".dagman.out") or p.name.startswith("braindump")]
    ran = [next(g for g in m.groups() if g) for p in sorted(heads) for m in _RECORDED.finditer(p.read_bytes())]
    if not ran:
        return
    before = min(ran, key=len)
    for path in files:
        data = path.read_bytes()
        if before in data:
            path.write_bytes(data.replace(before, str(folder).encode()))


def position(batch: Batch) -> Position:
    """The place behind a batch, as whoever stores it notes it."""
    return Position(batch.source, batch.end, batch.inode, batch.size, batch.final)


def places(loader: Loader) -> dict[str, Place]:
    """What a forest is told of earlier readings."""
    return {s: Place(p.offset, p.inode, p.size, p.complete) for s, p in loader.positions().items()}


class Stage:
    """A copy of a run whose growing files are empty (not there, to begin with), and what was written down of it.

    Time is its own: for what follows, only as much of it passes as a test lets.
    """

    def __init__(self, run: Path, folder: Path, database: Path, *, target: str = "") -> None:
        self.folder = folder
        self.target = folder / target
        self.database = database
        self.wake = Wake(polling=True)
        self.now = 1000.0
        self.events = 0
        shutil.copytree(run, folder, symlinks=True)
        as_if_it_ran_there(folder)
        grown = [p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink()]
        #: what each file holds in the end
        self.whole = {p: p.read_bytes() for p in grown if p.name.endswith((*GROWING, *AT_THE_END))}
        for path in self.whole:
            path.unlink()
        self.loader = Loader(f"sqlite:///{database}")
        self.forest = self._followed()

    def _followed(self) -> Forest:
        return Forest(self.target, places(self.loader), self.wake, self.loader.standing)

    @contextmanager
    def _own_time(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for module in (files, forest, lacking, live_run, naming, orphans, ownlogs, quiet):
                patch.setattr(module, "time", SimpleNamespace(**{**vars(time), "monotonic": lambda: self.now}))
            yield

    # ---- what happens to the files ----------------------------------------------------------------------------------

    def logs(self, end: str = ".dagman.out") -> list[Path]:
        """The files that grow, by how their names end."""
        return [p for p in self.whole if p.name.endswith(end)]

    def grow(self, path: Path, size: int) -> None:
        """Let the file have so many bytes of what it will hold."""
        there = path.stat().st_size if path.exists() else 0
        if size > there or (not path.exists() and size == 0):
            with path.open("ab") as file:
                file.write(self.whole[path][there:size])
        with self._own_time():  # a run that had ended is opened again
            self.forest.notice(path)

    def grow_all(self, share: float, end: str = "") -> None:
        """Let all files (whose names end so) have this share of what they will hold."""
        for path in self.logs(end):
            size = int(len(self.whole[path]) * share)
            if share == 1.0 or (size and not path.name.endswith(AT_THE_END)):
                self.grow(path, size)

    def moments(self) -> list[bytes]:
        """All times that DAGMan's logs tell, in order."""
        return sorted({stamp for log in self.logs() for stamp, _ in _stamped(self.whole[log])})

    def until(self, moment: bytes, *, torn: int = 0) -> None:
        """Let all that grows have what was written up to a time, and DAGMan's logs so many bytes more.

        The log of the jobs is torn too while DAGMan goes on. When DAGMan has ended, all that others write is there.
        """
        for path in sorted(self.logs(""), key=lambda p: p.name.endswith(".dagman.out")):
            if not path.name.endswith(GROWING):
                continue
            data = self.whole[path]
            later = [place for stamp, place in _stamped(data) if stamp > moment]
            size = later[0] if later else len(data)
            if not path.name.endswith(".dagman.out"):
                log = self.whole.get(path.with_name(path.name[: path.name.rindex(".dag") + 4] + ".dagman.out"), b"")
                if log and moment >= max(_stamped(log))[0]:
                    size = len(data)
                elif size and path.name.endswith(".nodes.log") and log.count(b"STARTING UP") == 1:
                    size += torn
            elif size:
                size += torn
            if size:
                self.grow(path, min(size, len(data)))

    def at(self, path: Path, word: str, *, behind: bool = True) -> int:
        """Where the line ends (or begins) in which a word stands for the first time."""
        data = self.whole[path]
        found = data.index(word.encode())
        return data.index(b"\n", found) + 1 if behind else data.rfind(b"\n", 0, found) + 1

    # ---- what is read -----------------------------------------------------------------------------------------------

    def step(self, seconds: float = 0.05, *, stored: bool = True) -> list[Batch]:
        """One step after so many seconds, and what it gave, written down if it is to be."""
        self.now += seconds
        with self._own_time():
            batches = self.forest.step(self.now)
        if batches and stored:
            self.events += self.loader.apply_all([(b.events, position(b)) for b in batches])
            self.forest.stored(batches)
        return batches

    def steps(self, seconds: float = 0.4, times: int = 4) -> None:
        """Steps until there is no more for now; then some that are so many seconds apart."""
        for _ in range(times):
            self.step(seconds)
            while self.forest.more:
                self.step(0.01)

    def crash(self) -> None:
        """All that was not written down is forgotten; the folder is followed anew."""
        self.forest.close()
        self.forest = self._followed()

    def finish(self) -> None:
        """Everything is there; followed till it has ended and all was told."""
        self.grow_all(1.0)
        for _ in range(40):
            self.steps(seconds=0.6, times=1)
            if self.forest.ended:
                return
        raise AssertionError(f"it did not come to its end: {self.forest.progress()}")

    def close(self) -> None:
        self.forest.close()
        self.loader.close()
        self.wake.close()

    # ---- what is compared -------------------------------------------------------------------------------------------

    def loaded(self) -> Path:
        """A database of one load of what lies there now."""
        once = self.database.with_suffix(".once")
        once.unlink(missing_ok=True)
        pipeline.load([self.target], f"sqlite:///{once}")
        return once

    def differences(self) -> list[str]:
        """Rows that the database has and one load of what lies there now has not (+), or the other way round (-)."""
        return list(differences(self.database, self.loaded()))


def _stamped(log: bytes) -> Iterator[tuple[bytes, int]]:
    for found in _STAMP.finditer(log):
        month, day, year, year4, month4, day4, clock = found.groups()
        yield b"%s-%s-%s %s" % (year or year4, month or month4, day or day4, clock), found.start()


def positions(database: Path) -> list[str]:
    """How far each source was read, as rows; of what is counted in events only whether all of it was."""
    connection = sqlite3.connect(database)
    try:
        rows = connection.execute("SELECT source, inode, offset, complete FROM source_position").fetchall()
    finally:
        connection.close()
    return sorted(repr(row if "#" not in row[0] else (row[0], row[3])) for row in rows)


def differences(ours: Path, theirs: Path) -> Iterator[str]:
    """Rows of one database only; who may write what is no fact, and anomalies are judged by whoever follows, later."""
    mine = {**facts(ours), "source_position": positions(ours)}
    other = {**facts(theirs), "source_position": positions(theirs)}
    for table in sorted((set(mine) | set(other)) - {"lease", "anomaly", "anomaly_change"}):
        left, right = list(mine.get(table, [])), list(other.get(table, []))
        for row in mine.get(table, []):
            if row in right:
                right.remove(row)
                left.remove(row)
        yield from (f"+ {table} {row}" for row in left)
        yield from (f"- {table} {row}" for row in right)
