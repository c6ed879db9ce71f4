"""The parameters that several paths have, once; and what a request asks, read from them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from urllib.parse import unquote_to_bytes

import msgspec
from litestar import Request
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from stampede.query.collections.order import MOST_TERMS
from stampede.query.literals import LiteralError, read_time
from stampede.service.asking import Ask
from stampede.service.problems import ProblemError

#: RFC 3339 with a zone, or epoch seconds
TIME_PATTERN: Final = (
    r"^([0-9]{1,11}(\.[0-9]{1,9})?|((19[7-9][0-9]|20[0-9]{2})-"
    r"((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|"
    r"(19(7[26]|8[048]|9[26])|20([02468][048]|[13579][26]))-02-29)[Tt ]"  # leap years
    r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?([Zz]|[+\- ]([01][0-9]|2[0-3]):[0-5][0-9]))$"
)
#: names that no filter begins with
RESERVED: Final = frozenset({"as_of", "format", "limit", "after", "sort", "fields", "q", "below", "with_total"})

Uuid = Annotated[str, PathParameter(description="uuid of the workflow, root or sub", max_length=255)]
JobName = Annotated[str, PathParameter(description="name of the job", max_length=255)]
Attempt = Annotated[int, PathParameter(description="which try of the job: 1 is the first", ge=1, le=1_000_000)]
Time = Annotated[str | None, QueryParameter(pattern=TIME_PATTERN, description="RFC 3339 with a zone, or epoch seconds")]
AsOf = Annotated[
    str | None,
    QueryParameter(
        pattern=TIME_PATTERN,
        description="answer as it stood at that time: RFC 3339 with a zone, or epoch seconds",
    ),
]  # fmt: skip
Format = Annotated[
    Literal["json", "csv", "arrow", "columns"] | None,
    QueryParameter(description="form of the answer, in place of the header Accept"),
]


class Paging(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows of a list are asked for, in which order, and what of them. ``filters`` are conditions, decoded."""

    limit: int
    after: str | None
    sort: str | None
    fields: str | None
    q: str | None
    filters: tuple[str, ...]
    with_total: bool


#: what handlers are given
Asked = NamedDependency[Ask]
Paged = NamedDependency[Paging]


def time_of(text: str | None, name: str) -> float | None:
    """Epoch seconds of a parameter. Raises ProblemError (400)."""
    if text is None:
        return None
    try:
        return read_time(text)
    except LiteralError as e:
        raise ProblemError(400, "parameters", f"{name}: {e}") from None


def ask_of(request: Request[Any, Any, Any], as_of: AsOf = None, format: Format = None) -> Ask:  # noqa: A002 - the word of the URL
    """The request as handlers see it."""
    return Ask(request.app.state["asking"], request, time_of(as_of, "as_of"), format)


def paging_of(
    request: Request[Any, Any, Any],
    ask: Asked,
    limit: Annotated[int, QueryParameter(ge=1, le=10_000, description="rows of a page at most")] = 100,
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    sort: Annotated[str | None, QueryParameter(description="columns to sort by; `-` before: largest first")] = None,
    fields: Annotated[str | None, QueryParameter(description="columns that are wanted; others are left out")] = None,
    q: Annotated[
        str | None, QueryParameter(max_length=200, description="text that names, labels or error texts have to hold")
    ] = None,
    with_total: Annotated[
        bool, QueryParameter(description="tell `total` also where it has to be counted, up to 100,000")
    ] = False,
) -> Paging:  # fmt: skip
    """Which rows are asked for. Every other parameter is a condition of the filter.

    ``ask`` is not read: what waits for another is resolved after it, without a group of tasks for both, which takes
    longer than they do.
    """
    return Paging(
        limit=limit,
        after=after,
        sort=_each_once(sort),
        fields=fields,
        q=q,
        filters=filters_of(request.scope["query_string"]),
        with_total=with_total,
    )


def _each_once(sort: str | None) -> str | None:
    """The columns to sort by without those that were named before: they would change nothing."""
    if sort is None:
        return None
    terms: dict[str, str] = {}
    named = sort.split(",")
    if len(named) > MOST_TERMS:
        raise ProblemError(400, "parameters", f"sort: a list is sorted by at most {MOST_TERMS} columns.")
    for term in named:
        terms.setdefault(term.strip().lstrip("+-"), term)
    return ",".join(terms.values())


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
