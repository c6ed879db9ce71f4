-- Written by tools/render_ddl.py from stampede/store/schema/revisions/r0003_sums.py: change that, not this.
-- title: What statistics, triage and anomalies keep: sums of blocks of jobs, keys of what failed alike, and what was odd
-- mark: statistics_block.workflows
-- loses: anomaly: SELECT count(*) FROM anomaly

-- upgrade

-- unless: statistics_block.workflows
DROP TABLE IF EXISTS statistics_block;

-- unless: statistics_block.workflows
DROP TABLE IF EXISTS statistics_workflow;

-- unless: statistics_block.workflows
DROP TABLE IF EXISTS statistics_try;

-- unless: statistics_block.workflows
DROP TABLE IF EXISTS statistics_invocation;

-- unless: statistics_block.workflows
DROP TABLE IF EXISTS statistics_time;

-- unless: statistics_block.workflows
DROP TABLE IF EXISTS statistics_integrity;

CREATE TABLE IF NOT EXISTS statistics_block (
    block INTEGER NOT NULL,
    workflows TEXT NOT NULL,
    PRIMARY KEY (block)
);

CREATE TABLE IF NOT EXISTS statistics_workflow (
    block INTEGER NOT NULL,
    wf_id INTEGER NOT NULL,
    sub BOOLEAN NOT NULL,
    jobs_tried INTEGER DEFAULT '0' NOT NULL,
    tries INTEGER DEFAULT '0' NOT NULL,
    tasks INTEGER DEFAULT '0' NOT NULL,
    tasks_tried INTEGER DEFAULT '0' NOT NULL,
    tasks_succeeded INTEGER DEFAULT '0' NOT NULL,
    tasks_failed INTEGER DEFAULT '0' NOT NULL,
    task_tries INTEGER DEFAULT '0' NOT NULL,
    integrity_errors INTEGER DEFAULT '0' NOT NULL,
    integrity_failures INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (block, wf_id, sub)
)
 WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS statistics_try (
    block INTEGER NOT NULL,
    wf_id INTEGER NOT NULL,
    sub BOOLEAN NOT NULL,
    type_desc VARCHAR(16) NOT NULL,
    transformation TEXT NOT NULL,
    site VARCHAR(255) NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    tries INTEGER DEFAULT '0' NOT NULL,
    superseded INTEGER DEFAULT '0' NOT NULL,
    evictions INTEGER DEFAULT '0' NOT NULL,
    holds INTEGER DEFAULT '0' NOT NULL,
    with_cpu INTEGER DEFAULT '0' NOT NULL,
    with_memory INTEGER DEFAULT '0' NOT NULL,
    over_memory INTEGER DEFAULT '0' NOT NULL,
    wall_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    superseded_wall_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    superseded_delay_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    unnested_wall_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    with_pre INTEGER DEFAULT '0' NOT NULL,
    with_queue INTEGER DEFAULT '0' NOT NULL,
    with_run INTEGER DEFAULT '0' NOT NULL,
    with_post INTEGER DEFAULT '0' NOT NULL,
    pre_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    queue_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    run_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    post_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    held_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    redone_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    stage_in_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    stage_out_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    program_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    bytes_in NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    bytes_out NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    cpu_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    cpu_wall_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    memory_used_mb NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    memory_requested_mb NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    memory_max_mb NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    pre_bins BLOB,
    queue_bins BLOB,
    run_bins BLOB,
    post_bins BLOB,
    memory_bins BLOB,
    PRIMARY KEY (block, wf_id, sub, type_desc, transformation, site, outcome)
)
 WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS statistics_invocation (
    block INTEGER NOT NULL,
    wf_id INTEGER NOT NULL,
    transformation TEXT NOT NULL,
    script BOOLEAN NOT NULL,
    succeeded BOOLEAN NOT NULL,
    invocations INTEGER DEFAULT '0' NOT NULL,
    with_cpu INTEGER DEFAULT '0' NOT NULL,
    with_maxrss INTEGER DEFAULT '0' NOT NULL,
    with_avg_cpu INTEGER DEFAULT '0' NOT NULL,
    runtime_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    runtime_min_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    runtime_max_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    cpu_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    cpu_wall_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    maxrss_kb NUMERIC(20, 6),
    maxrss_min_kb NUMERIC(20, 6),
    maxrss_max_kb NUMERIC(20, 6),
    avg_cpu NUMERIC(20, 6),
    avg_cpu_min NUMERIC(20, 6),
    avg_cpu_max NUMERIC(20, 6),
    runtime_bins BLOB,
    maxrss_bins BLOB,
    PRIMARY KEY (block, wf_id, transformation, script, succeeded)
)
 WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS statistics_time (
    block INTEGER NOT NULL,
    wf_id INTEGER NOT NULL,
    site VARCHAR(255) NOT NULL,
    hostname VARCHAR(255) NOT NULL,
    begun_ts INTEGER NOT NULL,
    tries INTEGER DEFAULT '0' NOT NULL,
    tries_failed INTEGER DEFAULT '0' NOT NULL,
    invocations INTEGER DEFAULT '0' NOT NULL,
    tries_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    tries_failed_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    invocations_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    PRIMARY KEY (block, wf_id, site, hostname, begun_ts)
)
 WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS statistics_integrity (
    block INTEGER NOT NULL,
    wf_id INTEGER NOT NULL,
    type VARCHAR(8) NOT NULL,
    file_type VARCHAR(8) NOT NULL,
    files INTEGER DEFAULT '0' NOT NULL,
    duration_s NUMERIC(20, 6) DEFAULT '0' NOT NULL,
    PRIMARY KEY (block, wf_id, type, file_type)
)
 WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS anomaly (
    wf_id INTEGER NOT NULL,
    kind VARCHAR(32) NOT NULL,
    subject VARCHAR(512) NOT NULL,
    ts NUMERIC(16, 6),
    reason TEXT NOT NULL,
    job TEXT,
    attempt INTEGER,
    host VARCHAR(255),
    transformation VARCHAR(255),
    unit VARCHAR(16),
    observed NUMERIC(20, 6),
    expected NUMERIC(20, 6),
    low NUMERIC(20, 6),
    high NUMERIC(20, 6),
    jobs BIGINT,
    of_jobs BIGINT,
    score NUMERIC(20, 6),
    PRIMARY KEY (wf_id, kind, subject),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE
)
 WITHOUT ROWID;

-- unless: job_instance.interrupted
ALTER TABLE job_instance ADD COLUMN interrupted BOOLEAN;

-- unless: job_instance.alike
ALTER TABLE job_instance ADD COLUMN alike BIGINT;

DROP INDEX IF EXISTS jobstate_interrupted_idx;

-- unless: job_instance.interrupted
DROP INDEX IF EXISTS job_instance_again_idx;

UPDATE job_instance SET interrupted = 1 WHERE interrupted IS NULL AND job_instance_id IN (SELECT job_instance_id FROM jobstate WHERE state IN ('JOB_EVICTED', 'JOB_SUSPENDED', 'JOB_DISCONNECTED', 'JOB_RECONNECT_FAILED', 'SHADOW_EXCEPTION'));

-- fill: alike;

CREATE INDEX IF NOT EXISTS job_instance_failed_idx ON job_instance (job_id, job_submit_seq, host_id, site, subwf_id, restart_count, state, outcome, main_exitcode, exit_unknown, pre_exitcode, post_exitcode, submit_ts, execute_ts, end_ts, hold_code, slot, alike) WHERE (outcome = 'failed' OR (outcome IS NULL AND state IN ('JOB_HELD', 'JOB_ABORTED')) OR main_exitcode <> 0);

CREATE INDEX IF NOT EXISTS job_instance_again_idx ON job_instance (job_id) WHERE (execute_count > 1 OR interrupted);

-- downgrade

DROP INDEX IF EXISTS job_instance_again_idx;

DROP INDEX IF EXISTS job_instance_failed_idx;

-- when: job_instance.alike
ALTER TABLE job_instance DROP COLUMN alike;

-- when: job_instance.interrupted
ALTER TABLE job_instance DROP COLUMN interrupted;

DROP TABLE IF EXISTS anomaly;

DROP TABLE IF EXISTS statistics_integrity;

DROP TABLE IF EXISTS statistics_time;

DROP TABLE IF EXISTS statistics_invocation;

DROP TABLE IF EXISTS statistics_try;

DROP TABLE IF EXISTS statistics_workflow;

DROP TABLE IF EXISTS statistics_block;
