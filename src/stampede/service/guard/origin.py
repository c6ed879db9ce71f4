"""Where a request came from, also through a reverse proxy that is trusted."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from stampede.errors import UsageError
from stampede.service.guard.refusal import RefusedError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
IP = ipaddress.IPv4Address | ipaddress.IPv6Address

#: where of a scope the connection leaves the user of this machine that is behind it
UID: Final = "stampede.uid"
#: by these a proxy gives itself away
_PASSED_ON: Final = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via")


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """``address`` is of who asked, as far as it is known for certain; ``user`` what a trusted proxy says who that is.

    ``uid`` is the user of this machine behind the connection, where that is known.
    """

    address: str
    proxied: bool = False
    passed_on: bool = False
    loopback: bool = False
    secure: bool = False
    uid: int | None = None
    user: str | None = None

    @property
    def limited_as(self) -> str:
        """By what requests are counted: the address; of IPv6 the network that one customer has (RFC 6177)."""
        try:
            ip = ipaddress.ip_address(self.address)
        except ValueError:
            return self.address
        return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


class Origins:
    """Tells the origin of requests. ``proxies`` are addresses or networks whose headers are believed."""

    def __init__(self, proxies: Sequence[str] = (), user_header: str = "") -> None:
        self._proxies = [network(p) for p in proxies]
        self._user_header = user_header.lower().encode("latin-1")

    def of(self, scope: Any) -> Origin:
        """The origin of a request. Raises RefusedError when a proxy says two different things."""
        client = scope.get("client")
        peer = _ip(client[0]) if client else None
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        secure = scope.get("scheme") == "https"
        address = str(peer) if peer else "unknown"
        if peer is None or not self.trusts(peer):
            passed_on = any(name in _PASSED_ON for name, _ in headers)
            return Origin(
                address=address, passed_on=passed_on, loopback=peer is not None and peer.is_loopback, secure=secure,
                uid=scope.get(UID),
            )  # fmt: skip
        forwarded = [v for name, v in headers if name == b"x-forwarded-for"]
        proto = [v for name, v in headers if name == b"x-forwarded-proto"]
        return Origin(
            address=self._last_untrusted(forwarded) or address, proxied=True, passed_on=True,
            secure=secure or proto == [b"https"], user=self._user(headers),
        )  # fmt: skip

    def trusts(self, address: IP) -> bool:
        """Whether this is the address of a proxy whose headers are believed."""
        return any(address.version == known.version and address in known for known in self._proxies)

    def _user(self, headers: list[tuple[bytes, bytes]]) -> str | None:
        if not self._user_header:
            return None
        said = [value for name, value in headers if name == self._user_header]
        if len(said) > 1:  # one of them is of the visitor: the proxy is not set up to take that away
            raise RefusedError(400, "credential", "The proxy names the user more than once.")
        try:
            return said[0].decode().strip() or None if said else None
        except UnicodeDecodeError:
            raise RefusedError(400, "credential", "The user that the proxy names is no UTF-8.") from None

    def _last_untrusted(self, forwarded: list[bytes]) -> str | None:
        """Each proxy adds at the end who asked it: the last that is no proxy of ours is as far as can be believed."""
        for part in reversed(b",".join(forwarded).split(b",")):
            found = _ip(part.decode("latin-1").strip())
            if found is None:
                return None
            if not self.trusts(found):
                return str(found)
        return None


def network(text: str) -> Network:
    """An address or network. Raises UsageError."""
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise UsageError(f"{text!r} is no address or network, such as 192.0.2.7 or 10.0.0.0/8.") from None


def _ip(text: str) -> IP | None:
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found
