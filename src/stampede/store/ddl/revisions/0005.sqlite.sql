-- Written by tools/render_ddl.py from stampede/store/schema/revisions/r0005_shelves.py: change that, not this.
-- title: What pages by kind and duration, and windows of time need: how long jobs took, classes of tries

-- upgrade

-- unless: job.duration_s
ALTER TABLE job ADD COLUMN duration_s NUMERIC(10, 3);

UPDATE job SET duration_s = (SELECT coalesce(i.local_duration, i.end_ts - i.execute_ts) FROM job_instance i WHERE i.job_instance_id = job.last_job_instance_id) WHERE duration_s IS NULL;

CREATE INDEX IF NOT EXISTS job_duration_idx ON job (wf_id, transformation, duration_s) WHERE duration_s IS NOT NULL;

CREATE INDEX IF NOT EXISTS job_instance_span_idx ON job_instance ((CASE WHEN end_ts - execute_ts < 8 THEN 0 WHEN end_ts - execute_ts < 32 THEN 1 WHEN end_ts - execute_ts < 128 THEN 2 WHEN end_ts - execute_ts < 512 THEN 3 WHEN end_ts - execute_ts < 2048 THEN 4 WHEN end_ts - execute_ts < 8192 THEN 5 WHEN end_ts - execute_ts < 32768 THEN 6 WHEN end_ts - execute_ts < 131072 THEN 7 WHEN end_ts - execute_ts < 524288 THEN 8 ELSE 9 END), execute_ts, end_ts) WHERE end_ts IS NOT NULL;

-- downgrade

DROP INDEX IF EXISTS job_instance_span_idx;

DROP INDEX IF EXISTS job_duration_idx;

-- when: job.duration_s
ALTER TABLE job DROP COLUMN duration_s;
