"""A database of Pegasus, made to answer as ours do."""

from __future__ import annotations

import os
import re
from typing import Final

from stampede.errors import DatabaseError
from stampede.query.foreign import nodes, runs, tries
from stampede.query.foreign.master import Listed, lay_listed
from stampede.query.foreign.shape import Theirs, lay_views, look
from stampede.store.reader import Reader
from stampede.store.sqlite import path_of
from stampede.store.urls import is_server, shown

_MAJOR: Final = re.compile(r"\d+")
#: since this release of Pegasus exits are raw wait statuses
_RAW_SINCE: Final = 4


def is_theirs(reader: Reader) -> bool:
    """Whether a database was not made by us."""
    return "state" not in reader.columns("workflow")


def adopt(reader: Reader) -> None:
    """Lay our tables over theirs, for this reader. Raises DatabaseError when it is no database of workflows at all, or
    lies behind a server."""
    if is_server(reader.url):
        raise DatabaseError(
            f"{shown(reader.url)} was written by Pegasus, whose databases are read in place from files only. "
            "Import it: stampede db import URL --db sqlite:///FILE (or another database of Stampede)."
        )
    theirs = look(reader)
    if "wf_uuid" not in theirs.tables.get("workflow", ()):
        raise DatabaseError(f"{reader.url} is no database of workflows, neither of Stampede nor of Pegasus.")
    regular = is_regular(reader, theirs)
    listed = lay_listed(reader, theirs)
    for table in (tries.TABLE, nodes.TABLE, nodes.COUNTS, runs.TABLE):
        reader.scratch(table)
    lay_views(reader, theirs, _computed(reader, theirs, listed, regular))
    version: list[int] = []

    def derive(one: Reader) -> None:
        """Derive what they do not keep, if that was not done yet, or the database has changed since."""
        now = one.version()
        if version != [now]:
            found = runs.derive_runs(one, theirs, listed)
            running = [wf_id for wf_id, run in found.items() if run.state == "running"]
            tries.derive_tries(one, theirs, running, regular=regular)
            nodes.derive_nodes(one, theirs, found)
            runs.write_runs(one, found)
            version[:] = [now]

    derive(reader)
    reader.adopted(derive)


def is_regular(reader: Reader, theirs: Theirs) -> bool:
    """Whether exits are regular codes: all planners were older than Pegasus 4."""
    column = theirs.column("workflow", "planner_version")
    if column is None:
        return True
    found = [_MAJOR.match(str(r[0] or "")) for r in reader.rows(f"SELECT DISTINCT {column} FROM main.workflow t")]
    return bool(found) and all(m is not None and int(m[0]) < _RAW_SINCE for m in found)


def _computed(
    reader: Reader, theirs: Theirs, listed: Listed | None, regular: bool
) -> dict[str, dict[str, str]]:  # fmt: skip
    """SQL of what is not simply one of their columns, by our table and column."""
    found: dict[str, dict[str, str]] = {
        "workflow": {name: _from("theirs_run", "wf_id", name) for name in runs.DERIVED},
        "job": {name: _from("theirs_job", "job_id", name) for name in nodes.DERIVED},
        "job_instance": {name: _from("theirs_try", "job_instance_id", name) for name in tries.DERIVED},
        "workflow_summary": {"": "temp.theirs_counts t", "wf_id": "t.wf_id"} | {c: f"t.{c}" for c in nodes.COUNTED},
        "invocation": {"exitcode": tries.raw("t.exitcode", regular=regular)},
    }
    found["workflow"] |= {"engine": "'pegasus'", "found_dir": found_dir(reader)}
    if theirs.column("workflow", "root_wf_id") is None:
        found["workflow"]["root_wf_id"] = "t.wf_id"
    found["workflowstate"] = {"state": _ENGINE_STATE}
    if listed is not None:
        found["workflow"][""] = f"{listed.workflows} t"
        found["workflowstate"][""] = f"{listed.states} t"
    if theirs.table("job") is not None:
        kind = theirs.column("job", "type_desc") or "'unknown'"
        sub = f"{kind} = 'dag' OR substr(t.exec_job_id, 1, 7) IN ('subdax_', 'subdag_')"
        found["job"] |= {
            "declared": "1",
            "node_type": f"CASE WHEN {sub} THEN 'subdag' ELSE 'job' END",
            "post_script": _POST,
            "transformation": _TRANSFORMATION if theirs.table("invocation") is not None else "NULL",
        }
    if theirs.table("jobstate") is not None:
        reason = theirs.column("jobstate", "reason") or "NULL"
        found["hold"] = {
            "": _HOLDS, "job_instance_id": "t.job_instance_id", "held_ts": "t.timestamp",
            "seq": "t.jobstate_submit_seq", "released_ts": _RELEASED, "reason": reason,
        }  # fmt: skip
    if theirs.table("invocation") is not None:
        found["invocation"] |= {"hostname": _HOSTNAME, "site": _SITE.format(theirs.column("job_instance", "site", "i"))}
    found |= _files(theirs)
    return found


def _from(table: str, key: str, column: str) -> str:
    """A derived column; not by a join, which would keep SQLite from looking through the view."""
    return f"(SELECT d.{column} FROM temp.{table} d WHERE d.{key} = t.{key})"


#: as Pegasus 3 named them, and since
_ENGINE_STATE: Final = """CASE t.state WHEN 'start' THEN 'WORKFLOW_STARTED' WHEN 'end' THEN 'WORKFLOW_TERMINATED'
    ELSE t.state END"""
_POST: Final = """(SELECT 'POST' FROM temp.theirs_try y WHERE y.job_id = t.job_id
    AND (y.post_start_ts IS NOT NULL OR y.post_end_ts IS NOT NULL OR (y.by_main AND y.outcome IS NULL)) LIMIT 1)"""
#: of a job without tasks: what its last try ran
_TRANSFORMATION: Final = """CASE WHEN t.task_count = 0 THEN (SELECT v.transformation FROM main.invocation v
    WHERE v.job_instance_id = (SELECT d.last_job_instance_id FROM temp.theirs_job d WHERE d.job_id = t.job_id)
    AND v.task_submit_seq > 0 LIMIT 1) END"""
_HOLDS: Final = "(SELECT s.* FROM main.jobstate s WHERE s.state = 'JOB_HELD') t"
_RELEASED: Final = """(SELECT min(r.timestamp) FROM main.jobstate r WHERE r.job_instance_id = t.job_instance_id
    AND r.state = 'JOB_RELEASED' AND r.timestamp >= t.timestamp)"""
_HOSTNAME: Final = """(SELECT nullif(h.hostname, 'unknown') FROM main.job_instance i
    JOIN main.host h ON h.host_id = i.host_id WHERE i.job_instance_id = t.job_instance_id)"""
_SITE: Final = "(SELECT {} FROM main.job_instance i WHERE i.job_instance_id = t.job_instance_id)"


def found_dir(reader: Reader) -> str:
    """The folder of the database, for the workflow whose DAG lies in it: it may have been moved as a whole."""
    folder = os.path.dirname(os.path.abspath(path_of(reader.url)))
    dags = [name for name in _names(folder) if name.endswith(".dag") and name.isprintable()]
    if not dags:
        return "NULL"
    quoted = ", ".join(_quoted(name) for name in dags)
    return f"CASE WHEN t.dag_file_name IN ({quoted}) THEN {_quoted(folder)} END"


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))[:1000]
    except OSError:
        return []


def _quoted(text: str) -> str:
    """An SQL literal of a text that is known to this machine, not asked by anybody."""
    safe = text.encode("utf-8", "replace").decode().replace("\0", "")
    return "'" + safe.replace("'", "''") + "'"


def _files(theirs: Theirs) -> dict[str, dict[str, str]]:
    """Files of tasks: before Pegasus 4.6 they were one table ``file``."""
    if theirs.table("rc_lfn") is not None or "lfn" not in theirs.tables.get("file", ()):
        return {}
    return {
        "rc_lfn": {"": "main.file t", "lfn_id": "t.file_id", "lfn": "t.lfn"},
        "workflow_files": {
            "": "main.file t JOIN main.task k ON k.task_id = t.task_id", "wf_id": "k.wf_id", "task_id": "t.task_id",
            "lfn_id": "t.file_id", "file_type": "t.type",
        },
        "rc_meta": {
            "": "main.file t", "lfn_id": "t.file_id", "key": "'size'", "value": "t.estimated_size",
        },
    }  # fmt: skip
