"""A log in blocks of whole lines, whatever stands in it, and however it grows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from stampede.sources.dagman.dagmanout import MAX_LINE

_CHUNK = 256 << 10


def whole_lines(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Blocks that end with a line, and how many bytes of the file each stands for: more than it has when it is the head
    of an endless line. A last line without an end is left for later unless DAGMan is gone for good."""
    held = b""
    while block := file.read(_CHUNK):
        end = block.find(b"\n") + 1
        if end and len(held) + end > MAX_LINE:
            yield (held + block)[:MAX_LINE] + b"\n", len(held) + end
            held, block = b"", block[end:]
        cut = block.rfind(b"\n") + 1
        if cut:
            yield held + block[:cut], len(held) + cut
            held = block[cut:]
        elif len(held) + len(block) <= MAX_LINE:
            held += block
        else:
            rest = _to_line_end(file)
            if rest is None:
                return
            yield (held + block)[:MAX_LINE] + b"\n", len(held) + len(block) + rest
            held = b""


def _to_line_end(file: BinaryIO) -> int | None:
    """Pass over the rest of a line and its end; how many bytes that were, None when the line has no end yet."""
    passed = 0
    while block := file.read(_CHUNK):
        end = block.find(b"\n") + 1
        if end:
            file.seek(end - len(block), os.SEEK_CUR)
            return passed + end
        passed += len(block)
    return None


def cut_at(blocks: Iterator[tuple[bytes, int]], mark: int) -> Iterator[tuple[bytes, int]]:
    """The blocks, that around the offset ``mark`` in two if a line ends there."""
    offset = 0
    for block, size in blocks:
        place = mark - offset
        offset += size
        if 0 < place < len(block) == size and block[place - 1 : place] == b"\n":
            yield block[:place], place
            yield block[place:], size - place
        else:
            yield block, size
