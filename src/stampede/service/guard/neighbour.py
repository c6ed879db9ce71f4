"""Which user of this machine is behind a connection from it.

A port on loopback is open to every user of a machine, and a submit host has many. The kernel knows whose a socket is:
it is asked by netlink about this one (sock_diag(7), ``inet_diag_req_v2``), or all are read from ``/proc/net/tcp``
(proc(5)) where netlink is not to be had.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
from pathlib import Path
from typing import Final

Address = tuple[str, int]

_SOCK_DIAG: Final = 4
_BY_FAMILY: Final = 20
_REQUEST: Final = 1
_ESTABLISHED: Final = 1
_HEADER = struct.Struct("=IHHII")
_ASKED = struct.Struct("=BBBBI")
#: an ``inet_diag_msg`` has the user behind family, state and so on (4), the identity of the socket (48), three numbers
_UID_AT: Final = _HEADER.size + 4 + 48 + 12


def user_of(client: Address, server: Address) -> int | None:
    """The id of the user whose socket the client's end of a connection is; None when the system does not tell, or the
    socket is not on this machine."""
    try:
        ends = ipaddress.ip_address(client[0]), ipaddress.ip_address(server[0])
    except ValueError:
        return None
    if ends[0].version != ends[1].version:
        return None
    try:
        return _by_netlink((ends[0].packed, client[1]), (ends[1].packed, server[1]))
    except OSError:
        return _by_table((ends[0].packed, client[1]), (ends[1].packed, server[1]))


def _by_netlink(client: tuple[bytes, int], server: tuple[bytes, int]) -> int | None:
    family = socket.AF_INET if len(client[0]) == 4 else socket.AF_INET6
    identity = struct.pack("!HH16s16sIII", client[1], server[1], client[0], server[0], 0, 0xFFFFFFFF, 0xFFFFFFFF)
    body = _ASKED.pack(family, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF) + identity
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _SOCK_DIAG) as asked:
        asked.settimeout(0.2)
        asked.sendto(_HEADER.pack(_HEADER.size + len(body), _BY_FAMILY, _REQUEST, 1, 0) + body, (0, 0))
        answer = asked.recv(4096)
    _, kind, _, _, _ = _HEADER.unpack_from(answer)
    if kind != _BY_FAMILY:  # an error: there is no such socket
        return None
    uid: int = struct.unpack_from("=I", answer, _UID_AT)[0]
    return uid


def _by_table(client: tuple[bytes, int], server: tuple[bytes, int]) -> int | None:
    wanted = [_as_listed(client), _as_listed(server)]
    try:
        text = Path("/proc/net/tcp" if len(client[0]) == 4 else "/proc/net/tcp6").read_text()
    except OSError:
        return None
    for line in text.splitlines()[1:]:
        fields = line.split()
        if fields[1:3] == wanted and int(fields[3], 16) == _ESTABLISHED:
            return int(fields[7])
    return None


def _as_listed(end: tuple[bytes, int]) -> str:
    """``0100007F:21C2``: words of four bytes in the order of this machine."""
    words = struct.unpack(f"={len(end[0]) // 4}I", end[0])
    return "".join(f"{word:08X}" for word in words) + f":{end[1]:04X}"
