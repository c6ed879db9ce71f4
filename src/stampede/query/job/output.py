"""What a job printed, as text."""

from __future__ import annotations

import re
from urllib.parse import unquote

import msgspec


class Output(msgspec.Struct, kw_only=True):
    """A piece of what was printed: by which invocation (0: not known) and on which stream."""

    seq: int
    stream: str
    text: str


_MARK = re.compile(r"^#@ (\d+) (stdout|stderr)\n", re.M)


def pieces(stored: str | None, stream: str) -> list[Output]:
    """Stored output as text: percent-decoded and parted at the marks (``#@ 1 stderr``) that tell who printed it.

    Both are the Stampede form of ``job_instance.stdout_text``; what stands before the first mark is of ``stream``.
    """
    if not stored:
        return []
    text = unquote(stored, errors="replace")
    marks = list(_MARK.finditer(text))
    found = [Output(seq=0, stream=stream, text=text[: marks[0].start()] if marks else text)]
    ends = [m.start() for m in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=False):
        body = text[mark.end() : end]
        found.append(Output(seq=int(mark[1]), stream=mark[2], text=body.removeprefix(" ")))
    return [o for o in found if o.text.strip()]
