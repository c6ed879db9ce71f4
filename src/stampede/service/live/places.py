"""What the id of an event says: how far each of the databases was told.

``KEY.1.2.3.4.5.6``, with commas between several databases. The key is made of the URL of the database and the time at
which it was made; the numbers are a :class:`stampede.query.changes.Position`. So an id means the same after the server
was started again, and nothing in the place of another database.
"""

from __future__ import annotations

import base64
import hashlib

from stampede.query.changes import Position, read_position

#: an id that is longer was not made here
_MOST = 16_384


def key_of(url: str, identity: str) -> str:
    """The key of a database: eight letters and digits."""
    digest = hashlib.blake2b(f"{url}\n{identity}".encode("utf-8", "surrogateescape"), digest_size=5).digest()
    return base64.b32encode(digest).decode().lower()


def place(key: str, position: Position) -> str:
    """The id of one database."""
    return f"{key}.{position}"


def read_places(text: str) -> dict[str, Position] | None:
    """Positions by key; None when it is no id of ours."""
    found: dict[str, Position] = {}
    if len(text) > _MOST:
        return None
    for part in text.split(","):
        key, _, numbers = part.partition(".")
        position = read_position(numbers)
        if len(key) != 8 or not key.isalnum() or position is None:
            return None
        found[key] = position
    return found
