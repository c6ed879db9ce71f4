"""Bytes that are packed: gzip and deflate always, zstd where Python (3.14) or the package ``zstandard`` has it.

Unpacking never makes more than a limit, whatever the bytes say.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any, Final

#: bytes that are unpacked at once
_STEP: Final = 1 << 20
#: names of codings as in HTTP, and the window bits of zlib for them (RFC 1952 gzip, RFC 1950 zlib)
_ZLIB: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_ZSTD: Final = ("compression.zstd", "zstandard")
_GZIP_LEVEL: Final = 4


class CodingError(Exception):
    """Bytes that cannot be unpacked; the message says why. Whoever unpacks says it to the user in their own words."""


class UnknownCodingError(CodingError):
    """The coding is not one of ours, or not one of this installation."""


class TooLargeError(CodingError):
    """There would be more bytes than the limit."""


class DamagedError(CodingError):
    """The bytes are not what their coding says."""


@cache
def packers() -> dict[str, Callable[[bytes], bytes]]:
    """What bytes can be packed with here, the best first."""
    found: dict[str, Callable[[bytes], bytes]] = {}
    for module in _ZSTD:
        try:
            found["zstd"] = importlib.import_module(module).compress
            break
        except (ImportError, AttributeError):
            continue
    found["gzip"] = _gzip
    return found


def packed(data: bytes, *, least_bytes: int = 0) -> tuple[bytes, str]:
    """The bytes in the best coding of this installation, and its name; as they are (``identity``) when they are fewer
    than ``least_bytes``."""
    if len(data) < least_bytes:
        return data, "identity"
    name, pack = next(iter(packers().items()))
    return pack(data), name


def unpacked(body: bytes, coding: str, limit: int) -> bytes:
    """The bytes as they were. Raises UnknownCodingError, TooLargeError above ``limit`` bytes, DamagedError."""
    name = coding.strip().lower()
    if name in ("", "identity"):
        found = body
    elif name in _ZLIB:
        found = _inflated(body, _ZLIB[name], limit)
    elif name == "zstd":
        found = _of_zstd(body, limit)
    else:
        raise UnknownCodingError(f"{name[:40]} is no coding that is known")
    if len(found) > limit:
        raise TooLargeError(f"there are more than {limit} bytes")
    return found


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def _inflated(body: bytes, window_bits: int, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    rest = body
    while rest:  # a gzip file may have several members
        engine = zlib.decompressobj(window_bits)
        while not engine.eof:
            try:
                part = engine.decompress(rest, _STEP)
            except zlib.error as e:
                raise DamagedError(str(e)) from e
            rest = engine.unconsumed_tail
            size += len(part)
            if size > limit:
                raise TooLargeError(f"there are more than {limit} bytes")
            parts.append(part)
            if not part and not rest and not engine.eof:
                raise DamagedError("it ends too early")
        rest = engine.unused_data
    return b"".join(parts)


def _of_zstd(body: bytes, limit: int) -> bytes:
    engine = _zstd()
    try:
        if hasattr(engine, "stream_reader"):  # zstandard
            with engine.stream_reader(body) as stream:
                found: bytes = stream.read(limit + 1)
            return found
        found = engine.decompress(body, max_length=limit + 1)
    except Exception as e:  # each of the two has an error of its own
        raise DamagedError(str(e)) from e
    if len(found) <= limit and not engine.eof:
        raise DamagedError("it ends too early")
    return found


def _zstd() -> Any:
    for module in _ZSTD:
        try:
            return importlib.import_module(module).ZstdDecompressor()
        except ImportError:
            continue
    raise UnknownCodingError("zstd needs Python 3.14 or the package zstandard")
