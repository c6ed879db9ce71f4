"""Small public helpers. ``find_db`` is the one the project notes ask for."""

from __future__ import annotations

import os
from pathlib import Path

from stampede.errors import NoDatabaseError
from stampede.places import default_url, file_of, url_of


def find_db(submit_dir: str | os.PathLike[str]) -> str:
    """The URL of the database that belongs to a submit directory.

    Ours first (beside the DAG, else in the user's state folder), else the one Pegasus wrote (``*.stampede.db``).
    Raises NoDatabaseError when there is neither.

    >>> find_db("/no/such/place")
    Traceback (most recent call last):
        ...
    stampede.errors.NoDatabaseError: /no/such/place does not exist.
    """
    path = Path(submit_dir)
    if not os.path.exists(path):
        raise NoDatabaseError(f"{path} does not exist.")
    ours = default_url(path)
    if os.path.exists(file_of(ours)):
        return ours
    folder = path if os.path.isdir(path) else path.parent
    theirs = sorted(folder.glob("*.stampede.db"))
    if theirs:
        return url_of(theirs[0].resolve())
    raise NoDatabaseError(
        f"{path} has no database yet, neither Stampede's nor Pegasus'. Make one with: stampede load {path}"
    )
