"""Databases behind a server, PostgreSQL and MariaDB, that take the same statements as SQLite.

All SQL of the house is written once, in the dialect of SQLite. ``translate`` says it in that of a server (sqlglot's
parser and generator, and what those do not know of SQLite's ways), once for each text; ``connection`` runs it, many
rows at a time (``bulk``), behind the few methods of ``store.connection``; ``reader`` is what questions are asked of.
``store.postgres`` and ``store.mariadb`` hold what only one of them has, and are the only ones that import a driver.
"""
