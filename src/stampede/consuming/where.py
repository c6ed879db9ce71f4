"""Filters of events: the grammar of ``query.filters`` over the attributes of the catalogue, and who judges by it."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from stampede.events.base import Event
from stampede.events.catalogue import EVENTS
from stampede.query.filters import Condition, Field, Value, parse
from stampede.query.literals import Kind

_KINDS: Final[dict[type, Kind]] = {str: "text", int: "integer", float: "number", bool: "boolean"}
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


@cache
def fields() -> dict[str, Field]:
    """What can be asked about: ``event``, and every attribute of an event that is one value."""
    found = {"event": Field(name="event", sql="", kind="text")}
    for kind in EVENTS.values():
        for name, hint in typing.get_type_hints(kind).items():
            word = "time" if name == "ts" else _kind(hint)
            if word is not None and not name.isupper():
                found.setdefault(name, Field(name=name, sql="", kind=word))
    return found


def _kind(hint: Any) -> Kind | None:
    parts = [p for p in typing.get_args(hint) if p is not types.NoneType] if typing.get_args(hint) else [hint]
    kinds = {_KINDS.get(part) for part in parts}
    if kinds == {"integer", "number"}:
        return "number"
    return kinds.pop() if len(kinds) == 1 else None


def judge(text: str) -> Callable[[Event], bool]:
    """Whether an event fulfils a filter. Raises FilterError, which says where and what is known."""
    conditions = [_holds(condition) for condition in parse(text, fields()).conditions]
    return lambda event: all(holds(event) for holds in conditions)


def _holds(condition: Condition) -> Callable[[Event], bool]:
    name = condition.field.name
    test = _test(condition.operator, condition.values)
    if name == "event":
        return lambda event: test(event.NAME)
    return lambda event: test(getattr(event, name, None))


def _test(operator: str, values: tuple[Value, ...]) -> Callable[[Any], bool]:
    """Whether a value fulfils it; None is no value."""
    if operator in ("=", "!="):
        wanted = frozenset(values)
        return (lambda v: v in wanted) if operator == "=" else (lambda v: v not in wanted)
    if operator in ("~=", "!~"):
        like = re.compile("|".join(f"(?:{_like(str(v))})" for v in values), re.S)
        if operator == "~=":
            return lambda v: v is not None and like.fullmatch(str(v)) is not None
        return lambda v: v is None or like.fullmatch(str(v)) is None
    compare, limit = _COMPARE[operator], values[0]
    return lambda v: isinstance(v, type(limit) | int | float) and not isinstance(v, bool) and _safe(compare, v, limit)


def _safe(compare: Callable[[Any, Any], bool], value: Any, limit: Value) -> bool:
    try:
        return compare(value, limit)
    except TypeError:  # text against a number
        return False


def _like(pattern: str) -> str:
    return re.sub(r"(\\\*)+", ".*", re.escape(pattern)).replace(r"\?", ".")
