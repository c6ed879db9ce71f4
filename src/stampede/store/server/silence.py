"""How long a server and we believe in each other while nothing is heard.

A network that is cut says nothing: without these limits a loader waits for an answer for two hours and more (tcp(7)),
and the server keeps the transaction of a loader that is gone, on which all others wait.
"""

from __future__ import annotations

import socket
from typing import Final

#: a peer is asked for a sign of life after so long, then so often, so many times, in seconds
IDLE_S: Final = 10
EVERY_S: Final = 5
TIMES: Final = 3
#: what was sent has to be acknowledged by the other machine within so long
UNHEARD_S: Final = IDLE_S + EVERY_S * TIMES
#: a transaction in which we say nothing for so long is ended by the server: who stands still must not keep out others
STILL_S: Final = 30

_OPTIONS: Final = {"TCP_KEEPIDLE": IDLE_S, "TCP_KEEPINTVL": EVERY_S, "TCP_KEEPCNT": TIMES,
                   "TCP_USER_TIMEOUT": UNHEARD_S * 1000}  # fmt: skip


def connected(host: str, port: int, patience_s: float) -> socket.socket:
    """A connection whose other end cannot vanish unnoticed. Raises OSError."""
    found = socket.create_connection((host, port), patience_s)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS.items():
        option = getattr(socket, name, None)  # not every system has all of them
        if option is not None:
            found.setsockopt(socket.IPPROTO_TCP, option, value)
    return found
