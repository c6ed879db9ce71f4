"""What each request goes through, around the application."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Final

import msgspec

from stampede.service import dashboard
from stampede.service.figures import Figures
from stampede.service.guard.asgi import Application, Headers, Message, Receive, Scope, Send
from stampede.service.guard.audit import Audit, Record
from stampede.service.guard.credentials import Credentials, Found
from stampede.service.guard.headers import hardened
from stampede.service.guard.hosts import Hosts
from stampede.service.guard.limits import Crowd, Rate
from stampede.service.guard.origin import Origin, Origins
from stampede.service.guard.refusal import RefusedError
from stampede.service.settings import Settings
from stampede.service.visitor import KEY

_ACCESS = logging.getLogger("stampede.service.access")
#: where of a scope the guard leaves what it found out
FOUND: Final = "stampede.found"
ORIGIN: Final = "stampede.origin"
#: asked without a credential: they say nothing but that the service is there, or are the way to log in
OPEN: Final = frozenset({"/healthz", "/readyz", "/login"})
#: asked by machines every few seconds: not worth a line of the audit log when all is well
_PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_UNKNOWN: Final = "(unknown)"


class Exchange(msgspec.Struct, kw_only=True):
    """One request while it is worked on, and what came of it."""

    method: str
    path: str
    began_s: float
    origin: Origin | None = None
    found: Found | None = None
    status: int = 0
    sent_bytes: int = 0
    first_s: float | None = None
    refused: str = ""
    whole_body: bool = False


class Guard:
    """The application with everything that guards it, itself an ASGI application."""

    def __init__(self, app: Application, settings: Settings, credentials: Credentials, *, loopback: bool) -> None:
        self.app = app
        self.settings = settings
        self.credentials = credentials
        self.figures = Figures()
        self.audit = Audit(settings.audit)
        self.crowd = Crowd(settings.requests_at_once, settings.requests_each)
        self._origins = Origins(settings.proxies, settings.user_header)
        self._hosts = Hosts(settings.names, loopback=loopback)
        self._rate = Rate(settings.requests_per_second, settings.requests_per_second * 4)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._exchange(scope, receive, send)
        else:  # there are no web sockets here
            await send({"type": "websocket.close", "code": 1008, "reason": ""})

    def end_streams(self) -> None:
        """Have answers that would go on for ever end; called when the service is told to."""
        live = getattr(getattr(self.app, "state", None), "live", None)
        if live is not None:
            live.end()

    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(method=scope["method"], path=plain(scope["path"]), began_s=time.monotonic())
        self.figures.in_progress += 1
        try:
            await self._within(scope, receive, send, exchange)
        finally:
            self.figures.in_progress -= 1
            self._note(scope, exchange)

    async def _within(self, scope: Scope, receive: Receive, send: Send, exchange: Exchange) -> None:
        """With a limit of time until the answer begins; after that the connection has its own."""
        limit = asyncio.timeout(self.settings.request_s)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status, exchange.first_s = message["status"], time.monotonic()
                if not exchange.refused:
                    limit.reschedule(None)
                secure = exchange.origin is not None and exchange.origin.secure
                message["headers"] = hardened(list(message.get("headers", [])), secure=secure)
            elif message["type"] == "http.response.body":
                exchange.sent_bytes += len(message.get("body", b""))
            await send(message)

        async def receiving() -> Message:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                exchange.whole_body = True
            return message

        try:
            async with limit:
                await self._pass(scope, receiving, sending, exchange)
        except RefusedError as e:
            await self._refuse(e, exchange, sending)
        except TimeoutError:
            if exchange.first_s is not None:  # of something else: the limit was taken away when the answer began
                raise
            await self._refuse(self._too_late(exchange), exchange, sending)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, exchange: Exchange) -> None:
        headers: Headers = scope["headers"]
        exchange.origin = origin = self._origins.of(scope)
        scope[ORIGIN] = origin
        if not origin.proxied:
            self._hosts.check(headers, http_version=scope["http_version"])
        own = self.credentials.is_own(origin)
        if not own:
            self._check_rate(origin)
        if exchange.path not in OPEN and not dashboard.is_open(exchange.path):
            exchange.found = found = await self.credentials.of(headers, origin)
            scope[FOUND], scope[KEY] = found, found.visitor
            self._check_right(exchange.method, exchange.path, found)
        if exchange.method in _SAFE:
            check_isolated(headers)
        else:
            check_same_origin(headers, origin, needed=exchange.found is None or exchange.found.by == "session")
        key = origin.limited_as if exchange.found is None or own else exchange.found.told
        await self._in_crowd(key, scope, receive, send)

    async def _in_crowd(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request until its answer begins."""
        self.crowd.enter(key)
        inside = True

        async def sending(message: Message) -> None:
            nonlocal inside
            if inside and message["type"] == "http.response.start":
                self.crowd.leave(key)
                inside = False
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            if inside:
                self.crowd.leave(key)

    def _check_rate(self, origin: Origin) -> None:
        now = time.monotonic()
        wait = self._rate.wait_s(origin.limited_as, now)
        if wait > 0:
            raise RefusedError(429, "too-many", "There were too many requests; wait.", Retry_After=str(int(wait) + 1))
        self._rate.take(origin.limited_as, now)

    @staticmethod
    def _check_right(method: str, path: str, found: Found) -> None:
        visitor = found.visitor
        if path == "/metrics":
            allowed, needed = visitor.may_monitor, "monitor or admin"
        elif path == "/logout":
            return
        elif method in _SAFE:
            allowed, needed = visitor.right != "monitor", "read, write or admin"
        else:
            allowed, needed = visitor.may_write, "write or admin"
        if not allowed:
            raise RefusedError(403, "forbidden", f"This needs the right {needed}; your credential has {visitor.right}.")

    def _too_late(self, exchange: Exchange) -> RefusedError:
        if exchange.method not in _SAFE and not exchange.whole_body:
            return RefusedError(408, "time", "The request did not arrive in time.", Connection="close")
        return RefusedError(
            503, "time", f"This took longer than {self.settings.request_s:g} s and was stopped. Ask for less.",
            Retry_After="5",
        )  # fmt: skip

    async def _refuse(self, error: RefusedError, exchange: Exchange, send: Send) -> None:
        exchange.refused = error.kind
        self.figures.refused[error.kind] += 1
        body = error.body(exchange.path)
        await send({"type": "http.response.start", "status": error.status, "headers": error.fields(len(body))})
        content = b"" if exchange.method == "HEAD" else body
        await send({"type": "http.response.body", "body": content, "more_body": False})

    # ---- what is written down ---------------------------------------------------------------------------------------

    def _note(self, scope: Scope, exchange: Exchange) -> None:
        ended = time.monotonic()
        first = exchange.first_s if exchange.first_s is not None else ended
        route = scope.get("path_template") or _UNKNOWN
        self.figures.answered(exchange.method, route, exchange.status, first - exchange.began_s, exchange.sent_bytes)
        record = _record(exchange, ended - exchange.began_s)
        if _ACCESS.isEnabledFor(logging.INFO):
            _ACCESS.info("%s %s %s", exchange.method, record.path, exchange.status, extra={"fields": record})
        if self._is_worth_a_line(exchange):
            self.audit.write(record)

    @staticmethod
    def _is_worth_a_line(exchange: Exchange) -> bool:
        """All but probes, and what the user's own processes merely read."""
        if exchange.refused or exchange.method not in _SAFE:
            return True
        return exchange.path not in _PROBES and (exchange.found is None or exchange.found.by != "local")


def plain(path: str) -> str:
    """The path as the application takes it: without slashes that mean nothing, so that both speak of the same."""
    return "/" + "/".join(part for part in path.split("/") if part)


def _record(exchange: Exchange, duration_s: float) -> Record:
    found = exchange.found
    outcome = "refused" if exchange.refused else "ok" if 0 < exchange.status < 400 else "error"
    return Record(
        event="request", outcome=outcome, user=found.visitor.user if found else None, by=found.told if found else "",
        right=found.visitor.right if found else "", address=exchange.origin.address if exchange.origin else "",
        method=exchange.method[:20], path=exchange.path, status=exchange.status or None,
        duration_s=round(duration_s, 6), sent_bytes=exchange.sent_bytes, detail=exchange.refused,
    )  # fmt: skip


def check_isolated(headers: Headers) -> None:
    """Raise RefusedError when a page of another site has this loaded into itself (Fetch Metadata Request Headers, W3C);
    that its link leads here is fine."""
    said = {name: value for name, value in headers if name.startswith(b"sec-fetch-")}
    strange = said.get(b"sec-fetch-site") in (b"cross-site", b"same-site")
    if strange and (said.get(b"sec-fetch-mode") != b"navigate" or said.get(b"sec-fetch-dest") in (b"object", b"embed")):
        raise RefusedError(403, "forbidden", "This came from a page of another site.")


def check_same_origin(headers: Headers, origin: Origin, *, needed: bool) -> None:
    """Raise RefusedError when a page of another site sent this: what changes something has to come from ours.

    Browsers say where a request comes from (``Origin``, ``Sec-Fetch-Site``); a cookie goes along with it by itself, so
    that with one (``needed``) one of the two has to be there.
    """
    said = {name: value for name, value in headers if name in (b"origin", b"sec-fetch-site", b"host")}
    site, page = said.get(b"sec-fetch-site"), said.get(b"origin")
    if site is not None:
        fine = site in (b"same-origin", b"none")
    elif page is not None:
        scheme = b"https" if origin.secure else b"http"
        fine = page == scheme + b"://" + said.get(b"host", b"")
    else:
        fine = not needed
    if not fine:
        raise RefusedError(403, "forbidden", "This came from a page of another site.")
