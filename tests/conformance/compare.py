"""Two Stampede databases (schema version 14, SQLite) compared by what they say.

    python -m tests.conformance.compare OURS THEIRS [--explain] [--show N]

Surrogate ids depend on the order of loading, so every row is named by its natural key (workflow uuid, job name,
submission number, task name, file name ...), and ids in its columns are replaced by the key of the row that they point
to. Rows of equal key are paired and compared value by value; the rest is reported as being on one side only. Columns
that only we have are not looked at; a table or column that only they have is a difference of the schema.

Exit code: 0 they say the same (with ``--explain``: all differences are explained), 1 they don't, 2 wrong use.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from .tables import TABLES

Value: TypeAlias = str | int | float | bytes | None
Row: TypeAlias = dict[str, Value]
Key: TypeAlias = tuple[Value, ...]
Kind: TypeAlias = Literal["value", "only_ours", "only_theirs", "schema"]


class Difference(msgspec.Struct, frozen=True):
    """One thing that the two say differently.

    ``column``, ``ours`` and ``theirs`` belong to the kind ``value``; for a row on one side only, ``row`` holds it.
    ``our_row`` and ``their_row`` give the whole rows, for rules that need the neighbourhood.
    """

    kind: Kind
    table: str
    key: Key
    column: str | None = None
    ours: Value = None
    theirs: Value = None
    our_row: Row = {}
    their_row: Row = {}

    @property
    def row(self) -> Row:
        return self.our_row or self.their_row

    def __str__(self) -> str:
        where = f"{self.table}[{', '.join(f'{part:g}' if isinstance(part, float) else str(part) for part in self.key)}]"
        if self.kind == "value":
            return f"{where}.{self.column}: ours {self.ours!r:.160} theirs {self.theirs!r:.160}"
        return f"{where}: {self.kind.replace('_', ' ')} {dict(self.row)!r:.300}"


def open_ro(path: Path) -> sqlite3.Connection:
    """A database that is only read. Raises ``sqlite3.Error`` when it is none."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """The columns of a table in their order; none when there is no such table."""
    return [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]


def tables(connection: sqlite3.Connection) -> set[str]:
    """The tables of a database."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {row[0] for row in found}


def plain(value: Value) -> Value:
    """A value as it is compared: numbers to the microsecond (a NUMERIC of SQLite is a float), the rest as it is."""
    return round(float(value), 6) if isinstance(value, (int, float)) else value


def read(connection: sqlite3.Connection, name: str, only: Sequence[str]) -> dict[Key, list[Row]]:
    """The rows of a table by natural key; of the columns those in ``only``."""
    table = TABLES[name]
    kept = [column for column in only if column != table.drop]
    selected = [table.refs.get(column, 't."{column}"').format(column=column) for column in kept]
    names = kept + list(table.more)
    selected += list(table.more.values())
    order = f'ORDER BY t."{table.order}"' if table.order else ""
    seen: Counter[Key] = Counter()
    rows: dict[Key, list[Row]] = defaultdict(list)
    for values in connection.execute(f'SELECT {", ".join(selected)} FROM "{name}" t {order}'):
        row = {column: plain(value) for column, value in zip(names, values, strict=True)}
        key = tuple(row[column] for column in table.key)
        if table.order:
            seen[key] += 1
            key = (*key, seen[key])
        rows[key].append(row)
    return rows


def _same_rows_off(ours: list[Row], theirs: list[Row]) -> tuple[list[Row], list[Row]]:
    left = [row for row in ours if row not in theirs]
    return left, [row for row in theirs if row not in ours]


def _table_differences(name: str, ours: dict[Key, list[Row]], theirs: dict[Key, list[Row]]) -> Iterator[Difference]:
    for key in sorted(ours.keys() | theirs.keys(), key=repr):
        mine, other = ours.get(key, []), theirs.get(key, [])
        if len(mine) != 1 or len(other) != 1:
            mine, other = _same_rows_off(mine, other)
        for our_row, their_row in zip(mine, other, strict=False):
            for column, value in their_row.items():
                if column[0] != "_" and our_row[column] != value:
                    yield Difference("value", name, key, column, our_row[column], value, our_row, their_row)
        for row in mine[len(other) :]:
            yield Difference("only_ours", name, key, our_row=row)
        for row in other[len(mine) :]:
            yield Difference("only_theirs", name, key, their_row=row)


def compare(ours: Path, theirs: Path) -> list[Difference]:
    """All differences between two databases, by table and key. Raises ``sqlite3.Error`` for what is no database."""
    found: list[Difference] = []
    with open_ro(ours) as mine, open_ro(theirs) as other:
        for name in sorted(tables(other) - tables(mine)):
            found.append(Difference("schema", name, ("table is missing",)))
        versions = [
            connection.execute("SELECT version_number FROM dbversion ORDER BY id DESC LIMIT 1").fetchone()
            for connection in (mine, other)
        ]
        if versions[0] != versions[1]:
            found.append(Difference("schema", "dbversion", ("version_number", str(versions[0]), str(versions[1]))))
        for name in sorted(tables(other) & tables(mine)):
            theirs_columns, ours_columns = columns(other, name), columns(mine, name)
            for column in theirs_columns:
                if column not in ours_columns:
                    found.append(Difference("schema", name, ("column is missing", column)))
            if name in TABLES:
                shared = [column for column in theirs_columns if column in ours_columns]
                found += _table_differences(name, read(mine, name, shared), read(other, name, shared))
    mine.close()
    other.close()
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ours", type=Path)
    parser.add_argument("theirs", type=Path)
    parser.add_argument("--explain", action="store_true", help="leave out what docs/reference/differences.md explains")
    parser.add_argument("--show", type=int, default=20, metavar="N", help="differences shown per table and column")
    words = parser.parse_args(argv)
    try:
        found = compare(words.ours, words.theirs)
    except sqlite3.Error as error:
        print(f"{words.ours} and {words.theirs} cannot be compared: {error}", file=sys.stderr)
        return 2
    if words.explain:
        from .explained import explain

        explained, found = explain(found)
        for anchor, count in sorted(Counter(anchor for anchor, _ in explained).items()):
            print(f"{count:6d} explained by {anchor}")
    shown: Counter[tuple[str, str | None]] = Counter()
    for difference in found:
        group = (difference.table, difference.column or difference.kind)
        shown[group] += 1
        if shown[group] <= words.show:
            print(difference)
    print(f"{len(found)} differences" + (" that nothing explains" if words.explain else ""))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
