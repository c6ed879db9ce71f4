"""A database of any number of jobs, its rows made inside SQLite: what a load of such a forest would leave.

A root with sub-workflows of a thousand jobs each. A job is stage-in (1 in 50), compute (of six transformations, on one
of a hundred machines of two sites) or clean-up; 2 % of the tries of compute jobs fail and are made again. Each try has
the invocation of its program and of its POST script, with memory and processor; what was asked for and used is noted of
every compute job. Runtimes are drawn from a fixed pseudo-random sequence, so that the database is the same every time.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from stampede.store.loader import Loader
from stampede.store.rebuild import rebuild_summaries

#: jobs of a sub-workflow
JOBS_OF_ONE: Final = 1000
_START: Final = 1_790_000_000

_NUMBERS: Final = (
    "CREATE TEMP TABLE number AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {jobs}) "
    "SELECT i, (i * 7919 + 12345) % 10007 AS r FROM n"
)
_STATEMENTS: Final = (
    """INSERT INTO workflow(wf_id, wf_uuid, dag_file_name, timestamp, user, dax_label, parent_wf_id, root_wf_id, engine,
        parent_exec_job_id, state, first_ts, last_ts, restart_count)
    SELECT k, printf('%08x-0000-4000-8000-%012x', k, k), 'w' || k || '-0.dag', {start}, 'bench', 'w' || k,
        CASE WHEN k > 1 THEN 1 END, 1, 'pegasus', CASE WHEN k > 1 THEN 'sub' || k END, 'success', {start},
        {start} + 36000, 0 FROM (SELECT i AS k FROM temp.number WHERE i <= {subs} + 1)""",
    """INSERT INTO workflowstate SELECT wf_id, 'WORKFLOW_STARTED', {start}, 0, NULL, NULL FROM workflow""",
    """INSERT INTO workflowstate SELECT wf_id, 'WORKFLOW_TERMINATED', {start} + 36000, 0, 0, NULL FROM workflow""",
    """INSERT INTO host SELECT i, 1, CASE i % 2 WHEN 0 THEN 'east' ELSE 'west' END, printf('node%03d', i),
        '10.0.0.' || i, NULL, NULL FROM temp.number WHERE i <= 100""",
    """INSERT INTO job(job_id, wf_id, exec_job_id, submit_file, type_desc, clustered, max_retries, executable,
        task_count, node_state, node_state_ts, attempts, attempts_in_run, last_job_instance_id, transformation,
        post_script)
    SELECT i, 2 + (i - 1) / {per}, 'job' || i, 'j.sub', CASE WHEN i % 50 = 0 THEN 'stage-in-tx' WHEN i % 50 = 1
        THEN 'cleanup' ELSE 'compute' END, 0, 2, '/bin/x', i % 50 > 1, 'done', {start} + i % 36000,
        1 + (i % 50 > 1 AND r < 200), 1, i, NULL, '/bin/post' FROM temp.number""",
    """INSERT INTO job(wf_id, exec_job_id, submit_file, type_desc, clustered, max_retries, executable, task_count,
        node_state, attempts, attempts_in_run, last_job_instance_id)
    SELECT 1, 'sub' || (i + 1), 's.sub', 'dax', 0, 0, '/bin/dagman', 1, 'done', 1, 1, 2 * {jobs} + i
    FROM temp.number WHERE i <= {subs}""",
    """INSERT INTO task(task_id, wf_id, job_id, abs_task_id, transformation, type_desc)
    SELECT i, 2 + (i - 1) / {per}, i, 'ID' || i, 'step' || (i % 6), 'compute' FROM temp.number WHERE i % 50 > 1""",
    # the try that counts, and of 2 % one before it
    """INSERT INTO job_instance(job_instance_id, job_id, host_id, job_submit_seq, sched_id, site, local_duration,
        exitcode, outcome, main_exitcode, submit_ts, execute_ts, end_ts, post_start_ts, post_end_ts, submit_count,
        execute_count, state, restart_count, multiplier_factor)
    SELECT i, i, 1 + r % 100, 2 * ((i - 1) % {per}) + 2, i || '.0', CASE (1 + r % 100) % 2 WHEN 0 THEN 'east'
        ELSE 'west' END, 5 + r % 300, 0, 'success', 0, {start} + i % 30000, {start} + i % 30000 + r % 60,
        {start} + i % 30000 + r % 60 + 5 + r % 300, {start} + i % 30000 + r % 60 + 5 + r % 300,
        {start} + i % 30000 + r % 60 + 6 + r % 300, 1, 1, 'POST_SCRIPT_SUCCESS', 0, 1 FROM temp.number""",
    """INSERT INTO job_instance(job_instance_id, job_id, host_id, job_submit_seq, sched_id, site, local_duration,
        exitcode, outcome, main_exitcode, submit_ts, execute_ts, end_ts, submit_count, execute_count, state,
        restart_count, multiplier_factor)
    SELECT {jobs} + i, i, 1 + r % 100, 2 * ((i - 1) % {per}) + 1, i || '.1', CASE (1 + r % 100) % 2 WHEN 0 THEN 'east'
        ELSE 'west' END, 3 + r % 20, 256, 'failed', 256, {start} + i % 20000, {start} + i % 20000 + r % 60,
        {start} + i % 20000 + r % 60 + 3 + r % 20, 1, 1, 'POST_SCRIPT_FAILED', 0, 1
    FROM temp.number WHERE i % 50 > 1 AND r < 200""",
    """INSERT INTO job_instance(job_instance_id, job_id, job_submit_seq, local_duration, subwf_id, exitcode, outcome,
        submit_ts, execute_ts, end_ts, submit_count, execute_count, restart_count, multiplier_factor)
    SELECT 2 * {jobs} + i, j.job_id, i, 35000, i + 1, 0, 'success', {start}, {start} + 5, {start} + 35005, 1, 1, 0, 1
    FROM temp.number n JOIN job j ON j.wf_id = 1 AND j.exec_job_id = 'sub' || (i + 1) WHERE i <= {subs}""",
    """INSERT INTO invocation(wf_id, job_instance_id, task_submit_seq, start_time, remote_duration, remote_cpu_time,
        exitcode, transformation, executable, abs_task_id, maxrss, avg_cpu)
    SELECT j.wf_id, i.job_instance_id, 1, i.execute_ts, i.local_duration - (j.job_id % 1000) / 1000.0,
        i.local_duration * 0.9, i.exitcode, CASE j.type_desc WHEN 'compute' THEN 'step' || (j.job_id % 6)
        WHEN 'cleanup' THEN 'pegasus::cleanup' ELSE 'pegasus::transfer' END, '/bin/x',
        CASE j.type_desc WHEN 'compute' THEN 'ID' || j.job_id END, 10000 + j.job_id * 31 % 4000000, 0.9
    FROM job_instance i JOIN job j ON j.job_id = i.job_id WHERE j.wf_id > 1""",
    """INSERT INTO invocation(wf_id, job_instance_id, task_submit_seq, start_time, remote_duration, exitcode,
        transformation, executable)
    SELECT j.wf_id, i.job_instance_id, -2, i.end_ts, j.job_id % 3, i.exitcode, 'dagman::post', '/bin/post'
    FROM job_instance i JOIN job j ON j.job_id = i.job_id WHERE j.wf_id > 1""",
    """INSERT INTO resource_usage(job_instance_id, req_cpus, req_memory_mb, used_memory_mb, bytes_sent, bytes_received)
    SELECT i, 1, 4096, 100 + r % 3000, 1000, 2000 FROM temp.number WHERE i % 50 > 1""",
    """INSERT INTO integrity(wf_id, job_instance_id, type, file_type, count, duration)
    SELECT 2 + (i - 1) / {per}, i, 'check', 'input', 2, 0.01 FROM temp.number WHERE i % 50 > 1""",
)  # fmt: skip


def make(path: Path, jobs: int) -> int:
    """Write a database of ``jobs`` jobs in sub-workflows; how many sub-workflows there are. The sums are added up."""
    path.unlink(missing_ok=True)
    url = f"sqlite:///{path}"
    Loader(url).close()
    connection = sqlite3.connect(path, isolation_level=None)
    subs = -(-jobs // JOBS_OF_ONE)
    values = {"jobs": jobs, "subs": subs, "per": JOBS_OF_ONE, "start": _START}
    connection.execute("PRAGMA journal_mode = MEMORY")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    connection.execute(_NUMBERS.format(jobs=max(jobs, subs + 1, 100)))
    for statement in _STATEMENTS:
        connection.execute(statement.format(**values))
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    rebuild_summaries(url)
    return subs


def unseal(path: Path) -> None:
    """Forget the sums: whoever asks adds the rows up."""
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM statistics_block")
    connection.commit()
    connection.close()
