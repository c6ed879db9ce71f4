"""Bodies as they were before they were packed: gzip, deflate or zstd, never more than a limit."""

from __future__ import annotations

import importlib
import zlib
from typing import Any, Final

from stampede.service.problems import ProblemError

#: bytes that are unpacked at once
_STEP: Final = 1 << 20
#: what a sender may say, and the window bits of zlib for it (RFC 1952 gzip, RFC 1950 zlib)
_ZLIB: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
#: standard library (Python 3.14), and the package that it took after
_ZSTD: Final = (("compression.zstd", "ZstdDecompressor"), ("zstandard", "ZstdDecompressor"))


def unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """The body of a request with that ``Content-Encoding``.

    Raises ProblemError: 413 when it is larger than ``limit`` bytes, 415 for an encoding that is not known, 400 for
    bytes that are not in it.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        found = body
    elif name in _ZLIB:
        found = _inflated(body, _ZLIB[name], limit)
    elif name == "zstd":
        found = _of_zstd(body, limit)
    else:
        raise ProblemError(415, "media-type", f"Bodies packed as {name[:40]} are not taken; send gzip, zstd or none.")
    if len(found) > limit:
        raise _too_large(limit)
    return found


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
                raise _damaged(str(e)) from e
            rest = engine.unconsumed_tail
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            parts.append(part)
            if not part and not rest and not engine.eof:
                raise _damaged("it ends too early")
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
    except ProblemError:
        raise
    except Exception as e:  # each of the two has an error of its own
        raise _damaged(str(e)) from e
    if len(found) <= limit and not engine.eof:
        raise _damaged("it ends too early")
    return found


def _zstd() -> Any:
    for module, name in _ZSTD:
        try:
            return getattr(importlib.import_module(module), name)()
        except ImportError:
            continue
    raise ProblemError(
        415, "media-type", "This service cannot unpack zstd: it needs Python 3.14 or the package zstandard. Send gzip."
    )


def _damaged(why: str) -> ProblemError:
    return ProblemError(400, "body", f"The body cannot be unpacked: {why[:200]}.")


def _too_large(limit: int) -> ProblemError:
    return ProblemError(413, "size", f"A batch has at most {limit} bytes when it is unpacked; send smaller ones.")
