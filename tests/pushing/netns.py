"""A server and a client in networks of their own (network namespaces), with a cable between that can be pulled."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

_NET = "10.213.77"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Cable:
    """Two networks that know nothing but each other: what runs behind ``client`` or ``server`` is in one of them."""

    def __init__(self, name: str) -> None:
        self._names = (f"sc{name}", f"ss{name}")
        self.server_address = f"{_NET}.2"
        self.client, self.server = (["ip", "netns", "exec", name] for name in self._names)

    def lay(self) -> None:
        here, there = self._names
        for name in self._names:
            _ip("netns", "add", name)
        _ip("link", "add", "end", "netns", here, "type", "veth", "peer", "name", "end", "netns", there)
        for number, name in enumerate(self._names, start=1):
            for words in (("addr", "add", f"{_NET}.{number}/24", "dev", "end"), ("link", "set", "end", "up"),
                          ("link", "set", "lo", "up")):  # fmt: skip
                _ip("-n", name, *words)

    def cut(self) -> None:
        _ip("-n", self._names[0], "link", "set", "end", "down")

    def mend(self) -> None:
        _ip("-n", self._names[0], "link", "set", "end", "up")

    def remove(self) -> None:
        for name in self._names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@contextmanager
def cable() -> Iterator[Cable]:
    """Laid, and removed in any case. Skips the test where that is not allowed."""
    one = Cable(str(os.getpid() % 100_000))
    try:
        one.lay()
    except (OSError, subprocess.CalledProcessError):
        one.remove()
        pytest.skip("network namespaces cannot be made here")
    try:
        yield one
    finally:
        one.remove()
