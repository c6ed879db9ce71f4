"""Content codings: gzip always, zstd where Python or the package ``zstandard`` has it."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Final

#: smaller answers are sent as they are
LEAST_BYTES: Final = 1400


@cache
def codings() -> dict[str, Callable[[bytes], bytes]]:
    """What there is, the best first."""
    found: dict[str, Callable[[bytes], bytes]] = {}
    for module in ("compression.zstd", "zstandard"):
        try:
            found["zstd"] = import_module(module).compress
            break
        except (ImportError, AttributeError):
            continue
    found["gzip"] = _gzip
    return found


def coding_for(accepted: str) -> str | None:
    """The coding that the header Accept-Encoding allows; None for none."""
    if not accepted:
        return None
    allowed = {}
    for part in accepted.split(","):
        name, _, quality = part.partition(";")
        allowed[name.strip().lower()] = quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((name for name in codings() if allowed.get(name, allowed.get("*", False))), None)


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(4, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()
