"""From what a user typed to a database and workflows in it: see :mod:`stampede.naming`."""

from __future__ import annotations

from stampede.naming import database_of, storable, workflows_of

__all__ = ["database_of", "storable", "workflows_of"]
