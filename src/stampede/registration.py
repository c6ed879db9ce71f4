"""What changes the registry of watched workflows by hand: forget them, and say where they have moved to.

A workflow is known by its uuid wherever it lies: of Pegasus' it stands in braindump, of a plain DAG it follows from its
own log. Where neither tells, the database beside the run does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from stampede.errors import NotAWorkflowError, UnknownWorkflowError, UsageError
from stampede.files import real, told
from stampede.places import SUFFIX, default_url, url_of
from stampede.query.registry import Registered, holds, is_there
from stampede.sources.identity import find_braindump, identify
from stampede.store.registry import Registry
from stampede.store.sqlite import path_of

#: called now and then with (folders looked into so far, the one at hand)
Progress = Callable[[int, str], None]

#: logs of a folder that are asked whose they are, at most: each is opened
_MOST_LOGS = 200
#: folders between two calls of a progress
_STRIDE = 50


class Relocated(msgspec.Struct, kw_only=True):
    """Where a workflow lies now, and whether its database is there."""

    wf_uuid: str
    submit_dir: str
    db_url: str
    has_database: bool


def forget(uuids: Iterable[str]) -> list[str]:
    """Strike workflows from the registry; their databases stay. Gives those that were there."""
    with Registry.open() as registry:
        return [uuid for uuid in uuids if registry.forget(uuid)]


def relocate(entry: Registered, folder: Path) -> Relocated:
    """Write into the registry that a workflow lies in another folder now.

    Raises NotAWorkflowError when the folder does not hold that workflow.
    """
    if not os.path.isdir(folder):
        raise NotAWorkflowError(f"{told(folder)} is no directory.", path=str(folder))
    if not is_in(entry, folder):
        raise NotAWorkflowError(_other(entry, folder), path=str(folder))
    url = _database(entry, folder)
    with Registry.open() as registry:
        if not registry.relocate(entry.wf_uuid, real(folder), url):
            raise UnknownWorkflowError(f"{entry.wf_uuid} is not in the registry any more.")
    return Relocated(wf_uuid=entry.wf_uuid, submit_dir=str(real(folder)), db_url=url, has_database=is_there(url))


def search(entry: Registered, folder: Path, progress: Progress | None = None) -> Path | None:
    """The first folder in or below ``folder`` that holds the workflow; None when none does. Links are not followed."""
    for count, (place, below, files) in enumerate(os.walk(folder)):
        below.sort()
        if progress is not None and count % _STRIDE == 0:
            progress(count, place)
        if _promising(entry, files) and is_in(entry, Path(place)):
            return Path(place)
    return None


def _promising(entry: Registered, files: list[str]) -> bool:
    """Whether a folder with these files can hold the workflow, so that looking into them is worth it."""
    dag = _dag(entry)
    ends = (SUFFIX,) if dag else (SUFFIX, ".dagman.out")
    return any(name.startswith("braindump.") or name.endswith(ends) or name == f"{dag}.dagman.out" for name in files)


def is_in(entry: Registered, folder: Path) -> bool:
    """Whether a folder holds that workflow: its logs say so, or else the database beside them."""
    if entry.wf_uuid in workflows_in(folder, _dag(entry)):
        return True
    return any(holds(url, entry.wf_uuid) for url in _candidates(entry, folder))


def workflows_in(folder: Path, dag: str | None = None) -> list[str]:
    """The uuids of the workflows whose DAGMan logs, or whose braindump, lie in a folder; with ``dag`` of that DAG."""
    dump = find_braindump(folder)
    planned = os.path.basename(dump.dag) if dump is not None and dump.dag else None
    try:
        logs = sorted(folder.glob("*.dagman.out"))[:_MOST_LOGS] if dag is None else [folder / f"{dag}.dagman.out"]
    except OSError:
        logs = []
    if planned is not None and dag in (None, planned):
        logs.append(folder / f"{planned}.dagman.out")  # its log may not be there yet
    return list(dict.fromkeys(identify(log).uuid for log in logs))


def _dag(entry: Registered) -> str | None:
    return os.path.basename(entry.dag) if entry.dag else None


def _candidates(entry: Registered, folder: Path) -> list[str]:
    """Where the database of the workflow is, if it lies in the folder or is that of the folder."""
    file, dag = _file(entry.db_url), _dag(entry)
    beside = [url_of(real(folder) / file.name)] if file is not None and file.name.endswith(SUFFIX) else []
    return [*beside, *([default_url(folder / dag)] if dag else []), default_url(folder)]


def _file(url: str) -> Path | None:
    try:
        return path_of(url)
    except UsageError:
        return None


def _database(entry: Registered, folder: Path) -> str:
    """The URL of the database after a move to ``folder``: one that lay beside the run is beside it again."""
    file = _file(entry.db_url)
    lay_beside = file is not None and entry.submit_dir is not None and real(file.parent) == real(entry.submit_dir)
    if is_there(entry.db_url) and not lay_beside:
        return entry.db_url
    candidates = _candidates(entry, folder)
    for url in candidates:
        if holds(url, entry.wf_uuid):
            return url
    return entry.db_url if is_there(entry.db_url) else default_url(folder)


def _other(entry: Registered, folder: Path) -> str:
    """What a folder holds instead of the workflow."""
    found = workflows_in(folder)
    what = f"it holds {', '.join(uuid[:8] for uuid in found[:3])}" if found else "it holds no workflow that can be told"
    name = f"{entry.label} ({entry.wf_uuid[:8]})" if entry.label else entry.wf_uuid
    return f"{told(folder)} does not hold the workflow {name}: {what}. Search for it with --find FOLDER."
