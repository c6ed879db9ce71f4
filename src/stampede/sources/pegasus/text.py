"""Captured output as it is kept in ``job_instance.stdout_text`` and ``stderr_text``.

The form is Pegasus' (monitord, since 4.0): one block per task, ``#@ <n> stdout`` and ``#@ <n> stderr``,
percent-encoded, at most 65,535 characters in all, later blocks cut first. :func:`decode` gives the text back.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

LIMIT: Final = 65_535
RAW_LIMIT: Final = 63_535

_UNSAFE = re.compile(rb"[\x00-\x1f\x7f-\xff%'\"]")
_ENCODED: Final = {bytes([n]): b"%%%02X" % n for n in range(256)}
_BLOCK = re.compile(r"#@ (\d+) (stdout|stderr)\n")


def encode(text: str) -> str:
    """Percent-encode control characters, non-ASCII bytes (of UTF-8), quotes and the percent sign."""
    # most output has of these only line ends and quotes, and replacing text costs less than looking at every character
    common = text.replace("%", "%25").replace("\n", "%0A").replace('"', "%22").replace("'", "%27")
    if common.isascii() and common.isprintable():
        return common
    data = text.encode("utf-8", "replace")
    return _UNSAFE.sub(lambda m: _ENCODED[m[0]], data).decode("ascii")


def encode_bytes(data: bytes, limit: int = RAW_LIMIT) -> str:
    """Percent-encode raw output; bytes that are no UTF-8 become replacement characters, long text loses its middle."""
    if len(data) > limit:
        data = data[: limit // 2] + b"\n[... cut ...]\n" + data[-limit // 2 :]
    return encode(data.decode("utf-8", "replace"))[:LIMIT]


def decode(text: str) -> str:
    """The text that was encoded."""
    return unquote(text, errors="replace")


def block(number: int, stream: str, text: str) -> str:
    """One task's output as a block (not encoded)."""
    return f"#@ {number} {stream}\n{' ' if stream == 'stderr' else ''}{text}\n"


def join(blocks: list[str]) -> str:
    """Encode blocks one after the other until the limit is reached."""
    out: list[str] = []
    room = LIMIT
    for piece in blocks:
        encoded = encode(piece)
        if len(encoded) > room:
            out.append(encoded[:room])
            break
        out.append(encoded)
        room -= len(encoded)
    return "".join(out)
