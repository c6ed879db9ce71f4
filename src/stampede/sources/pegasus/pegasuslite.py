"""The ``.err`` file of a PegasusLite job: where it ran, how it ended, and the lines that look like the reason."""

from __future__ import annotations

import re

import msgspec

from stampede.sources.pegasus.records import RecordProblem
from stampede.sources.pegasus.scalars import integer, number

#: PegasusLite says so when its shell script was left in an unexpected way.
UNEXPECTED_EXIT = 71

_LIMIT = 4 << 20
_MAX_MESSAGES = 20
_MAX_LINE = 1000

_EXITCODE = re.compile(rb"^PegasusLite: exitcode[ \t]+(-?\d{1,9})[ \t\r]*$", re.MULTILINE)
_RUNTIME = re.compile(rb"^PegasusLite: runtime[ \t]+(\d{1,12}(?:\.\d+)?)[ \t\r]*$", re.MULTILINE)
_VERSION = re.compile(rb"PegasusLite: version[ \t]+(\S{1,64})")
_HOST = re.compile(rb"Executing on host[ \t]+(\S{1,255})(?:[ \t]+IP=(\S{1,64}))?")
_ERROR = re.compile(
    rb"^[^\n]*(?i:\b(?:error|critical|fatal|fail(?:ed|ure)?|exception|traceback|cannot|unable to|denied|"
    rb"no such file|not found|no space|killed|segmentation|terminated|abort(?:ed)?|out of memory|timed? ?out)\b)[^\n]*",
    re.MULTILINE,
)


class PegasusLite(msgspec.Struct, gc=False):
    """What the ``.err`` file tells.

    ``exitcode`` is that of the wrapped job as the shell saw it (128 + n for signal n), the last one if several are
    written. ``host`` and ``ip`` are those of the machine or container. ``messages`` are the last lines that look like
    errors, oldest first.
    """

    exitcode: int | None = None
    host: str | None = None
    ip: str | None = None
    runtime_s: float | None = None
    version: str | None = None
    messages: list[str] = []
    problems: list[RecordProblem] = []

    @property
    def is_lite(self) -> bool:
        """Whether PegasusLite wrote the file at all."""
        return self.exitcode is not None or self.version is not None or self.host is not None


def read_lite(data: bytes, *, messages: bool = True) -> PegasusLite:
    """Read an ``.err`` file; of one above 4 MiB only the first and last 2 MiB, with a problem.

    ``messages`` False leaves the search for error lines out, which takes longest.
    """
    problems: list[RecordProblem] = []
    if len(data) > _LIMIT:
        half = _LIMIT // 2
        message = f"The error file has {len(data):,} bytes; only its first and last {half:,} were searched."
        problems.append(RecordProblem("error-file-too-large", message, half))
        data = data[:half] + b"\n" + data[-half:]
    host = _HOST.search(data)
    version = _VERSION.search(data)
    return PegasusLite(
        exitcode=integer(_last(_EXITCODE, data)),
        host=_text(host[1]) if host else None,
        ip=_text(host[2]) if host and host[2] else None,
        runtime_s=number(_last(_RUNTIME, data)),
        version=_text(version[1]) if version else None,
        messages=_messages(data) if messages else [],
        problems=problems,
    )


def _last(pattern: re.Pattern[bytes], data: bytes) -> str | None:
    found = pattern.findall(data)
    return found[-1].decode("ascii") if found else None


def _messages(data: bytes) -> list[str]:
    """The last error-looking lines; the file is searched from its end in growing pieces, since errors stand there."""
    size = 64 << 10
    while True:
        piece = data[-size:] if size < len(data) else data
        found = [line for line in piece.split(b"\n") if len(line) < _MAX_LINE * 100 and _ERROR.match(line)]
        if len(found) >= _MAX_MESSAGES or size >= len(data):
            return [_text(line.strip())[:_MAX_LINE] for line in found[-_MAX_MESSAGES:]]
        size *= 8


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
