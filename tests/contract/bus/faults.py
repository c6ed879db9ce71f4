"""Everything is killed, at random: publishers, loaders, the broker; and in the end the database is that of a load.

    python tests/contract/bus/faults.py --runs 40 [--seed 1] [--bus amqp|file|unix]

A run publishes workflows with real processes (``stampede publish``, two ``stampede consume``) over a real bus. Now and
then something is done to one of them: kill -9 and start again, a stop of a second, a second publisher of the
same events with a spool of its own, kill -9 of the broker or its application stopped and started. Printed is a table:
rows that are missing or too many against ``stampede load`` of the same files, and how long it took from the last fault
until everything was stored.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from broker import Broker
from same import contents
from sent import run as records_of

from stampede import pipeline
from stampede.intake.gaps import MARK

_WORKFLOWS, _JOBS = 4, 900
#: a run is over after so long, in seconds, whatever came of it
_MOST_S = 150.0


class Outcome(NamedTuple):
    """What came of a run."""

    seed: int
    bus: str
    faults: Counter[str]
    events: int
    rows: int
    lost: int
    doubled: int
    gaps: int
    complete: bool
    recovery_s: float


class _Process:
    """A process of ours that is started again when it was killed."""

    def __init__(self, log: Path, environment: dict[str, str], *words: object) -> None:
        self._log, self._environment = log, environment
        self._words = [sys.executable, "-m", "stampede.cli.main", *map(str, words)]
        self.start()

    def start(self) -> None:
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(self._words, stdout=log, stderr=log, env=self._environment)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """As a user does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def pause(self, seconds: float) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGSTOP)
            time.sleep(seconds)
            self.process.send_signal(signal.SIGCONT)


class _Play:
    """One run."""

    def __init__(self, seed: int, bus: str, broker: Broker | None, folder: Path) -> None:
        self.random = random.Random(seed)
        self.broker = broker
        self.url = {"amqp": broker.url() if broker else "", "file": f"file://{folder / 'bus'}",
                    "unix": f"unix://{folder / 'b.sock'}"}[bus]  # fmt: skip
        self.folder, self.database = folder, folder / "in.sqlite"
        self.files = self._written()
        self.environment = {**os.environ, "STAMPEDE_STATE": str(folder / "state")}
        self.faults: Counter[str] = Counter()
        loader = ("consume", "--bus", self.url, "--db", f"sqlite:///{self.database}", "--every", "5")
        self.loaders = [self._process(f"loader{n}", *loader) for n in range(1 if bus == "unix" else 2)]
        self.publisher = self._process("publisher", "publish", *self.files, "--bus", self.url)
        self.twins: list[_Process] = []

    def _process(self, name: str, *words: object) -> _Process:
        return _Process(self.folder / f"{name}.log", self.environment, *words)

    def _written(self) -> list[Path]:
        found = []
        for number in range(_WORKFLOWS):
            path = self.folder / f"run{number}.jsonl"
            path.write_bytes(b"\n".join(records_of(_JOBS, uuid=str(uuid.UUID(int=number + 1)))) + b"\n")
            found.append(path)
        return found

    def fault(self) -> None:
        """Do something to somebody."""
        kinds = ["publisher", "loader", "loader", "pause", "twin"]
        if self.broker is not None and self.faults["broker killed"] + self.faults["broker stopped"] < 2:
            kinds += ["broker killed", "broker stopped"]
        kind = self.random.choice(kinds)
        self.faults[kind] += 1
        match kind:
            case "publisher":
                self.publisher.kill()
                self.publisher.start()
            case "loader":
                one = self.random.choice(self.loaders)
                one.kill()
                one.start()
            case "pause":
                self.random.choice([*self.loaders, self.publisher]).pause(self.random.uniform(0.3, 1.5))
            case "twin":
                spool = self.folder / f"spool{self.faults[kind]}"
                file = self.random.choice(self.files)
                self.twins.append(self._process("twin", "publish", file, "--bus", self.url, "--spool", spool))
            case "broker killed":
                assert self.broker is not None
                self.broker.kill()
                time.sleep(self.random.uniform(0.0, 1.0))
                self.broker.start()
            case "broker stopped":
                assert self.broker is not None
                self.broker.control("stop_app")
                self.broker.control("start_app")

    def done(self) -> bool:
        """Whether publishers have ended well, and everything is stored."""
        for one in [self.publisher, *self.twins]:
            if one.process.poll() is None:
                return False
            if one.process.returncode != 0:
                one.start()
                return False
        for one in self.loaders:
            if one.process.poll() is not None:
                one.start()
        return self._stored() >= len(self.files)

    def _stored(self) -> int:
        """Workflows of which the last event is stored."""
        try:
            with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
                question = "SELECT count(*) FROM workflowstate WHERE state = 'WORKFLOW_TERMINATED'"
                return int(connection.execute(question).fetchone()[0])
        except sqlite3.Error:
            return 0

    def close(self) -> None:
        for one in [*self.twins, self.publisher, *self.loaders]:
            one.stop()


def play(seed: int, bus: str, broker: Broker | None) -> Outcome:
    """A run with that seed."""
    folder = Path(tempfile.mkdtemp(prefix="stampede-bus-"))
    one: _Play | None = None
    try:
        one = _Play(seed, bus, broker, folder)
        faults = one.random.randint(4, 9)
        began = time.monotonic()
        for _ in range(faults):
            time.sleep(one.random.uniform(0.1, 1.2))
            one.fault()
        last = time.monotonic()
        complete = False
        while not complete and time.monotonic() - began < _MOST_S:
            time.sleep(0.1)
            complete = one.done()
        recovery_s = time.monotonic() - last
        time.sleep(1.5)  # anomalies are judged
        one.close()
        if not complete:
            for log in sorted(folder.glob("*.log")):
                print(log.name, log.read_text()[-2000:], file=sys.stderr, flush=True)
        return _judged(seed, bus, one, complete, recovery_s)
    finally:
        if one is not None:
            one.close()
        shutil.rmtree(folder, ignore_errors=True)


def _judged(seed: int, bus: str, one: _Play, complete: bool, recovery_s: float) -> Outcome:
    direct = one.folder / "direct.sqlite"
    loaded = pipeline.load(one.files, f"sqlite:///{direct}")
    apart = frozenset({"problem", "workflow_summary"})
    if not one.database.exists():
        rows = _rows(direct, apart).total()
        return Outcome(seed, bus, one.faults, loaded.events, rows, rows, 0, 0, complete, recovery_s)
    left, right = _rows(direct, apart), _rows(one.database, apart)
    with sqlite3.connect(one.database) as connection:
        gaps = connection.execute("SELECT count(*) FROM problem WHERE kind = 'gap'").fetchone()[0]
        gaps += connection.execute("SELECT count(*) FROM source_position WHERE instr(source, ?)", (MARK,)).fetchone()[0]
    return Outcome(
        seed, bus, one.faults, loaded.events, left.total(), (left - right).total(), (right - left).total(), gaps,
        complete, recovery_s,
    )  # fmt: skip


def _rows(database: Path, without: frozenset[str]) -> Counter[Any]:
    return Counter((table, row) for table, rows in contents(database, without=without).items() for row in rows)


def table(outcomes: list[Outcome]) -> str:
    """As Markdown: a line for each kind of fault, and one for all."""
    lines = ["| bus | runs | faults | events | rows | lost | doubled | gaps | recovery p50 s | max s |",
             "|---|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for bus in dict.fromkeys(o.bus for o in outcomes):
        some = [o for o in outcomes if o.bus == bus]
        times = sorted(o.recovery_s for o in some)
        faults: Counter[str] = sum((o.faults for o in some), Counter())
        told = ", ".join(f"{n} {kind}" for kind, n in faults.most_common())
        lines.append(
            f"| {bus} | {len(some)} | {told} | {sum(o.events for o in some):,} | {sum(o.rows for o in some):,} | "
            f"{sum(o.lost for o in some)} | {sum(o.doubled for o in some)} | {sum(o.gaps for o in some)} | "
            f"{times[len(times) // 2]:.1f} | {times[-1]:.1f} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bus", choices=("amqp", "file", "unix"), default="amqp")
    words = parser.parse_args()
    # ended from outside, what was started is ended too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    broker = Broker() if words.bus == "amqp" else None
    outcomes = []
    try:
        for seed in range(words.seed, words.seed + words.runs):
            outcomes.append(one := play(seed, words.bus, broker))
            print(one, file=sys.stderr, flush=True)
    finally:
        if broker is not None:
            broker.close()
    print(table(outcomes))
    return int(any(o.lost or o.doubled or not o.complete for o in outcomes))


if __name__ == "__main__":
    sys.exit(main())
