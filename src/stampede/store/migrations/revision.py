"""The revisions of the tables, as they ship: a file of SQL for each of them and each kind of database.

A file begins with comments: the title, by what (``mark``) a database of this revision is recognised besides by what the
revision adds, and which values (``loses``) are gone after going back. Then come the statements there, and those back.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

from stampede.store.urls import Kind

_UP: Final = "\n-- upgrade\n"
_DOWN: Final = "\n-- downgrade\n"
_NOTE: Final = re.compile(r"^-- (title|mark|loses): (.*)$", re.M)
#: a statement may be passed over, by what is there before its revision begins
_GUARD: Final = re.compile(r"-- (unless|when): (\S+)\n")
_FILL: Final = re.compile(r"-- fill: (\w+)")
_ADDED: Final = re.compile(
    r"(?:CREATE TABLE IF NOT EXISTS|CREATE (?:UNIQUE )?INDEX IF NOT EXISTS) [\"`]?(\w+)|"
    r"ALTER TABLE [\"`]?(\w+)[\"`]? ADD COLUMN (?:IF NOT EXISTS )?[\"`]?(\w+)"
)
_DROPPED: Final = re.compile(
    r"(?:DROP TABLE IF EXISTS|DROP INDEX IF EXISTS) [\"`]?(\w+)|"
    r"ALTER TABLE [\"`]?(\w+)[\"`]? DROP COLUMN (?:IF EXISTS )?[\"`]?(\w+)"
)


class Statement(NamedTuple):
    """A statement of the database, or (``fill``) the name of a function of ``fills``. With ``unless`` or ``when`` it is
    run only where that ``table.column`` is not there, or is."""

    text: str
    unless: str | None = None
    when: str | None = None
    fill: str | None = None


class Loss(NamedTuple):
    """What a step back deletes: a table or ``table.column``, and the question how many rows have something in it."""

    what: str
    question: str


class Revision(NamedTuple):
    """One revision: what leads to it from the one before, what leads back, and what it is recognised by."""

    number: int
    title: str
    upgrade: tuple[Statement, ...]
    downgrade: tuple[Statement, ...]
    losses: tuple[Loss, ...]
    #: tables, indexes and columns (``table.column``) that are there from this revision on
    marks: frozenset[str]


@cache
def revisions(kind: Kind) -> tuple[Revision, ...]:
    """All revisions for a kind of database, oldest first: number 1 comes first."""
    folder = resources.files("stampede.store").joinpath("ddl/revisions")
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(f".{kind}.sql"))
    found = [_parsed(int(name.partition(".")[0]), folder.joinpath(name).read_text("utf-8")) for name in names]
    gone: set[str] = set()
    for n in range(len(found) - 1, -1, -1):  # what a later one drops again is no mark
        found[n] = found[n]._replace(marks=found[n].marks - gone)
        gone |= _names(_DROPPED, found[n].upgrade)
    return tuple(found)


def _parsed(number: int, text: str) -> Revision:
    head, _, rest = text.partition(_UP)
    there, _, back = rest.partition(_DOWN)
    notes = _NOTE.findall(head)
    upgrade = _statements(there)
    losses = [value.partition(": ") for key, value in notes if key == "loses"]
    return Revision(
        number=number,
        title=next(value for key, value in notes if key == "title"),
        upgrade=upgrade,
        downgrade=_statements(back),
        losses=tuple(Loss(what, count) for what, _, count in losses),
        marks=frozenset({value for key, value in notes if key == "mark"} | _names(_ADDED, upgrade)),
    )


def _statements(text: str) -> tuple[Statement, ...]:
    """Blank lines separate them; each ends with a semicolon."""
    return tuple(_statement(part.strip()) for part in text.split("\n\n") if part.strip())


def _statement(text: str) -> Statement:
    guard = _GUARD.match(text)
    bare = (text[guard.end() :] if guard else text).removesuffix(";")
    fill = _FILL.match(bare)
    return Statement(
        text=bare,
        unless=guard[2] if guard and guard[1] == "unless" else None,
        when=guard[2] if guard and guard[1] == "when" else None,
        fill=fill[1] if fill else None,
    )


def _names(pattern: re.Pattern[str], statements: tuple[Statement, ...]) -> set[str]:
    return {
        name or f"{table}.{column}"
        for statement in statements
        for name, table, column in [m.groups() for m in pattern.finditer(statement.text)]
    }
