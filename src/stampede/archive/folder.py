"""The folder of an archive: whose files count, one writer at a time, nothing half written.

``_stampede/manifests/UUID.json`` is what makes a workflow part of the archive: it is renamed into its place after all
files that it names. Names with ``_`` in front are passed over by Hive, Spark and Trino.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from stampede.archive.manifest import FORMAT, Manifest, Part
from stampede.errors import BusyError, FutureDatabaseError, InputError, UnknownWorkflowError

_OWN = "_stampede"


class Folder:
    """An archive; it needs not be there yet when it is written to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._manifests = path / _OWN / "manifests"

    @property
    def exists(self) -> bool:
        """Whether there is an archive."""
        return self._manifests.is_dir()

    def checked(self) -> Folder:
        """Itself. Raises InputError when there is no archive."""
        if not self.exists:
            raise InputError(f"{self.path} is no archive of Stampede. Make one with: stampede archive RUN --to FOLDER",
                             path=str(self.path))  # fmt: skip
        return self

    def manifests(self) -> list[Manifest]:
        """All workflows, by when they began. Raises InputError for a manifest that cannot be read."""
        found = [self._read(path) for path in sorted(self._manifests.glob("*.json"))]
        return sorted(found, key=lambda m: (m.first_ts or 0, m.slot))

    def manifest(self, wf_uuid: str) -> Manifest | None:
        """That of one root workflow; None when it is not in the archive."""
        path = self._manifests / f"{wf_uuid}.json"
        return self._read(path) if path.exists() else None

    def find(self, name: str) -> Manifest:
        """The workflow that a uuid, the beginning of one, or a label (its latest run) means. Raises
        UnknownWorkflowError."""
        every = self.manifests()
        found = [m for m in every if name.lower() in m.workflows or m.label == name]
        if not found and len(name) >= 4:
            found = [m for m in every if any(u.startswith(name.lower()) for u in m.workflows)]
            if len(found) > 1:
                raise UnknownWorkflowError(f"{name!r} is the start of several uuids of {self.path}. Write more of it.")
        if not found:
            known = ", ".join(f"{m.label} ({m.wf_uuid[:8]})" for m in every[-3:])
            raise UnknownWorkflowError(f"There is no workflow {name[:60]!r} in the archive {self.path}. "
                                       + (f"It has {known}." if known else "It is empty."))  # fmt: skip
        return found[-1]

    def damage(self, manifest: Manifest) -> list[str]:
        """What of a workflow's files is not as it was written; empty when all is well."""
        found = []
        for table, part in manifest.parts.items():
            path = self.path / part.file
            if not path.is_file():
                found.append(f"{table}: {part.file} is missing")
            elif path.stat().st_size != part.size_bytes or sha256(path) != part.sha256:
                found.append(f"{table}: {part.file} is not what was written")
        return found

    def file(self, part: Part) -> Path:
        """Where a file is. Raises InputError for a name that leads out of the archive."""
        path = self.path / part.file
        if os.path.isabs(part.file) or ".." in Path(part.file).parts:
            raise InputError(f"{part.file!r} is no name of a file in the archive {self.path}.", path=str(self.path))
        return path

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one who writes. Raises BusyError when another process does, InputError when it cannot be written."""
        try:
            self._manifests.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path / _OWN / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as e:
            raise InputError(f"{self.path} cannot be written: {e.strerror}.", path=str(self.path)) from e
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BusyError(f"Another process writes to the archive {self.path}. Try again when it is through.",
                                holder="") from None  # fmt: skip
            shutil.rmtree(self._scratch, ignore_errors=True)
            yield
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)
            os.close(handle)

    @property
    def _scratch(self) -> Path:
        return self.path / _OWN / "tmp"

    def scratch(self, table: str) -> Path:
        """Where a file is written before it counts."""
        self._scratch.mkdir(exist_ok=True)
        return self._scratch / f"{table}.parquet"

    def next_slot(self) -> int:
        """A number that no workflow of the archive has or had, not even one whose writing was cut short."""
        used = [m.slot for m in self.manifests()] + [_slot(path) for path in self.path.glob("table=*/*/*/*.parquet")]
        return max(used, default=0) + 1

    def publish(self, manifest: Manifest, written: dict[str, Path]) -> None:
        """Put files that were written into their places, then say so; what the workflow had before goes last."""
        for table, part in manifest.parts.items():
            target = self.file(part)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(written[table], target)
            _sync(target.parent)
        text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        temporary = self._scratch / "manifest.json"
        with open(temporary, "wb") as file:
            file.write(text + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self._manifests / f"{manifest.wf_uuid}.json")
        _sync(self._manifests)
        kept = {part.file for part in manifest.parts.values()}
        for path in self.path.glob(f"table=*/*/*/{manifest.wf_uuid}.*.parquet"):
            if str(path.relative_to(self.path)) not in kept:
                path.unlink(missing_ok=True)

    def _read(self, path: Path) -> Manifest:
        try:
            data = path.read_bytes()
            form = msgspec.json.decode(data, type=_Form).format
            if form > FORMAT:
                raise FutureDatabaseError(f"{path} has format {form}; this Stampede knows {FORMAT}.")
            return msgspec.json.decode(data, type=Manifest)
        except (OSError, msgspec.DecodeError, UnicodeError) as e:
            raise InputError(f"{path} cannot be read: {e}.", path=str(path)) from e


class _Form(msgspec.Struct):
    format: int


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _slot(path: Path) -> int:
    """The number of the workflow in ``UUID.SLOT.parquet``; 0 of another name."""
    word = path.name.removesuffix(".parquet").rpartition(".")[2]
    return int(word) if word.isdigit() else 0


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
