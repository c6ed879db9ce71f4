"""BP, the text form of NetLogger: ``ts=… event=… key=value key="a value"``, one event a line, UTF-8.

Reading takes what Pegasus's writer and reader take (reference: its ``netlogger`` package as shipped with 5.1): names of
``[0-9A-Za-z_.-]``, an unquoted value runs to the next blank, in quotes only ``\\"`` is an escape and every other
backslash is itself. An unquoted ``None`` or ``null`` is nothing. Text that is no pair is reported.

Writing keeps to the same rules, so that Pegasus's reader takes the lines. What they cannot carry is marked by up to
four attributes at the end of the line, which this reader undoes and any other may ignore:

``stmp.pct=a,b``
    the values of ``a`` and ``b`` are percent-encoded: they hold line ends or other control characters, or a
    backslash where it would be read as an escape. (Pegasus does the same, unmarked, to captured output.)
``stmp.json=a,b``
    the values are JSON: lists, mappings and truth values.
``stmp.names="{…}"``
    a JSON object of the attributes whose names BP cannot carry.
``stmp.absent=ts``
    the event has no time; ``ts`` is there because readers demand it.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from stampede.errors import DecodeError
from stampede.events.checks import Record

_PAIR = re.compile(
    r"""([0-9A-Za-z_.\-]+)=(?:"([^"]*(?:(?<=\\)"[^"]*)*)"|([^\s"]*))""",
)
_NAME = re.compile(r"[0-9A-Za-z_.\-]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029%\\\\]")
_NOTHING = ("None", "null")

#: What Pegasus's monitor puts at the end of nearly every line is the same for all lines of a workflow.
_CONTEXT_START = " root.xwf.id="
_CONTEXTS: dict[str, Record] = {}
_MAX_CONTEXTS = 256

_YEAR_2000 = 946_684_800.0

_PCT, _JSON, _NAMES, _ABSENT = "stmp.pct", "stmp.json", "stmp.names", "stmp.absent"
_MARKS = frozenset((_PCT, _JSON, _NAMES, _ABSENT))


# ---- reading --------------------------------------------------------------------------------------------------------


def parse(line: str, junk: list[str]) -> Record:
    """The pairs of a line (without its line end). Text that is no pair is appended to ``junk``.

    Raises ``DecodeError`` when the line has no pair at all, or a mark that cannot be undone.
    """
    record: Record | None = None
    head = line
    cut = line.find(_CONTEXT_START)
    if cut > 0:
        tail = line[cut + 1 :]
        known = _CONTEXTS.get(tail) or _remember(tail)
        if known:
            head = line[:cut]
            record = known.copy()
    if '"' in head or "\t" in head:
        record = _parse_quoted(head, record or {}) or _parse_any(line, junk)
    else:
        record = _parse_plain(head, record or {}) or _parse_any(line, junk)
    if "stmp." in line:
        _undo_marks(record)
    return record


def _remember(tail: str) -> Record | None:
    """Parses the attributes that a monitor repeats at the end of every line, once for all lines of a workflow."""
    if '"' in tail or "\t" in tail or "stmp." in tail:
        return None
    record = _parse_plain(tail, {})
    if record:
        if len(_CONTEXTS) >= _MAX_CONTEXTS:
            _CONTEXTS.clear()
        _CONTEXTS[tail] = record
    return record


def _parse_plain(text: str, record: Record) -> Record | None:
    """Adds pairs without quotes to the record; ``None`` when one is no pair."""
    for token in text.split(" "):
        key, equals, value = token.partition("=")
        if not equals:
            return None
        record[key] = value
    if "=None" in text or "=null" in text:
        for key, value in record.items():
            if value in _NOTHING:
                record[key] = None
    return record


def _parse_quoted(text: str, record: Record) -> Record | None:
    """Splits at the quotes; ``None`` when there is anything unusual about them."""
    parts = text.split('"')
    if not len(parts) & 1 or '\\"' in text or "\t" in text:
        return None
    last = parts.pop()
    if last and last[0] != " ":
        return None
    plain: list[str] = []
    quoted: Record = {}
    for i in range(0, len(parts), 2):
        start, _, key = parts[i].rpartition(" ")
        if key[-1:] != "=" or "=" in key[:-1] or (i and parts[i][0] != " "):
            return None
        plain.append(start)
        quoted[key[:-1]] = parts[i + 1]
    plain.append(last)
    outside = " ".join([piece.strip(" ") for piece in plain if piece])
    if outside and _parse_plain(outside, record) is None:
        return None
    if not quoted.keys().isdisjoint(record):
        return None
    record.update(quoted)
    return record


def _parse_any(line: str, junk: list[str]) -> Record:
    record: Record = {}
    end = 0
    for match in _PAIR.finditer(line):
        if gap := line[end : match.start()].strip():
            junk.append(gap)
        end = match.end()
        key, quoted, plain = match.groups()
        if quoted is None:
            record[key] = None if plain in _NOTHING else plain
        else:
            record[key] = quoted.replace('\\"', '"')
    if gap := line[end:].strip():
        junk.append(gap)
    if not record:
        raise DecodeError("the line holds no key=value pair")
    return record


def _undo_marks(record: Record) -> None:
    try:
        for key in _listed(record, _PCT):
            record[key] = unquote(record[key])
        for key in _listed(record, _JSON):
            record[key] = json.loads(record[key])
        for key in _listed(record, _ABSENT):
            record.pop(key, None)
        if odd := record.pop(_NAMES, None):
            record.update(json.loads(odd))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as exc:
        raise DecodeError(f"a mark (stmp.…) does not fit the line ({exc!r:.80})") from exc


def _listed(record: Record, mark: str) -> list[str]:
    text = record.pop(mark, None)
    return text.split(",") if text else []


# ---- writing --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _is_name(key: str) -> bool:
    return _NAME.fullmatch(key) is not None


@lru_cache(maxsize=4096)
def format_time(ts: float) -> str:
    """ISO 8601 in UTC with six digits; epoch seconds when that would lose something.

    Pegasus's reader takes what starts with ``1`` for epoch seconds, even ``1970-…``: before 2000 a number is safer.
    """
    if ts < _YEAR_2000 and (number := repr(ts)).startswith("1"):
        return number
    try:
        text = datetime.fromtimestamp(ts, UTC).isoformat(timespec="microseconds")
        if datetime.fromisoformat(text).timestamp() == ts and ts >= -60_000_000_000:
            return text.removesuffix("+00:00") + "Z"
    except (ValueError, OverflowError, OSError):
        pass
    return repr(ts)


class _Line:
    """A line in the making: the pairs, and the marks that its values need."""

    def __init__(self, *, pure: bool) -> None:
        self.pure = pure
        self.pairs: list[str] = []
        self.pct: list[str] = []
        self.json: list[str] = []
        self.odd: Record = {}

    def put(self, key: str, value: Any) -> None:
        if key in _MARKS or key in _NOTHING or not _is_name(key):
            self.odd[key] = value
        elif isinstance(value, str):
            self._text(key, value)
        elif value is None:
            self.pairs.append(f"{key}=None")
        elif isinstance(value, bool) and self.pure:
            self.pairs.append(f"{key}={int(value)}")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self.pairs.append(f"{key}={value!r}")
        else:
            self._text(key, _to_json(value))
            self.json.append(key)

    def _text(self, key: str, value: str) -> None:
        printable = value.isprintable()
        if not printable or "\\" in value:
            if _CONTROL.search(value) or '\\"' in value or value.endswith("\\"):
                value = _UNSAFE.sub(lambda match: quote(match[0]), value)
                self.pct.append(key)
            printable = value.isprintable()
        # Printable text has no white space but the blank.
        if value and printable and " " not in value and '"' not in value and "=" not in value and value not in _NOTHING:
            self.pairs.append(f"{key}={value}")
        else:
            escaped = value.replace('"', '\\"')
            self.pairs.append(f'{key}="{escaped}"')

    def finish(self, absent: str) -> str:
        if not self.pure:
            # A name that is odd is written before the marks: it may need one itself.
            if self.odd:
                self._text(_NAMES, _to_json(self.odd))
            for mark, keys in ((_JSON, self.json), (_PCT, self.pct)):
                if keys:
                    self.pairs.append(f"{mark}={','.join(keys)}")
            if absent:
                self.pairs.append(f"{_ABSENT}={absent}")
        return " ".join(self.pairs)


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def serialise(record: Record, *, pure: bool = False) -> bytes:
    """The record as one line. With ``pure`` without the marks, as Pegasus writes."""
    line = _Line(pure=pure)
    ts = record.get("ts")
    absent = ""
    if isinstance(ts, int | float) and math.isfinite(ts):
        line.pairs.append(f"ts={format_time(float(ts))}")
    elif isinstance(ts, str):
        line.put("ts", ts)
    else:
        line.pairs.append("ts=1")
        absent = "ts"
    line.pairs.append(f"event={record['event']}")
    if pure and "level" not in record:
        line.pairs.append("level=Info")
    for key, value in record.items():
        if key not in ("ts", "event"):
            line.put(key, value)
    return line.finish(absent).encode("utf-8", "backslashreplace") + b"\n"
