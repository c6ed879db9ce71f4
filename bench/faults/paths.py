"""How events get into a database: the processes of each path, and where they run."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.faults import meddler
from bench.faults.process import Process
from tests.faults.player import Pace, Player

if TYPE_CHECKING:
    from bench.faults.play import Play

#: publish ─► RabbitMQ ─► two consumes; the same of a run that goes on; load; watch; push ─► serve
PATHS: Final = ("bus", "follow", "load", "watch", "push")
OVER_BUS: Final = frozenset({"bus", "follow"})
GROWING: Final = frozenset({"follow", "watch"})
#: a run that is played back takes about so long, in seconds
_PLAYED_S: Final = 6.0


class Growing:
    """A recorded run that comes into being again."""

    def __init__(self, source: Path, folder: Path, seed: int) -> None:
        from stampede.replaying.script import take_apart

        script = take_apart(source)
        self.folder = folder
        self._dagman = subprocess.Popen(["sleep", "3600"])
        rate = max(len(script.steps) / _PLAYED_S, 10.0)
        self._player = Player(script, folder, Pace(rate, 5, rests=0.05, rest_s=0.3, torn=0.1), seed)
        self._player.pid = self._dagman.pid
        self._player.begin()
        self._player.start()
        self.over = False

    def turn(self) -> None:
        """End the run when all of it was played."""
        if not self.over and not self._player.playing:
            self._player.wait()
            self._player.finish()
            self._end()
            self.over = True

    def _end(self) -> None:
        self._dagman.kill()
        self._dagman.wait()

    def close(self) -> None:
        """Leave the stage."""
        self._player.close()
        self._end()


def start(play: Play) -> None:
    """Start what a path needs."""
    {"bus": _bus, "follow": _bus, "load": _load, "watch": _watch, "push": _push}[play.path](play)


def _process(play: Play, role: str, name: str, *words: object, ok: tuple[int, ...] = (0,)) -> Process:
    one = Process(role, name, play.folder, play.environment, play.lab.network.inside(role), *words)
    one.ok = ok
    play.processes.append(one)
    return one


def _bus(play: Play) -> None:
    sent, read = play.bus_url, play.bus_url
    if play.meddled:
        broker = play.lab.broker
        meddler.prepare(broker.address, broker.port, f"{play.exchange}in")
        sent = play.address(f"{play.exchange}in", partitions=0)
        words = [sys.executable, meddler.__file__, broker.address, broker.port, f"{play.exchange}in", play.exchange,
                 play.seed]  # fmt: skip
        with open(play.folder / "meddler.log", "ab") as log:
            play.others.append(subprocess.Popen(list(map(str, words)), stdout=log, stderr=log))
    for number in range(2):
        _process(play, "loader", f"loader{number}", "consume", "--bus", read, "--db", play.url, "--every", "5")
    follow = ["--follow"] if play.path == "follow" else []
    _process(play, "publisher", "publisher", "publish", *follow, *play.sources, "--bus", sent, "--spool", play.spool)


def _load(play: Play) -> None:
    _process(play, "loader", "loader0", "load", *play.sources, "--db", play.url)


def _watch(play: Play) -> None:
    _process(play, "loader", "loader0", "watch", *play.sources, "--db", play.url, ok=(0, 1))


def _push(play: Play) -> None:
    address, port = play.lab.network.address("loader", "bus"), 8642
    made = subprocess.run(
        [sys.executable, "-m", "stampede.cli.main", "serve", "token", "create", "--user", "tester", "--right", "admin",
         "-q"], env=play.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    token = made.stdout.split()[-1] if made.stdout.split() else ""
    _process(play, "loader", "loader0", "serve", "start", "--db", play.url, "--host", address, "--port", port)
    play.environment["STAMPEDE_TOKEN"] = token
    _process(play, "publisher", "publisher", "push", *play.sources, "--to", f"http://{address}:{port}", "--spool",
             play.spool)  # fmt: skip


def tidy(play: Play) -> None:
    """Take away what a run left on its servers."""
    if play.path in OVER_BUS:
        _forget_queues(play)
    if play.store != "sqlite":
        play.lab.server(play.store).drop(play.name)
    shutil.rmtree(play.lab.files.folder / play.name, ignore_errors=True)
    shutil.rmtree(play.lab.spools.folder / play.name, ignore_errors=True)


def _forget_queues(play: Play) -> None:
    broker = play.lab.broker
    for _ in range(3):
        try:
            connection = meddler.connected(broker.address, broker.port)
            channel = connection.channel()
            for name in (*(f"{play.exchange}.load.{n}" for n in range(play.partitions)), f"{play.exchange}.dead",
                         f"{play.exchange}in.dead", f"{play.exchange}in.meddler"):  # fmt: skip
                channel.queue_delete(name)
            for name in (f"{play.exchange}.load", play.exchange, f"{play.exchange}.dead", f"{play.exchange}in"):
                channel.exchange_delete(name)
            connection.close()
            return
        except Exception:
            time.sleep(1)
