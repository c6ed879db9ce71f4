"""What only a socket has: a secret, one loader, strangers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from serving import free_port

from stampede.bus import Bus, BusError, Message, open_bus


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))


@contextmanager
def _loader(bus: Bus) -> Iterator[list[Message]]:
    """Takes everything."""
    taken: list[Message] = []
    consumer, stop = bus.consumer(), threading.Event()

    def run() -> None:
        while not stop.is_set():
            found = consumer.receive(0.05)
            taken.extend(d.message for d in found)
            consumer.done(found)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield taken
    finally:
        stop.set()
        thread.join()
        consumer.close()


def test_who_knows_the_secret_comes_in_and_nobody_else(tmp_path: Path) -> None:
    for name in ("right", "wrong"):
        (tmp_path / name).write_text(name)
    url = f"tcp://127.0.0.1:{free_port()}"
    with _loader(open_bus(f"{url}?secret_file={tmp_path / 'right'}")) as taken:
        for other in (url, f"{url}?secret_file={tmp_path / 'wrong'}"):
            with pytest.raises(BusError, match="secret"):
                open_bus(other).publisher()
            with pytest.raises(BusError, match="secret"):
                open_bus(other).subscriber(["#"])
        publisher = open_bus(f"{url}?secret_file={tmp_path / 'right'}").publisher()
        publisher.publish([Message(key="stampede.xwf.start", root="r")])
        publisher.close()
    assert len(taken) == 1


def test_there_is_one_loader(tmp_path: Path) -> None:
    url = f"unix://{tmp_path / 's'}"
    with _loader(open_bus(url)), pytest.raises(BusError, match="Another loader"):
        open_bus(url).consumer()
    with _loader(open_bus(url)):
        pass


def test_a_socket_that_a_killed_loader_left_is_no_obstacle(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "s"))
    left.close()
    with _loader(open_bus(f"unix://{tmp_path / 's'}")) as taken:
        assert taken == []


@pytest.mark.parametrize("bytes_", [b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 64, b"\x00\x00\x00\x01\xc1", b""])
def test_strangers_do_no_harm(tmp_path: Path, bytes_: bytes) -> None:
    url = f"unix://{tmp_path / 's'}"
    with _loader(open_bus(url)) as taken:
        stranger = socket.socket(socket.AF_UNIX)
        stranger.connect(str(tmp_path / "s"))
        stranger.sendall(bytes_)
        stranger.shutdown(socket.SHUT_WR)
        publisher = open_bus(url).publisher()
        publisher.publish([Message(key="stampede.xwf.start", root="r")])
        publisher.close()
        stranger.close()
    assert len(taken) == 1


def test_only_the_user_and_the_group_come_to_the_socket(tmp_path: Path) -> None:
    with _loader(open_bus(f"unix://{tmp_path / 's'}")):
        assert (tmp_path / "s").stat().st_mode & 0o777 == 0o660
