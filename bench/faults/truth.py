"""What a database has to hold: the rows of an undisturbed load, whichever database it is, in the same order."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec

from stampede.query import open_database
from stampede.store.connection import open_writer
from tests.same import contents

#: told of faults, and of rows that tell of faults
_TOLD: Final = frozenset({"problem", "workflow_summary"})
#: the states of jobs in the order in which they were written
_ORDER: Final = (
    "SELECT w.wf_uuid, j.exec_job_id, i.job_submit_seq, s.state FROM jobstate s "
    "JOIN job_instance i USING (job_instance_id) JOIN job j USING (job_id) JOIN workflow w ON w.wf_id = j.wf_id "
    # one without a number is from a file beside DAGMan's log, and told when that is read
    "WHERE s.jobstate_submit_seq > 0 ORDER BY s.rowid"
)
#: rows of each table that are shown
_SHOWN: Final = 3
_FRACTION = re.compile(r"-?\d+\.\d+(?:e[-+]\d+)?")


class Found(msgspec.Struct, kw_only=True):
    """A database beside the truth: rows that are not there, that are there more often, that differ or nobody told of;
    states of jobs that stand before one that they came after; problems by kind."""

    rows: int
    lost: int
    doubled: int
    other: int
    disordered: int
    problems: dict[str, int]
    shown: list[str]


def copied(url: str, path: Path) -> Path:
    """The rows of a database in a SQLite file, those of a table in the order in which they were written."""
    if url.startswith("sqlite"):
        return Path(url.removeprefix("sqlite:///"))
    path.unlink(missing_ok=True)
    open_writer(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as copy, closing(open_database(url)) as reader, reader.snapshot():
        for (table,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if table.startswith("sqlite_"):
                continue
            columns = [r[1] for r in copy.execute(f'PRAGMA table_info("{table}")')]
            there = reader.columns(table)
            names = [c for c in columns if c in there]
            listed = ", ".join(f'"{n}"' for n in names)
            order = " ORDER BY rowid" if table == "jobstate" else ""
            rows = reader.rows(f"SELECT {listed} FROM {table}{order}")
            marks = ", ".join("?" * len(names))
            copy.execute(f'DELETE FROM "{table}"')
            copy.executemany(f'INSERT INTO "{table}"({listed}) VALUES ({marks})', rows)
        copy.commit()
    return path


def found(database: Path, truth: Path) -> Found:
    """Compare two databases row by row."""
    ours, wanted = _rows(database), _rows(truth)
    gone, more = wanted - ours, ours - wanted
    doubled = sum(n for row, n in more.items() if row in wanted)
    shown = [f"{sign} {n} x {table}: {row[:400]}" for sign, some in (("-", gone), ("+", more))
             for (table, row), n in list(some.items())[:_SHOWN]]  # fmt: skip
    with closing(sqlite3.connect(database)) as connection:
        problems = dict(connection.execute("SELECT kind, count(*) FROM problem GROUP BY kind"))
    with closing(sqlite3.connect(truth)) as connection:
        usual = dict(connection.execute("SELECT kind, count(*) FROM problem GROUP BY kind"))
    return Found(
        rows=wanted.total(), lost=gone.total(), doubled=doubled, other=more.total() - doubled,
        disordered=_disordered(database, truth), shown=shown,
        problems={k: n - usual.get(k, 0) for k, n in problems.items() if n != usual.get(k, 0)},
    )  # fmt: skip


def _rows(path: Path) -> Counter[tuple[str, str]]:
    return Counter(
        (table, _FRACTION.sub(lambda m: f"{float(m[0]):.5f}", row))
        for table, rows in contents(path, without=_TOLD).items()
        for row in rows
    )


def _disordered(database: Path, truth: Path) -> int:
    """States that were written behind a later one of the same try."""
    wanted, ours = _sequences(truth), _sequences(database)
    return sum(1 for key, states in wanted.items() if key in ours and Counter(ours[key]) == Counter(states)
               and ours[key] != states)  # fmt: skip


def _sequences(path: Path) -> dict[tuple[Any, ...], list[str]]:
    found: dict[tuple[Any, ...], list[str]] = {}
    with closing(sqlite3.connect(path)) as connection:
        for *key, state in connection.execute(_ORDER):
            found.setdefault(tuple(key), []).append(state)
    return found


#: what says that all has arrived: rows of these
_COUNTED: Final = ("workflowstate", "jobstate", "invocation", "job_instance", "task", "workflow_event")


def counts(url: str) -> dict[str, int]:
    """How many rows there are of what comes last. Raises DatabaseError."""
    with closing(open_database(url)) as reader, reader.snapshot():
        return {t: int((reader.one(f"SELECT count(*) FROM {t}") or (0,))[0]) for t in _COUNTED}


def begun(url: str) -> bool:
    """Whether states of jobs are there. Raises DatabaseError."""
    with closing(open_database(url)) as reader:
        return reader.one("SELECT 1 FROM jobstate LIMIT 1") is not None
