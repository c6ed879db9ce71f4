"""The tables, declared once with SQLAlchemy Core.

``pegasus`` is the Stampede schema of Pegasus 5 (version 14: names, columns, keys), so that the Pegasus tools read our
databases and ours read theirs. ``ours`` and ``statistics`` are what it lacks, *beside* it; columns added to its tables
are marked ``ours`` there.

This package is needed to render the DDL that ships (``store/ddl/``, written by ``tools/render_ddl.py``) and by servers
other than SQLite. Nothing imports it while an SQLite database is loaded or asked, since importing SQLAlchemy takes
longer than most questions.

Units: ``*_ts`` and ``timestamp`` epoch seconds; ``*_s`` and ``*_duration`` seconds; ``*_kb`` KB; ``*_mb`` MB;
``size_bytes`` bytes.
"""

from __future__ import annotations

from stampede.store.schema import ours, pegasus, statistics  # noqa: F401 # they declare the tables
from stampede.store.schema.base import metadata

#: version of the Pegasus part (``dbversion.version_number``) and of ours (``stampede_meta.schema_version``), which
#: is the number of the last of ``store.schema.revisions``
PEGASUS_VERSION = 14
STAMPEDE_VERSION = 5

__all__ = ["PEGASUS_VERSION", "STAMPEDE_VERSION", "metadata"]
