"""Which bus a URL names, and what is said of one that names none."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede.bus import open_bus
from stampede.bus.amqp import AmqpBus
from stampede.bus.file import FileBus
from stampede.bus.socket import SocketBus
from stampede.errors import UsageError


@pytest.mark.parametrize(
    "url, virtual_host, exchange",
    [
        ("amqp://h", "/", "stampede"),
        ("amqp://u:p@h:1/site", "site", "stampede"),
        ("amqp://h/%2F/monitoring", "/", "monitoring"),
        ("amqp://h/a%20b/x?partitions=3", "a b", "x"),
    ],
)
def test_a_broker_with_virtual_host_and_exchange(url: str, virtual_host: str, exchange: str) -> None:
    bus = open_bus(url)
    assert isinstance(bus, AmqpBus)
    assert (bus.broker._parameters.virtual_host, bus.topology.exchange) == (virtual_host, exchange)


def test_a_password_is_never_shown() -> None:
    assert open_bus("amqp://ada:secret@broker:5671/site").name == "amqp://broker:5671/site"


def test_a_password_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("s3cret\n")
    bus = open_bus(f"amqp://ada@broker/site?password_file={tmp_path / 'p'}")
    assert isinstance(bus, AmqpBus)
    assert bus.broker._parameters.credentials.password == "s3cret"


def test_folders_and_sockets() -> None:
    folder, unix, tcp = (open_bus(u) for u in ("file:///a/b%20c?partitions=2&most=9", "unix:///a/s", "tcp://[::1]:7"))
    assert isinstance(folder, FileBus)
    assert (folder.folder, folder.partitions, folder.most) == (Path("/a/b c"), 2, 9)
    assert isinstance(unix, SocketBus)
    assert isinstance(tcp, SocketBus)
    assert (unix.address, tcp.address) == ("/a/s", ("::1", 7))


@pytest.mark.parametrize(
    "url",
    ["", "x", "http://h", "amqp://h/a/b/c", "amqp://h:x", "file://host/a", "file:rel", "unix://x", "tcp://h",
     "amqp://h?colour=red", "file:///a?most=none", "file:///a?most=-1", "amqps://h?ca=/nowhere",
     "amqp://h?password_file=/nowhere"],
)  # fmt: skip
def test_what_is_no_bus_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(UsageError, match=r"\.$"):
        open_bus(url)


def test_nobody_listens_to_the_world_without_a_secret() -> None:
    with pytest.raises(UsageError, match="secret"):
        open_bus("tcp://0.0.0.0:7811").consumer()
