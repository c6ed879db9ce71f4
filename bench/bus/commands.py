"""The commands that the measurements of the bus run: publish, consume, subscribe; and what they cost."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import time
import uuid
from pathlib import Path

import msgspec

from bench import workload
from bench.measure import Cost, run
from bench.server_cpu import used_s
from tests.broker import Broker

#: a loader ends when nothing has come for so long, in seconds; it is taken off the time
_IDLE_S = 2.0


class Heard(msgspec.Struct, frozen=True):
    """Processor time (seconds) of publishing and loading: of each program, and of the broker."""

    publisher: float
    loader: float
    broker: float
    subscriber: float


class Commands:
    """Commands of one benchmark, with the broker that they share."""

    def __init__(self, stampede: workload.Stampede, folder: Path, files: list[Path], broker: Broker) -> None:
        self.stampede, self.folder, self.files, self.broker = stampede, folder, files, broker
        self.environment = {**os.environ, "TZ": "UTC", "STAMPEDE_STATE": str(folder / "state")}

    def database(self, name: str) -> Path:
        """The path of a new database."""
        for end in ("", "-wal", "-shm"):
            (self.folder / f"{name}.db{end}").unlink(missing_ok=True)
        return self.folder / f"{name}.db"

    def publish(self, url: str, files: list[Path]) -> Cost:
        """Publish; it ends when the bus has everything."""
        words = [*self.stampede.words, "publish", *files, "--bus", url, "--spool", self.folder / f"s{uuid.uuid4().hex}"]
        cost = run([str(w) for w in words], env=self.environment)
        if cost.code != 0:
            raise workload.UnavailableError(f"stampede publish ended with {cost.code}: {cost.last_line()}")
        return cost

    def consume(self, *targets: tuple[str, Path | str], apart: bool = False) -> float:
        """Seconds until loaders, started together, have stored everything that waits: each from a bus into a file or
        the URL of a database. ``apart``: each takes a part of its own."""
        began, before = time.monotonic(), _children_cpu_s()
        loaders = [
            subprocess.Popen(
                [*self.stampede.words, "consume", "--bus", url, "--json", "--until-idle", str(_IDLE_S),
                 "--db", db if isinstance(db, str) else f"sqlite:///{db}",
                 *(("--part", f"{number}/{len(targets)}") if apart else ())],
                env=self.environment, stdout=subprocess.PIPE,
            )
            for number, (url, db) in enumerate(targets, 1)
        ]  # fmt: skip
        said = [one.communicate()[0] for one in loaders]
        self.stored = [json.loads(text.splitlines()[-1])["events"] for text in said]
        self.cpu_s = _children_cpu_s() - before
        return time.monotonic() - began - _IDLE_S

    def hear(self, subscribers: int) -> Heard:
        """Publish everything and load it, while so many (0 or 1) hear all of it."""
        url, broker = self.broker.url(), int((self.broker.folder / "pid").read_text())
        before = used_s(broker)
        words = [*self.stampede.words, "subscribe", "#", "--bus", url, "-o", os.devnull]
        listeners = [subprocess.Popen(words, env=self.environment) for _ in range(subscribers)]
        time.sleep(1.5 * subscribers)
        try:
            published = self.publish(url, self.files)
            self.consume((url, self.database("heard")))
            loader = self.cpu_s
        finally:
            for one in listeners:
                one.send_signal(signal.SIGTERM)
            at_end = _children_cpu_s()
            for one in listeners:
                one.wait()
        return Heard(published.cpu_s, loader, used_s(broker) - before, _children_cpu_s() - at_end)


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
