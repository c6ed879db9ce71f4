-- Written by tools/render_ddl.py from stampede/store/schema/revisions/r0004_pages.py: change that, not this.
-- title: What pages of tries and readers who go on need: orders by time, changes of anomalies

-- upgrade

CREATE TABLE IF NOT EXISTS anomaly_change (
    change_id BIGINT NOT NULL AUTO_INCREMENT,
    wf_id BIGINT NOT NULL,
    kind LONGTEXT NOT NULL,
    subject LONGTEXT NOT NULL,
    cleared BIGINT NOT NULL DEFAULT '0',
    PRIMARY KEY (change_id),
    CONSTRAINT `UNIQUE_ANOMALY_CHANGE` UNIQUE (wf_id, kind, subject)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS unique_anomaly_change_idx ON anomaly_change (wf_id, kind(191), subject(191));

CREATE INDEX IF NOT EXISTS job_instance_end_idx ON job_instance (end_ts);

CREATE INDEX IF NOT EXISTS job_instance_execute_idx ON job_instance (execute_ts);

-- downgrade

DROP INDEX IF EXISTS job_instance_duration_idx ON job_instance;

DROP INDEX IF EXISTS job_instance_end_idx ON job_instance;

DROP INDEX IF EXISTS job_instance_execute_idx ON job_instance;

DROP TABLE IF EXISTS anomaly_change;
