"""Cursors: where a page ended, as text that can stand in a URL.

A cursor holds the values that the last row was sorted by and its key, so that the next page is found by what follows
them, however long the list is and whatever was added meanwhile. It carries a mark of the question it belongs to and is
refused for another. Nothing in it is trusted: its values become values of a question, never a part of one.
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from stampede.errors import UsageError

_VERSION: Final = 1
_MARK_BYTES: Final = 8
#: longer than any that was given out
_LONGEST: Final = 20_000
_LARGEST: Final = 2**63 - 1


def mark(*parts: str) -> bytes:
    """What tells a question from others."""
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=_MARK_BYTES).digest()


def write(of: bytes, values: Sequence[Any]) -> str:
    """The cursor of a row: the values it was sorted by and its key."""
    packed = bytes([_VERSION]) + of + msgspec.msgpack.encode(list(values))
    return urlsafe_b64encode(packed).decode().rstrip("=")


def read(text: str, of: bytes, count: int) -> list[Any]:
    """The values in a cursor. Raises UsageError for one that is damaged, or belongs to another question."""
    if len(text) > _LONGEST:
        raise _damaged()
    try:
        packed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        values = msgspec.msgpack.decode(packed[1 + _MARK_BYTES :], type=list[str | float | int | None])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise _damaged() from None
    if packed[0] != _VERSION:
        raise _damaged()
    if packed[1 : 1 + _MARK_BYTES] != of:
        raise UsageError(
            "The cursor belongs to another question: it goes on only with the filter, sort and workflow that it was "
            "given for."
        )
    if len(values) != count or any(isinstance(v, int) and abs(v) > _LARGEST for v in values):
        raise _damaged()
    return values


def _damaged() -> UsageError:
    return UsageError("The cursor is damaged. Begin without one, and take the next from the answer as it is.")
