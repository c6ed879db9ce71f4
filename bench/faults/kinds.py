"""What is done to them. Each kind is a generator that does something, says how long to wait, and undoes it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from bench.faults import poison
from bench.faults.paths import OVER_BUS, PATHS

if TYPE_CHECKING:
    from bench.faults.play import Play

Act = Callable[["Play"], Iterator[float]]
_STORES: Final = ("sqlite", "postgresql", "mariadb")
_SERVERS: Final = ("postgresql", "mariadb")
_PUBLISHED: Final = ("bus", "follow", "push")


class Kind(msgspec.Struct):
    """A kind of fault: on which paths and stores it can be, and what it does; ``before`` changes a run before it
    begins. ``beside``: whether it may happen beside others."""

    name: str
    act: Act
    paths: tuple[str, ...] = PATHS
    stores: tuple[str, ...] = _STORES
    before: Callable[[Play], None] | None = None
    beside: bool = False
    weight: int = 2


def _killed(role: str) -> Act:
    def act(play: Play) -> Iterator[float]:
        for _ in range(play.random.randint(1, 3)):
            yield play.random.uniform(0.0, 1.2)
            one = play.random.choice([p for p in play.processes if p.role == role])
            one.kill()
            yield play.random.uniform(0.0, 2.0)
            one.start()

    return act


def broker_killed(play: Play) -> Iterator[float]:
    broker = play.lab.broker
    yield play.random.uniform(0.0, 1.2)
    broker.kill()
    yield play.random.uniform(0.0, 1.5)
    broker.launch()
    while not broker.answers():
        yield 0.2


def database_killed(play: Play) -> Iterator[float]:
    server = play.lab.server(play.store)
    for _ in range(play.random.randint(1, 3)):
        yield play.random.uniform(0.0, 1.2)
        server.kill()
        yield play.random.uniform(0.0, 3.0)
        server.start()
        while not server.answers():
            if not server.alive:
                server.start()
            yield 0.1


def frozen(play: Play) -> Iterator[float]:
    """Somebody stands still for some seconds, and goes on as if nothing had been."""
    able: list[Callable[[int], None]] = [p.signal for p in play.processes]
    if play.path in OVER_BUS:
        able.append(play.lab.broker.signal)
    if play.store in _SERVERS:
        able.append(play.lab.server(play.store).signal)
    for _ in range(play.random.randint(1, 2)):
        one = play.random.choice(able)
        yield play.random.uniform(0.0, 1.5)
        one(signal.SIGSTOP)
        yield play.random.choice((1.0, 3.0, 10.0)) * play.random.uniform(0.5, 1.0)
        one(signal.SIGCONT)


def everything_killed(play: Play) -> Iterator[float]:
    yield play.random.uniform(0.5, 2.0)
    for one in play.processes:
        one.kill()
    servers = [play.lab.server(play.store)] if play.store in _SERVERS else []
    for server in servers:
        server.kill()
    broker = play.lab.broker if play.path in OVER_BUS else None
    if broker is not None:
        broker.kill()
        broker.launch()
    back = [*(s.start for s in servers), *(p.start for p in play.processes)]
    play.random.shuffle(back)
    for start in back:
        yield play.random.uniform(0.0, 1.0)
        start()
    while not all(s.answers() for s in servers) or not (broker is None or broker.answers()):
        yield 0.2


def _small_queues(play: Play) -> None:
    play.most_bytes = 20_000


def queue_full(play: Play) -> Iterator[float]:
    """Queues of 20 kB, and nobody reads for a while."""
    loaders = [p for p in play.processes if p.role == "loader"]
    yield play.random.uniform(0.0, 1.0)
    for one in loaders:
        one.kill()
    yield play.random.uniform(2.0, 8.0)
    for one in loaders:
        one.start()


def broker_alarm(play: Play) -> Iterator[float]:
    """The broker has no memory, or no disk, to spare: it reads no more from who publishes."""
    broker = play.lab.broker
    on, off = play.random.choice((
        (("set_vm_memory_high_watermark", "absolute", "1MB"), ("set_vm_memory_high_watermark", "absolute", "1500MB")),
        (("set_disk_free_limit", "100GB"), ("set_disk_free_limit", "20MB")),
    ))  # fmt: skip
    yield play.random.uniform(0.0, 1.0)
    yield from _controlled(play, *on)
    yield play.random.choice((2.0, 6.0, 20.0)) * play.random.uniform(0.5, 1.0)
    while not (yield from _controlled(play, *off)) and broker.alive:
        yield 0.5


def _controlled(play: Play, *words: str) -> Generator[float, None, bool]:
    process = play.lab.broker.controlling(*words)
    while process.poll() is None:
        yield 0.1
    return process.returncode == 0


def spool_full(play: Play) -> Iterator[float]:
    volume = play.lab.spools
    for _ in range(play.random.randint(1, 2)):
        yield play.random.uniform(0.0, 1.2)
        volume.fill()
        yield play.random.uniform(1.0, 6.0)
        volume.free()


def database_full(play: Play) -> Iterator[float]:
    """The disk of the database is full: of SQLite its file's, of a server that with all it has."""
    server = play.lab.server(play.store) if play.store in _SERVERS else None
    volume = server.volume if server is not None else play.lab.files
    for _ in range(play.random.randint(1, 2)):
        yield play.random.uniform(0.0, 1.2)
        volume.fill()
        yield play.random.uniform(1.0, 8.0)
        volume.free()
        while server is not None and not server.answers():
            if not server.alive:
                server.start()  # it ends over it, and somebody starts it again
            yield 0.2


def broker_full(play: Play) -> Iterator[float]:
    """The disk of the broker is full; an operator makes room, and starts it again if it has ended over it."""
    broker = play.lab.broker
    yield play.random.uniform(0.0, 1.2)
    broker.volume.fill()
    yield play.random.uniform(1.0, 6.0)
    broker.volume.free()
    yield 3.0
    broker.kill()
    broker.launch()
    while not broker.answers():
        yield 0.2


def network_cut(play: Play) -> Iterator[float]:
    """Cables are pulled, for a moment or for longer than any patience; packets vanish without a word."""
    cables = [("loader", "data"), ("servers", "data")] if play.store in _SERVERS else []
    if play.path in OVER_BUS:
        cables += [("publisher", "bus"), ("loader", "bus"), ("servers", "bus")]
    elif play.path == "push":
        cables += [("publisher", "bus"), ("loader", "bus")]
    network = play.lab.network
    for _ in range(play.random.randint(1, 2)):
        who, net = play.random.choice(cables)
        yield play.random.uniform(0.0, 1.2)
        network.cut(who, net)
        yield play.random.choice((1.0, 5.0, 5.0, 40.0)) * play.random.uniform(0.6, 1.0)
        network.mend(who, net)


def _between(play: Play) -> None:
    play.meddled = True


def meddled(play: Play) -> Iterator[float]:
    """All messages pass somebody who sends them twice, and later than others."""
    yield 0.1


def poisoned(play: Play) -> Iterator[float]:
    """Messages that nobody can use."""
    for _ in range(play.random.randint(2, 6)):
        yield play.random.uniform(0.0, 1.0)
        while not (done := poison.published(play)):
            yield 0.5
        play.poison += done.dead
        play.unreadable += done.unreadable


KINDS: Final = (
    Kind("loader killed", _killed("loader"), beside=True, weight=3),
    Kind("publisher killed", _killed("publisher"), paths=_PUBLISHED, beside=True),
    Kind("broker killed", broker_killed, paths=("bus", "follow"), beside=True),
    Kind("database killed", database_killed, stores=_SERVERS, beside=True, weight=3),
    Kind("everything killed", everything_killed),
    Kind("somebody frozen", frozen, beside=True),
    Kind("queue full", queue_full, paths=("bus", "follow"), before=_small_queues),
    Kind("broker's alarm", broker_alarm, paths=("bus", "follow")),
    Kind("disk full: spool", spool_full, paths=_PUBLISHED),
    Kind("disk full: database", database_full, weight=3),
    Kind("disk full: broker", broker_full, paths=("bus", "follow")),
    Kind("network cut", network_cut, weight=4),
    Kind("twice and in other order", meddled, paths=("bus", "follow"), before=_between),
    Kind("poison", poisoned, paths=("bus", "follow")),
)
#: how they are called
NAMES: Final = tuple(kind.name for kind in KINDS)


def named(name: str) -> Kind:
    """The kind of that name."""
    return next(kind for kind in KINDS if kind.name == name)


__all__ = ["KINDS", "NAMES", "Kind", "named"]
