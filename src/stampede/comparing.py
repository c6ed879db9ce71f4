"""A run's past, to hold it against: the facts of earlier runs of its label."""

from __future__ import annotations

from stampede.errors import StampedeError
from stampede.query import open_database
from stampede.query.history import PastRun, past_runs
from stampede.query.run_facts import RunFacts, facts_of
from stampede.query.workflows import Workflow, find
from stampede.util import find_db


def past_of(root: Workflow, db: str | None, limit: int) -> list[RunFacts]:
    """The latest runs of the same label that began before this one and ended well, the newest first; of the registry's
    databases and ``db`` (None: the one of the current directory, if there is one)."""
    if root.label is None:
        return []
    started = root.first_ts or 0.0
    runs = past_runs(root.label, before_ts=root.last_ts or started, without=[root.wf_uuid], urls=_named(db))
    good = (run for run in runs if run.state == "success" and run.started_ts < started)
    found: list[RunFacts] = []
    for run in good:
        one = _facts(run)
        if one is not None:
            found.append(one)
        if len(found) == limit:
            break
    return found


def _named(db: str | None) -> list[str]:
    if db is not None:
        return [db]
    try:
        return [find_db(".")]
    except StampedeError:
        return []


def _facts(run: PastRun) -> RunFacts | None:
    try:
        with open_database(run.url) as reader, reader.snapshot():
            return facts_of(reader, find(reader, run.wf_uuid)[0])
    except StampedeError:  # gone since
        return None
