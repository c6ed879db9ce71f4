"""Browsers that have shown a credential, and links for the first visit.

Both are kept in memory: when the service ends, browsers log in again. A session is no more than the credential that it
was begun with: when that is revoked or expires, so does the session.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict
from typing import Final

import msgspec

#: a session ends so long after it began, and so long after it was used last, in seconds
LASTS_S: Final = 12 * 3600.0
IDLE_S: Final = 2 * 3600.0
#: a link for the first visit is good for so long
LINK_S: Final = 600.0
_MOST: Final = 10_000


class Session(msgspec.Struct, kw_only=True):
    """Who began it: ``kind`` and ``name`` say with which credential, ``mark`` which version of that. Times are of the
    monotonic clock."""

    kind: str
    name: str
    mark: bytes
    begun_s: float
    used_s: float


class Sessions:
    """All of them. Cookies are kept as hashes: who reads the memory has no key in hand."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self._links: dict[bytes, float] = {}

    def begin(self, kind: str, name: str = "", *, mark: bytes = b"") -> str:
        """A new session; the value of its cookie."""
        cookie, now = secrets.token_urlsafe(32), time.monotonic()
        self._sessions[_digest(cookie)] = Session(kind=kind, name=name, mark=mark, begun_s=now, used_s=now)
        while len(self._sessions) > _MOST:
            self._sessions.popitem(last=False)
        return cookie

    def of(self, cookie: str) -> Session | None:
        """The session of a cookie, if it has not ended."""
        key, now = _digest(cookie), time.monotonic()
        found = self._sessions.get(key)
        if found is None:
            return None
        if now - found.begun_s > LASTS_S or now - found.used_s > IDLE_S:
            del self._sessions[key]
            return None
        found.used_s = now
        self._sessions.move_to_end(key)
        return found

    def end(self, cookie: str) -> None:
        """End a session."""
        self._sessions.pop(_digest(cookie), None)

    def link(self) -> str:
        """A code that begins one session, once, within ten minutes."""
        code = secrets.token_urlsafe(32)
        self._links[_digest(code)] = time.monotonic()
        return code

    def take(self, code: str) -> bool:
        """Whether that is a code which was not used yet; it is used now."""
        made = self._links.pop(_digest(code), None)
        return made is not None and time.monotonic() - made <= LINK_S


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
