"""The slow paths of the validators: what happens to a value that is not plainly right.

``_validators.py`` (generated) tests the common case in line and calls these for the rest. Each takes the value, where
it stands (event, attribute) and the record; it returns the value to use. A value that cannot be used stays in the
record under its wire name, so that it ends up in ``extra``, and the attribute is absent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NoReturn

from stampede.events.faults import Faults

Record = dict[str, Any]

#: What stands for "nothing" where a name is expected: Python's, Java's and the empty text.
ABSENT = frozenset(("", "None", "null"))

#: Attributes that Pegasus adds to every event of a workflow; they stay in ``extra`` and are no fault.
CONTEXT = frozenset(
    ("root.xwf.id", "dax", "dag", "wf.ts", "submit.dir", "pegasus.version", "submit.hostname", "wf.user")
)

#: Texts of the whole numbers that occur most: one look-up instead of a parse.
SMALL = {str(n): n for n in range(-16, 4097)}
COUNTS = {str(n): n for n in range(4097)}
TYPES = {str(n): n for n in range(12)}
FLAGS = {"0": 0, "1": 1}

#: Epoch seconds of the years 1 to 9999; beyond them a number is no time in seconds.
_EARLIEST, _LATEST = -62_135_596_800.0, 253_402_300_799.0

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TRUTH = {"True": 1, "true": 1, "False": 0, "false": 0}
_KEPT = "the value is none that the schema allows; it is kept among the extra attributes"


class UnplaceableError(Exception):
    """An event lacks an attribute without which it cannot be placed. Never leaves this package."""

    def __init__(self, event: str, attribute: str, message: str) -> None:
        super().__init__(f"{event} has no usable {attribute}: {message}")
        self.event = event
        self.attribute = attribute


@lru_cache(maxsize=8192)
def parse_time(text: str) -> float:
    """Epoch seconds of ISO 8601 text (UTC unless it names a zone) or of a number; ``ValueError`` otherwise."""
    if _NUMBER.fullmatch(text):
        value = float(text)
        if _EARLIEST <= value <= _LATEST:
            return value
        raise ValueError(text)
    if len(text) < 16 or text[4] != "-":
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


def _keep(value: Any, faults: Faults, event: str, attribute: str, record: Record) -> None:
    faults.add(event, attribute, "repair", _KEPT, value)
    record[attribute] = value


def _reject(value: Any, faults: Faults, event: str, attribute: str) -> NoReturn:
    message = "it is missing" if value is None else f"{str(value)[:80]!r} cannot be used"
    faults.add(event, attribute, "reject", "the event cannot be placed without it", value)
    raise UnplaceableError(event, attribute, message)


def _as_text(value: Any) -> str | None:
    """Text of a plain value (numbers come from JSON and BSON); ``None`` for lists and the like."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool | int | float):
        return str(value)
    return None


def name(value: Any, faults: Faults, event: str, attribute: str, record: Record) -> str | None:
    """A name, path or sentence: ``None``, ``null`` and empty text are absent."""
    text = _as_text(value)
    if text is None:
        _keep(value, faults, event, attribute, record)
        return None
    if text in ABSENT:
        faults.add(event, attribute, "repair", "text that stands for nothing; taken as absent", repr(text))
        return None
    if text is not value and not isinstance(value, str):
        faults.add(event, attribute, "repair", "a number where text is expected; taken as text", value)
    return text


def free_text(value: Any, faults: Faults, event: str, attribute: str, record: Record) -> str | None:
    """Text as it is, even empty."""
    text = _as_text(value)
    if text is None:
        _keep(value, faults, event, attribute, record)
    elif not isinstance(value, str):
        faults.add(event, attribute, "repair", "a number where text is expected; taken as text", value)
    return text


def identity(value: Any, faults: Faults, event: str, attribute: str, record: Record) -> str:
    """A name without which the event cannot be placed."""
    text = None if value is None or isinstance(value, bool) else _as_text(value)
    if text is None or text in ABSENT:
        _reject(value, faults, event, attribute)
    if not isinstance(value, str):
        faults.add(event, attribute, "repair", "a number where text is expected; taken as text", value)
    return text


def _integer(value: Any) -> int | None:
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        if _INTEGER.fullmatch(value):
            return int(value)
        if value in _TRUTH:
            return _TRUTH[value]
        if not _NUMBER.fullmatch(value):
            return None
        value = float(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return None


def integer(value: Any, low: int, high: int, faults: Faults, event: str, attribute: str, record: Record) -> int | None:
    """A whole number within bounds, also as text, truth value or ``3.0``."""
    if value.__class__ is int and low <= value <= high:
        return value
    number = _integer(value)
    if number is None and isinstance(value, str) and value in ABSENT:
        faults.add(event, attribute, "repair", "text that stands for nothing; taken as absent", repr(value))
        return None
    if number is None or not low <= number <= high:
        _keep(value, faults, event, attribute, record)
        return None
    return number


def identity_integer(value: Any, low: int, high: int, faults: Faults, event: str, attribute: str) -> int:
    """A whole number without which the event cannot be placed."""
    number = value if value.__class__ is int else _integer(value)
    if number is None or not low <= number <= high:
        _reject(value, faults, event, attribute)
    return number


def real(value: Any, faults: Faults, event: str, attribute: str, record: Record) -> float | None:
    """A finite number, also as text."""
    if isinstance(value, int | float):
        number = float(value) if abs(value) < 1e300 else math.inf
    elif isinstance(value, str) and _NUMBER.fullmatch(value):
        number = float(value)
    elif isinstance(value, str) and value in ABSENT:
        faults.add(event, attribute, "repair", "text that stands for nothing; taken as absent", repr(value))
        return None
    else:
        number = math.nan
    if math.isfinite(number):
        return number
    _keep(value, faults, event, attribute, record)
    return None


def moment(value: Any, faults: Faults, event: str, attribute: str, record: Record) -> float | None:
    """A point in time, as ``parse_time`` takes it, or a number of epoch seconds in the years 1 to 9999."""
    if isinstance(value, str):
        try:
            return parse_time(value)
        except (ValueError, OverflowError):
            if value in ABSENT:
                faults.add(event, attribute, "repair", "text that stands for nothing; taken as absent", repr(value))
                return None
    elif isinstance(value, int | float) and _EARLIEST <= value <= _LATEST:
        return float(value)
    _keep(value, faults, event, attribute, record)
    return None


def choice(
    value: Any, allowed: Container[str], faults: Faults, event: str, attribute: str, record: Record
) -> str | None:
    """One of a fixed set of words."""
    text = value.strip().lower().replace(" ", "-") if isinstance(value, str) else ""
    for candidate in (text, text.capitalize(), "unknown" if text == "unassigned" else text):
        if candidate in allowed:
            faults.add(event, attribute, "repair", f"not a word of the schema; taken as {candidate!r}", value)
            return candidate
    if isinstance(value, str) and value in ABSENT:
        faults.add(event, attribute, "repair", "text that stands for nothing; taken as absent", repr(value))
        return None
    _keep(value, faults, event, attribute, record)
    return None


def matching(
    value: Any, pattern: re.Pattern[str], faults: Faults, event: str, attribute: str, record: Record
) -> str | None:
    """Text of a pattern; ``unknown`` is how monitors spell an address that they do not have."""
    if isinstance(value, str):
        if pattern.fullmatch(value):
            return str(value)
        if value in ABSENT or value == "unknown":
            faults.add(event, attribute, "repair", "text that stands for nothing; taken as absent", repr(value))
            return None
    _keep(value, faults, event, attribute, record)
    return None


def missing(faults: Faults, event: str, attribute: str) -> None:
    """Counts the absence of an attribute that the schema demands but an event can be placed without."""
    faults.add(event, attribute, "repair", "the schema demands this attribute; left absent")


def fallback_status(level: str | None, exitcode: int | None, faults: Faults, event: str, attribute: str) -> int:
    """The status of an event that does not tell it: by its exit code, or NetLogger's rule that Error means failure."""
    failed = exitcode != 0 if exitcode is not None else level in ("Error", "Fatal")
    source = "level" if exitcode is None else "exit code"
    faults.add(event, attribute, "repair", f"missing; taken from the {source} of the event")
    return -1 if failed else 0


def fallback_number(number: int, faults: Faults, event: str, attribute: str) -> int:
    """The value that the schema gives for a missing attribute."""
    faults.add(event, attribute, "repair", f"missing; taken as {number}")
    return number


def leftover(record: Record, known: frozenset[str], faults: Faults, event: str) -> None:
    """Counts the attributes that the event does not describe; those of ``known`` were counted when they were kept."""
    for attribute, value in record.items():
        if attribute not in CONTEXT and attribute not in known:
            faults.add(event, attribute, "pass", "the schema does not describe this attribute; kept", value)
