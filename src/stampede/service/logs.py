"""What the service says while it runs, on stderr: a line for people, or one JSON object for programs."""

from __future__ import annotations

import logging
import sys
from typing import Any

import msgspec

from stampede.words import clean, masked, rfc3339

_JSON = msgspec.json.Encoder()
#: says of each connection and start what we say better ourselves
_QUIET = ("uvicorn.error", "uvicorn.access", "uvicorn.asgi")


class Lines(logging.Formatter):
    """``2026-11-21 22:31:24 WARNING service: message``."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(short)s: %(message)s", "%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        record.short = record.name.removeprefix("stampede.")
        return clean(super().format(record))


class JsonLines(logging.Formatter):
    """Time (RFC 3339, UTC), level, logger and message; of an access also what the audit log has."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": rfc3339(round(record.created, 3)), "level": record.levelname.lower(), "logger": record.name,
            "message": _harmless(record.getMessage()),
        }  # fmt: skip
        more = getattr(record, "fields", None)
        if isinstance(more, msgspec.Struct):
            fields["request"] = msgspec.to_builtins(more)
        if record.exc_info:
            fields["exception"] = _harmless(self.formatException(record.exc_info))
        return _JSON.encode(fields).decode()


def _harmless(text: str) -> str:
    return masked(text.encode("utf-8", "backslashreplace").decode())


def set_up(*, json: bool, access: bool, verbose: bool = False) -> None:
    """Send what is said to stderr. ``access``: also a line for each request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if json else Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO if verbose else logging.WARNING)
    logging.getLogger("stampede.service").setLevel(logging.INFO)
    logging.getLogger("stampede.service.access").setLevel(logging.INFO if access else logging.WARNING)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.INFO if verbose else logging.ERROR)
