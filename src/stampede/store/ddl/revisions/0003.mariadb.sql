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
    block BIGINT NOT NULL AUTO_INCREMENT,
    workflows LONGTEXT NOT NULL,
    PRIMARY KEY (block)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS statistics_workflow (
    block BIGINT NOT NULL,
    wf_id BIGINT NOT NULL,
    sub BIGINT NOT NULL,
    jobs_tried BIGINT NOT NULL DEFAULT '0',
    tries BIGINT NOT NULL DEFAULT '0',
    tasks BIGINT NOT NULL DEFAULT '0',
    tasks_tried BIGINT NOT NULL DEFAULT '0',
    tasks_succeeded BIGINT NOT NULL DEFAULT '0',
    tasks_failed BIGINT NOT NULL DEFAULT '0',
    task_tries BIGINT NOT NULL DEFAULT '0',
    integrity_errors BIGINT NOT NULL DEFAULT '0',
    integrity_failures BIGINT NOT NULL DEFAULT '0',
    PRIMARY KEY (block, wf_id, sub)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS statistics_try (
    block BIGINT NOT NULL,
    wf_id BIGINT NOT NULL,
    sub BIGINT NOT NULL,
    type_desc LONGTEXT NOT NULL,
    transformation LONGTEXT NOT NULL,
    site LONGTEXT NOT NULL,
    outcome LONGTEXT NOT NULL,
    tries BIGINT NOT NULL DEFAULT '0',
    superseded BIGINT NOT NULL DEFAULT '0',
    evictions BIGINT NOT NULL DEFAULT '0',
    holds BIGINT NOT NULL DEFAULT '0',
    with_cpu BIGINT NOT NULL DEFAULT '0',
    with_memory BIGINT NOT NULL DEFAULT '0',
    over_memory BIGINT NOT NULL DEFAULT '0',
    wall_s DOUBLE NOT NULL DEFAULT '0',
    superseded_wall_s DOUBLE NOT NULL DEFAULT '0',
    superseded_delay_s DOUBLE NOT NULL DEFAULT '0',
    unnested_wall_s DOUBLE NOT NULL DEFAULT '0',
    with_pre BIGINT NOT NULL DEFAULT '0',
    with_queue BIGINT NOT NULL DEFAULT '0',
    with_run BIGINT NOT NULL DEFAULT '0',
    with_post BIGINT NOT NULL DEFAULT '0',
    pre_s DOUBLE NOT NULL DEFAULT '0',
    queue_s DOUBLE NOT NULL DEFAULT '0',
    run_s DOUBLE NOT NULL DEFAULT '0',
    post_s DOUBLE NOT NULL DEFAULT '0',
    held_s DOUBLE NOT NULL DEFAULT '0',
    redone_s DOUBLE NOT NULL DEFAULT '0',
    stage_in_s DOUBLE NOT NULL DEFAULT '0',
    stage_out_s DOUBLE NOT NULL DEFAULT '0',
    program_s DOUBLE NOT NULL DEFAULT '0',
    bytes_in DOUBLE NOT NULL DEFAULT '0',
    bytes_out DOUBLE NOT NULL DEFAULT '0',
    cpu_s DOUBLE NOT NULL DEFAULT '0',
    cpu_wall_s DOUBLE NOT NULL DEFAULT '0',
    memory_used_mb DOUBLE NOT NULL DEFAULT '0',
    memory_requested_mb DOUBLE NOT NULL DEFAULT '0',
    memory_max_mb DOUBLE NOT NULL DEFAULT '0',
    pre_bins LONGBLOB,
    queue_bins LONGBLOB,
    run_bins LONGBLOB,
    post_bins LONGBLOB,
    memory_bins LONGBLOB,
    CONSTRAINT `KEY_STATISTICS_TRY` UNIQUE (block, wf_id, sub, type_desc, transformation, site, outcome)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS statistics_try_key_idx ON statistics_try (block, wf_id, sub, type_desc(64), transformation(64), site(64), outcome(64));

CREATE TABLE IF NOT EXISTS statistics_invocation (
    block BIGINT NOT NULL,
    wf_id BIGINT NOT NULL,
    transformation LONGTEXT NOT NULL,
    script BIGINT NOT NULL,
    succeeded BIGINT NOT NULL,
    invocations BIGINT NOT NULL DEFAULT '0',
    with_cpu BIGINT NOT NULL DEFAULT '0',
    with_maxrss BIGINT NOT NULL DEFAULT '0',
    with_avg_cpu BIGINT NOT NULL DEFAULT '0',
    runtime_s DOUBLE NOT NULL DEFAULT '0',
    runtime_min_s DOUBLE NOT NULL DEFAULT '0',
    runtime_max_s DOUBLE NOT NULL DEFAULT '0',
    cpu_s DOUBLE NOT NULL DEFAULT '0',
    cpu_wall_s DOUBLE NOT NULL DEFAULT '0',
    maxrss_kb DOUBLE,
    maxrss_min_kb DOUBLE,
    maxrss_max_kb DOUBLE,
    avg_cpu DOUBLE,
    avg_cpu_min DOUBLE,
    avg_cpu_max DOUBLE,
    runtime_bins LONGBLOB,
    maxrss_bins LONGBLOB,
    CONSTRAINT `KEY_STATISTICS_INVOCATION` UNIQUE (block, wf_id, transformation, script, succeeded)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS statistics_invocation_key_idx ON statistics_invocation (block, wf_id, transformation(64), script, succeeded);

CREATE TABLE IF NOT EXISTS statistics_time (
    block BIGINT NOT NULL,
    wf_id BIGINT NOT NULL,
    site LONGTEXT NOT NULL,
    hostname LONGTEXT NOT NULL,
    begun_ts BIGINT NOT NULL,
    tries BIGINT NOT NULL DEFAULT '0',
    tries_failed BIGINT NOT NULL DEFAULT '0',
    invocations BIGINT NOT NULL DEFAULT '0',
    tries_s DOUBLE NOT NULL DEFAULT '0',
    tries_failed_s DOUBLE NOT NULL DEFAULT '0',
    invocations_s DOUBLE NOT NULL DEFAULT '0',
    CONSTRAINT `KEY_STATISTICS_TIME` UNIQUE (block, wf_id, site, hostname, begun_ts)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS statistics_time_key_idx ON statistics_time (block, wf_id, site(64), hostname(64), begun_ts);

CREATE TABLE IF NOT EXISTS statistics_integrity (
    block BIGINT NOT NULL,
    wf_id BIGINT NOT NULL,
    type LONGTEXT NOT NULL,
    file_type LONGTEXT NOT NULL,
    files BIGINT NOT NULL DEFAULT '0',
    duration_s DOUBLE NOT NULL DEFAULT '0',
    CONSTRAINT `KEY_STATISTICS_INTEGRITY` UNIQUE (block, wf_id, type, file_type)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS statistics_integrity_key_idx ON statistics_integrity (block, wf_id, type(64), file_type(64));

CREATE TABLE IF NOT EXISTS anomaly (
    wf_id BIGINT NOT NULL,
    kind LONGTEXT NOT NULL,
    subject LONGTEXT NOT NULL,
    ts DOUBLE,
    reason LONGTEXT NOT NULL,
    job LONGTEXT,
    attempt BIGINT,
    host LONGTEXT,
    transformation LONGTEXT,
    unit LONGTEXT,
    observed DOUBLE,
    expected DOUBLE,
    low DOUBLE,
    high DOUBLE,
    jobs BIGINT,
    of_jobs BIGINT,
    score DOUBLE,
    CONSTRAINT `KEY_ANOMALY` UNIQUE (wf_id, kind, subject)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS anomaly_key_idx ON anomaly (wf_id, kind(191), subject(191));

ALTER TABLE job_instance ADD COLUMN IF NOT EXISTS interrupted BIGINT;

ALTER TABLE job_instance ADD COLUMN IF NOT EXISTS alike BIGINT;

DROP INDEX IF EXISTS jobstate_interrupted_idx ON jobstate;

-- unless: job_instance.interrupted
DROP INDEX IF EXISTS job_instance_again_idx ON job_instance;

UPDATE `job_instance` SET `interrupted` = 1 WHERE `interrupted` IS NULL AND `job_instance_id` IN (SELECT `job_instance_id` FROM `jobstate` WHERE `state` IN ('JOB_EVICTED', 'JOB_SUSPENDED', 'JOB_DISCONNECTED', 'JOB_RECONNECT_FAILED', 'SHADOW_EXCEPTION'));

-- fill: alike;

CREATE INDEX IF NOT EXISTS job_instance_failed_idx ON job_instance (job_id, job_submit_seq, host_id, site(64), subwf_id, restart_count, state(64), outcome(64), main_exitcode, exit_unknown, pre_exitcode, post_exitcode, submit_ts, execute_ts, end_ts, hold_code);

CREATE INDEX IF NOT EXISTS job_instance_again_idx ON job_instance (job_id);

-- downgrade

DROP INDEX IF EXISTS job_instance_again_idx ON job_instance;

DROP INDEX IF EXISTS job_instance_failed_idx ON job_instance;

ALTER TABLE job_instance DROP COLUMN IF EXISTS alike;

ALTER TABLE job_instance DROP COLUMN IF EXISTS interrupted;

DROP TABLE IF EXISTS anomaly;

DROP TABLE IF EXISTS statistics_integrity;

DROP TABLE IF EXISTS statistics_time;

DROP TABLE IF EXISTS statistics_invocation;

DROP TABLE IF EXISTS statistics_try;

DROP TABLE IF EXISTS statistics_workflow;

DROP TABLE IF EXISTS statistics_block;
