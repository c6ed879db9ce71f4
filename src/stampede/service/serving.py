"""The process that serves: what has to be true before it starts, the application with its guard, and the server."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import ssl
import sys
import time
from functools import partial
from typing import Any, Final

import uvicorn

from stampede.errors import InputError, UsageError
from stampede.service.app import make_app
from stampede.service.guard.audit import Record
from stampede.service.guard.credentials import Credentials
from stampede.service.guard.guard import Guard
from stampede.service.guard.origin import network
from stampede.service.guard.passwords import Passwords
from stampede.service.guard.tokens import Tokens
from stampede.service.port import is_loopback
from stampede.service.readers.crew import Crew
from stampede.service.readers.nursery import begun
from stampede.service.readers.reader import read_for
from stampede.service.running import entered
from stampede.service.settings import Settings
from stampede.service.wire import connections

#: a thread that has the next row of its question waits for the interpreter no longer than this (seconds): with the 5 ms
#: that are usual, questions that read many rows at the same time keep each other waiting, row by row
SWITCH_S: Final = 0.0005
_LOG = logging.getLogger("stampede.service")
_HOW = (
    "Make a token (stampede serve token create --user NAME), give a file of passwords (--passwords FILE), or trust a "
    "reverse proxy (--trust-proxy ADDRESS --user-header NAME)."
)


def check(settings: Settings) -> None:
    """What has to be so before anything listens. Raises UsageError or InputError that says what to do."""
    for proxy in settings.proxies:
        network(proxy)
    if settings.user_header and not settings.proxies:
        raise UsageError("--user-header is believed only from proxies that are named with --trust-proxy ADDRESS.")
    if (settings.certificate is None) != (settings.key is None):
        raise UsageError("TLS needs both --tls-certificate and --tls-key.")
    if settings.certificate is not None:
        _tls(settings)
    if settings.passwords is not None:
        Passwords(settings.passwords).of("")
    if not is_loopback(settings.host) and not _has_credential(settings):
        raise UsageError(f"--host {settings.host} can be reached by others, and nobody has a credential yet. {_HOW}")


def _has_credential(settings: Settings) -> bool:
    now = time.time()
    usable = any(not token.expired(now) for token in Tokens(settings.tokens).all())
    return usable or settings.passwords is not None or bool(settings.proxies and settings.user_header)


def _tls(settings: Settings) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(str(settings.certificate), str(settings.key))
    except (OSError, ssl.SSLError) as e:
        raise InputError(
            f"{settings.certificate} and {settings.key} are no certificate with its key in PEM: {e}.",
            path=str(settings.certificate),
        ) from e
    return context


def guarded(settings: Settings) -> Guard:
    """The application with its guard; ``app.state.guard`` is the guard."""
    loopback = is_loopback(settings.host)
    passwords = Passwords(settings.passwords) if settings.passwords is not None else None
    credentials = Credentials(
        Tokens(settings.tokens), passwords=passwords, admins=settings.admins, local=settings.local and loopback
    )
    app = make_app(settings)
    guard = Guard(app, settings, credentials, loopback=loopback)  # type: ignore[arg-type]
    app.state.guard = guard
    return guard


def url_of(settings: Settings, port: int) -> str:
    """The address as one types it into a browser."""
    host = settings.host if settings.host not in ("0.0.0.0", "::", "") else socket.gethostname()
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if settings.certificate else 'http'}://{shown}:{port}"


class Service:
    """One service, from its sockets to its end."""

    def __init__(self, settings: Settings, sockets: list[socket.socket]) -> None:
        self.settings = settings
        self.guard = guarded(settings)
        self.url = url_of(settings, sockets[0].getsockname()[1])
        self._sockets = sockets
        self._server = _Server(self._config(), self.guard)

    def login_link(self) -> str:
        """A link that begins one session as an admin, once, in the next ten minutes."""
        return f"{self.url}/login?once={self.guard.credentials.sessions.link()}"

    def _config(self) -> uvicorn.Config:
        made = connections(self.settings, self.guard.figures)
        more: dict[str, Any] = {}
        if self.settings.certificate is not None:
            more = {"ssl_certfile": self.settings.certificate, "ssl_keyfile": self.settings.key,
                    "ssl_context_factory": lambda *_: _tls(self.settings)}  # fmt: skip
        return uvicorn.Config(
            self.guard, http=made, ws="none", loop="asyncio", interface="asgi3", lifespan="on", log_config=None,
            access_log=False, proxy_headers=False, server_header=False, timeout_keep_alive=30,
            timeout_graceful_shutdown=max(1, round(self.settings.grace_s)), **more,
        )  # fmt: skip

    def run(self, log: str | None = None) -> None:
        """Serve until a signal says to end: SIGTERM, SIGINT or SIGHUP. Answers under way are given, for a while.

        ``log``: where its output goes, for who lists services.
        """
        note = self.guard.audit.write
        sys.setswitchinterval(SWITCH_S)
        self._engage()
        if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        with entered(self.url, self.settings.databases, log):
            note(Record(event="start", outcome="ok", detail=self.url))
            try:
                asyncio.run(self._server.serve(self._sockets))
            finally:
                note(Record(event="stop", outcome="ok", detail=self.url))

    def _engage(self) -> None:
        """Have processes that read, where the settings say so; to be called before there are threads."""
        settings = self.settings
        nursery = begun(partial(read_for, settings)) if settings.workers > 0 else None
        if nursery is not None:
            lanes = max(2, -(-settings.threads // settings.workers))
            self.guard.app.state.asking.crew = Crew(nursery, settings.workers, lanes)  # type: ignore[attr-defined]


class _Server(uvicorn.Server):
    """uvicorn's server, which ends without sending itself the signal again: the verb says how the program ends."""

    def __init__(self, config: uvicorn.Config, guard: Guard) -> None:
        super().__init__(config)
        self._guard = guard

    def handle_exit(self, sig: int, frame: Any) -> None:
        _LOG.info("ends after signal %s", signal.Signals(sig).name)
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True
        self._guard.end_streams()
