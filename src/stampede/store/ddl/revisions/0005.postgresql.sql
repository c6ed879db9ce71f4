-- Written by tools/render_ddl.py from stampede/store/schema/revisions/r0005_shelves.py: change that, not this.
-- title: What pages by kind and duration, and windows of time need: how long jobs took, classes of tries

-- upgrade

ALTER TABLE job ADD COLUMN IF NOT EXISTS duration_s DOUBLE PRECISION;

UPDATE "job" SET "duration_s" = (SELECT COALESCE("i"."local_duration", "i"."end_ts" - "i"."execute_ts") FROM "job_instance" AS "i" WHERE "i"."job_instance_id" = "job"."last_job_instance_id") WHERE "duration_s" IS NULL;

CREATE INDEX IF NOT EXISTS job_duration_idx ON job ("wf_id" NULLS FIRST, "transformation" NULLS FIRST, "duration_s" NULLS FIRST) WHERE NOT "duration_s" IS NULL;

-- downgrade

DROP INDEX IF EXISTS job_instance_span_idx;

DROP INDEX IF EXISTS job_duration_idx;

ALTER TABLE job DROP COLUMN IF EXISTS duration_s;
