"""Databases as Pegasus wrote them, made here: its schema of release 3, and its master databases of both kinds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

#: the schema of Pegasus 3.2, as published: tables and columns that have other names today
PEGASUS_3 = """
CREATE TABLE workflow(wf_id INTEGER PRIMARY KEY, wf_uuid, dag_file_name, timestamp NUMERIC, submit_hostname, submit_dir,
    planner_arguments, user, grid_dn, planner_version, dax_label, dax_version, dax_index, dax_file, parent_wf_id,
    root_wf_id);
CREATE TABLE workflow_state(wf_id, state, timestamp NUMERIC, restart_count INTEGER);
CREATE TABLE host(host_id INTEGER PRIMARY KEY, wf_id, site_name, hostname, ip_address, uname, total_ram INTEGER);
CREATE TABLE task(task_id INTEGER PRIMARY KEY, wf_id, job_id, abs_task_id, transformation, arguments, tasktype);
CREATE TABLE task_edge(wf_id, parent_abs_task_id, child_abs_task_id);
CREATE TABLE job(job_id INTEGER PRIMARY KEY, wf_id, exec_job_id, submit_file, jobtype, clustered, max_retries,
    executable, arguments, task_count);
CREATE TABLE job_edge(wf_id, parent_exec_job_id, child_exec_job_id);
CREATE TABLE job_instance(job_instance_id INTEGER PRIMARY KEY, job_id, host_id, job_submit_seq, sched_id, site_name,
    remote_user, remote_working_dir, cluster_start_time, cluster_duration, local_duration NUMERIC, subwf_id, job_stdout,
    job_stderr, job_stdin);
CREATE TABLE jobstate(job_instance_id, state, timestamp NUMERIC, jobstate_submit_seq INTEGER);
CREATE TABLE invocation(invocation_id INTEGER PRIMARY KEY, job_instance_id, wf_id, task_submit_seq, start_time NUMERIC,
    remote_duration NUMERIC, exitcode INTEGER, transformation, executable, arguments, abs_task_id);
CREATE TABLE file(file_id INTEGER PRIMARY KEY, task_id, lfn, estimated_size INTEGER, md_checksum, type);

INSERT INTO workflow VALUES(1, '934cb609-ddd4-4b67-ad7a-886ae40fc94d', 'diamond-0.dag', 1000, 'butterfly',
    '/wf/run0001', '', 'prasanth', NULL, '3.0.0cvs', 'diamond', '3.2', 0, 'diamond.dax', NULL, 1);
INSERT INTO workflow_state VALUES(1, 'start', 1010, 0), (1, 'end', 1100, 0);
INSERT INTO host VALUES(1, 1, 'ISIViz', 'viz-login.isi.edu', '128.9.72.178', 'linux-2.6', 2124730368);
INSERT INTO job VALUES(1, 1, 'preprocess_ID1', 'preprocess_ID1.sub', 'compute', 0, 0, 'kickstart', '-a', 1),
    (2, 1, 'analyze_ID2', 'analyze_ID2.sub', 'compute', 0, 0, 'kickstart', '-b', 1),
    (3, 1, 'stage_out_0', 'stage_out_0.sub', 'stage-out-tx', 0, 0, 'kickstart', '', 0);
INSERT INTO job_edge VALUES(1, 'preprocess_ID1', 'analyze_ID2'), (1, 'analyze_ID2', 'stage_out_0');
INSERT INTO task VALUES(1, 1, 1, 'ID1', 'diamond::preprocess:2.0', '-a', 'job'),
    (2, 1, 2, 'ID2', 'diamond::analyze:2.0', '-b', 'job');
INSERT INTO task_edge VALUES(1, 'ID1', 'ID2');
INSERT INTO job_instance VALUES(1, 1, 1, 1, '83.0', 'ISIViz', 'prasanth', '/tmp', NULL, NULL, 20, NULL, 'p.out',
    'p.err', NULL), (2, 2, 1, 2, '84.0', 'ISIViz', 'prasanth', '/tmp', NULL, NULL, 10, NULL, 'a.out', 'a.err', NULL);
INSERT INTO jobstate VALUES(1, 'SUBMIT', 1020, 1), (1, 'EXECUTE', 1030, 2), (1, 'JOB_TERMINATED', 1050, 3),
    (1, 'JOB_SUCCESS', 1050, 4), (1, 'POST_SCRIPT_STARTED', 1050, 5), (1, 'POST_SCRIPT_TERMINATED', 1055, 6),
    (1, 'POST_SCRIPT_SUCCESS', 1055, 7), (2, 'SUBMIT', 1060, 1), (2, 'EXECUTE', 1070, 2),
    (2, 'JOB_TERMINATED', 1080, 3),
    (2, 'JOB_FAILURE', 1080, 4), (2, 'POST_SCRIPT_STARTED', 1080, 5), (2, 'POST_SCRIPT_TERMINATED', 1085, 6),
    (2, 'POST_SCRIPT_FAILED', 1085, 7);
INSERT INTO invocation VALUES(1, 1, 1, 1, 1031, 18.5, 0, 'diamond::preprocess:2.0', '/bin/keg', '-a', 'ID1'),
    (2, 1, 1, -2, 1050, 5, 0, 'dagman::post', 'pegasus-exitcode', '', NULL),
    (3, 2, 1, 1, 1071, 8.5, 3, 'diamond::analyze:2.0', '/bin/keg', '-b', 'ID2'),
    (4, 2, 1, -2, 1080, 5, 1, 'dagman::post', 'pegasus-exitcode', '', NULL);
INSERT INTO file VALUES(1, 1, 'f.a', 10, NULL, 'input'), (2, 1, 'f.b', 20, NULL, 'output');
"""

_LIST = """
CREATE TABLE {0}workflow(wf_id INTEGER PRIMARY KEY, wf_uuid, dax_label, dax_version, dax_file, dag_file_name,
    timestamp NUMERIC, submit_hostname, submit_dir, planner_arguments, user, grid_dn, planner_version, db_url{1});
CREATE TABLE {0}workflowstate(wf_id, state, timestamp NUMERIC, restart_count, status);
INSERT INTO {0}workflow(wf_id, wf_uuid, dax_label, timestamp, user, planner_version, db_url, submit_dir)
    VALUES (1, '934cb609-ddd4-4b67-ad7a-886ae40fc94d', 'diamond', 1000, 'prasanth', '4.3.0', :url, '/wf/run0001'),
    (2, '0e6ceefc-e13b-447f-a50b-8cbd959d5371', 'gone', 2000, 'prasanth', '4.3.0', 'sqlite:////gone/gone.db', '/gone');
INSERT INTO {0}workflowstate VALUES (1, 'WORKFLOW_STARTED', 1010, 0, NULL), (1, 'WORKFLOW_TERMINATED', 1100, 0, 1),
    (2, 'WORKFLOW_STARTED', 2010, 0, NULL), (2, 'WORKFLOW_TERMINATED', 2100, 0, 0);
"""


def pegasus_3(path: Path) -> str:
    """A workflow of three jobs, of which one failed, as Pegasus 3 kept it; the URL."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(PEGASUS_3)
    return f"sqlite:///{path}"


def master(path: Path, url: str, *, old: bool) -> str:
    """A master database that lists a workflow whose database has that URL, and one whose database is gone.

    ``old``: as before Pegasus 4.4, in tables ``workflow`` and ``workflowstate``.
    """
    with closing(sqlite3.connect(path)) as connection:
        if not old:
            connection.executescript(PEGASUS_3.split("INSERT INTO", 1)[0])
        script = _LIST.format("", "") if old else _LIST.format("master_", ", archived DEFAULT 0")
        connection.executescript(script.replace(":url", "'" + url.replace("'", "''") + "'"))
    return f"sqlite:///{path}"
