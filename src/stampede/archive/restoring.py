"""One workflow of an archive back into a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from stampede.archive import parquet
from stampede.archive.archiving import EVENT_COLUMNS, shifted
from stampede.archive.folder import Folder
from stampede.archive.manifest import Manifest
from stampede.errors import FutureDatabaseError, InputError, UsageError
from stampede.query.belonging import PEGASUS_VERSION, STAMPEDE_VERSION, shapes
from stampede.store.restoring import Restoring


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What was done: ``there`` when the database had the workflow. ``rows`` by table."""

    wf_uuid: str
    label: str | None
    done: Literal["restored", "there"]
    rows: dict[str, int]


def restore(folder: Folder, manifest: Manifest, url: str) -> Restored:
    """Write a root workflow with all below it into a database, which is made when there is none.

    All rows are those that were archived; their numbers too, where they are free there. Raises InputError when the
    archive is damaged, UsageError when the database has a part of the workflow only, DatabaseError.
    """
    parquet.need()
    _check(folder, manifest)
    with Restoring(url) as into:
        into.begin()
        known = into.known(manifest.workflows)
        if manifest.wf_uuid in known:
            return Restored(wf_uuid=manifest.wf_uuid, label=manifest.label, done="there", rows={})
        if known:
            raise UsageError(f"{url} has {known[0]}, which is a part of {manifest.wf_uuid}. Restore into another one.")
        rows = {}
        for table, shape in shapes().items():
            if shape.identity is not None:
                _number(into, folder, manifest, table)
        for table, shape in shapes().items():
            part = manifest.tables.get(table)
            if part is not None:
                found = parquet.read(folder.file(part), shape.columns)
                rows[table] = into.write(shape, shifted(shape, found, manifest.shifts, -1))
        wrong = {t for t, part in manifest.tables.items() if rows.get(t) != part.rows}
        if wrong:
            raise InputError(f"{folder.path}: {', '.join(sorted(wrong))} have other rows than the manifest says.")
        into.finish()
    return Restored(wf_uuid=manifest.wf_uuid, label=manifest.label, done="restored", rows=rows)


def write_events(folder: Folder, manifest: Manifest, target: Path) -> int:
    """Write the events of a workflow as JSON lines, which ``stampede load`` takes; how many there were.

    Raises InputError when the archive has none, or the file cannot be written.
    """
    if manifest.events is None:
        raise InputError(f"{folder.path} has no events of {manifest.wf_uuid}: {manifest.events_note}.")
    count = 0
    try:
        with open(target, "w", encoding="utf-8") as file:
            for *_, body in parquet.read(folder.file(manifest.events), EVENT_COLUMNS):
                file.write(f"{body}\n")
                count += 1
    except OSError as e:
        raise InputError(f"{target} cannot be written: {e.strerror}.", path=str(target)) from e
    return count


def _check(folder: Folder, manifest: Manifest) -> None:
    if manifest.schema_version > STAMPEDE_VERSION or manifest.pegasus_version > PEGASUS_VERSION:
        raise FutureDatabaseError(f"{manifest.wf_uuid} was archived by {manifest.created_by}, whose schema is newer "
                                  "than this Stampede knows. Use that release, or a newer one.")  # fmt: skip
    damage = folder.damage(manifest)
    if damage:
        raise InputError(f"The archive of {manifest.wf_uuid} is damaged: {damage[0]}. Nothing was restored.")


def _number(into: Restoring, folder: Folder, manifest: Manifest, table: str) -> None:
    """Find place for the numbers of a table's rows."""
    part, shape = manifest.tables.get(table), shapes()[table]
    if part is None or shape.identity is None:
        return
    path, shift = folder.file(part), manifest.shifts[table]
    found = parquet.span(path, shape.identity)
    if found is not None:
        into.number(table, found[0] - shift, found[1] - shift, _numbers(path, shape.identity, shift))


def _numbers(path: Path, column: str, shift: int) -> Callable[[], set[int]]:
    def numbers() -> Iterator[int]:
        return (n - shift for (n,) in parquet.read(path, {column: "integer"}))

    return lambda: set(numbers())
