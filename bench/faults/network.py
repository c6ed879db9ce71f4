"""Two networks in namespaces of the kernel, in which cables can be pulled: nobody is told, packets just end nowhere.

::

    servers (this namespace) ──┬── net "bus" ──┬── publisher
                               │               └── loader
                               └── net "data" ───── loader

A switch in a namespace of its own stands between them. A cable that is pulled there leaves the interfaces at both ends
up, and neighbours are written down for good, so that no error comes back from anywhere: the silent kind of an outage.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from typing import Final

#: who is on which network, and the last number of the address there
_PLACES: Final = {("servers", "bus"): 1, ("publisher", "bus"): 2, ("loader", "bus"): 3,
                  ("servers", "data"): 1, ("loader", "data"): 3}  # fmt: skip
#: networks of 10/8 that nobody else has: 10.SECOND.NUMBER.0
_SECOND: Final = {"bus": 213, "data": 214}


def possible() -> bool:
    """Whether namespaces can be made here (as root only)."""
    return os.getuid() == 0 and subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode == 0


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Network:
    """Both networks. ``number`` (1 to 250) tells them from those of others on this machine."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.tag = f"sf{number}"
        self._switch = f"{self.tag}-switch"
        self._macs: dict[tuple[str, str], str] = {}
        self.close()
        for name in ("switch", "publisher", "loader"):
            _ip("netns", "add", f"{self.tag}-{name}")
            _ip("-n", f"{self.tag}-{name}", "link", "set", "lo", "up")
        for net in _SECOND:
            _ip("-n", self._switch, "link", "add", net, "type", "bridge")
            _ip("-n", self._switch, "link", "set", net, "up")
        for who, net in _PLACES:
            self._lay(who, net)
        for place in _PLACES:
            self._introduce(place)

    def address(self, who: str, net: str) -> str:
        """Where somebody is on a network."""
        return f"10.{_SECOND[net]}.{self.number}.{_PLACES[who, net]}"

    def inside(self, who: str) -> list[str]:
        """What to write before a command that is to run there."""
        return [] if who == "servers" else ["ip", "netns", "exec", f"{self.tag}-{who}"]

    def cut(self, who: str, net: str) -> None:
        """Pull somebody's cable."""
        _ip("-n", self._switch, "link", "set", self._port(who, net), "nomaster")

    def mend(self, who: str, net: str) -> None:
        """Put it back."""
        _ip("-n", self._switch, "link", "set", self._port(who, net), "master", net)

    def mend_all(self) -> None:
        """Put all of them back."""
        for who, net in _PLACES:
            self.mend(who, net)

    def close(self) -> None:
        """Take everything away."""
        for name in ("publisher", "loader", "switch"):
            subprocess.run(["ip", "netns", "del", f"{self.tag}-{name}"], capture_output=True)
        for net in _SECOND:
            with suppress(subprocess.CalledProcessError):
                _ip("link", "del", self._interface("servers", net))

    def _port(self, who: str, net: str) -> str:
        """The switch's end of somebody's cable."""
        return f"{who[:4]}-{net}"

    def _interface(self, who: str, net: str) -> str:
        return f"{self.tag}{who[0]}{net[0]}"

    def _at(self, who: str) -> list[str]:
        return [] if who == "servers" else ["-n", f"{self.tag}-{who}"]

    def _lay(self, who: str, net: str) -> None:
        port, own = self._port(who, net), self._interface(who, net)
        _ip("-n", self._switch, "link", "add", port, "type", "veth", "peer", "name", own)
        target = "1" if who == "servers" else f"{self.tag}-{who}"
        _ip("-n", self._switch, "link", "set", own, "netns", target)
        _ip("-n", self._switch, "link", "set", port, "master", net, "up")
        _ip(*self._at(who), "link", "set", own, "up")
        _ip(*self._at(who), "addr", "add", f"{self.address(who, net)}/24", "dev", own)
        shown = subprocess.run(
            ["ip", *self._at(who), "-o", "link", "show", own], check=True, capture_output=True, text=True
        ).stdout
        self._macs[who, net] = shown.partition("link/ether ")[2].split()[0]

    def _introduce(self, place: tuple[str, str]) -> None:
        """Tell somebody the neighbours on a network for good: nobody has to be asked for."""
        who, net = place
        for other, its in _PLACES:
            if its == net and other != who:
                _ip(*self._at(who), "neigh", "replace", self.address(other, net), "lladdr", self._macs[other, net],
                    "nud", "permanent", "dev", self._interface(who, net))  # fmt: skip
