"""The forms of an answer: JSON for programs and people, CSV and Arrow for tables, columns for pictures.

Times (``*_ts``) leave as RFC 3339 in UTC in JSON and CSV, as epoch seconds in Arrow and columns. Arrow needs pyarrow
(the extra ``analytics``).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Final, Literal, get_args

import msgspec

from stampede.model.exits import Exit
from stampede.query.collections import Collection, Column, Page
from stampede.query.literals import write
from stampede.service.problems import ProblemError
from stampede.words import rfc3339

Form = Literal["json", "csv", "arrow", "columns"]
MEDIA: Final[dict[Form, str]] = {
    "json": "application/json",
    "csv": "text/csv",
    "arrow": "application/vnd.apache.arrow.stream",
    "columns": "application/vnd.stampede.columns",
}
_BY_TYPE: Final[dict[str, Form]] = {
    "application/json": "json", "text/csv": "csv", "application/vnd.apache.arrow.stream": "arrow",
    "application/vnd.stampede.columns": "columns", "*/*": "json", "application/*": "json", "text/*": "csv",
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
    return _JSON.encode(dated(msgspec.to_builtins(value, str_keys=True)))


def dated(value: Any) -> Any:
    """Plain values with ``*_ts`` as RFC 3339 and text that JSON can hold."""
    if isinstance(value, dict):
        return {k: _dated_member(k, v) for k, v in value.items()}
    if isinstance(value, list):
        return [dated(v) for v in value]
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    return value


def _dated_member(key: str, value: Any) -> Any:
    if value is None or value.__class__ is int or value.__class__ is float:
        return rfc3339(value) if value is not None and (key.endswith("_ts") or key == "ts") else value
    return dated(value)


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


def arrow_of(page: Page[Any], collection: Collection, columns: Sequence[Column]) -> bytes:
    """An Arrow stream of one record batch; times are epoch seconds. Raises ProblemError (406) without pyarrow."""
    try:
        import pyarrow as pa
    except ImportError:
        raise ProblemError(
            406, "form", "Arrow needs pyarrow on the server: pip install 'stampede-wf[analytics]'. Ask for JSON or CSV."
        ) from None
    kinds = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "time": pa.float64(),
             "boolean": pa.bool_(), "exit": pa.string()}  # fmt: skip
    rows = _rows(page, columns)
    arrays = []
    for at, column in enumerate(columns):
        values = [row[at] for row in rows]
        if column.kind == "exit":
            values = [None if v is None else exit_word(v) for v in values]
        elif column.kind == "text":
            values = [None if v is None else str(v).encode("utf-8", "replace").decode() for v in values]
        arrays.append(pa.array(values, type=kinds[column.kind]))
    schema = pa.schema([pa.field(c.name, kinds[c.kind], nullable=c.nullable) for c in columns],
                       metadata={"collection": collection.name, "next": page.next or ""})  # fmt: skip
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pa.record_batch(arrays, schema=schema))
    return bytes(sink.getvalue())


FORMS: Final[tuple[Form, ...]] = get_args(Form)
