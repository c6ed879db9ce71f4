"""One workflow and all below it out of a database into the folder of an archive, whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import tee
from pathlib import Path
from typing import Any, Literal

import msgspec

from stampede import __version__, pipeline
from stampede.archive import parquet
from stampede.archive.folder import Folder, sha256
from stampede.archive.manifest import BITS, EVENTS, FORMAT, Manifest, Part, place
from stampede.errors import DatabaseError, InputError, StampedeError, UsageError
from stampede.query import Reader
from stampede.query.belonging import PEGASUS_VERSION, STAMPEDE_VERSION, Kind, Shape, lowest, rows_of, shapes
from stampede.query.workflows import Workflow, forest

Row = tuple[Any, ...]

#: the columns of an event: its place in the stream, and all of it as a JSON line
EVENT_COLUMNS: dict[str, Kind] = {
    "seq": "integer", "ts": "number", "event": "text", "wf_uuid": "text", "body": "text",
}  # fmt: skip


class Archived(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, and what the archive has now: ``same`` when it had all of it before."""

    done: Literal["new", "replaced", "same"]
    manifest: Manifest


def archive(reader: Reader, root: Workflow, folder: Folder, *, events: bool = True) -> Archived:
    """Put a root workflow with all below it into an archive; inside a snapshot of the reader. Files that were written
    are read again from the disk before they count.

    Raises UsageError for a workflow that runs, that is below another or that others' tools wrote, BusyError when
    another process writes to the archive, InputError when that cannot be written.
    """
    parquet.need()
    _check(reader, root)
    with folder.writing():
        before = folder.manifest(root.wf_uuid)
        written = _Writing(reader, root, folder, before.slot if before is not None else folder.next_slot())
        made = written.all(events=events)
        if before is not None:
            if made.events is None and before.events is not None:  # its directory has gone since
                made = msgspec.structs.replace(made, events=before.events, events_note=before.events_note)
            if _contents(made) == _contents(before) and not folder.damage(before):
                return Archived(done="same", manifest=before)
            kept = made.events if made.events is before.events else None
            written = _Writing(reader, root, folder, folder.next_slot())
            made = written.all(events=events and kept is None)
            if kept is not None:
                made = msgspec.structs.replace(made, events=written.taken(kept), events_note="")
        written.verify(made)
        folder.publish(made, written.files)
        return Archived(done="new" if before is None else "replaced", manifest=made)


def _check(reader: Reader, root: Workflow) -> None:
    if reader.is_adopted:
        raise UsageError(f"{reader.url} was written by Pegasus: load the workflow into a database of Stampede first.")
    if root.parent_wf_uuid is not None:
        raise UsageError(f"{root.wf_uuid} is a part of {root.root_wf_uuid}: archive that.")
    if root.state == "running":
        raise UsageError(f"{root.label or root.wf_uuid} runs. Archive it when it has ended.")


def _contents(manifest: Manifest) -> dict[str, str]:
    return {table: part.sha256 for table, part in manifest.parts.items()}


class _Writing:
    """The files of one workflow while they do not count yet."""

    def __init__(self, reader: Reader, root: Workflow, folder: Folder, slot: int) -> None:
        self._reader = reader
        self._root = root
        self._folder = folder
        self._slot = slot
        self._members = [w.wf_uuid for w in forest(reader, root)]
        self._notes = {"stampede.wf_uuid": root.wf_uuid, "stampede.schema_version": str(STAMPEDE_VERSION)}
        #: table -> the file that was written
        self.files: dict[str, Path] = {}

    def all(self, *, events: bool) -> Manifest:
        """Write everything."""
        every = shapes()
        shifts = {
            table: (self._slot << BITS) - max(lowest(self._reader, shape, self._root) - 1, 0)
            for table, shape in every.items()
            if shape.identity is not None
        }
        tables = {}
        for table, shape in every.items():
            rows = shifted(shape, rows_of(self._reader, shape, self._root), shifts)
            part = self._write(table, shape.columns, rows)
            if part is not None:
                tables[table] = part
        stream, note = self._events() if events else (None, "left out")
        root = self._root
        return Manifest(
            format=FORMAT, wf_uuid=root.wf_uuid, label=root.label, user=root.user, submit_dir=root.submit_dir,
            state=root.state, first_ts=root.first_ts, last_ts=root.last_ts,
            jobs=tables["job"].rows if "job" in tables else 0, workflows=self._members,
            schema_version=STAMPEDE_VERSION, pegasus_version=PEGASUS_VERSION, created_by=f"stampede {__version__}",
            created_ts=time.time(), slot=self._slot, shifts=shifts, tables=tables, events=stream, events_note=note,
        )  # fmt: skip

    def verify(self, manifest: Manifest) -> None:
        """Read what was written. Raises InputError when it is not that."""
        for table, path in self.files.items():
            part = manifest.parts[table]
            if sha256(path) != part.sha256 or parquet.rows_in(path) != part.rows:
                raise InputError(f"{path} does not hold what was written to it.", path=str(path))

    def taken(self, part: Part) -> Part:
        """A file that the workflow had before, under the name that goes with the others."""
        path = self._folder.scratch(EVENTS)
        path.write_bytes(self._folder.file(part).read_bytes())
        self.files[EVENTS] = path
        return msgspec.structs.replace(part, file=self._name(EVENTS))

    def _write(self, table: str, columns: dict[str, Kind], rows: Iterable[Row]) -> Part | None:
        """None, and no file, when there are no rows."""
        path = self._folder.scratch(table)
        count = parquet.write(path, columns, rows, self._notes)
        if not count:
            path.unlink()
            return None
        self.files[table] = path
        return Part(file=self._name(table), rows=count, size_bytes=path.stat().st_size, sha256=sha256(path))

    def _name(self, table: str) -> str:
        root = self._root
        began = root.first_ts or root.planned_ts or root.last_ts
        return f"{place(table, began, root.label)}/{root.wf_uuid}.{self._slot}.parquet"

    def _events(self) -> tuple[Part | None, str]:
        """The stream that the submit directory holds, and why there is none."""
        where = next((d for d in (self._root.found_dir, self._root.submit_dir) if d and Path(d).is_dir()), None)
        if where is None:
            return None, "the submit directory is not at hand"
        try:
            part = self._write(EVENTS, EVENT_COLUMNS, _stream(Path(where), set(self._members)))
        except DatabaseError:
            raise
        except StampedeError as e:
            return None, f"the submit directory cannot be read: {e}"
        return part, "" if part is not None else "the submit directory has no events of the workflow"


def _stream(folder: Path, members: set[str]) -> Iterator[Row]:
    """The events of those workflows; problems of none belong to all of them."""
    mine, same = tee(e for e in pipeline.stream([folder]) if e.xwf_id in members or e.xwf_id is None)
    bodies = pipeline.encoded(same, "jsonl", "current")
    for seq, (event, body) in enumerate(zip(mine, bodies, strict=True)):
        yield seq, event.ts, event.NAME, event.xwf_id, body.decode("utf-8", "replace").rstrip("\n")


def shifted(shape: Shape, rows: Iterable[Row], shifts: dict[str, int], sign: int = 1) -> Iterator[Row]:
    """Rows with their numbers, and those of rows of other tables that they name, moved to where the archive has them
    (``sign`` -1: back to where the database had them)."""
    place_of = {column: n for n, column in enumerate(shape.columns)}
    moves = [(place_of[c], sign * shifts[t]) for c, t in shape.references.items()]
    if shape.identity is not None:
        moves.append((place_of[shape.identity], sign * shifts[shape.table]))
    for row in rows:
        values = list(row)
        for at, by in moves:
            if values[at] is not None:
                values[at] += by
        yield tuple(values)
