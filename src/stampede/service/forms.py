"""The forms of an answer: JSON for programs and people, CSV and Arrow for tables, columns for pictures.

Times (``*_ts``) leave as RFC 3339 in UTC in JSON and CSV, as timestamps in Arrow. Arrow needs pyarrow
(the extra ``analytics``).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Final, Literal, get_args

import msgspec

from stampede.api.tables import arrow_table
from stampede.errors import UsageError
from stampede.model.exits import Exit
from stampede.query.collections import Column, Page
from stampede.query.literals import write
from stampede.service.problems import ProblemError
from stampede.words import rfc3339, utc

Form = Literal["json", "csv", "arrow", "columns", "svg"]
MEDIA: Final[dict[Form, str]] = {
    "json": "application/json",
    "csv": "text/csv",
    "arrow": "application/vnd.apache.arrow.stream",
    "columns": "application/vnd.stampede.columns",
    "svg": "image/svg+xml",
}
_BY_TYPE: Final[dict[str, Form]] = {
    "application/json": "json", "text/csv": "csv", "application/vnd.apache.arrow.stream": "arrow",
    "application/vnd.stampede.columns": "columns", "*/*": "json", "application/*": "json", "text/*": "csv",
    "image/svg+xml": "svg", "image/*": "svg",
}  # fmt: skip
_JSON: Final = msgspec.json.Encoder()


def choose(named: str | None, accept: str, offered: Sequence[Form]) -> Form:
    """The form that ``?format=`` names, else the one that the header Accept likes best of those offered.

    Raises ProblemError (406) when there is none.
    """
    if named is not None:
        if named in offered:
            return next(form for form in offered if form == named)
        raise _none(f"There is no form {named[:40]!r} of this answer", offered)
    if not accept or accept == "*/*":
        return offered[0]
    best: tuple[float, int] | None = None
    for wanted in accept.split(","):
        name, *parameters = (part.strip() for part in wanted.split(";"))
        quality = _quality(parameters)
        form = offered[0] if name in ("*/*", "application/*") else _BY_TYPE.get(name.lower())
        if form in offered and quality > 0:
            rank = (quality, -offered.index(form))
            best = rank if best is None else max(best, rank)
    if best is None:
        raise _none("None of the media types that the header Accept names is a form of this answer", offered)
    return offered[-best[1]]


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


def _none(what: str, offered: Sequence[Form]) -> ProblemError:
    known = ", ".join(f"{form} ({MEDIA[form]})" for form in offered)
    return ProblemError(406, "form", f"{what}. There is {known}.")


def json(value: Any) -> bytes:
    """One document; structs are objects, times RFC 3339."""
    return _encoded(dated(msgspec.to_builtins(value, str_keys=True)))


def json_of(page: Page[Any], columns: Sequence[Column]) -> bytes:
    """The same of a page, whose rows are changed: its columns tell where times are, and the encoder writes them, which
    takes a tenth of the time."""
    times = [c.name for c in columns if c.kind == "time"]
    items = []
    for item in page.items:
        row = item if isinstance(item, dict) else msgspec.structs.asdict(item)
        for name in times:
            ts = row[name]
            if ts is not None:
                row[name] = utc(ts)
        items.append(row)
    return _encoded({"items": items, "next": page.next, "total": page.total})


def dated(value: Any) -> Any:
    """Plain values in which ``*_ts`` is made RFC 3339, in place."""
    if value.__class__ is dict:
        for key, member in value.items():
            kind = member.__class__
            if kind is dict or kind is list:
                dated(member)
            elif (kind is float or kind is int) and (key.endswith("_ts") or key == "ts"):
                value[key] = rfc3339(member)
    elif value.__class__ is list:
        for member in value:
            if member.__class__ is dict or member.__class__ is list:
                dated(member)
    return value


def _encoded(value: Any) -> bytes:
    try:
        return _JSON.encode(value)
    except UnicodeEncodeError:
        return _JSON.encode(_harmless(msgspec.to_builtins(value)))


def _harmless(value: Any) -> Any:
    """The same without what JSON cannot hold: a lone surrogate (a byte of a name that is no UTF-8) becomes ``?``."""
    if isinstance(value, dict):
        return {_harmless(k): _harmless(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_harmless(v) for v in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


# ---- tables ---------------------------------------------------------------------------------------------------------


def csv_of(page: Page[Any], columns: Sequence[Column]) -> bytes:
    """A line of names, then a line a row (RFC 4180). An exit is its code or the name of its signal."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([c.name for c in columns])
    writer.writerows([[_cell(c, v) for c, v in zip(columns, row, strict=True)] for row in _rows(page, columns)])
    return out.getvalue().encode("utf-8", "replace")


def _cell(column: Column, value: Any) -> Any:
    if value is None:
        return ""
    if column.kind == "time":
        return rfc3339(value)
    if column.kind == "boolean":
        return "true" if value else "false"
    if column.kind == "exit":
        return exit_word(value) or ""
    return value


def exit_word(value: Exit) -> str | None:
    """An exit in one word, as filters take it: its code, or the name of its signal; None for one that is not known."""
    return None if value.kind == "unknown" else write("exit", value.raw)


def _rows(page: Page[Any], columns: Sequence[Column]) -> list[list[Any]]:
    names = [c.name for c in columns]
    return [[item[n] if isinstance(item, dict) else getattr(item, n) for n in names] for item in page.items]


def arrow_of(page: Page[Any], columns: Sequence[Column]) -> bytes:
    """An Arrow stream, as ``to_arrow()`` of the Python API makes tables; the cursor of the next page is ``next`` of the
    schema's metadata. Raises ProblemError (406) without pyarrow."""
    try:
        table = arrow_table(columns, page.items)
    except UsageError as e:
        raise ProblemError(406, "form", f"{e} That is for the server; ask for JSON or CSV.") from None
    import pyarrow as pa

    table = table.replace_schema_metadata({**(table.schema.metadata or {}), "next": page.next or ""})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


FORMS: Final[tuple[Form, ...]] = get_args(Form)
