"""BSON: a stream of documents one after the other, with the names that JSON lines have.

Each document starts with its own length (four bytes, little endian), so a stream needs no separator. The ``bson``
package of pymongo does the work; it is imported when the first document is read or written.
"""

from __future__ import annotations

from typing import Any

from stampede.errors import DecodeError
from stampede.events.checks import Record
from stampede.events.records import dotted, underscored

#: The smallest document: a length and the closing zero.
SMALLEST = 5


def length(head: bytes | bytearray | memoryview) -> int:
    """The length of the document that starts with these four bytes."""
    return int.from_bytes(head[:4], "little", signed=True)


def looks_like(head: bytes) -> bool:
    """Whether a stream that starts with these bytes can be BSON: a length, a known type, a name without controls."""
    if len(head) < SMALLEST + 2 or not 8 <= length(head) <= 1 << 26:
        return False
    name = head[5:].split(b"\0", 1)[0]
    return (head[4] in range(1, 20)) and 0 < len(name) < 256 and all(byte >= 32 for byte in name)


def parse(document: bytes) -> Record:
    """The record of one document. Raises ``DecodeError`` when it is none."""
    import bson

    options: Any = bson.CodecOptions(unicode_decode_error_handler="replace")
    try:
        return dotted(bson.decode(document, codec_options=options))
    except (bson.errors.BSONError, ValueError, RecursionError, OverflowError) as exc:
        raise DecodeError(f"the document is no BSON: {exc!s:.120}") from exc


def serialise(record: Record) -> bytes:
    """The record as one document. What BSON cannot hold (numbers beyond 64 bits, odd objects) becomes text."""
    import bson

    document = underscored(record)
    try:
        return bson.encode(document)
    except (bson.errors.BSONError, OverflowError, UnicodeEncodeError, TypeError):
        return bson.encode(_plain(document))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(_plain(str(key))).replace("\0", "\\0"): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and -(2**63) <= value < 2**63):
        return value
    return str(value)
