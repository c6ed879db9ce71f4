"""The binary form of pictures, ``application/vnd.stampede.columns``: a header in JSON, then typed arrays.

Everything is little-endian::

    0    8 bytes   b"STMPCOL1"
    8    uint32    bytes of the header
    12   header    JSON (UTF-8), filled up with blanks so that what follows begins at a multiple of 8
    ...  arrays    each at its ``offset`` (from the beginning of the answer, a multiple of 8)

The header is ``{"kind", "level", "facts", "tables": {TABLE: {"rows": N, "columns": {NAME: {"type", "offset"}}}}}``.
Types are ``f32``, ``u32``, ``u8`` (N values), and ``text``: N + 1 offsets as ``u32``, then the UTF-8 of all values one
after the other; value n lies between offsets n and n + 1, counted from the end of the offsets.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable
from itertools import accumulate
from typing import Any, Final, cast

import msgspec
from litestar import Response

from stampede.query.columns import Frame
from stampede.service.asking import Ask
from stampede.service.forms import Form, dated, json
from stampede.service.view import View

MAGIC: Final = b"STMPCOL1"
_TYPES: Final = {"f": "f32", "I": "u32", "B": "u8"}
_ALIGN: Final = 8


class Picture(msgspec.Struct, kw_only=True):
    """A picture as JSON: columns of equal length by table; in the binary form they are typed arrays."""

    kind: str
    level: str
    facts: dict[str, Any]
    tables: dict[str, dict[str, list[Any]]]


async def picture(
    ask: Ask, uuid: str, question: Callable[[View], Frame], *, costly: bool = True
) -> Response[Picture]:  # fmt: skip
    """The answer to a question for a picture, in the form that is wanted. ``costly`` as ``Ask.workflow`` says."""
    found = await ask.workflow(uuid, question, forms=("json", "columns"), encoder=encode, costly=costly)
    return cast("Response[Picture]", found)


def encode(value: Any, form: Form, headers: dict[str, str]) -> bytes:
    """A frame as JSON or in the binary form."""
    return binary(value) if form == "columns" else json(_plain(value))


def _plain(frame: Frame) -> Picture:
    tables = {
        table: {name: values if isinstance(values, list) else values.tolist() for name, values in columns.items()}
        for table, columns in frame.tables.items()
    }
    return Picture(kind=frame.kind, level=frame.level, facts=frame.facts, tables=tables)


def binary(frame: Frame) -> bytes:
    """The binary form."""
    parts: list[tuple[dict[str, Any], bytes]] = []
    tables: dict[str, Any] = {}
    for name, columns in frame.tables.items():
        told: dict[str, Any] = {}
        for column, values in columns.items():
            kind, data = _packed(values)
            told[column] = {"type": kind, "offset": 0}
            parts.append((told[column], data))
        tables[name] = {"rows": len(next(iter(columns.values()), ())), "columns": told}
    header = {"kind": frame.kind, "level": frame.level, "facts": dated(dict(frame.facts)), "tables": tables}
    # offsets are written with as many digits as they may need: the first round tells how long the header is
    total = sum(len(data) + _ALIGN for _, data in parts)
    room = len(msgspec.json.encode(header)) + len(parts) * len(str(total + (1 << 24)))
    at = _up(len(MAGIC) + 4 + room)
    first = at
    for place, data in parts:
        place["offset"] = at
        at = _up(at + len(data))
    text = msgspec.json.encode(header).ljust(first - len(MAGIC) - 4)
    body = bytearray(MAGIC + len(text).to_bytes(4, "little") + text)
    for place, data in parts:
        body.extend(bytes(place["offset"] - len(body)))
        body += data
    return bytes(body)


def _up(at: int) -> int:
    return -(-at // _ALIGN) * _ALIGN


def _packed(values: array[Any] | list[str]) -> tuple[str, bytes]:
    if isinstance(values, list):
        whole = "".join(values)
        if whole.isascii():
            return "text", _little(array("I", accumulate(map(len, values), initial=0))) + whole.encode()
        texts = [value.encode("utf-8", "replace") for value in values]
        ends = array("I", [0])
        for text in texts:
            ends.append(ends[-1] + len(text))
        return "text", _little(ends) + b"".join(texts)
    return _TYPES[values.typecode], _little(values)


def _little(values: array[Any]) -> bytes:
    if sys.byteorder == "big":
        values = array(values.typecode, values)
        values.byteswap()
    return values.tobytes()
