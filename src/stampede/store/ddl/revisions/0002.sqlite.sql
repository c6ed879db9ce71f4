-- Written by tools/render_ddl.py from stampede/store/schema/revisions/r0002_watch.py: change that, not this.
-- title: What a watch needs: leases, states in the order they came, unmet requirements, why a program did not run
-- mark: jobstate.row_id
-- loses: invocation.note: SELECT count(*) FROM invocation WHERE note IS NOT NULL
-- loses: resource_usage.unmet_requirements: SELECT count(*) FROM resource_usage WHERE unmet_requirements IS NOT NULL

-- upgrade

-- unless: resource_usage.unmet_requirements
ALTER TABLE resource_usage ADD COLUMN unmet_requirements TEXT;

-- unless: invocation.note
ALTER TABLE invocation ADD COLUMN note TEXT;

-- unless: jobstate.row_id
DROP TABLE IF EXISTS lease;

CREATE TABLE IF NOT EXISTS lease (
    name VARCHAR(512) NOT NULL,
    fence BIGINT NOT NULL,
    beat BIGINT DEFAULT '0' NOT NULL,
    holder TEXT NOT NULL,
    taken_ts NUMERIC(16, 6),
    PRIMARY KEY (name)
);

-- unless: jobstate.row_id
DROP TABLE IF EXISTS jobstate_new;

-- unless: jobstate.row_id
CREATE TABLE jobstate_new (
    job_instance_id INTEGER NOT NULL,
    state VARCHAR(255) NOT NULL,
    timestamp NUMERIC(16, 6) NOT NULL,
    jobstate_submit_seq INTEGER NOT NULL,
    reason TEXT,
    PRIMARY KEY (job_instance_id, state, timestamp, jobstate_submit_seq),
    FOREIGN KEY(job_instance_id) REFERENCES job_instance (job_instance_id) ON DELETE CASCADE
);

-- unless: jobstate.row_id
INSERT INTO jobstate_new(job_instance_id, state, timestamp, jobstate_submit_seq, reason) SELECT job_instance_id, state, timestamp, jobstate_submit_seq, reason FROM jobstate ORDER BY timestamp, job_instance_id, jobstate_submit_seq;

-- unless: jobstate.row_id
DROP TABLE jobstate;

-- unless: jobstate.row_id
ALTER TABLE jobstate_new RENAME TO jobstate;

-- downgrade

-- when: jobstate.row_id
DROP TABLE IF EXISTS jobstate_new;

-- when: jobstate.row_id
CREATE TABLE jobstate_new (
    job_instance_id INTEGER NOT NULL,
    state VARCHAR(255) NOT NULL,
    timestamp NUMERIC(16, 6) NOT NULL,
    jobstate_submit_seq INTEGER NOT NULL,
    reason TEXT,
    PRIMARY KEY (job_instance_id, state, timestamp, jobstate_submit_seq),
    FOREIGN KEY(job_instance_id) REFERENCES job_instance (job_instance_id) ON DELETE CASCADE
) WITHOUT ROWID;

-- when: jobstate.row_id
INSERT INTO jobstate_new(job_instance_id, state, timestamp, jobstate_submit_seq, reason) SELECT job_instance_id, state, timestamp, jobstate_submit_seq, reason FROM jobstate ORDER BY job_instance_id, state, timestamp, jobstate_submit_seq;

-- when: jobstate.row_id
DROP TABLE jobstate;

-- when: jobstate.row_id
ALTER TABLE jobstate_new RENAME TO jobstate;

DROP TABLE IF EXISTS lease;

-- when: invocation.note
ALTER TABLE invocation DROP COLUMN note;

-- when: resource_usage.unmet_requirements
ALTER TABLE resource_usage DROP COLUMN unmet_requirements;
