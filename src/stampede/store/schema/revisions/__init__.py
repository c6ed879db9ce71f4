"""The revisions of the tables, oldest first: Alembic scripts, of which ``tools/render_ddl.py`` writes the SQL that
ships.

To add one:

1. change the declarations in ``store/schema`` (that is what new databases get);
2. add ``rNNNN_noun.py`` here, with the next number, ``down_revision`` the one before, and what changes written with
   ``store.schema.revising``. Its tables and columns are written out, not taken from the declarations, which will change
   again; its first line is the title that users read;
3. count ``STAMPEDE_VERSION`` up in ``store/schema/__init__.py`` and ``store/sqlite.py``;
4. ``python tools/render_ddl.py``, and look at ``store/ddl/revisions``.

A PostgreSQL may keep ``jobstate`` by months (``store.months``): what PostgreSQL refuses for a partitioned table (unique
keys without ``timestamp``, identity columns) is written once more for those, ``with when(PARTITIONED)``.

``tests/store/migrations`` holds the outcome against the declarations on SQLite, ``tests/contract/store`` on servers.
Values that SQL cannot work out are filled in by a function of ``store/migrations/fills.py``.
"""
