"""Master databases: which workflows a user of Pegasus has, and where the database of each is.

Since Pegasus 4.4 their tables are called ``master_workflow`` and ``master_workflowstate``, and lie in every database;
before, a master database had tables ``workflow`` and ``workflowstate`` alone.
"""

from __future__ import annotations

import msgspec

from stampede.errors import UsageError
from stampede.query.foreign.shape import Theirs, look
from stampede.store.reader import Reader
from stampede.store.sqlite import path_of


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow that a master database lists, and the URL of its own database."""

    wf_uuid: str
    label: str | None
    user: str | None
    submit_dir: str | None
    db_url: str | None


def is_master(reader: Reader) -> bool:
    """Whether a database of Pegasus lists workflows whose databases are elsewhere."""
    return bool(entries(reader))


def entries(reader: Reader) -> list[Entry]:
    """The workflows that a master database lists, those without which lie in it themselves; empty for any other."""
    theirs = look(reader)
    table = _table(theirs)
    if table is None:
        return []
    rows = reader.rows(f'SELECT wf_uuid, dax_label, user, submit_dir, db_url FROM main."{table}" ORDER BY wf_id')
    found = [Entry(**dict(zip(Entry.__struct_fields__, row, strict=True))) for row in rows]
    return [e for e in found if e.db_url and not _is_here(e.db_url, reader.url)]


def _table(theirs: Theirs) -> str | None:
    if "db_url" in theirs.tables.get("master_workflow", ()):
        return "master_workflow"
    if theirs.table("job") is None and "db_url" in theirs.tables.get("workflow", ()):
        return "workflow"
    return None


def _is_here(url: str, own: str) -> bool:
    try:
        return path_of(url).resolve() == path_of(own).resolve()
    except (UsageError, OSError, ValueError):
        return False


class Listed(msgspec.Struct, frozen=True):
    """Views of all workflows and of their states: those in the database, and those that it only lists."""

    workflows: str = "temp.theirs_workflow"
    states: str = "temp.theirs_workflowstate"


def lay_listed(reader: Reader, theirs: Theirs) -> Listed | None:
    """Lay those views where a database lists workflows that are not in it; None where it lists none.

    Keys of listed ones are negative, since both tables count from 1.
    """
    if "db_url" not in theirs.tables.get("master_workflow", ()) or not reader.one(f"SELECT 1 FROM {_LISTED} LIMIT 1"):
        return None
    columns = sorted(theirs.tables["workflow"] - {"wf_id"})
    there = theirs.tables["master_workflow"]
    also = ", ".join(f'm."{c}"' if c in there else f"{'-m.wf_id' if c == 'root_wf_id' else 'NULL'}" for c in columns)
    own = ", ".join(f'"{c}"' for c in columns)
    reader.scratch(
        f"CREATE TEMP VIEW theirs_workflow AS SELECT wf_id, {own} FROM main.workflow "
        f"UNION ALL SELECT -m.wf_id, {also} FROM {_LISTED}"
    )
    table = theirs.table("workflowstate") or ""
    states = sorted(theirs.tables.get(table, frozenset()) - {"wf_id"})
    known = theirs.tables.get("master_workflowstate", frozenset())
    own = ", ".join(f'"{c}"' for c in states)
    also = ", ".join(f's."{c}"' if c in known else "NULL" for c in states)
    listed = f"UNION ALL SELECT -s.wf_id, {also} FROM main.master_workflowstate s" if known else ""
    reader.scratch(f"CREATE TEMP VIEW theirs_workflowstate AS SELECT wf_id, {own} FROM main.{table} {listed}")
    return Listed()


_LISTED = "main.master_workflow m WHERE m.wf_uuid NOT IN (SELECT w.wf_uuid FROM main.workflow w)"
