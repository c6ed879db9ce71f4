-- The tables of revision 2, as they were made then.

CREATE TABLE IF NOT EXISTS dbversion (
    id INTEGER NOT NULL,
    version_number INTEGER,
    version VARCHAR(50) NOT NULL,
    version_timestamp INTEGER NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE IF NOT EXISTS ensemble (
    id INTEGER NOT NULL,
    name VARCHAR(100) NOT NULL,
    created VARCHAR(32) NOT NULL,
    updated VARCHAR(32) NOT NULL,
    state VARCHAR(16) NOT NULL,
    max_running INTEGER NOT NULL,
    max_planning INTEGER NOT NULL,
    username VARCHAR(100) NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT "UNIQUE_ENSEMBLE" UNIQUE (name, username)
);

CREATE TABLE IF NOT EXISTS lease (
    name VARCHAR(512) NOT NULL,
    fence BIGINT NOT NULL,
    beat BIGINT DEFAULT '0' NOT NULL,
    holder TEXT NOT NULL,
    taken_ts NUMERIC(16, 6),
    PRIMARY KEY (name)
);

CREATE TABLE IF NOT EXISTS master_workflow (
    wf_id INTEGER NOT NULL,
    wf_uuid VARCHAR(255) NOT NULL,
    dax_label VARCHAR(255),
    dax_version VARCHAR(255),
    dax_file VARCHAR(255),
    dag_file_name VARCHAR(255),
    timestamp NUMERIC(16, 6),
    submit_hostname VARCHAR(255),
    submit_dir TEXT,
    planner_arguments TEXT,
    user VARCHAR(255),
    grid_dn VARCHAR(255),
    planner_version VARCHAR(255),
    db_url TEXT,
    archived BOOLEAN DEFAULT '0' NOT NULL,
    PRIMARY KEY (wf_id),
    CONSTRAINT "UNIQUE_MASTER_WF_UUID" UNIQUE (wf_uuid)
);

CREATE TABLE IF NOT EXISTS rc_lfn (
    lfn_id INTEGER NOT NULL,
    lfn VARCHAR(245) NOT NULL,
    PRIMARY KEY (lfn_id),
    CONSTRAINT "UNIQUE_RC_LFN" UNIQUE (lfn)
);

CREATE TABLE IF NOT EXISTS source_position (
    source VARCHAR(512) NOT NULL,
    inode BIGINT,
    "offset" BIGINT NOT NULL,
    size_bytes BIGINT,
    complete BOOLEAN DEFAULT '0' NOT NULL,
    PRIMARY KEY (source)
);

CREATE TABLE IF NOT EXISTS stampede_meta (
    "key" VARCHAR(64) NOT NULL,
    value TEXT,
    PRIMARY KEY ("key")
);

CREATE TABLE IF NOT EXISTS workflow (
    wf_id INTEGER NOT NULL,
    wf_uuid VARCHAR(255) NOT NULL,
    dag_file_name VARCHAR(255),
    timestamp NUMERIC(16, 6),
    submit_hostname VARCHAR(255),
    submit_dir TEXT,
    planner_arguments TEXT,
    user VARCHAR(255),
    grid_dn VARCHAR(255),
    planner_version VARCHAR(255),
    dax_label VARCHAR(255),
    dax_version VARCHAR(255),
    dax_file VARCHAR(255),
    db_url TEXT,
    parent_wf_id INTEGER,
    root_wf_id INTEGER,
    engine VARCHAR(32),
    dax_index VARCHAR(32),
    found_dir TEXT,
    parent_exec_job_id VARCHAR(255),
    state VARCHAR(16),
    state_ts NUMERIC(16, 6),
    state_reason TEXT,
    exit_status INTEGER,
    restart_count INTEGER,
    dagman_id VARCHAR(64),
    dagman_version VARCHAR(64),
    dagman_pid INTEGER,
    first_ts NUMERIC(16, 6),
    last_ts NUMERIC(16, 6),
    PRIMARY KEY (wf_id),
    CONSTRAINT "UNIQUE_WF_UUID" UNIQUE (wf_uuid),
    FOREIGN KEY(parent_wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS workflow_parent_idx ON workflow (parent_wf_id);

CREATE INDEX IF NOT EXISTS workflow_root_idx ON workflow (root_wf_id);

CREATE TABLE IF NOT EXISTS ensemble_workflow (
    id INTEGER NOT NULL,
    ensemble_id INTEGER NOT NULL,
    name VARCHAR(100) NOT NULL,
    basedir VARCHAR(512) NOT NULL,
    created VARCHAR(32) NOT NULL,
    updated VARCHAR(32) NOT NULL,
    state VARCHAR(16) NOT NULL,
    priority INTEGER NOT NULL,
    wf_uuid VARCHAR(36),
    submitdir VARCHAR(512),
    plan_command VARCHAR(1024) NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT "UNIQUE_ENSEMBLE_WORKFLOW" UNIQUE (ensemble_id, name),
    FOREIGN KEY(ensemble_id) REFERENCES ensemble (id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS host (
    host_id INTEGER NOT NULL,
    wf_id INTEGER NOT NULL,
    site VARCHAR(255) NOT NULL,
    hostname VARCHAR(255) NOT NULL,
    ip VARCHAR(255) NOT NULL,
    uname VARCHAR(255),
    total_memory INTEGER,
    PRIMARY KEY (host_id),
    CONSTRAINT "UNIQUE_HOST" UNIQUE (wf_id, site, hostname, ip),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS job (
    job_id INTEGER NOT NULL,
    wf_id INTEGER NOT NULL,
    exec_job_id VARCHAR(255) NOT NULL,
    submit_file VARCHAR(255) NOT NULL,
    type_desc VARCHAR(16) NOT NULL,
    clustered BOOLEAN NOT NULL,
    max_retries INTEGER NOT NULL,
    executable TEXT NOT NULL,
    argv TEXT,
    task_count INTEGER NOT NULL,
    declared BOOLEAN DEFAULT '1' NOT NULL,
    node_type VARCHAR(16) DEFAULT 'job' NOT NULL,
    node_state VARCHAR(16) DEFAULT 'unready' NOT NULL,
    node_state_ts NUMERIC(16, 6),
    node_state_reason TEXT,
    parents_waiting INTEGER DEFAULT '0' NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    attempts_in_run INTEGER DEFAULT '0' NOT NULL,
    last_job_instance_id INTEGER,
    transformation TEXT,
    pre_script TEXT,
    post_script TEXT,
    hold_script TEXT,
    noop BOOLEAN,
    category VARCHAR(255),
    priority INTEGER,
    subdag_file TEXT,
    abort_dag_on VARCHAR(255),
    PRIMARY KEY (job_id),
    CONSTRAINT "UNIQUE_JOB" UNIQUE (wf_id, exec_job_id),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS job_exec_job_id_idx ON job (exec_job_id);

CREATE INDEX IF NOT EXISTS job_state_idx ON job (wf_id, node_state);

CREATE INDEX IF NOT EXISTS job_type_desc_idx ON job (type_desc);

CREATE TABLE IF NOT EXISTS job_edge (
    wf_id INTEGER NOT NULL,
    parent_exec_job_id VARCHAR(255) NOT NULL,
    child_exec_job_id VARCHAR(255) NOT NULL,
    PRIMARY KEY (wf_id, parent_exec_job_id, child_exec_job_id),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS job_edge_child_idx ON job_edge (wf_id, child_exec_job_id);

CREATE TABLE IF NOT EXISTS master_workflowstate (
    wf_id INTEGER NOT NULL,
    state VARCHAR(20) NOT NULL,
    timestamp NUMERIC(16, 6) NOT NULL,
    restart_count INTEGER NOT NULL,
    status INTEGER,
    reason TEXT,
    PRIMARY KEY (wf_id, state, timestamp),
    FOREIGN KEY(wf_id) REFERENCES master_workflow (wf_id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS "UNIQUE_MASTER_WORKFLOWSTATE" ON master_workflowstate (timestamp);

CREATE TABLE IF NOT EXISTS problem (
    problem_id INTEGER NOT NULL,
    wf_id INTEGER,
    ts NUMERIC(16, 6),
    kind VARCHAR(64) NOT NULL,
    severity VARCHAR(16) DEFAULT 'warning' NOT NULL,
    file VARCHAR(255) DEFAULT '' NOT NULL,
    "offset" BIGINT DEFAULT '-1' NOT NULL,
    message TEXT NOT NULL,
    remedy TEXT,
    count INTEGER DEFAULT '1' NOT NULL,
    PRIMARY KEY (problem_id),
    CONSTRAINT "UNIQUE_PROBLEM" UNIQUE (wf_id, kind, file, "offset", message),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS rc_meta (
    lfn_id INTEGER NOT NULL,
    "key" VARCHAR(245) NOT NULL,
    value VARCHAR(245) NOT NULL,
    PRIMARY KEY (lfn_id, "key"),
    FOREIGN KEY(lfn_id) REFERENCES rc_lfn (lfn_id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS rc_pfn (
    pfn_id INTEGER NOT NULL,
    lfn_id INTEGER NOT NULL,
    pfn VARCHAR(245) NOT NULL,
    site VARCHAR(245),
    PRIMARY KEY (pfn_id),
    CONSTRAINT "UNIQUE_RC_PFN" UNIQUE (lfn_id, pfn, site),
    FOREIGN KEY(lfn_id) REFERENCES rc_lfn (lfn_id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS task_edge (
    wf_id INTEGER NOT NULL,
    parent_abs_task_id VARCHAR(255) NOT NULL,
    child_abs_task_id VARCHAR(255) NOT NULL,
    PRIMARY KEY (wf_id, parent_abs_task_id, child_abs_task_id),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS "trigger" (
    id INTEGER NOT NULL,
    ensemble_id INTEGER NOT NULL,
    name VARCHAR(100) NOT NULL,
    state VARCHAR(16) NOT NULL,
    workflow TEXT NOT NULL,
    args TEXT,
    type VARCHAR(16) NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT "UNIQUE_TRIGGER" UNIQUE (ensemble_id, name),
    FOREIGN KEY(ensemble_id) REFERENCES ensemble (id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS workflow_event (
    wf_id INTEGER NOT NULL,
    ts NUMERIC(16, 6) NOT NULL,
    state VARCHAR(32) NOT NULL,
    value VARCHAR(255) DEFAULT '' NOT NULL,
    reason TEXT,
    restart_count INTEGER,
    PRIMARY KEY (wf_id, ts, state, value),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS workflow_meta (
    wf_id INTEGER NOT NULL,
    "key" VARCHAR(255) NOT NULL,
    value VARCHAR(255) NOT NULL,
    PRIMARY KEY (wf_id, "key"),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS workflow_summary (
    wf_id INTEGER NOT NULL,
    total INTEGER DEFAULT '0' NOT NULL,
    done INTEGER DEFAULT '0' NOT NULL,
    failed INTEGER DEFAULT '0' NOT NULL,
    futile INTEGER DEFAULT '0' NOT NULL,
    ready INTEGER DEFAULT '0' NOT NULL,
    unready INTEGER DEFAULT '0' NOT NULL,
    pre INTEGER DEFAULT '0' NOT NULL,
    queued INTEGER DEFAULT '0' NOT NULL,
    post INTEGER DEFAULT '0' NOT NULL,
    submits INTEGER DEFAULT '0' NOT NULL,
    executes INTEGER DEFAULT '0' NOT NULL,
    holds INTEGER DEFAULT '0' NOT NULL,
    evictions INTEGER DEFAULT '0' NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    attempts_failed INTEGER DEFAULT '0' NOT NULL,
    problems INTEGER DEFAULT '0' NOT NULL,
    reported_nodes TEXT,
    PRIMARY KEY (wf_id),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS workflowstate (
    wf_id INTEGER NOT NULL,
    state VARCHAR(20) NOT NULL,
    timestamp NUMERIC(16, 6) NOT NULL,
    restart_count INTEGER NOT NULL,
    status INTEGER,
    reason TEXT,
    PRIMARY KEY (wf_id, state, timestamp),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS "UNIQUE_WORKFLOWSTATE" ON workflowstate (timestamp);

CREATE TABLE IF NOT EXISTS job_instance (
    job_instance_id INTEGER NOT NULL,
    job_id INTEGER NOT NULL,
    host_id INTEGER,
    job_submit_seq INTEGER NOT NULL,
    sched_id VARCHAR(255),
    site VARCHAR(255),
    user VARCHAR(255),
    work_dir TEXT,
    cluster_start NUMERIC(16, 6),
    cluster_duration NUMERIC(10, 3),
    local_duration NUMERIC(10, 3),
    subwf_id INTEGER,
    stdout_file VARCHAR(255),
    stdout_text TEXT,
    stderr_file VARCHAR(255),
    stderr_text TEXT,
    stdin_file VARCHAR(255),
    multiplier_factor INTEGER DEFAULT '1' NOT NULL,
    exitcode INTEGER,
    restart_count INTEGER,
    state VARCHAR(32),
    state_ts NUMERIC(16, 6),
    state_seq INTEGER,
    outcome VARCHAR(16),
    main_exitcode INTEGER,
    exit_unknown BOOLEAN,
    pre_exitcode INTEGER,
    post_exitcode INTEGER,
    pre_start_ts NUMERIC(16, 6),
    pre_end_ts NUMERIC(16, 6),
    submit_ts NUMERIC(16, 6),
    execute_ts NUMERIC(16, 6),
    end_ts NUMERIC(16, 6),
    post_start_ts NUMERIC(16, 6),
    post_end_ts NUMERIC(16, 6),
    hold_reason TEXT,
    hold_code INTEGER,
    hold_subcode INTEGER,
    remove_reason TEXT,
    submit_count INTEGER DEFAULT '0' NOT NULL,
    execute_count INTEGER DEFAULT '0' NOT NULL,
    hold_count INTEGER DEFAULT '0' NOT NULL,
    evict_count INTEGER DEFAULT '0' NOT NULL,
    slot VARCHAR(255),
    image_size_kb INTEGER,
    PRIMARY KEY (job_instance_id),
    CONSTRAINT "UNIQUE_JOB_INSTANCE" UNIQUE (job_id, job_submit_seq),
    FOREIGN KEY(job_id) REFERENCES job (job_id) ON DELETE CASCADE,
    FOREIGN KEY(host_id) REFERENCES host (host_id) ON DELETE SET NULL,
    FOREIGN KEY(subwf_id) REFERENCES workflow (wf_id) ON DELETE SET NULL
);

CREATE INDEX IF NOT EXISTS job_instance_subwf_idx ON job_instance (subwf_id);

CREATE TABLE IF NOT EXISTS task (
    task_id INTEGER NOT NULL,
    wf_id INTEGER NOT NULL,
    job_id INTEGER,
    abs_task_id VARCHAR(255) NOT NULL,
    transformation TEXT NOT NULL,
    argv TEXT,
    type_desc VARCHAR(255) NOT NULL,
    PRIMARY KEY (task_id),
    CONSTRAINT "UNIQUE_TASK" UNIQUE (wf_id, abs_task_id),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE,
    FOREIGN KEY(job_id) REFERENCES job (job_id) ON DELETE SET NULL
);

CREATE INDEX IF NOT EXISTS task_job_idx ON task (job_id);

CREATE TABLE IF NOT EXISTS hold (
    job_instance_id INTEGER NOT NULL,
    held_ts NUMERIC(16, 6) NOT NULL,
    seq INTEGER NOT NULL,
    released_ts NUMERIC(16, 6),
    reason TEXT,
    code INTEGER,
    subcode INTEGER,
    PRIMARY KEY (job_instance_id, seq),
    FOREIGN KEY(job_instance_id) REFERENCES job_instance (job_instance_id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS integrity (
    integrity_id INTEGER NOT NULL,
    wf_id INTEGER NOT NULL,
    job_instance_id INTEGER NOT NULL,
    type VARCHAR(8) NOT NULL,
    file_type VARCHAR(8),
    count INTEGER NOT NULL,
    duration NUMERIC(10, 3) NOT NULL,
    PRIMARY KEY (integrity_id),
    CONSTRAINT "UNIQUE_INTEGRITY" UNIQUE (job_instance_id, type, file_type),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE,
    FOREIGN KEY(job_instance_id) REFERENCES job_instance (job_instance_id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS invocation (
    invocation_id INTEGER NOT NULL,
    wf_id INTEGER NOT NULL,
    job_instance_id INTEGER NOT NULL,
    task_submit_seq INTEGER NOT NULL,
    start_time NUMERIC(16, 6) NOT NULL,
    remote_duration NUMERIC(10, 3) NOT NULL,
    remote_cpu_time NUMERIC(10, 3),
    exitcode INTEGER NOT NULL,
    transformation TEXT NOT NULL,
    executable TEXT NOT NULL,
    argv TEXT,
    abs_task_id VARCHAR(255),
    maxrss INTEGER,
    avg_cpu NUMERIC(16, 6),
    hostname VARCHAR(255),
    site VARCHAR(255),
    note TEXT,
    PRIMARY KEY (invocation_id),
    CONSTRAINT "UNIQUE_INVOCATION" UNIQUE (job_instance_id, task_submit_seq),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE,
    FOREIGN KEY(job_instance_id) REFERENCES job_instance (job_instance_id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS invocation_wf_idx ON invocation (wf_id);

CREATE TABLE IF NOT EXISTS invocation_file (
    job_instance_id INTEGER NOT NULL,
    task_submit_seq INTEGER NOT NULL,
    lfn TEXT NOT NULL,
    wf_id INTEGER NOT NULL,
    pfn TEXT,
    is_output BOOLEAN DEFAULT '0' NOT NULL,
    size_bytes BIGINT,
    error INTEGER,
    checksum VARCHAR(255),
    PRIMARY KEY (job_instance_id, task_submit_seq, lfn),
    FOREIGN KEY(job_instance_id) REFERENCES job_instance (job_instance_id) ON DELETE CASCADE,
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS jobstate (
    job_instance_id INTEGER NOT NULL,
    state VARCHAR(255) NOT NULL,
    timestamp NUMERIC(16, 6) NOT NULL,
    jobstate_submit_seq INTEGER NOT NULL,
    reason TEXT,
    PRIMARY KEY (job_instance_id, state, timestamp, jobstate_submit_seq),
    FOREIGN KEY(job_instance_id) REFERENCES job_instance (job_instance_id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS resource_usage (
    job_instance_id INTEGER NOT NULL,
    req_cpus NUMERIC(20, 3),
    req_memory_mb NUMERIC(20, 3),
    req_disk_kb NUMERIC(20, 3),
    req_gpus NUMERIC(20, 3),
    alloc_cpus NUMERIC(20, 3),
    alloc_memory_mb NUMERIC(20, 3),
    alloc_disk_kb NUMERIC(20, 3),
    alloc_gpus NUMERIC(20, 3),
    used_cpus NUMERIC(20, 3),
    used_memory_mb NUMERIC(20, 3),
    used_disk_kb NUMERIC(20, 3),
    used_gpus NUMERIC(20, 3),
    unmet_requirements TEXT,
    cpu_user_s NUMERIC(10, 3),
    cpu_system_s NUMERIC(10, 3),
    bytes_sent NUMERIC(20, 0),
    bytes_received NUMERIC(20, 0),
    slot VARCHAR(255),
    hostname VARCHAR(255),
    PRIMARY KEY (job_instance_id),
    FOREIGN KEY(job_instance_id) REFERENCES job_instance (job_instance_id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS tag (
    tag_id INTEGER NOT NULL,
    wf_id INTEGER NOT NULL,
    job_instance_id INTEGER NOT NULL,
    name VARCHAR(255) NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (tag_id),
    CONSTRAINT "UNIQUE_TAG" UNIQUE (wf_id, job_instance_id, name),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE,
    FOREIGN KEY(job_instance_id) REFERENCES job_instance (job_instance_id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS task_meta (
    task_id INTEGER NOT NULL,
    "key" VARCHAR(255) NOT NULL,
    value VARCHAR(255) NOT NULL,
    PRIMARY KEY (task_id, "key"),
    FOREIGN KEY(task_id) REFERENCES task (task_id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS transfer (
    job_instance_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    lfn TEXT,
    src_url TEXT,
    dst_url TEXT,
    src_site VARCHAR(255),
    dst_site VARCHAR(255),
    size_bytes BIGINT,
    start_ts NUMERIC(16, 6),
    duration_s NUMERIC(10, 3),
    status INTEGER,
    reason TEXT,
    PRIMARY KEY (job_instance_id, seq),
    FOREIGN KEY(job_instance_id) REFERENCES job_instance (job_instance_id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS workflow_files (
    wf_id INTEGER NOT NULL,
    task_id INTEGER NOT NULL,
    lfn_id INTEGER NOT NULL,
    file_type VARCHAR(255),
    PRIMARY KEY (wf_id, task_id, lfn_id),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE,
    FOREIGN KEY(task_id) REFERENCES task (task_id) ON DELETE CASCADE,
    FOREIGN KEY(lfn_id) REFERENCES rc_lfn (lfn_id) ON DELETE CASCADE
);
