-- Written by tools/render_ddl.py from stampede/store/schema/revisions/r0004_pages.py: change that, not this.
-- title: What pages of tries and readers who go on need: orders by time, changes of anomalies

-- upgrade

CREATE TABLE IF NOT EXISTS anomaly_change (
    change_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    wf_id INTEGER NOT NULL,
    kind VARCHAR(32) NOT NULL,
    subject VARCHAR(512) NOT NULL,
    cleared BOOLEAN DEFAULT '0' NOT NULL,
    CONSTRAINT "UNIQUE_ANOMALY_CHANGE" UNIQUE (wf_id, kind, subject),
    FOREIGN KEY(wf_id) REFERENCES workflow (wf_id) ON DELETE CASCADE
);

CREATE INDEX IF NOT EXISTS job_instance_duration_idx ON job_instance (coalesce(local_duration, end_ts - execute_ts));

CREATE INDEX IF NOT EXISTS job_instance_end_idx ON job_instance (end_ts);

CREATE INDEX IF NOT EXISTS job_instance_execute_idx ON job_instance (execute_ts);

-- downgrade

DROP INDEX IF EXISTS job_instance_duration_idx;

DROP INDEX IF EXISTS job_instance_end_idx;

DROP INDEX IF EXISTS job_instance_execute_idx;

DROP TABLE IF EXISTS anomaly_change;
