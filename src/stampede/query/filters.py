"""Filters as people and programs write them: ``state=failed&duration_s>=60&transformation~=mProject*``.

::

    filter     = condition *( "&" condition )
    condition  = name operator value *( "," value )
    operator   = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~=" | "!~"
    value      = bare | quoted
    quoted     = '"' *( character | '\\"' | '\\\\' ) '"'

All conditions have to hold. ``=`` with several values means any of them, ``!=`` none of them; ``~=`` is like one of the
patterns (``*`` any text, ``?`` one character), ``!~`` like none. ``null`` stands for no value (``"null"`` in quotes for
the text). A row without a value fulfils ``!=`` and ``!~``, and none of the comparisons. Blanks around names, operators
and bare values do not count; a bare value holds neither quotes, commas nor ``&``, and begins with no sign of an
operator.

Times are RFC 3339 or epoch seconds, durations seconds, sizes bytes. A filter is parsed against the columns that are
known, and becomes SQL whose values are parameters: nothing of it is ever evaluated, and what cannot be read raises
:class:`FilterError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, Literal, NamedTuple

import msgspec

from stampede.errors import FilterError
from stampede.query.literals import CORE, Kind, LiteralError, read, write

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "~=", "!~"]
Value = str | int | float | None

#: more than this is no question of a person, and would cost more than an answer may
MOST_CONDITIONS: Final = 50
MOST_VALUES: Final = 1000
MOST_CHARACTERS: Final = 100_000
#: ``*`` in a pattern: the time to match grows with each
MOST_STARS: Final = 8

_NAME = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)")
_OPERATOR = re.compile(r"\s*(!=|!~|<=|>=|~=|=|<|>)[ \t\r\n]*")
_BARE = re.compile(r'[^&,"]*')
_BARE_IN_PART = re.compile(r'[^,"]*')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.S)
_BLANKS = " \t\r\n"
_BLANK = re.compile(f"[{_BLANKS}]*")


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """What may be asked about: ``name``, the SQL that gives it, its kind; ``words`` when it knows only these values.

    ``unless`` are words that belong to another field, by word: what is said to somebody who looks for them here.
    """

    name: str
    sql: str
    kind: Kind
    words: tuple[str, ...] = ()
    unless: dict[str, str] = {}


class Condition(msgspec.Struct, frozen=True):
    """One condition: values are typed already, None is ``null``."""

    field: Field
    operator: Operator
    values: tuple[Value, ...]

    def __str__(self) -> str:
        return f"{self.field.name}{self.operator}{','.join(_text(self.field.kind, v) for v in self.values)}"


class Filter(msgspec.Struct, frozen=True):
    """Conditions that all have to hold. ``str()`` gives a text that is parsed to the same."""

    conditions: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        return "&".join(map(str, self.conditions))

    def __bool__(self) -> bool:
        return bool(self.conditions)

    def asks(self, name: str) -> Condition | None:
        """The first condition that wants a field to be one of some values; None when there is none."""
        return next((c for c in self.conditions if c.field.name == name and c.operator == "="), None)

    def sql(self) -> tuple[list[str], list[Value]]:
        """The conditions as SQL expressions, and the values of their marks in order."""
        where: list[str] = []
        values: list[Value] = []
        for condition in self.conditions:
            sql, own = sql_of(condition)
            where.append(sql)
            values += own
        return where, values


def parse(text: str, fields: Mapping[str, Field]) -> Filter:
    """Read a filter. Raises FilterError, which says where and what is known."""
    if len(text) > MOST_CHARACTERS:
        raise FilterError(f"A filter has at most {MOST_CHARACTERS} characters.", offset=MOST_CHARACTERS)
    conditions: list[Condition] = []
    place, at = _Place(text, 0, _BARE), 0
    more = bool(text.strip())
    while more:
        condition, at = _condition(place, at, fields)
        conditions.append(condition)
        if len(conditions) > MOST_CONDITIONS:
            break
        more = at < len(text)  # what ended the condition is an "&"
        at += 1
    return _checked(conditions)


def parse_parts(parts: Sequence[str], fields: Mapping[str, Field]) -> Filter:
    """Read a filter whose conditions come apart already (those of a URL, decoded): a bare value may hold ``&`` here.

    Raises FilterError; its ``part`` says which condition.
    """
    conditions = []
    for number, part in enumerate(parts):
        if len(part) > MOST_CHARACTERS:
            raise FilterError(f"A filter has at most {MOST_CHARACTERS} characters.", offset=0, part=number)
        conditions.append(_condition(_Place(part, number, _BARE_IN_PART), 0, fields)[0])
    return _checked(conditions)


def name_of(part: str) -> str | None:
    """The name that a condition begins with, where an operator follows; None for anything else."""
    name = _NAME.match(part)
    return name[1] if name is not None and _OPERATOR.match(part, name.end()) else None


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """The sentence about a name that is not known, with one that may have been meant."""
    known = list(known)
    near = get_close_matches(name[:60].lower(), known, n=1, cutoff=0.6)
    meant = f" Did you mean {near[0]}?" if near else ""
    return f"{shown(name)} is no {what}.{meant} Known are {', '.join(known)}."


def shown(text: str) -> str:
    """Text of a user as it can stand in a message: short, and printable."""
    short = text if len(text) <= 60 else text[:57] + "..."
    return short if short.isprintable() and short.strip() == short and short else ascii(short)


def sql_of(condition: Condition, *, expression: str | None = None) -> tuple[str, list[Value]]:
    """A condition as SQL with marks; ``expression`` in place of the field's own."""
    sql = expression or condition.field.sql
    values: list[Value] = [v for v in condition.values if v is not None]
    has_null = len(values) < len(condition.values)
    if condition.field.kind == "exit":
        values = _or_core(values)
    match condition.operator:
        case "=":
            wanted = _any_of(sql, values, has_null)
        case "!=":
            wanted = _none_of(sql, values, has_null)
        case "~=":
            wanted = "(" + " OR ".join([f"{sql} GLOB ?"] * len(values)) + ")"
        case "!~":
            wanted = f"({sql} IS NULL OR NOT (" + " OR ".join([f"{sql} GLOB ?"] * len(values)) + "))"
        case operator:
            wanted = f"{sql} {operator} ?"
    if condition.operator in ("~=", "!~"):
        return wanted, [_glob(str(v)) for v in values]
    return wanted, values


def _or_core(values: list[Value]) -> list[Value]:
    """A signal ended a program whether it left a core or not."""
    return [*values, *(v | CORE for v in values if isinstance(v, int) and v > 0 and v & 0x7F and not v & CORE)]


def _any_of(sql: str, values: Sequence[Value], has_null: bool) -> str:
    if not values:
        return f"{sql} IS NULL"
    among = f"{sql} = ?" if len(values) == 1 else f"{sql} IN ({', '.join('?' * len(values))})"
    return f"({sql} IS NULL OR {among})" if has_null else among


def _none_of(sql: str, values: Sequence[Value], has_null: bool) -> str:
    if not values:
        return f"{sql} IS NOT NULL"
    among = f"{sql} <> ?" if len(values) == 1 else f"{sql} NOT IN ({', '.join('?' * len(values))})"
    return among if has_null else f"({sql} IS NULL OR {among})"


def _glob(pattern: str) -> str:
    """SQLite's GLOB knows classes in brackets, which we do not: a bracket is a bracket."""
    return re.sub(r"\*+", "*", pattern).replace("[", "[[]")


class _Place(NamedTuple):
    text: str
    part: int
    bare: re.Pattern[str]

    def error(self, message: str, offset: int) -> FilterError:
        where = f"condition {self.part + 1}, " if self.part else ""
        return FilterError(f"Filter, {where}character {offset + 1}: {message}", offset=offset, part=self.part)


def _condition(place: _Place, at: int, fields: Mapping[str, Field]) -> tuple[Condition, int]:
    """The condition that begins at an offset, and where it ends."""
    name = _NAME.match(place.text, at)
    if name is None:
        raise place.error("A condition begins with the name of a column.", at)
    field = fields.get(name[1])
    if field is None:
        raise place.error(unknown("column", name[1], fields), name.start(1))
    operator = _OPERATOR.match(place.text, name.end())
    if operator is None:
        raise place.error(f"After {field.name} one of = != < <= > >= ~= !~ is due.", name.end())
    word: Any = operator[1]
    _check_operator(place, field, word, operator.start(1))
    values: list[Value] = []
    at = operator.end()
    while True:
        value, at = _value(place, at, field, word)
        values.append(value)
        if at >= len(place.text) or place.text[at] != ",":
            break
        at += 1
        if word in ("<", "<=", ">", ">="):
            raise place.error(f"{word} takes one value.", at)
    if at < len(place.text) and (place.bare is not _BARE or place.text[at] != "&"):
        raise place.error("Text after the value; write it in quotes if it belongs to it.", at)
    return Condition(field, word, tuple(values)), at


def _check_operator(place: _Place, field: Field, operator: str, at: int) -> None:
    if operator in ("~=", "!~") and field.kind != "text":
        raise place.error(f"{field.name} is no text, so it is not like a pattern.", at)
    if operator in ("<", "<=", ">", ">=") and field.kind in ("exit", "boolean"):
        raise place.error(f"{field.name} has no order; ask with = or !=.", at)


def _value(place: _Place, at: int, field: Field, operator: str) -> tuple[Value, int]:
    """The value that begins at an offset, and where it ends."""
    start = _end(_BLANK, place.text, at)
    if start < len(place.text) and place.text[start] == '"':
        quoted = _QUOTED.match(place.text, start)
        if quoted is None:
            raise place.error("A quoted text has no end.", start)
        text, end = re.sub(r"\\(.)", r"\1", quoted[1], flags=re.S), _end(_BLANK, place.text, quoted.end())
    else:
        end = _end(place.bare, place.text, start)
        text = place.text[start:end].strip(_BLANKS)
        if text.startswith(("=", "<", ">", "~", "!")):
            raise place.error(f"A bare value does not begin with {text[0]}; write it in quotes.", start)
        if end < len(place.text) and place.text[end] == '"':
            raise place.error("A quote within a bare value; write all of it in quotes.", end)
        if text == "null":
            if operator not in ("=", "!="):
                raise place.error(f"{operator} compares nothing with null; ask with = or !=.", start)
            return None, end
    return _typed(place, start, field, operator, text), end


def _typed(place: _Place, at: int, field: Field, operator: str, text: str) -> Value:
    try:
        value = read(field.kind, text)
    except LiteralError as e:
        raise place.error(f"{field.name}: {e}", at) from None
    if operator in ("~=", "!~"):
        if text.count("*") > MOST_STARS:
            raise place.error(f"A pattern has at most {MOST_STARS} asterisks.", at)
    elif field.words and operator in ("=", "!=") and value not in field.words:
        other = field.unless.get(text)
        if other is not None:
            raise place.error(f"{text} is a word of {other}: write {other}{operator}{text}.", at)
        raise place.error(f"{field.name}: {unknown('value of it', text, field.words)}", at)
    return value


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found is not None else at


def _checked(conditions: list[Condition]) -> Filter:
    if len(conditions) > MOST_CONDITIONS:
        raise FilterError(f"A filter has at most {MOST_CONDITIONS} conditions.", offset=0, part=MOST_CONDITIONS)
    if sum(len(c.values) for c in conditions) > MOST_VALUES:
        raise FilterError(f"A filter has at most {MOST_VALUES} values.", offset=0)
    return Filter(tuple(conditions))


def _text(kind: Kind, value: Value) -> str:
    """A value as it is written in a filter."""
    if value is None:
        return "null"
    text = write(kind, value)
    plain = text and text != "null" and text.strip() == text and text[0] not in "=<>~!"
    if plain and not any(c in text for c in '&,"'):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
