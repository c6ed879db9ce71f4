-- Written by tools/render_ddl.py from stampede/store/schema/revisions/r0001_load.py: change that, not this.
-- title: What a load of a submit directory writes

-- upgrade

-- downgrade
