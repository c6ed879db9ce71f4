"""Who did what, when, from where, and what came of it: one JSON object a line.

Queries are left out, since some carry what nobody else may know, and so are all credentials. Several processes may
write: each line is one write at the end of the file. At a size the file is renamed ``.1``, and older ones ``.2`` …
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from pathlib import Path
from typing import Final

import msgspec

from stampede.places import state_folder
from stampede.words import rfc3339

_LOG = logging.getLogger("stampede.service.audit")
_JSON = msgspec.json.Encoder()
#: characters of a text from outside that are kept
_LONGEST: Final = 500


class Record(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A line. ``event``: request, login, logout, start, stop, token.create, token.revoke, refused.

    ``by`` is the kind of credential and its name: ``token 1f2e3d4c``, ``basic``, ``proxy``, ``link``, ``local``.
    """

    time: str | float = ""
    event: str
    outcome: str
    user: str | None = None
    by: str = ""
    right: str = ""
    address: str = ""
    method: str = ""
    path: str = ""
    status: int | None = None
    duration_s: float | None = None
    sent_bytes: int | None = None
    detail: str = ""


def default_path() -> Path:
    """The file of the user: ``service/audit.jsonl`` in the state folder."""
    return state_folder() / "service" / "audit.jsonl"


class Audit:
    """The log. That a line cannot be written does not end the service: it is told in the service's own log, and
    counted."""

    def __init__(self, path: Path | None = None, *, most_bytes: int = 16 << 20, files: int = 8) -> None:
        self.path = path or default_path()
        self.most_bytes = most_bytes
        self.files = files
        #: lines that could not be written
        self.lost = 0

    def write(self, record: Record) -> None:
        """Add a line."""
        record.time = rfc3339(round(time.time(), 3))
        record.path, record.detail = _short(record.path), _short(record.detail)
        record.user = None if record.user is None else _short(record.user)
        try:
            self._append(_JSON.encode(record) + b"\n")
        except OSError as e:
            if not self.lost:
                _LOG.error("%s, the audit log, cannot be written: %s", self.path, e.strerror)
            self.lost += 1

    def _append(self, line: bytes) -> None:
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, line)
            if os.fstat(handle).st_size >= self.most_bytes:
                self._rotate(handle)
        finally:
            os.close(handle)

    def _rotate(self, handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.stat(self.path).st_ino != os.fstat(handle).st_ino:
            return  # another process was first
        for number in range(self.files - 1, 0, -1):
            older, newer = self._numbered(number), self._numbered(number - 1)
            if newer.exists():
                os.replace(newer, older)

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}") if number else self.path


def _short(text: str) -> str:
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
