"""Everything of the service that can be set, on one screen."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the service serves, where, and how much it may take. Sizes are bytes, times seconds."""

    # ---- what is served
    #: URLs of databases; empty: those of all workflows of the registry, looked up anew when that changes
    databases: tuple[str, ...] = ()
    #: the registry file; None: that of the user
    registry: Path | None = None

    # ---- where
    host: str = "127.0.0.1"
    port: int = 8642

    # ---- who is let in
    #: no credential for processes of the user who started it, when it listens on loopback
    local: bool = True
    #: the file of tokens; None: that of the user
    tokens: Path | None = None
    #: the file of passwords for HTTP basic; None: there are none
    passwords: Path | None = None
    #: addresses and networks of reverse proxies whose headers are believed
    proxies: tuple[str, ...] = ()
    #: the header in which they name the user; empty: they do not
    user_header: str = ""
    #: which of the users that a proxy names are admins
    admins: tuple[str, ...] = ()
    #: names by which the service may be called, beside localhost and addresses
    names: tuple[str, ...] = ()
    #: the audit log; None: that of the user
    audit: Path | None = None
    #: certificate (with its chain) and key for TLS, in PEM; None: no TLS
    certificate: Path | None = None
    key: Path | None = None

    # ---- how much one may ask
    #: requests of an address in a second, on average; four times as many at once
    requests_per_second: float = 100.0
    #: requests that are worked on at the same time, of all and of each who asks
    requests_at_once: int = 1024
    requests_each: int = 256
    #: how long until an answer begins
    request_s: float = 30.0
    #: how long until the head of a request is there, and between two reads of a body or two writes of an answer
    head_s: float = 10.0
    stall_s: float = 60.0
    #: bytes of the head of a request
    head_bytes: int = 32 << 10
    #: connections, of all and of each address
    connections: int = 2048
    connections_each: int = 1024
    #: how long answers under way may take after the service was told to end
    grace_s: float = 5.0

    # ---- how much
    #: processes that answer questions for the one that serves; 0: it answers them itself
    workers: int = 0
    #: questions that are answered at the same time, by all of them; others wait in line
    threads: int = 4
    #: encoded answers that are kept until the database changes
    kept_bytes: int = 64 << 20
    #: databases that stay open while nobody asks them
    open_databases: int = 64
    #: rows of a page at most
    page_rows: int = 10_000
    #: bytes of a file that one answer gives at most when no range is asked for and none of its end; 0: all of it
    output_bytes: int = 0

    # ---- events in, and the live stream
    #: URL of the database that events are stored in; None: the first of ``databases``, else one in the state folder
    intake: str | None = None
    #: bytes of a batch of events when it is unpacked
    batch_bytes: int = 64 << 20
    #: programs that listen to the live stream at the same time
    listeners: int = 2_000
    #: bytes that wait for one listener; one that is slower reads on from the database
    listener_bytes: int = 1 << 20
    #: a listener to whom nothing was sent for so long is told that all is well
    heartbeat_s: float = 15.0
    #: so many changes behind, a listener is told to ask for everything anew
    listener_behind: int = 1_000_000
