"""Databases that Pegasus wrote, imported: rows ─► events ─► loader, the one that writes all that is loaded.

So everything that follows from events (states of nodes, counts, sums, anomalies) is made as it is for a run that was
watched, and every write is idempotent. ``declared`` and ``attempts`` make events of rows, ``parts`` cuts a database
into parts, ``importing`` writes those that are not known, ``finding`` says which databases a source means.
"""

from stampede.importing.finding import Found, Missing, databases
from stampede.importing.importing import Imported, Progress, import_database

__all__ = ["Found", "Imported", "Missing", "Progress", "databases", "import_database"]
