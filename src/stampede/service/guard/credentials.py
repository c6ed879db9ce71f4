"""Who asks: found out from what a request carries, or from whose connection it is.

In this order; the first that is there decides, and when it is wrong the others are not tried:

1. a trusted proxy's word for the user,
2. ``Authorization: Bearer TOKEN``, or ``Basic`` with the user's password, or with a token for a password,
3. the cookie of a session,
4. the connection itself: of a process of the user who started the service, on this machine, without a proxy between.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import os
import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Final

import msgspec

from stampede.errors import StampedeError
from stampede.service.guard.asgi import Headers
from stampede.service.guard.limits import Attempts
from stampede.service.guard.origin import Origin
from stampede.service.guard.passwords import Passwords
from stampede.service.guard.refusal import RefusedError
from stampede.service.guard.sessions import Session, Sessions
from stampede.service.guard.tokens import Token, Tokens
from stampede.service.visitor import OWNER, Visitor

_LOG = logging.getLogger("stampede.service")
#: the cookie over TLS, which the browser then sends nowhere else and to no other host (RFC 6265bis, 4.1.3), and without
COOKIES: Final = {True: "__Host-stampede", False: "stampede"}
#: bytes of a credential that are looked at
_LONGEST: Final = 4096
#: passwords that are checked at the same time: each takes a core and 32 MB
_CHECKS: Final = 2


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A visitor, and by which credential: ``by`` is its kind, ``name`` what tells it from others of the kind."""

    visitor: Visitor
    by: str
    name: str = ""

    @property
    def told(self) -> str:
        """For the audit log."""
        return f"{self.by} {self.name}".strip()


class Credentials:
    """Knows all kinds. ``local``: processes of this user are let in without; ``admins``: who is one, of the users that
    a proxy names."""

    def __init__(
        self, tokens: Tokens, *, passwords: Passwords | None = None, sessions: Sessions | None = None,
        admins: tuple[str, ...] = (), local: bool = True, clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.tokens = tokens
        self.passwords = passwords
        self.sessions = sessions or Sessions()
        self.attempts = Attempts()
        self._admins = frozenset(admins)
        self._local = local
        self._clock = clock
        self._checking: asyncio.Semaphore | None = None

    async def of(self, headers: Headers, origin: Origin) -> Found:
        """Who asks. Raises RefusedError: 401 without a credential or with a wrong one, 429 after too many of those."""
        if origin.user is not None:
            return self._of_proxy(origin.user)
        shown = [value for name, value in headers if name == b"authorization"]
        if shown:
            if len(shown) > 1:
                raise RefusedError(400, "credential", "There is more than one header Authorization.")
            return await self._of_authorization(shown[0], origin)
        session = self._session(headers, origin)
        if session is not None:
            return session
        if self.is_own(origin):
            return Found(visitor=OWNER, by="local")
        raise self._nothing(origin)

    def is_own(self, origin: Origin) -> bool:
        """Whether it is a process of the user who started the service, and nobody else through it."""
        return self._local and origin.loopback and not origin.passed_on and origin.uid == os.geteuid()

    def _of_proxy(self, user: str) -> Found:
        visitor = Visitor(user=user[:100], right="admin" if user in self._admins else "read")
        return Found(visitor=visitor, by="proxy", name=user[:100])

    # ---- Authorization ----------------------------------------------------------------------------------------------

    async def _of_authorization(self, value: bytes, origin: Origin) -> Found:
        scheme, _, rest = value[:_LONGEST].decode("latin-1").partition(" ")
        if scheme.lower() == "bearer":
            return self.by_token(rest.strip(), origin)
        if scheme.lower() == "basic":
            try:
                user, colon, password = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                user, colon, password = "", "", ""
            if not colon:
                raise RefusedError(400, "credential", "The header Authorization is no Basic of user and password.")
            return await self.by_password(user, password, origin)
        raise _wrong("The header Authorization has to be Bearer or Basic.", self.passwords is not None)

    def by_token(self, text: str, origin: Origin) -> Found:
        """Who shows a token. Raises RefusedError.

        A right one always counts: nobody finds 256 bits by trying. Only the wrong ones are limited, so that a program
        with an old token does not lock out others at its address.
        """
        try:
            token = self.tokens.of_text(text)
        except StampedeError as e:
            raise _unreadable(e) from e
        if token is None or token.expired(self._clock()):
            key, now = f"token {origin.limited_as}", time.monotonic()
            self.attempts.check(key, None, now)
            self.attempts.wrong(key, None, now)
            what = "This token has expired." if token else "This token is not known, or was revoked."
            raise _wrong(what, self.passwords is not None)
        self.tokens.used(token, self._clock())
        return _found(token)

    async def by_password(self, user: str, password: str, origin: Origin) -> Found:
        """Who shows a user's password, or for a password a token. Raises RefusedError."""
        if password.startswith("stp_"):
            return self.by_token(password, origin)
        passwords, now = self.passwords, time.monotonic()
        self.attempts.check(origin.limited_as, user[:100], now)
        if passwords is None:
            self.attempts.wrong(origin.limited_as, None, now)
            raise _wrong("This service knows no passwords, but tokens.", False)
        # counted before it is checked, and given back when right: else many at once would all be checked
        try:
            entry = passwords.known(user, password)
            if entry is None:
                self.attempts.wrong(origin.limited_as, user[:100], now)
                self._checking = self._checking or asyncio.Semaphore(_CHECKS)
                async with self._checking:
                    entry = await asyncio.to_thread(passwords.check, user, password)
                if entry is not None:
                    self.attempts.right(origin.limited_as, user[:100])
        except StampedeError as e:
            raise _unreadable(e) from e
        if entry is None:
            raise _wrong("User or password is wrong.", True)
        return Found(visitor=Visitor(user=entry.user, right=entry.right), by="basic", name=entry.user)

    # ---- sessions ---------------------------------------------------------------------------------------------------

    def _session(self, headers: Headers, origin: Origin) -> Found | None:
        cookie = cookie_of(headers, secure=origin.secure)
        session = self.sessions.of(cookie) if cookie else None
        if cookie is None or session is None:
            return None
        visitor = self._still(session)
        if visitor is None:
            self.sessions.end(cookie)
            return None
        return Found(visitor=visitor, by="session", name=f"{session.kind} {session.name}".strip())

    def _still(self, session: Session) -> Visitor | None:
        """The visitor of a session, as the credential that began it says now; None when that counts no more."""
        try:
            if session.kind == "token":
                token = self.tokens.of_id(session.name)
                return _found(token).visitor if token and not token.expired(self._clock()) else None
            if session.kind == "basic":
                entry = self.passwords.of(session.name) if self.passwords else None
                # a password that was changed ends the sessions of the one before
                return Visitor(user=entry.user, right=entry.right) if entry and session.mark == entry.salt else None
        except StampedeError as e:
            raise _unreadable(e) from e
        return OWNER if session.kind == "link" else None

    def begin_session(self, found: Found) -> str:
        """A session for who has shown a credential; the value of its cookie."""
        entry = self.passwords.of(found.name) if found.by == "basic" and self.passwords else None
        return self.sessions.begin(found.by, found.name, mark=entry.salt if entry else b"")

    def _nothing(self, origin: Origin) -> RefusedError:
        if not (self._local and origin.loopback):
            return _wrong("A credential is needed.", self.passwords is not None)
        if origin.passed_on:
            return _wrong(
                "A credential is needed, since this came through a proxy that is not trusted. If it is yours, start "
                "the service with --trust-proxy ADDRESS and --user-header NAME.", self.passwords is not None,
            )  # fmt: skip
        return _wrong(
            "Without a credential only processes of the user who started the service are let in.",
            self.passwords is not None,
        )


def cookie_of(headers: Headers, *, secure: bool) -> str | None:
    """The cookie of a session that a browser sent."""
    for name, value in headers:
        if name == b"cookie" and COOKIES[secure].encode() in value:
            try:
                morsel = SimpleCookie(value[:_LONGEST].decode("latin-1")).get(COOKIES[secure])
            except CookieError:
                continue
            if morsel is not None:
                return str(morsel.value)
    return None


def _found(token: Token) -> Found:
    user = None if token.right == "monitor" else token.user
    return Found(visitor=Visitor(user=user, right=token.right), by="token", name=token.id)


def _wrong(detail: str, basic: bool) -> RefusedError:
    # the scheme Basic makes browsers ask by themselves, which is wanted only where there are passwords
    kinds = 'Bearer realm="stampede"' + (', Basic realm="stampede", charset="UTF-8"' if basic else "")
    return RefusedError(401, "credential", detail, WWW_Authenticate=kinds)


def _unreadable(error: StampedeError) -> RefusedError:
    _LOG.error("%s", error)
    return RefusedError(503, "unavailable", "Credentials cannot be checked now; the log of the service says why.")
