"""Databases of Pegasus behind servers are imported, and into servers; asked in place they say what to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import stampede
from stampede.errors import DatabaseError
from stampede.importing import databases, import_database
from tests.servers import SERVERS, database

from .comparing import answers, differences
from .copies import copied

#: every table that an import writes is behind one of these; the contract suite compares the others
LISTS = ("jobs", "job_instances", "jobstates", "invocations", "tasks", "hosts", "task_files", "edges", "problems")


@pytest.mark.parametrize("server", SERVERS)
def test_a_database_of_pegasus_on_a_server_is_imported_as_its_file_is(
    failing: Path, tmp_path: Path, server: str
) -> None:
    with database(server) as theirs, database(server) as ours:
        copied(failing, theirs)
        with pytest.raises(DatabaseError, match="stampede db import"):
            stampede.open(theirs)
        bare = theirs.replace("mysql+pymysql", "mysql").replace("postgresql+psycopg", "postgresql")  # as Pegasus says
        ((found,), missing) = databases(bare)
        assert not missing
        done = import_database(found, ours)
        assert (done.events, done.problems) == (164, {})
        assert import_database(found, ours).events == 0
        # (numbers have three digits behind the point there)
        assert differences(_rounded(answers(f"sqlite:///{failing}", LISTS)), _rounded(answers(ours, LISTS))) == []


@pytest.mark.parametrize("server", SERVERS)
def test_a_master_database_leads_to_servers(failing: Path, tmp_path: Path, server: str) -> None:
    with database(server) as theirs:
        copied(failing, theirs)
        master = tmp_path / "workflow.db"
        with closing(sqlite3.connect(failing)) as own, closing(sqlite3.connect(master)) as c:
            for (sql,) in own.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name LIKE 'master%'"):
                c.execute(sql)
            row = own.execute("SELECT wf_uuid, dax_label FROM workflow").fetchone()
            c.execute("INSERT INTO master_workflow(wf_id, wf_uuid, dax_label, db_url, archived) VALUES (1, ?, ?, ?, 0)",
                      (*row, theirs))  # fmt: skip
            c.execute("CREATE TABLE workflow(wf_id INTEGER PRIMARY KEY, wf_uuid, timestamp)")
            c.commit()
        found, missing = databases(str(master))
        assert ([f.url for f in found], missing) == ([theirs, f"sqlite:///{master}"], [])


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return round(value, 3) if isinstance(value, float) else value
