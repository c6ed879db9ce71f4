"""One run: a path, a store, a source, faults at random moments, and the end beside the truth."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from bench.faults import paths, truth
from bench.faults.kinds import KINDS, Kind, named
from bench.faults.laboratory import RECORDED, SIZES, Laboratory, environment
from bench.faults.paths import GROWING, OVER_BUS, Growing
from bench.faults.process import Process
from stampede import pipeline
from stampede.bus import open_bus
from stampede.errors import StampedeError

#: a run in which not all is stored so long after the last fault hangs, in seconds
_HANGS_S: Final = 180.0
#: faults themselves are over after so long
_FAULTS_S: Final = 240.0
#: it is looked whether all is there so often, in seconds
_LOOK_S: Final = 0.8
#: how likely it is that a fault waits until rows have come, and how long it does at most
_UNDER_WAY: Final = 0.7
_BEGUN_S: Final = 30.0
#: how likely it is that something else happens beside
_BESIDE: Final = 0.35


class Outcome(msgspec.Struct, kw_only=True):
    """What came of a run."""

    seed: int
    kind: str
    beside: str
    path: str
    store: str
    source: str
    rows: int = 0
    lost: int = 0
    doubled: int = 0
    other: int = 0
    disordered: int = 0
    poison: int = 0
    dead: int = 0
    problems: dict[str, int] = {}
    complete: bool = False
    recovery_s: float = 0.0
    took_s: float = 0.0
    ended_s: float = 0.0
    codes: dict[str, list[int]] = {}
    notes: list[str] = []

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled, changed or put out of order, and everything ended well."""
        return self.complete and not (
            self.lost or self.doubled or self.other or self.disordered or self.dead != self.poison or self.notes
        )


class Play:
    """A run with that seed. ``kind`` is its fault, or one by chance."""

    def __init__(self, lab: Laboratory, seed: int, only: str | None = None) -> None:
        self.lab, self.seed = lab, seed
        self.random = random.Random(seed)
        self.kind = named(only) if only else self.random.choices(KINDS, [k.weight for k in KINDS])[0]
        self.path = self.random.choices(self.kind.paths, [3 if p == "bus" else 1 for p in self.kind.paths])[0]
        stores = self.kind.stores
        if self.kind.name == "network cut" and self.path in ("load", "watch"):
            stores = ("postgresql", "mariadb")
        self.store = self.random.choice(stores)
        self.beside = self._another() if self.random.random() < _BESIDE else None
        self.name = f"run{seed}"
        self.exchange = f"r{seed}"
        self.partitions = self.random.choice((2, 4, 8))
        self.most_bytes = 1 << 30
        self.meddled = False
        self.poison = self.unreadable = 0
        self.folder = lab.folder / self.name
        self.folder.mkdir()
        self.environment = environment(self.folder / "state")
        self.processes: list[Process] = []
        self.others: list[subprocess.Popen[bytes]] = []
        self.growing: Growing | None = None
        self._wanted: dict[str, int] | None = None
        self._prepare()

    def _another(self) -> Kind | None:
        fits = [k for k in KINDS if k.beside and k is not self.kind and self.path in k.paths and self.store in k.stores]
        return self.random.choice(fits) if fits else None

    def _prepare(self) -> None:
        if self.store == "sqlite":
            folder = self.lab.files.folder / self.name
            folder.mkdir()
            self.url = f"sqlite:///{folder / 'in.sqlite'}"
        else:
            server = self.lab.server(self.store)
            server.revive()
            server.make(self.name)
            self.url = server.url(self.name)
        in_small = self.kind.name == "disk full: spool"
        self.spool = (self.lab.spools.folder if in_small else self.folder) / self.name
        if self.path in GROWING:
            self.source = self.random.choice(RECORDED)
        else:
            self.source = self.random.choice(("recorded", *map(str, SIZES)))
            self.sources = self.lab.sources(self.source)
            self._truth = self.lab.truth(self.source)
        if self.kind.before is not None:
            self.kind.before(self)
        self.bus_url = self.address(self.exchange, self.partitions) if self.path in OVER_BUS else ""

    def address(self, exchange: str, partitions: int) -> str:
        """The URL of a bus on the broker."""
        broker = self.lab.broker
        return (f"amqp://guest:guest@{broker.address}:{broker.port}/%2F/{exchange}?partitions={partitions}"
                f"&most_bytes={self.most_bytes}")  # fmt: skip

    # ---- the run ----------------------------------------------------------------------------------------------------

    def run(self) -> Outcome:
        """Play it."""
        outcome = Outcome(
            seed=self.seed, kind=self.kind.name, beside=self.beside.name if self.beside else "", path=self.path,
            store=self.store, source=self.source, codes={}, notes=[], problems={},
        )  # fmt: skip
        began = time.monotonic()
        try:
            self._play(outcome)
        except Exception:
            outcome.notes.append(traceback.format_exc()[-1500:])
        finally:
            with suppress(Exception):
                self._judge(outcome)
            outcome.took_s = round(time.monotonic() - began, 1)
            if not outcome.clean:
                self._keep(outcome)
            self.close()
        return outcome

    def _play(self, outcome: Outcome) -> None:
        if self.path in GROWING:
            where = self.folder / "dir" / self.source
            self.growing = Growing(self.lab.sources("recorded")[RECORDED.index(self.source)], where, self.seed)
            self.sources = [where]
        paths.start(self)
        acts = [self._delayed(self.kind)]
        if self.beside is not None:
            acts.append(self._delayed(self.beside))
        if not self._until_over(acts):
            outcome.notes.append("the faults themselves did not come to an end")
        last = time.monotonic()
        while time.monotonic() - last < _HANGS_S:
            self._tend()
            if self._complete():
                outcome.complete = True
                break
            time.sleep(_LOOK_S)
        outcome.recovery_s = round(time.monotonic() - last, 2)
        if not outcome.complete:
            outcome.notes.append(f"not all was stored {_HANGS_S:.0f} s after the last fault")
            self._explain()
        time.sleep(0.5)
        for one in self.processes:
            try:
                outcome.ended_s = round(max(outcome.ended_s, one.stop()), 2)
            except TimeoutError as e:
                outcome.notes.append(str(e))
                self._explain()
                one.kill()
            if one.codes:
                outcome.codes[one.name] = one.codes
            if "Traceback" in one.said():
                outcome.notes.append(f"{one.name} shows a traceback")

    def _delayed(self, kind: Kind) -> Iterator[float]:
        """The fault at some moment: mostly while rows come in, else as processes begin."""
        if self.random.random() < _UNDER_WAY:
            until = time.monotonic() + _BEGUN_S
            while not self._under_way() and time.monotonic() < until:
                yield 0.4
        else:
            yield self.random.uniform(0.0, 4.0)
        yield from kind.act(self)

    def _under_way(self) -> bool:
        try:
            return truth.begun(self.url)
        except StampedeError:
            return False

    def _until_over(self, acts: list[Iterator[float]]) -> bool:
        due = [(time.monotonic(), act) for act in acts]
        until = time.monotonic() + _FAULTS_S
        while due:
            now = time.monotonic()
            if now > until:
                return False
            again = []
            for when, act in due:
                if when > now:
                    again.append((when, act))
                    continue
                with suppress(StopIteration):
                    again.append((now + next(act), act))
            due = again
            self._tend()
            time.sleep(0.02)
        return True

    def _tend(self) -> None:
        for one in self.processes:
            one.tend()
        if self.growing is not None:
            self.growing.turn()

    def _complete(self) -> bool:
        """Whether publishers have ended well, and all is stored."""
        for one in self.processes:
            endless = one.role == "loader" and self.path not in ("load", "watch")
            if not endless and not one.done:
                return False
        if self.growing is not None and not self.growing.over:
            return False
        if self._wanted is None:
            self._wanted = truth.counts(f"sqlite:///{self._truth_file()}")
        try:
            there = truth.counts(self.url)
        except StampedeError:
            return False
        return all(there[table] >= number for table, number in self._wanted.items())

    def _truth_file(self) -> Path:
        if self.growing is not None:
            path = self.folder / "truth.sqlite"
            if not path.exists():
                pipeline.load(self.sources, f"sqlite:///{path}")
            self._truth = path
        return self._truth

    # ---- the end ----------------------------------------------------------------------------------------------------

    def _judge(self, outcome: Outcome) -> None:
        try:
            copy = truth.copied(self.url, self.folder / "copy.sqlite")
            found = truth.found(copy, self._truth_file())
        except Exception:
            outcome.notes.append(traceback.format_exc()[-1500:])
            return
        outcome.rows, outcome.lost, outcome.doubled, outcome.other = found.rows, found.lost, found.doubled, found.other
        outcome.disordered, outcome.problems = found.disordered, found.problems
        outcome.poison = self.poison
        if found.shown:
            (self.folder / "differences.txt").write_text("\n".join(found.shown))
        if self.path in OVER_BUS:
            buried = open_bus(self.bus_url).buried()
            outcome.dead = len(buried)
            if not all(one.reason for one in buried):
                outcome.notes.append("a dead letter has no reason")

    def _explain(self) -> None:
        """Write down where everybody is."""
        for one in self.processes:
            one.signal(signal.SIGUSR1)
        time.sleep(1.0)
        told = []
        if self.path in OVER_BUS:
            told.append(self.lab.broker.standing())
        if self.store != "sqlite":
            with suppress(Exception):
                told.append(self.lab.server(self.store).standing())
        with suppress(Exception):
            told.append(f"{truth.counts(self.url)} of {truth.counts(f'sqlite:///{self._truth_file()}')}")
        with open(self.folder / "standing.txt", "a") as file:
            file.write("\n\n".join(told) + "\n")

    def _keep(self, outcome: Outcome) -> None:
        where = self.lab.kept / f"{self.name}-{self.kind.name.replace(' ', '_').replace(':', '')}"
        shutil.rmtree(where, ignore_errors=True)
        with suppress(OSError, shutil.Error):
            shutil.copytree(self.folder, where)
            (where / "outcome.json").write_bytes(msgspec.json.format(msgspec.json.encode(outcome)))
            if self.store == "sqlite":
                for path in (self.lab.files.folder / self.name).iterdir():
                    shutil.copy2(path, where)

    def close(self) -> None:
        """Clear the room: everybody ends, cables are in, disks have room, servers run."""
        calls: list[Callable[[], object]] = [p.kill for p in self.processes]
        calls += [o.kill for o in self.others] + [o.wait for o in self.others]
        if self.growing is not None:
            calls.append(self.growing.close)
        calls += [self.lab.network.mend_all, self.lab.files.free, self.lab.spools.free, self._servers_run]
        calls.append(lambda: paths.tidy(self))
        for call in calls:
            with suppress(Exception):
                call()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _servers_run(self) -> None:
        if self.path in OVER_BUS:
            broker = self.lab.broker
            broker.volume.free()
            if broker.alive:
                broker.signal(signal.SIGCONT)
            if not broker.answers():
                broker.kill()
                broker.start()
        if self.store != "sqlite":
            server = self.lab.server(self.store)
            server.volume.free()
            server.signal(signal.SIGCONT)
            if not server.answers():
                server.kill()
                server.start()
                server.await_answer()
