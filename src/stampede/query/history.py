"""Earlier runs of a workflow: what the databases of the user's registry know of the same label.

A run is a root workflow that has ended. Runs that were never watched are known as far as they lie in a database that
the registry knows to be of that label or shared by several workflows, or in one that the caller names (``urls``).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from stampede.errors import StampedeError
from stampede.model.states import ENDED
from stampede.query import Reader, open_database
from stampede.query.ended import EndedTry, ended_tries
from stampede.query.registry import databases_of
from stampede.query.workflows import find, forest

#: runs looked at unless told otherwise: older ones say little about now
MOST_RUNS = 50


class PastRun(msgspec.Struct, kw_only=True, frozen=True):
    """An ended run: which database has it, how it ended, when it ran (epoch seconds), how many nodes it had."""

    url: str
    wf_uuid: str
    label: str
    state: str
    started_ts: float
    ended_ts: float
    nodes: int
    done: int
    tries: int
    tries_failed: int

    @property
    def makespan_s(self) -> float:
        """From its first to its last record."""
        return self.ended_ts - self.started_ts


def past_runs(
    label: str,
    *,
    before_ts: float | None = None,
    without: Iterable[str] = (),
    urls: Iterable[str] = (),
    limit: int = MOST_RUNS,
    registry: Path | None = None,
) -> list[PastRun]:
    """The runs of this label that had ended by ``before_ts`` (None: by now), latest first, at most ``limit``.

    ``without`` are uuids to leave out (the run asked about), ``urls`` databases to look into beside those of the
    registry that can have some (``registry``: of another than the user's): these from the one seen last on, until
    there are enough runs. A database that cannot be read, or is Pegasus' own, has none.
    """
    left_out = set(without)
    found: dict[str, PastRun] = {}
    named = list(dict.fromkeys(urls))
    for url in dict.fromkeys((*named, *_registered(label, registry))):
        if len(found) >= limit and url not in named:
            break
        try:
            with open_database(url) as reader:
                runs = _runs_in(reader, url, label, before_ts, limit + len(left_out))
        except StampedeError:
            continue  # history is a help, never a condition
        for run in runs:
            if run.wf_uuid not in left_out:
                found.setdefault(run.wf_uuid, run)
    return sorted(found.values(), key=lambda r: r.ended_ts, reverse=True)[:limit]


def _registered(label: str, registry: Path | None) -> list[str]:
    try:
        return databases_of(label, path=registry)
    except StampedeError:
        return []


def _runs_in(reader: Reader, url: str, label: str, before_ts: float | None, limit: int) -> list[PastRun]:
    if "state" not in reader.columns("workflow"):
        return []
    ended = ", ".join(repr(s) for s in sorted(ENDED))
    rows = reader.rows(
        f"""SELECT w.wf_uuid, w.dax_label, w.state, w.first_ts, w.last_ts, coalesce(s.total, 0), coalesce(s.done, 0),
                   coalesce(s.attempts, 0), coalesce(s.attempts_failed, 0)
            FROM workflow w LEFT JOIN workflow_summary s ON s.wf_id = w.wf_id
            WHERE w.parent_wf_id IS NULL AND w.dax_label = ? AND w.state IN ({ended}) AND w.first_ts IS NOT NULL
              AND w.last_ts <= ? ORDER BY w.last_ts DESC LIMIT ?""",
        (label, float("inf") if before_ts is None else before_ts, limit),
    )
    names = ("wf_uuid", "label", "state", "started_ts", "ended_ts", "nodes", "done", "tries", "tries_failed")
    return [PastRun(url=url, **dict(zip(names, row, strict=True))) for row in rows]


def tries_of(run: PastRun) -> list[EndedTry]:
    """The ended tries of a past run and of all below it, in the order in which they ended.

    Raises DatabaseError or UnknownWorkflowError when its database has gone since, or lost it.
    """
    with open_database(run.url) as reader, reader.snapshot():
        return ended_tries(reader, forest(reader, find(reader, run.wf_uuid)[0]))
