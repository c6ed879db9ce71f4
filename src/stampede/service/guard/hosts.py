"""By which names the service may be called.

Against DNS rebinding: a page of somebody else's can make its own name mean 127.0.0.1, and then ask us from the browser
of our user. Its requests have that name in the header ``Host``. An address as such cannot be rebound.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from typing import Final

from stampede.service.guard.refusal import RefusedError

_FORM = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253})(?::[0-9]{1,5})?")
_LOCAL: Final = ("localhost", "localhost.localdomain", "ip6-localhost")


class Hosts:
    """The names that count: any address, ``localhost``, the names of this machine, and those that were given.

    ``check_all`` is False where any name may be used: off loopback a credential is asked for anyway, and a browser that
    was led astray has none for the strange name.
    """

    def __init__(self, names: Iterable[str] = (), *, loopback: bool) -> None:
        given = {name.lower().rstrip(".") for name in names}
        self.check_all = loopback or bool(given)
        own = set() if loopback else {socket.gethostname().lower(), socket.getfqdn().lower()} if given else set()
        self._names = {*_LOCAL, *given, *own}

    def check(self, headers: list[tuple[bytes, bytes]], *, http_version: str = "1.1") -> None:
        """Raise RefusedError when the request names another host, more than one, or none."""
        said = [value for name, value in headers if name == b"host"]
        if not said and http_version == "1.0":
            return
        match = _FORM.fullmatch(said[0]) if len(said) == 1 else None
        if match is None:
            raise RefusedError(400, "host", "The header Host is missing, doubled or no name of a host.")
        name = match[1].decode().lower().rstrip(".")
        if not self.check_all or name in self._names or _is_address(name.strip("[]")):
            return
        raise RefusedError(
            421, "host",
            f"This service is not called {name[:100]}. If it is, start it with: stampede serve --name {name[:100]}",
        )  # fmt: skip


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
