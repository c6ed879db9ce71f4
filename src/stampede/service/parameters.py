"""The parameters that several paths have, once; and what a request asks, read from them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from urllib.parse import unquote_to_bytes

import msgspec
from litestar import Request
from litestar.params import Parameter

from stampede.query.literals import LiteralError, read_time
from stampede.service.asking import Ask
from stampede.service.problems import ProblemError

#: RFC 3339 with a zone, or epoch seconds
TIME_PATTERN: Final = (
    r"^([0-9]{1,11}(\.[0-9]{1,9})?|(19[7-9][0-9]|20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]"
    r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?([Zz]|[+\- ]([01][0-9]|2[0-3]):[0-5][0-9]))$"
)
#: names that no filter begins with
RESERVED: Final = frozenset({"as_of", "format", "limit", "after", "sort", "fields", "q", "below"})

Uuid = Annotated[str, Parameter(description="uuid of the workflow, root or sub", max_length=255)]
JobName = Annotated[str, Parameter(description="name of the job", max_length=255)]
Attempt = Annotated[int, Parameter(description="which try of the job: 1 is the first", ge=1, le=1_000_000)]
Time = Annotated[str | None, Parameter(pattern=TIME_PATTERN, description="RFC 3339 with a zone, or epoch seconds")]
AsOf = Annotated[
    str | None,
    Parameter(
        query="as_of", pattern=TIME_PATTERN,
        description="answer as it stood at that time: RFC 3339 with a zone, or epoch seconds",
    ),
]  # fmt: skip
Format = Annotated[
    Literal["json", "csv", "arrow", "columns"] | None,
    Parameter(query="format", description="form of the answer, in place of the header Accept"),
]


class Paging(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows of a list are asked for, in which order, and what of them. ``filters`` are conditions, decoded."""

    limit: int
    after: str | None
    sort: str | None
    fields: str | None
    q: str | None
    filters: tuple[str, ...]


def time_of(text: str | None, name: str) -> float | None:
    """Epoch seconds of a parameter. Raises ProblemError (400)."""
    if text is None:
        return None
    try:
        return read_time(text)
    except LiteralError as e:
        raise ProblemError(400, "parameters", f"{name}: {e}") from None


def ask_of(request: Request[Any, Any, Any], as_of: AsOf = None, format_: Format = None) -> Ask:
    """The request as handlers see it."""
    return Ask(request.app.state["asking"], request, time_of(as_of, "as_of"), format_)


def paging_of(
    request: Request[Any, Any, Any],
    limit: Annotated[int, Parameter(ge=1, le=10_000, description="rows of a page at most")] = 100,
    after: Annotated[str | None, Parameter(description="`next` of the page before")] = None,
    sort: Annotated[str | None, Parameter(description="columns to sort by; `-` before one: the largest first")] = None,
    fields: Annotated[str | None, Parameter(description="columns that are wanted; all others are left out")] = None,
    q: Annotated[
        str | None, Parameter(max_length=200, description="text that names, labels or error texts have to hold")
    ] = None,
) -> Paging:  # fmt: skip
    """Which rows are asked for. Every other parameter is a condition of the filter."""
    return Paging(
        limit=limit, after=after, sort=sort, fields=fields, q=q, filters=filters_of(request.scope["query_string"])
    )


def filters_of(query: bytes) -> tuple[str, ...]:
    """The conditions of a query string (``state=failed&duration_s>=60``), decoded. Raises ProblemError (400)."""
    found = []
    for piece in query.split(b"&"):
        try:
            text = unquote_to_bytes(piece.replace(b"+", b" ")).decode()
        except UnicodeDecodeError:
            raise ProblemError(400, "parameters", "The query of the URL is no UTF-8.") from None
        if text and text.partition("=")[0] not in RESERVED:
            found.append(text)
    return tuple(found)
