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

    # ---- how much
    #: questions that are answered at the same time; others wait in line
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
