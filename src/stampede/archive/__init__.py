"""WHERE FINISHED WORKFLOWS ARE KEPT: a folder of Parquet files that DuckDB, Spark or Trino read as it is.

::

    database ─► :func:`archive` ─► folder ─► :func:`restore` ─► database
                                     └─────► :func:`ask` ─► rows

``docs/how-to/archive.md`` has the layout of the folder and the meaning of its columns.
"""

from stampede.archive.archiving import Archived, archive
from stampede.archive.asking import Answer, ask
from stampede.archive.folder import Folder
from stampede.archive.manifest import Manifest, Part
from stampede.archive.restoring import Restored, restore, write_events

__all__ = [
    "Answer", "Archived", "Folder", "Manifest", "Part", "Restored", "archive", "ask", "restore", "write_events",
]  # fmt: skip
