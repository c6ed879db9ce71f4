"""WHAT CAN BE ASKED: every question, beside the struct that answers it. All SQL that reads lives here.

Questions take a ``Reader`` (:func:`open_database`) and return structs; they know neither events nor who asks.
"""

from stampede.store.connection import Reader, open_reader


def open_database(url: str) -> Reader:
    """Open a database for reading: ours, or one that Pegasus wrote (any version, never written to).

    Raises NoDatabaseError, FutureDatabaseError, or DatabaseError for what is no database of workflows.
    """
    reader = open_reader(url)
    if "state" not in reader.columns("workflow"):
        from stampede.query.foreign import adopt

        try:
            adopt(reader)
        except BaseException:
            reader.close()
            raise
    return reader


def open_stored(url: str) -> Reader:
    """Open a database as it is stored, whoever wrote it: the tables of another have their own names and columns.

    Raises NoDatabaseError, FutureDatabaseError or DatabaseError.
    """
    return open_reader(url)


__all__ = ["Reader", "open_database", "open_stored"]
