"""How a database gets from one revision of the tables to another.

``revision`` reads what ships of each revision (``store/ddl/revisions``, written from ``store/schema/revisions``),
``shape`` says which revision a database has, ``plan`` which statements lead to another one, ``moving`` runs them, and
``verbs`` is what ``stampede db upgrade`` and ``downgrade`` do. A file is brought up to date by whoever opens it for
writing; a database on a server only when it is asked for, since others use it.

Nothing here needs SQLAlchemy or Alembic.
"""
