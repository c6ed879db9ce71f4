"""One run: a submit directory that grows, ``stampede watch`` that follows it, a reader that looks on."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.live.lag import Lags, lags
from bench.live.processes import Helper, Watched
from bench.live.writer import Settings
from bench.workload import Stampede, UnavailableError

#: how long a watcher may take to read what was there when it started
STARTUP_S = 1800.0


@contextlib.contextmanager
def disk_workspace(parent: Path | None = None) -> Iterator[Path]:
    """A folder on a real disk, removed afterwards: databases of users do not lie on a RAM disk."""
    if parent is None:
        parent = Path(tempfile.gettempdir())
        if filesystem(parent) == "tmpfs":
            parent = Path("/var/tmp")
    folder = Path(tempfile.mkdtemp(prefix="stampede-bench-", dir=parent)).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def filesystem(path: Path) -> str:
    """The kind of file system a path lies on."""
    target, best, kind = str(path.resolve()), "", "unknown"
    for line in Path("/proc/mounts").read_text().splitlines():
        mount, its_kind = line.split()[1:3]
        if (target == mount or target.startswith(mount.rstrip("/") + "/")) and len(mount) >= len(best):
            best, kind = mount, its_kind
    return kind


class Trial:
    """Starts writer, reader and watcher for a submit directory, and ends them. Use it in a ``with``."""

    def __init__(self, folder: Path, settings: Settings, stampede: Stampede) -> None:
        self.folder = folder
        self.submit_dir = Path(settings.folder)
        self.db = folder / "live.db"
        self._stampede = stampede
        described = folder / "settings.json"
        described.write_bytes(msgspec.json.encode(settings))
        self.writer = Helper("writer", described)
        self.reader = Helper("reader", self.db)
        self.watcher: Watched | None = None

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *exc: object) -> None:
        for helper in (self.writer, self.reader):
            helper.close()
        if self.watcher is not None:
            self.watcher.stop()

    # ---- the watcher ------------------------------------------------------------------------------------------------

    def watch(self) -> Watched:
        """Start ``stampede watch``, with a registry of its own."""
        command: list[str | Path] = [*self._stampede.words, "watch", self.submit_dir, "--db", f"sqlite:///{self.db}"]
        env = {"TZ": "UTC", "STAMPEDE_STATE": str(self.folder / "state")}
        self.watcher = Watched(command, self.folder / "watch.txt", env)
        return self.watcher

    def kill(self) -> None:
        """End the watcher as a crash would."""
        assert self.watcher is not None
        self.watcher.stop(signal.SIGKILL)

    def wait_for_rows(self, count: int, timeout_s: float = STARTUP_S) -> float:
        """Wait until the reader has seen so many rows; seconds that took. Raises UnavailableError if it never does."""
        began = time.monotonic()
        while self.reader.tell("count")["rows"] < count:
            self._alive(began, timeout_s, f"{count} rows")
            time.sleep(0.02)
        return time.monotonic() - began

    def wait_for_jobs(self, jobs: int, timeout_s: float = STARTUP_S) -> float:
        """Wait until that many jobs are declared and DAGMan's start is known; seconds that took."""
        began = time.monotonic()
        while True:
            with contextlib.suppress(sqlite3.Error), self.connected() as connection:
                found = connection.execute(
                    "SELECT sum(s.total), min(w.state) FROM workflow w JOIN workflow_summary s USING (wf_id)"
                ).fetchone()
                if (found[0] or 0) >= jobs and found[1] != "unstarted":
                    return time.monotonic() - began
            self._alive(began, timeout_s, f"{jobs} jobs")
            time.sleep(0.02)

    @contextlib.contextmanager
    def connected(self) -> Iterator[sqlite3.Connection]:
        """A read-only connection to the database."""
        connection = sqlite3.connect(f"{self.db.resolve().as_uri()}?mode=ro", uri=True)
        try:
            yield connection
        finally:
            connection.close()

    def _alive(self, began: float, timeout_s: float, what: str) -> None:
        assert self.watcher is not None
        if self.watcher.code is not None:
            raise UnavailableError(f"stampede watch ended with {self.watcher.code}: {self.watcher.said()}")
        if time.monotonic() - began > timeout_s:
            raise UnavailableError(f"stampede watch had not written {what} after {timeout_s:.0f} s")

    # ---- the end ----------------------------------------------------------------------------------------------------

    def drain(self, patience_s: float = 60.0) -> float:
        """Wait until no more rows come; how many seconds after now the last one came."""
        began = last = time.monotonic()
        rows = -1
        while time.monotonic() < last + 2.5 and time.monotonic() < began + patience_s:
            now = self.reader.tell("count")["rows"]
            if now != rows:
                rows, last = now, time.monotonic()
            time.sleep(0.05)
        return last - began

    def lags(self, *, scripts: bool) -> Lags:
        """What writer and reader remember, put together."""
        written, seen = self.folder / "writer.bin", self.folder / "reader.bin"
        self.writer.tell("save", path=str(written))
        self.reader.tell("save", path=str(seen))
        return lags(written, seen, scripts=scripts)

    def table_rows(self, table: str) -> int:
        """How many rows a table has."""
        with self.connected() as connection:
            return int(connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])

    def sizes(self) -> dict[str, float]:
        """Sizes of the database and its write-ahead log, in MB."""
        return {
            name: round(os.path.getsize(path) / 1e6, 1)
            for name, path in (("db_mb", self.db), ("wal_mb", Path(f"{self.db}-wal")))
            if path.exists()
        }
