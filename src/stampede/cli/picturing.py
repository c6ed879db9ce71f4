"""What ``plot`` and ``report`` share: from a name to the data of pictures, and files that are written whole or not."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

import msgspec

from stampede.analysis.triage import Triage
from stampede.analysis.triage import triage as judge
from stampede.cli.status import label, sentence
from stampede.errors import InputError, UsageError
from stampede.export.pictures.sheet import Subject
from stampede.query import Reader
from stampede.query.evidence import evidence
from stampede.query.pictures.album import Album, Kind, album
from stampede.query.pictures.lanes import By
from stampede.query.pictures.window import window_of
from stampede.query.status import status
from stampede.query.workflows import Workflow, forest
from stampede.words import count


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What of a run is shown: the part of time (epoch seconds), lanes, sub-workflows, pixels from left to right."""

    since_ts: float | None = None
    until_ts: float | None = None
    at_ts: float | None = None
    by: By = "job"
    sub: bool = True
    width: int = 1200


def gathered(reader: Reader, roots: list[Workflow], frame: Frame, kinds: Collection[Kind]) -> Album:
    """The data of the pictures. Raises UsageError when there is nothing to draw in that time."""
    workflows = [w for root in roots for w in (forest(reader, root) if frame.sub else [root])]
    if not workflows:
        raise UsageError("The workflow had not begun at that time.")
    window = window_of(workflows, since_ts=frame.since_ts, until_ts=frame.until_ts, at_ts=frame.at_ts)
    return album(reader, workflows, window, kinds=kinds, by=frame.by, width=frame.width)


def subject_of(reader: Reader, roots: list[Workflow], *, prefix: str = "") -> Subject:
    """Whose pictures they are."""
    words = [sentence(s[0]) for s in (status(reader, root) for root in roots) if s]
    name = ", ".join(dict.fromkeys(label(root) for root in roots))
    if len(words) > 1:
        return Subject(label=name, sentence=count(len(words), "workflow"), prefix=prefix)
    return Subject(label=name, sentence=words[0] if words else "not begun", prefix=prefix)


def judged(reader: Reader, roots: list[Workflow]) -> Triage:
    """What is wrong with them."""
    return judge(evidence(reader, roots))


def deliver(text: str, target: str) -> None:
    """Write to a file, or to standard output for ``-``. Raises UsageError for a terminal, InputError when it cannot."""
    if target != "-":
        write_whole(Path(target), text)
        return
    if sys.stdout.isatty():
        raise UsageError("A picture is not for the terminal: name a file with -o FILE, or send it into a pipe.")
    sys.stdout.buffer.write(text.encode())


def write_whole(path: Path, text: str) -> None:
    """Write a file, or leave the one that was there. Raises InputError when it cannot be written."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device
            path.write_text(text, encoding="utf-8")
            return
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(name, 0o666 & ~_umask())
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as e:
        raise InputError(f"{path} cannot be written: {e.strerror}.", path=str(path)) from e


def folder_of(name: str) -> Path:
    """A folder, made when there is none. Raises InputError when it cannot be."""
    path = Path(name)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise InputError(f"{path} cannot be made: {e.strerror}.", path=name) from e
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
