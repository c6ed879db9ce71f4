"""JSON lines: one object a line, ``event`` the full name, ``ts`` a number, ``_`` for every dot in a name.

That is what Pegasus sends (``-e json`` and AMQP), apart from names of attributes that nobody describes: these keep
their dots here.
"""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec

from stampede.errors import DecodeError
from stampede.events.checks import Record
from stampede.events.records import dotted, underscored

_decode = msgspec.json.Decoder().decode


def parse(line: bytes | str) -> Record:
    """The record of one line. Raises ``DecodeError`` when it is no JSON object."""
    try:
        document = _decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        document = _parse_slowly(line)
    if document.__class__ is not dict:
        raise DecodeError(f"the line is no JSON object but {type(document).__name__}")
    return dotted(document)


def _parse_slowly(line: bytes | str) -> Any:
    """The standard library takes what is nearly JSON: NaN, control characters, halves of surrogate pairs."""
    try:
        text = line if isinstance(line, str) else line.decode("utf-8", "backslashreplace")
        return _whole(json.loads(text, strict=False))
    except (ValueError, RecursionError) as exc:
        raise DecodeError(f"the line is no JSON: {exc!s:.120}") from exc


def _whole(value: Any) -> Any:
    """The value with what no database takes as text replaced."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value


def serialise(record: Record) -> bytes:
    """The record as one line."""
    document = underscored(record)
    try:
        return msgspec.json.encode(document) + b"\n"
    except (TypeError, ValueError, OverflowError, UnicodeEncodeError):
        text = json.dumps(_writable(document), default=str, ensure_ascii=False)
        return text.encode("utf-8", "backslashreplace") + b"\n"


def _writable(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list | tuple):
        return [_writable(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _writable(item) for key, item in value.items()}
    return value
