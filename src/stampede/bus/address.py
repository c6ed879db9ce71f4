"""Which bus a URL names.

::

    amqp://user:password@host:5672/vhost            exchange ``stampede``; amqps:// with TLS, certificates checked
    amqp://user:password@host:5672/vhost/exchange   as Pegasus writes it
        ?partitions=8                  queues of a group, when it is made (0: nothing is kept for loaders)
        ?most_bytes=1073741824         what may wait in a queue
        ?ca=FILE                       certificates to trust in place of the system's
        ?password_file=FILE            so that the password stands in no list of processes
    file:///folder                     ?partitions=8, ?most=5000 messages of a partition
    unix:///path                       ?most=512 messages
    tcp://host:port                    ?secret_file=FILE, needed to listen on anything but loopback
    memory://name                      within this process
"""

from __future__ import annotations

import functools
import hashlib
import ssl
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from stampede.bus.file import FileBus
from stampede.bus.memory import MemoryBus
from stampede.bus.socket import SocketBus
from stampede.errors import UsageError
from stampede.places import state_folder

if TYPE_CHECKING:
    from stampede.bus.base import Bus

_PORTS: Final = {"amqp": 5672, "amqps": 5671}


def open_bus(url: str) -> Bus:
    """The bus at a URL; nothing is reached yet. Raises UsageError for a URL that is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as e:
        raise UsageError(f"The URL of the bus cannot be read: {e}.") from None
    match parts.scheme:
        case "amqp" | "amqps":
            return _amqp(parts, port or _PORTS[parts.scheme])
        case "file":
            asked = _asked(parts, ("partitions", "most"))
            return FileBus(_path(parts), **{name: _number(name, text, 1) for name, text in asked.items()})
        case "unix":
            asked = _asked(parts, ("most",))
            return SocketBus(str(_path(parts)), graves=_graves(url), most=_number("most", asked.get("most", "512"), 1))
        case "tcp":
            return _tcp(parts, port)
        case "memory":
            return _in_memory(parts.netloc + parts.path)
    raise UsageError(
        f"{_shown(parts) or url!r} is no bus: write amqp://HOST, file:///FOLDER, unix:///PATH or tcp://HOST:PORT."
    )


@functools.cache
def _in_memory(name: str) -> MemoryBus:
    return MemoryBus(f"memory://{name}")


def _tcp(parts: SplitResult, port: int | None) -> SocketBus:
    asked = _asked(parts, ("most", "secret_file"))
    if not parts.hostname or port is None:
        raise UsageError("A TCP bus is tcp://HOST:PORT.")
    secret = _secret(asked["secret_file"]) if "secret_file" in asked else None
    address = (parts.hostname, port)
    most = _number("most", asked.get("most", "512"), 1)
    return SocketBus(address, graves=_graves(f"tcp://{address}"), secret=secret, most=most)


def _amqp(parts: SplitResult, port: int) -> Bus:
    asked = _asked(parts, ("partitions", "most_bytes", "ca", "password_file"))
    try:
        from stampede.bus.amqp import AmqpBus, Broker, Topology
    except ImportError as e:
        raise UsageError(f"A bus on RabbitMQ needs pika: pip install 'stampede-wf[amqp]' ({e}).") from e

    host = parts.hostname or "localhost"
    segments = [unquote(s) for s in parts.path.split("/")[1:] if s]
    if len(segments) > 2:
        raise UsageError("An AMQP bus is amqp://HOST/VHOST or amqp://HOST/VHOST/EXCHANGE; write %2F for a slash.")
    password = _secret(asked["password_file"]) if "password_file" in asked else unquote(parts.password or "guest")
    topology: dict[str, Any] = {name: _number(name, asked[name], 0) for name in ("partitions", "most_bytes")
                                if name in asked}  # fmt: skip
    if len(segments) == 2:
        topology["exchange"] = segments[1]
    broker = Broker(
        _shown(parts), host=host, port=port, user=unquote(parts.username or "guest"), password=password,
        virtual_host=segments[0] if segments else "/", topology=Topology(**topology),
        tls=_tls(asked.get("ca")) if parts.scheme == "amqps" else None,
    )  # fmt: skip
    return AmqpBus(broker)


def _tls(ca: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as e:
        raise UsageError(f"The certificates in {ca} cannot be read: {e.strerror or e}.") from e


def _asked(parts: SplitResult, known: Collection[str]) -> dict[str, str]:
    """What stands behind the question mark."""
    found = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in found:
        if name not in known:
            raise UsageError(f"{name[:40]!r} is nothing that a bus of that kind knows; known are {', '.join(known)}.")
    return found


def _number(name: str, text: str, least: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= 1 << 40:
        raise UsageError(f"{name} of a bus is a number from {least}, not {text[:40]!r}.")
    return int(text)


def _path(parts: SplitResult) -> Path:
    if parts.netloc or not parts.path.startswith("/"):
        raise UsageError(f"Write a full path behind {parts.scheme}://, so {parts.scheme}:///PATH.")
    return Path(unquote(parts.path))


def _secret(file: str) -> str:
    try:
        return Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(f"The secret in {file} cannot be read: {e}.") from e


def _graves(url: str) -> Path:
    """Where the loader of a socket keeps what nobody could use."""
    return state_folder() / "bus-dead" / hashlib.sha256(url.encode()).hexdigest()[:12]


def _shown(parts: SplitResult) -> str:
    """The URL without the password."""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if parts.scheme else ""
