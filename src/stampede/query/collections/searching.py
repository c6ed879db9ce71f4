"""Where a text may occur, by the index of the names of jobs (``store.job_text``) and what failed ones printed."""

from __future__ import annotations

import msgspec

from stampede.errors import DatabaseError, TimeUpError
from stampede.query.collections.heap import jobs_that_printed
from stampede.query.collections.question import Among, Question
from stampede.store.job_text import TABLE, UPTO
from stampede.store.reader import Reader

#: letters of the pieces that the index knows
_LETTERS = 3


def narrowed(reader: Reader, question: Question, most: int) -> Question | None:
    """The same question of the rows that the text may occur in; None when these are more than ``most``, or no index
    tells."""
    text = question.search
    if not question.collection.text or len(text) < _LETTERS or "\0" in text:
        return None
    row = reader.one("SELECT value FROM main.stampede_meta WHERE key = ?", (UPTO,)) if _is_there(reader) else None
    if row is None:
        return None
    try:
        found = reader.rows(f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH ? LIMIT {most + 1}", (_pieces(text),))
    except TimeUpError:
        raise
    except DatabaseError:
        return None  # this SQLite was built without what such indexes take
    if len(found) > most:
        return None
    keys = msgspec.json.encode([key for (key,) in found]).decode()
    printed = jobs_that_printed(reader, text, most)
    told = None if printed is None else msgspec.json.encode(printed).decode()
    return msgspec.structs.replace(question, among=Among(keys=keys, upto=int(row[0]), printed=told))


def _is_there(reader: Reader) -> bool:
    return bool(reader.columns(f"main.{TABLE}"))


def _pieces(text: str) -> str:
    """What has the text has all of its pieces: as a question to the index, which does not know their order."""
    pieces = dict.fromkeys(text[n : n + _LETTERS] for n in range(len(text) - _LETTERS + 1))
    return " AND ".join('"' + piece.replace('"', '""') + '"' for piece in pieces)
