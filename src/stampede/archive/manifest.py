"""What the archive says of one workflow: which files are its own, what is in them, how to tell that they are whole."""

from __future__ import annotations

import time
from typing import Final
from urllib.parse import quote

import msgspec

#: of the layout of the folder; a newer one is not read
FORMAT: Final = 1
#: what stands for a workflow without a label in the name of a folder (that of Hive)
NO_LABEL: Final = "__HIVE_DEFAULT_PARTITION__"
#: the table of events
EVENTS: Final = "event"
#: numbers of rows in the archive are those of the database, and the number of the workflow in the archive above these
#: bits: they are of one workflow only
BITS: Final = 32


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One file: where it is below the folder, its rows, its size and its SHA-256."""

    file: str
    rows: int
    size_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One root workflow of the archive, with all workflows below it.

    ``slot`` is its number in the archive; ``shifts`` what was added to the numbers of each table's rows. ``events`` is
    None where the submit directory was not at hand; ``events_note`` then says why. Times are epoch seconds.
    """

    format: int
    wf_uuid: str
    label: str | None
    user: str | None
    submit_dir: str | None
    state: str
    first_ts: float | None
    last_ts: float | None
    jobs: int
    workflows: list[str]
    schema_version: int
    pegasus_version: int
    created_by: str
    created_ts: float
    slot: int
    shifts: dict[str, int]
    tables: dict[str, Part]
    events: Part | None = None
    events_note: str = ""

    @property
    def parts(self) -> dict[str, Part]:
        """All files by table, that of the events too."""
        return self.tables if self.events is None else {**self.tables, EVENTS: self.events}

    @property
    def size_bytes(self) -> int:
        """What it takes on the disk."""
        return sum(part.size_bytes for part in self.parts.values())


def place(table: str, began_ts: float | None, label: str | None) -> str:
    """The folder of a table's file, as Hive names partitions: ``table=job/month=2026-11/label=montage``. The month is
    that in which the workflow began, in UTC; what a name cannot have is written ``%XX``."""
    month = time.strftime("%Y-%m", time.gmtime(began_ts or 0))
    safe = NO_LABEL if not label else quote(label, safe=" !,-+_~@()")
    safe = safe if len(safe) <= _LONGEST else _cut(safe)
    return f"table={table}/month={month}/label={safe}"


#: bytes of a name of a folder, less than any file system takes
_LONGEST: Final = 200


def _cut(text: str) -> str:
    """The beginning, without half of a ``%XX``."""
    cut = text[:_LONGEST]
    at = cut.rfind("%", _LONGEST - 2)
    return cut if at < 0 else cut[:at]
