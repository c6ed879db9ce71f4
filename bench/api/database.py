"""The database that the service is measured on: one workflow of a million jobs with five states a try, and 200 small
workflows. It is written once and kept in the temporary folder."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from bench.big_database import fill
from stampede.store.job_text import JobText
from stampede.store.sealing import Blocks
from stampede.store.sqlite import DURATION_OF_JOB

#: workflows beside the big one
OTHERS = 200
#: changes with what is written here, so that a file of before is not taken
_FORM = 3

_STATES = """
INSERT INTO jobstate(job_instance_id, state, timestamp, jobstate_submit_seq)
SELECT i.job_instance_id, 'SUBMIT', i.submit_ts, 1 FROM job_instance i UNION ALL
SELECT i.job_instance_id, 'EXECUTE', i.execute_ts, 2 FROM job_instance i UNION ALL
SELECT i.job_instance_id, 'JOB_TERMINATED', i.end_ts, 3 FROM job_instance i UNION ALL
SELECT i.job_instance_id, CASE WHEN i.outcome = 'success' THEN 'JOB_SUCCESS' ELSE 'JOB_FAILURE' END, i.end_ts, 4
FROM job_instance i UNION ALL
SELECT i.job_instance_id, i.state, i.state_ts, 5 FROM job_instance i ORDER BY 1, 4
"""


def database(jobs: int) -> Path:
    """The file; written when it is not there yet."""
    path = Path(tempfile.gettempdir()) / "stampede-bench" / f"api-{_FORM}-{jobs}.sqlite"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        fill(part, jobs)
        _complete(part)
        for left in (f"{part}-wal", f"{part}-shm"):
            Path(left).unlink(missing_ok=True)
        part.rename(path)
    return path


def _complete(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-200000")
    connection.execute(_STATES)
    connection.execute("UPDATE job SET transformation = substr(exec_job_id, 1, instr(exec_job_id, '_') - 1)")
    connection.execute(f"UPDATE job SET duration_s = {DURATION_OF_JOB}")
    _index_names(connection)
    connection.execute("UPDATE workflow SET user = 'bench'")
    for number in range(2, OTHERS + 2):
        connection.execute(
            "INSERT INTO workflow(wf_id, wf_uuid, dag_file_name, dax_label, root_wf_id, engine, state, state_ts, "
            "restart_count, first_ts, last_ts, timestamp, user) SELECT ?, ?, ?, ?, ?, engine, 'success', state_ts, 0, "
            "first_ts - 3600 * ?, last_ts - 3600 * ?, timestamp, 'bench' FROM workflow WHERE wf_id = 1",
            (number, f"00000000-0000-4000-9000-{number:012d}", f"small{number}.dag", f"small{number}", number, number,
             number),
        )  # fmt: skip
        connection.execute("INSERT INTO workflow_summary(wf_id, total, done) VALUES (?, 10, 10)", (number,))
    blocks = Blocks(connection)
    for block in list(blocks.unsealed()):  # as a loader does when it ends
        blocks.seal(block)
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _index_names(connection: sqlite3.Connection) -> None:
    """As the loader does with every batch."""
    text = JobText(connection)
    (last,) = connection.execute("SELECT max(job_id) FROM job").fetchone()
    before = -1
    while connection.total_changes != before:
        before = connection.total_changes
        text.grow(last)


if __name__ == "__main__":
    import sys

    print(database(int(sys.argv[1])))
