"""The marks of values in a statement: ``?``, ``?3`` and ``:name`` become names, whatever a server calls them."""

from __future__ import annotations

import re
from typing import Final

#: texts, quoted names and comments, in which nothing is a mark; then the marks
_PIECES: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|(\?\d+|\?|:[A-Za-z_]\w*)")


def named(sql: str) -> tuple[str, int]:
    """The statement with ``:p1``, ``:p2`` … in place of ``?`` and ``?1``, and how many plain ``?`` there were."""
    count = 0

    def name(found: re.Match[str]) -> str:
        nonlocal count
        mark = found[1]
        if mark is None or mark.startswith(":"):
            return found[0]
        if mark == "?":
            count += 1
            return f":p{count}"
        return f":p{mark[1:]}"

    return _PIECES.sub(name, sql), count
