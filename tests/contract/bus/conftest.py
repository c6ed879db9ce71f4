"""The buses of the contract: each is real, and made anew for every test."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from broker import Broker, scripts

from stampede.bus import WHOLE, Bus, BusError, Delivery, Message, Part, open_bus

KINDS = ("memory", "file", "unix", "tcp", "amqp")
_COUNT = itertools.count()


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    if scripts() is None:
        pytest.skip("RabbitMQ is not installed here")
    broker = Broker()
    try:
        yield broker
    finally:
        broker.close()


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("STAMPEDE_BUS", raising=False)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    match kind:
        case "memory":
            return f"memory://test-{next(_COUNT)}"
        case "file":
            return f"file://{tmp_path / 'bus'}"
        case "unix":
            return f"unix://{tmp_path / 'bus.sock'}"
        case "tcp":
            from serving import free_port

            return f"tcp://127.0.0.1:{free_port()}"
    broker: Broker = request.getfixturevalue("broker")
    return broker.url()


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Where the bus is; amqp: an exchange of its own on a real broker."""
    return _url(kind, tmp_path, request)


@pytest.fixture
def bus(url: str) -> Bus:
    return open_bus(url)


@pytest.fixture
def sharing(kind: str, url: str) -> str:
    """The URL of a bus that several loaders can share."""
    if kind in ("unix", "tcp"):
        pytest.skip("a socket has one loader")
    return url


class Reader:
    """A consumer in a thread: takes everything, and says done at once unless it is told to keep it."""

    def __init__(
        self, bus: Bus, *, keeps: bool = False, buries: Callable[[Message], str] = lambda m: "", part: Part = WHOLE
    ) -> None:
        self.taken: list[Message] = []
        self.deliveries: list[Delivery] = []
        self._keeps, self._buries = keeps, buries
        self._stop = threading.Event()
        self.consumer = bus.consumer(part=part)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                found = self.consumer.receive(0.05)
                self.deliveries += found
                self.taken += [d.message for d in found]
                if self._keeps:
                    continue
                for one in found:
                    why = self._buries(one.message)
                    if why:
                        self.consumer.bury(one, why)
                self.consumer.done([d for d in found if not self._buries(d.message)])
            except BusError:
                return

    def stop(self) -> None:
        """Leave; what was kept goes to others."""
        self._stop.set()
        self._thread.join(20)
        self.consumer.close()
