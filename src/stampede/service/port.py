"""The address that is listened on: whether only this machine reaches it, and who has it when it is taken."""

from __future__ import annotations

import errno
import ipaddress
import os
import pwd
import socket
from pathlib import Path
from typing import Final

from stampede.errors import StampedeError, UsageError

#: state LISTEN of ``/proc/net/tcp`` (proc(5))
_LISTEN: Final = 10
_BACKLOG: Final = 1024


class PortError(StampedeError):
    """The port cannot be had."""

    exit_code = 4


def addresses_of(host: str) -> list[str]:
    """The addresses that a name of a host means. Raises UsageError when it means none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise UsageError(f"--host {host}: that is no address or name of this machine.") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_loopback(host: str) -> bool:
    """Whether only processes of this machine can reach that address."""
    return all(ipaddress.ip_address(a.partition("%")[0]).is_loopback for a in addresses_of(host))


def listening(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen at all addresses of a host (0: at a port that is free). Raises PortError."""
    sockets: list[socket.socket] = []
    for address in addresses_of(host):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        # asyncio sends answers at once (TCP_NODELAY) only on sockets that say that they are TCP: else each takes 40 ms
        one = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            one.bind((address, sockets[0].getsockname()[1] if sockets else port))
            one.listen(_BACKLOG)
        except OSError as e:
            one.close()
            if sockets and e.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                continue  # a machine without IPv6 has a name for it all the same
            for other in sockets:
                other.close()
            raise PortError(_why(address, port, e)) from e
        one.setblocking(False)
        sockets.append(one)
    return sockets


def _why(address: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {address} is taken by {_holder(port)}. Choose another one with --port "
            f"(0: any that is free), or see: stampede serve list"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} of {address} is not for users like you: choose one from 1024 on with --port."
    return f"{address} cannot be listened on: {error.strerror}."


def _holder(port: int) -> str:
    """Who listens on a port, as far as this user can find out."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if int(fields[1].rpartition(":")[2], 16) == port and int(fields[3], 16) == _LISTEN:
                return _process(fields[9]) or f"a process of {_name(int(fields[7]))}"
    return "another process"


def _process(inode: str) -> str | None:
    """The process that has a socket; None unless it is one that this user may look into."""
    wanted = f"socket:[{inode}]"
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(fd) == wanted for fd in (process / "fd").iterdir()):
                said = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
                return f"process {process.name} ({said[:120]})"
        except OSError:
            continue
    return None


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
