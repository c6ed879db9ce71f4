"""Views over the tables of others that have all columns of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from stampede.store.reader import Reader
from stampede.store.sqlite import own_columns

#: tables that get a view: the sums that we keep for statistics are better added up from the rows
_OURS: Final = (
    "workflow", "workflowstate", "workflow_meta", "workflow_event", "workflow_summary", "host", "job", "job_edge",
    "job_instance", "jobstate", "hold", "resource_usage", "tag", "task", "task_edge", "task_meta", "invocation",
    "invocation_file", "integrity", "transfer", "problem", "anomaly", "rc_lfn", "rc_pfn", "rc_meta", "workflow_files",
)  # fmt: skip
#: tables and columns that had other names in Pegasus 3
_TABLES_BEFORE: Final = {"workflowstate": "workflow_state", "integrity": "integrity_metrics"}
_BEFORE: Final = {
    "task": {"argv": "arguments", "type_desc": "tasktype"},
    "job": {"argv": "arguments", "type_desc": "jobtype"},
    "job_instance": {
        "site": "site_name", "user": "remote_user", "work_dir": "remote_working_dir",
        "cluster_start": "cluster_start_time", "stdout_file": "job_stdout", "stderr_file": "job_stderr",
        "stdin_file": "job_stdin",
    },
    "host": {"site": "site_name", "ip": "ip_address", "total_memory": "total_ram"},
    "invocation": {"argv": "arguments"},
}  # fmt: skip


class Theirs(msgspec.Struct, frozen=True):
    """The tables of a database with their columns."""

    tables: dict[str, frozenset[str]]

    def table(self, name: str) -> str | None:
        """What our table is called there; None when there is none."""
        if name in self.tables:
            return name
        before = _TABLES_BEFORE.get(name)
        return before if before in self.tables else None

    def column(self, table: str, name: str, alias: str = "t") -> str | None:
        """SQL of a column of theirs under our name; None when they have none."""
        there = self.tables.get(self.table(table) or "", frozenset())
        for known in (name, _BEFORE.get(table, {}).get(name)):
            if known in there:
                return f'{alias}."{known}"'
        return None


def look(reader: Reader) -> Theirs:
    """What a database has."""
    return Theirs({name: frozenset(reader.names(f"main.{name}")) for name in reader.tables()})


def lay_views(reader: Reader, theirs: Theirs, computed: Mapping[str, Mapping[str, str]]) -> None:
    """Lay a view ``now_NAME`` over each table, and one of our name over that.

    ``computed`` has SQL of columns (of rows ``t``) by table; one under ``""`` is a whole FROM clause for the table.
    """
    ours = own_columns()
    for table in _OURS:
        sources = computed.get(table, {})
        named = theirs.table(table)
        source = sources.get("") or (f'main."{named}" t' if named is not None else None)
        columns = []
        for name, default in ours[table].items():
            value = (sources.get(name) or theirs.column(table, name)) if source is not None else None
            columns.append(f'{value or default} AS "{name}"')
        rows = f"FROM {source}" if source is not None else "WHERE 0"
        reader.scratch(f"CREATE TEMP VIEW now_{table} AS SELECT {', '.join(columns)} {rows}")
        reader.scratch(f"CREATE TEMP VIEW {table} AS SELECT * FROM temp.now_{table}")
