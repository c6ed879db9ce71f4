"""How a browser logs in and out: a page with a form, a link for the first visit, a cookie.

The cookie cannot be read by scripts and goes along only with requests from our own pages.
"""

from __future__ import annotations

import base64
import hashlib
import html
from typing import Annotated, Any, Final, cast
from urllib.parse import parse_qs

import msgspec
from litestar import Request, Response
from litestar.params import QueryParameter

from stampede.service.guard.audit import Record
from stampede.service.guard.credentials import COOKIES, Found, cookie_of
from stampede.service.guard.guard import FOUND, ORIGIN, Guard
from stampede.service.guard.origin import Origin
from stampede.service.guard.refusal import RefusedError
from stampede.service.guard.sessions import LASTS_S
from stampede.service.problems import ProblemError
from stampede.service.visitor import OWNER, Right, Visitor, visitor_of

#: where one goes after the login
HOME: Final = "/"
#: bytes of a form that are read
FORM_BYTES: Final = 8192
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}"
    "label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit}input{margin:.2rem 0 1rem;"
    "padding:.4rem}button{padding:.5rem}p[role=alert]{border-left:.3rem solid #b00020;padding-left:.6rem}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Stampede: log in
</title><style>{style}</style></head><body><h1>Stampede</h1>{said}<form method="post" action="/login">
<label for="u">User (not needed with a token)</label><input id="u" name="user" autocomplete="username">
<label for="p">Password or token</label><input id="p" name="password" type="password" required
 autocomplete="current-password"><button>Log in</button></form></body></html>
"""
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Me(msgspec.Struct, kw_only=True):
    """Who asks, as the service sees it: ``by`` is the kind of credential."""

    user: str | None
    right: Right
    by: str


async def me(request: Request[Any, Any, Any]) -> Me:
    """Who asks, as the service sees it."""
    visitor = visitor_of(request)
    found: Found | None = request.scope.get(FOUND)  # type: ignore[assignment]
    return Me(user=visitor.user, right=visitor.right, by=found.by if found else "local")


async def page(
    request: Request[Any, Any, Any], once: Annotated[str, QueryParameter(max_length=200)] = ""
) -> Response[str]:
    """The page with the form; or, with the code of a link for the first visit, the login itself."""
    guard = _guard(request)
    if not once or request.method != "GET":
        return _form("")
    if not guard.credentials.sessions.take(once):
        _note(request, None, "link", "refused")
        return _form("This link was used already, or is too old.", 401)
    return _welcome(request, Found(visitor=OWNER, by="link"))


async def login(request: Request[Any, Any, Any]) -> Response[str]:
    """What the form sends: a user and a password, or a token."""
    guard, origin = _guard(request), _origin(request)
    form = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=10)
    user, password = (form.get(name, [""])[0].strip() for name in ("user", "password"))
    try:
        found = await guard.credentials.by_password(user, password, origin)
    except RefusedError as e:
        guard.figures.refused[e.kind] += 1
        _note(request, None, "form", "refused", user=user)
        answer = _form(e.detail, e.status)
        if "Retry-After" in e.headers:
            answer.headers["retry-after"] = e.headers["Retry-After"]
        return answer
    return _welcome(request, found)


async def logout(request: Request[Any, Any, Any]) -> Response[str]:
    """End the session of this browser."""
    guard, secure = _guard(request), _origin(request).secure
    cookie = cookie_of(request.scope["headers"], secure=secure)  # type: ignore[arg-type]
    if cookie:
        guard.credentials.sessions.end(cookie)
    found: Found | None = request.scope.get(FOUND)  # type: ignore[assignment]
    guard.audit.write(
        Record(event="logout", outcome="ok", user=visitor_of(request).user, by=found.told if found else "",
               address=_origin(request).address)
    )  # fmt: skip
    return _sent_to("/login", _cookie("", secure=secure, lasts_s=0))


def _welcome(request: Request[Any, Any, Any], found: Found) -> Response[str]:
    _note(request, found.visitor, found.told, "ok")
    value = _guard(request).credentials.begin_session(found)
    return _sent_to(HOME, _cookie(value, secure=_origin(request).secure, lasts_s=int(LASTS_S)))


def _sent_to(place: str, cookie: str) -> Response[str]:
    return Response("", status_code=303, media_type="text/html", headers={"location": place, "set-cookie": cookie})


def _cookie(value: str, *, secure: bool, lasts_s: int) -> str:
    more = "; Secure" if secure else ""
    return f"{COOKIES[secure]}={value}; Path=/; Max-Age={lasts_s}; HttpOnly; SameSite=Strict{more}"


def _form(said: str, status: int = 200) -> Response[str]:
    alert = f'<p role="alert">{html.escape(said)}</p>' if said else ""
    content = _PAGE.format(style=_STYLE, said=alert)
    return Response(
        content, status_code=status, media_type="text/html",
        headers={"content-security-policy": _POLICY, "cache-control": "no-store"},
    )  # fmt: skip


def _note(
    request: Request[Any, Any, Any], visitor: Visitor | None, by: str, outcome: str, *, user: str | None = None
) -> None:
    _guard(request).audit.write(
        Record(event="login", outcome=outcome, user=visitor.user if visitor else user, by=by,
               right=visitor.right if visitor else "", address=_origin(request).address)
    )  # fmt: skip


def _guard(request: Request[Any, Any, Any]) -> Guard:
    guard: Guard | None = request.app.state.get("guard")
    if guard is None:
        raise ProblemError(404, "no-page", "Nobody has to log in here.")
    return guard


def _origin(request: Request[Any, Any, Any]) -> Origin:
    return cast(Origin, request.scope.get(ORIGIN))
