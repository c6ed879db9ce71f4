"""Every error in one shape: RFC 9457, ``application/problem+json``.

The types are relative references below ``/problems/``; what each means is in the API's page. Nothing of the inside (no
traceback, no path of the server that was not asked for) is told.
"""

from __future__ import annotations

import logging
import re
import secrets
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from stampede.errors import (
    BusyError,
    DatabaseError,
    FutureDatabaseError,
    InputError,
    NoDatabaseError,
    StampedeError,
    TimeUpError,
    UnknownJobError,
    UnknownWorkflowError,
    UsageError,
)
from stampede.service.slashes import restored

MEDIA_TYPE: Final = "application/problem+json"
_LOG = logging.getLogger("stampede.service")
_JSON = msgspec.json.Encoder()


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What went wrong (RFC 9457). ``type`` says which kind of problem, ``detail`` what to do about it; ``errors`` which
    parameters or parts of the body are wrong, ``offset`` and ``part`` where in a filter."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Wrong] = []
    offset: int | None = None
    part: int | None = None


class Wrong(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A parameter, or part of the body, that is wrong."""

    message: str
    key: str = ""
    source: str = ""


class ProblemError(StampedeError):
    """A problem that only the service has. ``kind`` is the last word of its type."""

    def __init__(self, status: int, kind: str, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.kind, self.headers = status, kind, headers or {}


#: which errors of ours are which problems; the first that fits counts
_OURS: Final[tuple[tuple[type[StampedeError], int, str], ...]] = (
    (UnknownWorkflowError, 404, "no-workflow"),
    (UnknownJobError, 404, "no-job"),
    (UsageError, 400, "usage"),
    (InputError, 422, "input"),
    (BusyError, 409, "busy"),
    (TimeUpError, 503, "time"),
    (DatabaseError, 503, "database"),
)
_KINDS: Final = {
    400: "parameters", 401: "credential", 403: "forbidden", 404: "no-page", 405: "method", 406: "form", 413: "size",
    415: "media-type", 416: "range", 422: "input", 429: "too-many", 500: "defect", 503: "unavailable",
}  # fmt: skip


def problem(
    request: Request[Any, Any, Any], status: int, kind: str, detail: str, *, errors: list[Wrong] | None = None,
    offset: int | None = None, part: int | None = None, headers: dict[str, str] | None = None,
) -> Response[bytes]:  # fmt: skip
    """The answer that tells of a problem."""
    found = Problem(
        type=f"/problems/{kind}", title=_title(status), status=status, detail=_harmless(detail),
        instance=_harmless(restored(request.scope.get("path", "")))[:2000], errors=errors or [],
        offset=offset, part=part,
    )  # fmt: skip
    more = {"cache-control": "no-store", "x-content-type-options": "nosniff", **(headers or {})}
    return Response(_JSON.encode(found), status_code=status, media_type=MEDIA_TYPE, headers=more)


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _harmless(text: str) -> str:
    """Text that JSON can hold: a lone surrogate (bytes of a URL that are no UTF-8) has no place there."""
    return text.encode("utf-8", "backslashreplace").decode()


def told(error: DatabaseError) -> str:
    """What a client is told of trouble with a database: where that lies is for the log alone, under the same mark."""
    if isinstance(error, TimeUpError):
        return str(error)
    mark = secrets.token_hex(4)
    _LOG.warning("%s: %s", mark, error)
    what = next(text for cls, text in _TROUBLE if isinstance(error, cls))
    return f"{what} The log of the service says more, under {mark}."


#: the first that fits counts
_TROUBLE: Final[tuple[tuple[type[DatabaseError], str], ...]] = (
    (NoDatabaseError, "The database is not there."),
    (FutureDatabaseError, "The database was written by a newer Stampede than the service is."),
    (BusyError, "Another process reads the workflow into the database."),
    (DatabaseError, "The database could not be used."),
)


def _of_ours(request: Request[Any, Any, Any], error: StampedeError) -> Response[bytes]:
    if isinstance(error, ProblemError):
        return problem(request, error.status, error.kind, str(error), headers=error.headers)
    status, kind = next(((s, k) for cls, s, k in _OURS if isinstance(error, cls)), (500, "defect"))
    detail = told(error) if isinstance(error, DatabaseError) else str(error)
    return problem(
        request, status, kind, detail, offset=getattr(error, "offset", None), part=getattr(error, "part", None)
    )


def _of_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    status = error.status_code
    headers = {k.lower(): v for k, v in (error.headers or {}).items()}
    if status >= 500:
        _LOG.error("%s %s: %s", request.method, request.scope.get("path"), error, exc_info=error)
        return problem(request, status, _KINDS.get(status, "defect"), "The service has a defect.", headers=headers)
    if isinstance(error, ValidationException):
        wrong = [_wrong(one) for one in error.extra] if isinstance(error.extra, list) else []
        named = "; ".join(f"{w.key}: {w.message}" if w.key else w.message for w in wrong)
        return problem(request, status, "parameters", named or error.detail, errors=wrong, headers=headers)
    detail = _DETAILS.get(status) or _sentence(error.detail)
    return problem(request, status, _KINDS.get(status, "request"), detail, headers=headers)


_DETAILS: Final = {
    404: "There is nothing at this path. What there is: /api/v1",
    405: "This path is not asked in this way; the header Allow says how.",
}


def _wrong(one: Any) -> Wrong:
    if not isinstance(one, dict):
        return Wrong(message=_sentence(str(one)))
    source = one.get("source", "")
    return Wrong(
        message=_sentence(str(one.get("message", ""))), key=_harmless(str(one.get("key", ""))).rstrip("_"),
        source=str(getattr(source, "value", source)),
    )  # fmt: skip


def _sentence(text: str) -> str:
    text = re.sub(r" for (GET|POST|PUT|DELETE|HEAD) \S+$", "", _harmless(text)) or "The request is wrong"
    return text if text.endswith((".", "!", "?")) else text + "."


def _of_defect(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    _LOG.error("%s %s", request.method, request.scope.get("path"), exc_info=error)
    return problem(request, 500, "defect", "The service has a defect; its log says more.")


HANDLERS: Final[ExceptionHandlersMap] = {
    StampedeError: _of_ours,
    HTTPException: _of_framework,
    Exception: _of_defect,
}
