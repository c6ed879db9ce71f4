"""Which rows of the database belong to a workflow and all below it, and how their keys hang together.

All of it follows from the declarations of the tables, so that a new table has its place here by its own references.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from typing import Final, Literal

import msgspec

from stampede.store.sqlite import declared

Kind = Literal["integer", "boolean", "number", "text"]

#: tables that are of no workflow -> why
LEFT_OUT: Final = {
    "dbversion": "of the database; the manifest has the version",
    "stampede_meta": "of the database; the manifest has the version",
    "lease": "of processes that write now",
    "ensemble": "of Pegasus' ensemble manager",
    "ensemble_workflow": "of Pegasus' ensemble manager",
    "trigger": "of Pegasus' ensemble manager",
    "master_workflow": "of Pegasus' master database",
    "master_workflowstate": "of Pegasus' master database",
    "statistics_block": "sums, made anew from the rows",
    "statistics_workflow": "sums, made anew from the rows",
    "statistics_try": "sums, made anew from the rows",
    "statistics_invocation": "sums, made anew from the rows",
    "statistics_time": "sums, made anew from the rows",
    "statistics_integrity": "sums, made anew from the rows",
}

#: references that are not declared, since what they name may come later: (table, column) -> table
_UNDECLARED: Final = {("workflow", "root_wf_id"): "workflow", ("job", "last_job_instance_id"): "job_instance"}

#: the workflow ``:id`` and all below it, as ``below(id)``
BELOW: Final = """WITH RECURSIVE below(id) AS (
    SELECT wf_id FROM workflow WHERE wf_id = :id
    UNION SELECT w.wf_id FROM workflow w JOIN below b ON w.parent_wf_id = b.id)"""

_WORKFLOW: Final = "wf_id IN (SELECT id FROM below)"
_JOB: Final = f"job_id IN (SELECT job_id FROM job WHERE {_WORKFLOW})"
_TRY: Final = f"job_instance_id IN (SELECT job_instance_id FROM job_instance WHERE {_JOB})"
_TASK: Final = f"task_id IN (SELECT task_id FROM task WHERE {_WORKFLOW})"
# names of files are shared by all workflows of a database: those that this one reads, writes or moves
_FILE: Final = f"""lfn_id IN (SELECT lfn_id FROM workflow_files WHERE {_WORKFLOW} UNION
    SELECT l.lfn_id FROM rc_lfn l JOIN invocation_file f ON f.lfn = l.lfn WHERE f.{_WORKFLOW} UNION
    SELECT l.lfn_id FROM rc_lfn l JOIN transfer t ON t.lfn = l.lfn WHERE t.{_TRY})"""
# what was read, by where it lies
_PLACE: Final = """EXISTS (SELECT 1 FROM below b JOIN workflow w ON w.wf_id = b.id WHERE
    substr(source, 1, length(w.found_dir) + 1) = w.found_dir || '/' OR
    substr(source, 1, length(w.submit_dir) + 1) = w.submit_dir || '/')"""


class Shape(msgspec.Struct, frozen=True):
    """A table whose rows belong to workflows.

    ``columns`` with their kinds in order; ``key`` of a row; ``identity`` is the column that numbers its rows, where
    there is one; ``references`` are columns that hold numbers of another table; ``condition`` picks the rows of a
    workflow and all below it (:data:`BELOW` goes before the SELECT).
    """

    table: str
    columns: dict[str, Kind]
    key: tuple[str, ...]
    identity: str | None
    references: dict[str, str]
    condition: str


@cache
def shapes() -> dict[str, Shape]:
    """All tables with rows of workflows, those that others refer to first."""
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(declared())
        names = [r[0] for r in empty.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        found = {n: _shape(empty, n) for n in names if n not in LEFT_OUT and not n.startswith("sqlite_")}
    ordered: dict[str, Shape] = {}
    while len(ordered) < len(found):
        for table, shape in found.items():
            needs = {t for c, t in shape.references.items() if (table, c) not in _UNDECLARED and t != table}
            if table not in ordered and needs <= ordered.keys():
                ordered[table] = shape
    return ordered


def _shape(empty: sqlite3.Connection, table: str) -> Shape:
    rows = empty.execute(f'PRAGMA table_info("{table}")').fetchall()
    columns = {r[1]: _kind(r[2]) for r in rows}
    key = tuple(r[1] for r in sorted((r for r in rows if r[5]), key=lambda r: r[5]))
    references = {r[3]: r[2] for r in empty.execute(f'PRAGMA foreign_key_list("{table}")')}
    references |= {column: to for (of, column), to in _UNDECLARED.items() if of == table}
    numbers = len(key) == 1 and columns[key[0]] == "integer" and key[0] not in references
    return Shape(table, columns, key, key[0] if numbers else None, references, _condition(table, columns))


def _kind(declared_type: str) -> Kind:
    word = declared_type.partition("(")[0].upper()
    kinds: dict[str, Kind] = {"INTEGER": "integer", "BIGINT": "integer", "BOOLEAN": "boolean", "NUMERIC": "number"}
    return kinds.get(word, "text")


def _condition(table: str, columns: dict[str, Kind]) -> str:
    """By the shortest way to the workflow."""
    if table == "source_position":
        return _PLACE
    ways = {"wf_id": _WORKFLOW, "job_id": _JOB, "job_instance_id": _TRY, "task_id": _TASK, "lfn_id": _FILE}
    return next(way for column, way in ways.items() if column in columns)
