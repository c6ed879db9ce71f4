"""Databases of a recorded run up to some times, to hold answers as of those times against."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from stampede import pipeline
from stampede.query import Reader, open_database
from stampede.query.workflows import Workflow, find


class UpTo(NamedTuple):
    """A time (epoch seconds), the database of the whole run with its root, and that of all events before the time."""

    at: float
    whole: Reader
    root: Workflow
    partial: Reader


def engine_log_only(run: Path, target: Path) -> Path:
    """A copy of a run without what was written beside DAGMan's own log, and that log."""
    folder = Path(shutil.copytree(run, target))
    for pattern in ("*.log", "*.metrics", "*.status", "*.rescue*", "*.lib.*"):
        for file in folder.glob(pattern):
            file.unlink()
    return next(folder.glob("*.dag.dagman.out"))


def prefixes(folder: Path, parts: int) -> Iterator[tuple[float, list[pipeline.Event]]]:
    """Some times at which nothing happens, each with all events before it.

    DAGMan notes what happened some seconds later, so a beginning of its log is not what was the case at its end: the
    events are put into the order of their own times first.
    """
    events = [e for e in pipeline.stream([folder]) if not isinstance(e, pipeline.Problem)]
    static = 1 + next(i for i, e in enumerate(events) if e.NAME == "stampede.static.end")
    ordered = events[:static] + sorted(events[static:], key=lambda e: e.ts or 0.0)
    cuts = [i for i in range(static + 1, len(ordered)) if (ordered[i].ts or 0) >= (ordered[i - 1].ts or 0) + 1]
    for i in cuts[:: max(1, len(cuts) // parts)]:
        yield (ordered[i - 1].ts or 0.0) + 0.5, ordered[:i]


def loads_up_to_times(run: Path, folder: Path, parts: int = 12) -> Iterator[UpTo]:
    """Loads a run into ``folder``, whole and up to each of some times; the databases are open until the next time."""
    copy = engine_log_only(run, folder / "run").parent
    pipeline.load([copy], f"sqlite:///{folder}/whole.db")
    with open_database(f"sqlite:///{folder}/whole.db") as whole:
        root = find(whole, None)[0]
        for number, (at, events) in enumerate(prefixes(copy, parts)):
            file = folder / f"{number}.jsonl"
            file.write_bytes(b"".join(pipeline.encoded(events, "jsonl", "current")))
            pipeline.load([file], f"sqlite:///{folder / str(number)}.db")
            with open_database(f"sqlite:///{folder / str(number)}.db") as partial:
                yield UpTo(at, whole, root, partial)
