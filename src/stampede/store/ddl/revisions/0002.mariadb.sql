-- Written by tools/render_ddl.py from stampede/store/schema/revisions/r0002_watch.py: change that, not this.
-- title: What a watch needs: leases, states in the order they came, unmet requirements, why a program did not run
-- mark: jobstate.row_id
-- loses: invocation.note: SELECT count(*) FROM invocation WHERE note IS NOT NULL
-- loses: resource_usage.unmet_requirements: SELECT count(*) FROM resource_usage WHERE unmet_requirements IS NOT NULL

-- upgrade

ALTER TABLE resource_usage ADD COLUMN IF NOT EXISTS unmet_requirements LONGTEXT;

ALTER TABLE invocation ADD COLUMN IF NOT EXISTS note LONGTEXT;

-- unless: jobstate.row_id
DROP TABLE IF EXISTS lease;

CREATE TABLE IF NOT EXISTS lease (
    name LONGTEXT NOT NULL,
    fence BIGINT NOT NULL,
    beat BIGINT NOT NULL DEFAULT '0',
    holder LONGTEXT NOT NULL,
    taken_ts DOUBLE,
    CONSTRAINT `KEY_LEASE` UNIQUE (name)
)ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE INDEX IF NOT EXISTS lease_key_idx ON lease (name(191));

ALTER TABLE jobstate ADD COLUMN IF NOT EXISTS row_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY;

-- downgrade

-- when: jobstate.row_id
ALTER TABLE jobstate DROP PRIMARY KEY, DROP COLUMN row_id;

DROP TABLE IF EXISTS lease;

ALTER TABLE invocation DROP COLUMN IF EXISTS note;

ALTER TABLE resource_usage DROP COLUMN IF EXISTS unmet_requirements;
