"""Ten questions that sites ask of many runs, each with why it is one of the ten.

One text for all four: SQL that SQLite, PostgreSQL, MariaDB and DuckDB take as it is. None of them is answered by a
summary of ours, which would be quicker everywhere: they are what people write themselves.
"""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """A name, why it is asked, and the SQL."""

    name: str
    why: str
    sql: str


QUESTIONS = (
    Question("count", "the smallest: one column of one table, as every overview asks",
             "SELECT node_state, count(*) FROM job GROUP BY node_state"),
    Question("last state", "the classic question of the Stampede schema: the last of all states of each try",
             "SELECT s.state, count(*) FROM jobstate s JOIN (SELECT job_instance_id, max(jobstate_submit_seq) AS m "
             "FROM jobstate GROUP BY job_instance_id) l ON l.job_instance_id = s.job_instance_id "
             "AND l.m = s.jobstate_submit_seq GROUP BY s.state"),
    Question("by transformation", "what a site's accounting asks: few columns of a wide table, all rows, few groups",
             "SELECT transformation, count(*), sum(remote_duration), avg(remote_cpu_time), max(maxrss) FROM invocation "
             "GROUP BY transformation"),
    Question("by host and hour", "a join over four tables and many groups: which machine was slow, and when",
             "SELECT h.hostname, floor(i.execute_ts / 3600), count(*), sum(i.end_ts - i.execute_ts) "
             "FROM job j JOIN job_instance i ON i.job_id = j.job_id JOIN host h ON h.host_id = i.host_id "
             "GROUP BY h.hostname, floor(i.execute_ts / 3600)"),
    Question("failures", "few rows of many: an index finds them, a scan has to pass over all others",
             "SELECT j.exec_job_id, i.job_submit_seq, i.main_exitcode FROM job_instance i JOIN job j "
             "ON j.job_id = i.job_id WHERE i.outcome = 'failed' AND i.main_exitcode <> 0"),
    Question("one job", "a single row and what hangs on it: what rows are made for, and columns are not",
             "SELECT j.exec_job_id, i.job_submit_seq, s.state, s.timestamp FROM job j JOIN job_instance i "
             "ON i.job_id = j.job_id JOIN jobstate s ON s.job_instance_id = i.job_instance_id "
             "WHERE j.job_id = (SELECT max(job_id) FROM job)"),
    Question("waiting", "a sort of all rows with a window: how long jobs waited, the hundred longest",
             "SELECT exec_job_id, job_submit_seq, w, rank() OVER (ORDER BY w DESC) FROM (SELECT j.exec_job_id, "
             "i.job_submit_seq, floor((i.execute_ts - i.submit_ts) * 1000 + 0.5) / 1000 AS w FROM job_instance i "
             "JOIN job j ON j.job_id = i.job_id WHERE i.execute_ts IS NOT NULL AND i.submit_ts IS NOT NULL) q "
             "ORDER BY w DESC, exec_job_id, job_submit_seq LIMIT 100"),
    Question("at once", "a running sum over all beginnings and ends: how many jobs ran at the same time at most",
             "SELECT max(n) FROM (SELECT sum(d) OVER (ORDER BY t, d) AS n FROM (SELECT execute_ts AS t, 1 AS d "
             "FROM job_instance WHERE execute_ts IS NOT NULL AND end_ts IS NOT NULL UNION ALL SELECT end_ts, -1 "
             "FROM job_instance WHERE execute_ts IS NOT NULL AND end_ts IS NOT NULL) e) r"),
    Question("edges", "a join of a large table with itself over text: children of jobs that were tried again",
             "SELECT count(*), count(DISTINCT c.job_id) FROM job p JOIN job_edge e ON e.wf_id = p.wf_id "
             "AND e.parent_exec_job_id = p.exec_job_id JOIN job c ON c.wf_id = e.wf_id "
             "AND c.exec_job_id = e.child_exec_job_id WHERE p.attempts > 1"),
    Question("files", "large text: bytes that were written, by the first letters of names",
             "SELECT substr(lfn, 1, 3), count(*), sum(size_bytes) FROM invocation_file WHERE is_output = true "
             "GROUP BY substr(lfn, 1, 3)"),
)  # fmt: skip
