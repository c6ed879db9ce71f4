-- The tables of revision 1, as they were declared then and would have been made on this server.

CREATE TABLE IF NOT EXISTS dbversion (
    id BIGINT NOT NULL AUTO_INCREMENT,
    version_number BIGINT,
    version LONGTEXT NOT NULL,
    version_timestamp BIGINT NOT NULL,
    PRIMARY KEY (id)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS ensemble (
    id BIGINT NOT NULL AUTO_INCREMENT,
    name LONGTEXT NOT NULL,
    created LONGTEXT NOT NULL,
    updated LONGTEXT NOT NULL,
    state LONGTEXT NOT NULL,
    max_running BIGINT NOT NULL,
    max_planning BIGINT NOT NULL,
    username LONGTEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT `UNIQUE_ENSEMBLE` UNIQUE (name, username)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS unique_ensemble_idx ON ensemble (name(191), username(191));

CREATE TABLE IF NOT EXISTS ensemble_workflow (
    id BIGINT NOT NULL AUTO_INCREMENT,
    ensemble_id BIGINT NOT NULL,
    name LONGTEXT NOT NULL,
    basedir LONGTEXT NOT NULL,
    created LONGTEXT NOT NULL,
    updated LONGTEXT NOT NULL,
    state LONGTEXT NOT NULL,
    priority BIGINT NOT NULL,
    wf_uuid LONGTEXT,
    submitdir LONGTEXT,
    plan_command LONGTEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT `UNIQUE_ENSEMBLE_WORKFLOW` UNIQUE (ensemble_id, name)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS unique_ensemble_workflow_idx ON ensemble_workflow (ensemble_id, name(191));

CREATE TABLE IF NOT EXISTS hold (
    job_instance_id BIGINT NOT NULL,
    held_ts DOUBLE NOT NULL,
    seq BIGINT NOT NULL,
    released_ts DOUBLE,
    reason LONGTEXT,
    code BIGINT,
    subcode BIGINT,
    PRIMARY KEY (job_instance_id, seq)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS host (
    host_id BIGINT NOT NULL AUTO_INCREMENT,
    wf_id BIGINT NOT NULL,
    site LONGTEXT NOT NULL,
    hostname LONGTEXT NOT NULL,
    ip LONGTEXT NOT NULL,
    uname LONGTEXT,
    total_memory BIGINT,
    PRIMARY KEY (host_id),
    CONSTRAINT `UNIQUE_HOST` UNIQUE (wf_id, site, hostname, ip)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS unique_host_idx ON host (wf_id, site(64), hostname(64), ip(64));

CREATE TABLE IF NOT EXISTS integrity (
    integrity_id BIGINT NOT NULL AUTO_INCREMENT,
    wf_id BIGINT NOT NULL,
    job_instance_id BIGINT NOT NULL,
    type LONGTEXT NOT NULL,
    file_type LONGTEXT,
    count BIGINT NOT NULL,
    duration DOUBLE NOT NULL,
    PRIMARY KEY (integrity_id),
    CONSTRAINT `UNIQUE_INTEGRITY` UNIQUE (job_instance_id, type, file_type)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS unique_integrity_idx ON integrity (job_instance_id, type(191), file_type(191));

CREATE TABLE IF NOT EXISTS invocation (
    invocation_id BIGINT NOT NULL AUTO_INCREMENT,
    wf_id BIGINT NOT NULL,
    job_instance_id BIGINT NOT NULL,
    task_submit_seq BIGINT NOT NULL,
    start_time DOUBLE NOT NULL,
    remote_duration DOUBLE NOT NULL,
    remote_cpu_time DOUBLE,
    exitcode BIGINT NOT NULL,
    transformation LONGTEXT NOT NULL,
    executable LONGTEXT NOT NULL,
    argv LONGTEXT,
    abs_task_id LONGTEXT,
    maxrss BIGINT,
    avg_cpu DOUBLE,
    hostname LONGTEXT,
    site LONGTEXT,
    PRIMARY KEY (invocation_id),
    CONSTRAINT `UNIQUE_INVOCATION` UNIQUE (job_instance_id, task_submit_seq)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS invocation_wf_idx ON invocation (wf_id);

CREATE TABLE IF NOT EXISTS invocation_file (
    job_instance_id BIGINT NOT NULL,
    task_submit_seq BIGINT NOT NULL,
    lfn LONGTEXT NOT NULL,
    wf_id BIGINT NOT NULL,
    pfn LONGTEXT,
    is_output BIGINT NOT NULL DEFAULT '0',
    size_bytes BIGINT,
    error BIGINT,
    checksum LONGTEXT,
    CONSTRAINT `KEY_INVOCATION_FILE` UNIQUE (job_instance_id, task_submit_seq, lfn)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS invocation_file_key_idx ON invocation_file (job_instance_id, task_submit_seq, lfn(191));

CREATE TABLE IF NOT EXISTS job (
    job_id BIGINT NOT NULL AUTO_INCREMENT,
    wf_id BIGINT NOT NULL,
    exec_job_id LONGTEXT NOT NULL,
    submit_file LONGTEXT NOT NULL,
    type_desc LONGTEXT NOT NULL,
    clustered BIGINT NOT NULL,
    max_retries BIGINT NOT NULL,
    executable LONGTEXT NOT NULL,
    argv LONGTEXT,
    task_count BIGINT NOT NULL,
    declared BIGINT NOT NULL DEFAULT '1',
    node_type LONGTEXT NOT NULL DEFAULT 'job',
    node_state LONGTEXT NOT NULL DEFAULT 'unready',
    node_state_ts DOUBLE,
    node_state_reason LONGTEXT,
    parents_waiting BIGINT NOT NULL DEFAULT '0',
    attempts BIGINT NOT NULL DEFAULT '0',
    attempts_in_run BIGINT NOT NULL DEFAULT '0',
    last_job_instance_id BIGINT,
    transformation LONGTEXT,
    pre_script LONGTEXT,
    post_script LONGTEXT,
    hold_script LONGTEXT,
    noop BIGINT,
    category LONGTEXT,
    priority BIGINT,
    subdag_file LONGTEXT,
    abort_dag_on LONGTEXT,
    PRIMARY KEY (job_id),
    CONSTRAINT `UNIQUE_JOB` UNIQUE (wf_id, exec_job_id)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS job_exec_job_id_idx ON job (exec_job_id(64));

CREATE INDEX IF NOT EXISTS job_state_idx ON job (wf_id, node_state(64));

CREATE INDEX IF NOT EXISTS job_type_desc_idx ON job (type_desc(64));

CREATE INDEX IF NOT EXISTS unique_job_idx ON job (wf_id, exec_job_id(191));

CREATE TABLE IF NOT EXISTS job_edge (
    wf_id BIGINT NOT NULL,
    parent_exec_job_id LONGTEXT NOT NULL,
    child_exec_job_id LONGTEXT NOT NULL,
    CONSTRAINT `KEY_JOB_EDGE` UNIQUE (wf_id, parent_exec_job_id, child_exec_job_id)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS job_edge_child_idx ON job_edge (wf_id, child_exec_job_id(64));

CREATE INDEX IF NOT EXISTS job_edge_key_idx ON job_edge (wf_id, parent_exec_job_id(191), child_exec_job_id(191));

CREATE TABLE IF NOT EXISTS job_instance (
    job_instance_id BIGINT NOT NULL AUTO_INCREMENT,
    job_id BIGINT NOT NULL,
    host_id BIGINT,
    job_submit_seq BIGINT NOT NULL,
    sched_id LONGTEXT,
    site LONGTEXT,
    user LONGTEXT,
    work_dir LONGTEXT,
    cluster_start DOUBLE,
    cluster_duration DOUBLE,
    local_duration DOUBLE,
    subwf_id BIGINT,
    stdout_file LONGTEXT,
    stdout_text LONGTEXT,
    stderr_file LONGTEXT,
    stderr_text LONGTEXT,
    stdin_file LONGTEXT,
    multiplier_factor BIGINT NOT NULL DEFAULT '1',
    exitcode BIGINT,
    restart_count BIGINT,
    state LONGTEXT,
    state_ts DOUBLE,
    state_seq BIGINT,
    outcome LONGTEXT,
    main_exitcode BIGINT,
    exit_unknown BIGINT,
    pre_exitcode BIGINT,
    post_exitcode BIGINT,
    pre_start_ts DOUBLE,
    pre_end_ts DOUBLE,
    submit_ts DOUBLE,
    execute_ts DOUBLE,
    end_ts DOUBLE,
    post_start_ts DOUBLE,
    post_end_ts DOUBLE,
    hold_reason LONGTEXT,
    hold_code BIGINT,
    hold_subcode BIGINT,
    remove_reason LONGTEXT,
    submit_count BIGINT NOT NULL DEFAULT '0',
    execute_count BIGINT NOT NULL DEFAULT '0',
    hold_count BIGINT NOT NULL DEFAULT '0',
    evict_count BIGINT NOT NULL DEFAULT '0',
    slot LONGTEXT,
    image_size_kb BIGINT,
    PRIMARY KEY (job_instance_id),
    CONSTRAINT `UNIQUE_JOB_INSTANCE` UNIQUE (job_id, job_submit_seq)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS job_instance_subwf_idx ON job_instance (subwf_id);

CREATE TABLE IF NOT EXISTS jobstate (
    job_instance_id BIGINT NOT NULL,
    state LONGTEXT NOT NULL,
    timestamp DOUBLE NOT NULL,
    jobstate_submit_seq BIGINT NOT NULL,
    reason LONGTEXT,
    CONSTRAINT `KEY_JOBSTATE` UNIQUE (job_instance_id, state, timestamp, jobstate_submit_seq)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS jobstate_key_idx ON jobstate (job_instance_id, state(64), timestamp, jobstate_submit_seq);

CREATE TABLE IF NOT EXISTS master_workflow (
    wf_id BIGINT NOT NULL AUTO_INCREMENT,
    wf_uuid LONGTEXT NOT NULL,
    dax_label LONGTEXT,
    dax_version LONGTEXT,
    dax_file LONGTEXT,
    dag_file_name LONGTEXT,
    timestamp DOUBLE,
    submit_hostname LONGTEXT,
    submit_dir LONGTEXT,
    planner_arguments LONGTEXT,
    user LONGTEXT,
    grid_dn LONGTEXT,
    planner_version LONGTEXT,
    db_url LONGTEXT,
    archived BIGINT NOT NULL DEFAULT '0',
    PRIMARY KEY (wf_id),
    CONSTRAINT `UNIQUE_MASTER_WF_UUID` UNIQUE (wf_uuid)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS unique_master_wf_uuid_idx ON master_workflow (wf_uuid(191));

CREATE TABLE IF NOT EXISTS master_workflowstate (
    wf_id BIGINT NOT NULL,
    state LONGTEXT NOT NULL,
    timestamp DOUBLE NOT NULL,
    restart_count BIGINT NOT NULL,
    status BIGINT,
    reason LONGTEXT,
    CONSTRAINT `KEY_MASTER_WORKFLOWSTATE` UNIQUE (wf_id, state, timestamp)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS `UNIQUE_MASTER_WORKFLOWSTATE` ON master_workflowstate (timestamp);

CREATE INDEX IF NOT EXISTS master_workflowstate_key_idx ON master_workflowstate (wf_id, state(191), timestamp);

CREATE TABLE IF NOT EXISTS problem (
    problem_id BIGINT NOT NULL AUTO_INCREMENT,
    wf_id BIGINT,
    ts DOUBLE,
    kind LONGTEXT NOT NULL,
    severity LONGTEXT NOT NULL DEFAULT 'warning',
    file LONGTEXT NOT NULL DEFAULT '',
    `offset` BIGINT NOT NULL DEFAULT '-1',
    message LONGTEXT NOT NULL,
    remedy LONGTEXT,
    count BIGINT NOT NULL DEFAULT '1',
    PRIMARY KEY (problem_id),
    CONSTRAINT `UNIQUE_PROBLEM` UNIQUE (wf_id, kind, file, `offset`, message)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS unique_problem_idx ON problem (wf_id, kind(64), file(64), `offset`, message(64));

CREATE TABLE IF NOT EXISTS rc_lfn (
    lfn_id BIGINT NOT NULL AUTO_INCREMENT,
    lfn LONGTEXT NOT NULL,
    PRIMARY KEY (lfn_id),
    CONSTRAINT `UNIQUE_RC_LFN` UNIQUE (lfn)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS unique_rc_lfn_idx ON rc_lfn (lfn(191));

CREATE TABLE IF NOT EXISTS rc_meta (
    lfn_id BIGINT NOT NULL,
    `key` LONGTEXT NOT NULL,
    value LONGTEXT NOT NULL,
    CONSTRAINT `KEY_RC_META` UNIQUE (lfn_id, `key`)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS rc_meta_key_idx ON rc_meta (lfn_id, `key`(191));

CREATE TABLE IF NOT EXISTS rc_pfn (
    pfn_id BIGINT NOT NULL AUTO_INCREMENT,
    lfn_id BIGINT NOT NULL,
    pfn LONGTEXT NOT NULL,
    site LONGTEXT,
    PRIMARY KEY (pfn_id),
    CONSTRAINT `UNIQUE_RC_PFN` UNIQUE (lfn_id, pfn, site)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS unique_rc_pfn_idx ON rc_pfn (lfn_id, pfn(191), site(191));

CREATE TABLE IF NOT EXISTS resource_usage (
    job_instance_id BIGINT NOT NULL AUTO_INCREMENT,
    req_cpus DOUBLE,
    req_memory_mb DOUBLE,
    req_disk_kb DOUBLE,
    req_gpus DOUBLE,
    alloc_cpus DOUBLE,
    alloc_memory_mb DOUBLE,
    alloc_disk_kb DOUBLE,
    alloc_gpus DOUBLE,
    used_cpus DOUBLE,
    used_memory_mb DOUBLE,
    used_disk_kb DOUBLE,
    used_gpus DOUBLE,
    cpu_user_s DOUBLE,
    cpu_system_s DOUBLE,
    bytes_sent DOUBLE,
    bytes_received DOUBLE,
    slot LONGTEXT,
    hostname LONGTEXT,
    PRIMARY KEY (job_instance_id)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS source_position (
    source LONGTEXT NOT NULL,
    inode BIGINT,
    `offset` BIGINT NOT NULL,
    size_bytes BIGINT,
    complete BIGINT NOT NULL DEFAULT '0',
    CONSTRAINT `KEY_SOURCE_POSITION` UNIQUE (source)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS source_position_key_idx ON source_position (source(191));

CREATE TABLE IF NOT EXISTS stampede_meta (
    `key` LONGTEXT NOT NULL,
    value LONGTEXT,
    CONSTRAINT `KEY_STAMPEDE_META` UNIQUE (`key`)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS stampede_meta_key_idx ON stampede_meta (`key`(191));

CREATE TABLE IF NOT EXISTS tag (
    tag_id BIGINT NOT NULL AUTO_INCREMENT,
    wf_id BIGINT NOT NULL,
    job_instance_id BIGINT NOT NULL,
    name LONGTEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (tag_id),
    CONSTRAINT `UNIQUE_TAG` UNIQUE (wf_id, job_instance_id, name)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS unique_tag_idx ON tag (wf_id, job_instance_id, name(191));

CREATE TABLE IF NOT EXISTS task (
    task_id BIGINT NOT NULL AUTO_INCREMENT,
    wf_id BIGINT NOT NULL,
    job_id BIGINT,
    abs_task_id LONGTEXT NOT NULL,
    transformation LONGTEXT NOT NULL,
    argv LONGTEXT,
    type_desc LONGTEXT NOT NULL,
    PRIMARY KEY (task_id),
    CONSTRAINT `UNIQUE_TASK` UNIQUE (wf_id, abs_task_id)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS task_job_idx ON task (job_id);

CREATE INDEX IF NOT EXISTS unique_task_idx ON task (wf_id, abs_task_id(191));

CREATE TABLE IF NOT EXISTS task_edge (
    wf_id BIGINT NOT NULL,
    parent_abs_task_id LONGTEXT NOT NULL,
    child_abs_task_id LONGTEXT NOT NULL,
    CONSTRAINT `KEY_TASK_EDGE` UNIQUE (wf_id, parent_abs_task_id, child_abs_task_id)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS task_edge_key_idx ON task_edge (wf_id, parent_abs_task_id(191), child_abs_task_id(191));

CREATE TABLE IF NOT EXISTS task_meta (
    task_id BIGINT NOT NULL,
    `key` LONGTEXT NOT NULL,
    value LONGTEXT NOT NULL,
    CONSTRAINT `KEY_TASK_META` UNIQUE (task_id, `key`)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS task_meta_key_idx ON task_meta (task_id, `key`(191));

CREATE TABLE IF NOT EXISTS transfer (
    job_instance_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    lfn LONGTEXT,
    src_url LONGTEXT,
    dst_url LONGTEXT,
    src_site LONGTEXT,
    dst_site LONGTEXT,
    size_bytes BIGINT,
    start_ts DOUBLE,
    duration_s DOUBLE,
    status BIGINT,
    reason LONGTEXT,
    PRIMARY KEY (job_instance_id, seq)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS `trigger` (
    id BIGINT NOT NULL AUTO_INCREMENT,
    ensemble_id BIGINT NOT NULL,
    name LONGTEXT NOT NULL,
    state LONGTEXT NOT NULL,
    workflow LONGTEXT NOT NULL,
    args LONGTEXT,
    type LONGTEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT `UNIQUE_TRIGGER` UNIQUE (ensemble_id, name)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS unique_trigger_idx ON `trigger` (ensemble_id, name(191));

CREATE TABLE IF NOT EXISTS workflow (
    wf_id BIGINT NOT NULL AUTO_INCREMENT,
    wf_uuid LONGTEXT NOT NULL,
    dag_file_name LONGTEXT,
    timestamp DOUBLE,
    submit_hostname LONGTEXT,
    submit_dir LONGTEXT,
    planner_arguments LONGTEXT,
    user LONGTEXT,
    grid_dn LONGTEXT,
    planner_version LONGTEXT,
    dax_label LONGTEXT,
    dax_version LONGTEXT,
    dax_file LONGTEXT,
    db_url LONGTEXT,
    parent_wf_id BIGINT,
    root_wf_id BIGINT,
    engine LONGTEXT,
    dax_index LONGTEXT,
    found_dir LONGTEXT,
    parent_exec_job_id LONGTEXT,
    state LONGTEXT,
    state_ts DOUBLE,
    state_reason LONGTEXT,
    exit_status BIGINT,
    restart_count BIGINT,
    dagman_id LONGTEXT,
    dagman_version LONGTEXT,
    dagman_pid BIGINT,
    first_ts DOUBLE,
    last_ts DOUBLE,
    PRIMARY KEY (wf_id),
    CONSTRAINT `UNIQUE_WF_UUID` UNIQUE (wf_uuid)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS unique_wf_uuid_idx ON workflow (wf_uuid(191));

CREATE INDEX IF NOT EXISTS workflow_parent_idx ON workflow (parent_wf_id);

CREATE INDEX IF NOT EXISTS workflow_root_idx ON workflow (root_wf_id);

CREATE TABLE IF NOT EXISTS workflow_event (
    wf_id BIGINT NOT NULL,
    ts DOUBLE NOT NULL,
    state LONGTEXT NOT NULL,
    value LONGTEXT NOT NULL DEFAULT '',
    reason LONGTEXT,
    restart_count BIGINT,
    row_id BIGINT NOT NULL AUTO_INCREMENT,
    PRIMARY KEY (row_id),
    CONSTRAINT `KEY_WORKFLOW_EVENT` UNIQUE (wf_id, ts, state, value)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS workflow_event_key_idx ON workflow_event (wf_id, ts, state(64), value(64));

CREATE TABLE IF NOT EXISTS workflow_files (
    wf_id BIGINT NOT NULL,
    task_id BIGINT NOT NULL,
    lfn_id BIGINT NOT NULL,
    file_type LONGTEXT,
    PRIMARY KEY (wf_id, task_id, lfn_id)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS workflow_meta (
    wf_id BIGINT NOT NULL,
    `key` LONGTEXT NOT NULL,
    value LONGTEXT NOT NULL,
    CONSTRAINT `KEY_WORKFLOW_META` UNIQUE (wf_id, `key`)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS workflow_meta_key_idx ON workflow_meta (wf_id, `key`(191));

CREATE TABLE IF NOT EXISTS workflow_summary (
    wf_id BIGINT NOT NULL AUTO_INCREMENT,
    total BIGINT NOT NULL DEFAULT '0',
    done BIGINT NOT NULL DEFAULT '0',
    failed BIGINT NOT NULL DEFAULT '0',
    futile BIGINT NOT NULL DEFAULT '0',
    ready BIGINT NOT NULL DEFAULT '0',
    unready BIGINT NOT NULL DEFAULT '0',
    pre BIGINT NOT NULL DEFAULT '0',
    queued BIGINT NOT NULL DEFAULT '0',
    post BIGINT NOT NULL DEFAULT '0',
    submits BIGINT NOT NULL DEFAULT '0',
    executes BIGINT NOT NULL DEFAULT '0',
    holds BIGINT NOT NULL DEFAULT '0',
    evictions BIGINT NOT NULL DEFAULT '0',
    attempts BIGINT NOT NULL DEFAULT '0',
    attempts_failed BIGINT NOT NULL DEFAULT '0',
    problems BIGINT NOT NULL DEFAULT '0',
    reported_nodes LONGTEXT,
    PRIMARY KEY (wf_id)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS workflowstate (
    wf_id BIGINT NOT NULL,
    state LONGTEXT NOT NULL,
    timestamp DOUBLE NOT NULL,
    restart_count BIGINT NOT NULL,
    status BIGINT,
    reason LONGTEXT,
    row_id BIGINT NOT NULL AUTO_INCREMENT,
    PRIMARY KEY (row_id),
    CONSTRAINT `KEY_WORKFLOWSTATE` UNIQUE (wf_id, state, timestamp)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS `UNIQUE_WORKFLOWSTATE` ON workflowstate (timestamp);

CREATE INDEX IF NOT EXISTS workflowstate_key_idx ON workflowstate (wf_id, state(191), timestamp);
