"""Recorded runs, replayed: a workflow is told to be lost when its first job has no try left, not before, and never when
none fails for good.

Those that were started again are left out of the last count: their first run may have been lost.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from stampede import pipeline
from stampede.analysis.forecast import Experience
from stampede.errors import StampedeError
from stampede.forecasting import forecast_of
from stampede.model.states import ENDED
from stampede.query import Reader, open_database
from stampede.query.past import as_it_stood
from stampede.query.workflows import Workflow, forest, list_workflows

#: shares of the time of a run that ends well at which it must not be told to be lost
LOOKS = tuple(i / 8 for i in range(1, 8))


def recorded(shared: Path) -> dict[str, Any]:
    """The figures over all recorded runs of the folder; empty where there are none."""
    folders = sorted(p for p in (shared / "corpus").glob("runs*/*/submit") if p.is_dir())
    seen = lost = at_once = too_early = false = 0
    leads: list[float] = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, folder in enumerate(folders):
            url = f"sqlite:///{scratch}/{number}.db"
            try:
                pipeline.load([folder], url)
            except StampedeError:
                continue
            with open_database(url) as reader:
                for root in list_workflows(reader):
                    seen += 1
                    when = _lost_ts(reader, root)
                    if when is None:
                        false += any(_looks(reader, root))
                        continue
                    lost += 1
                    at_once += _doomed(reader, root, when)
                    too_early += _doomed(reader, root, when - 0.001)
                    if root.first_ts is not None and root.last_ts is not None and root.last_ts > root.first_ts:
                        leads.append((root.last_ts - when) / (root.last_ts - root.first_ts))
    if not seen:
        return {}
    return {
        "runs": seen, "lost": lost, "told_at_once": at_once, "told_too_early": too_early, "falsely_told": false,
        "median_lead_to_end": round(median(leads), 3) if leads else None,
    }  # fmt: skip


def _lost_ts(reader: Reader, root: Workflow) -> float | None:
    """When the first job of the root workflow had failed for good."""
    row = reader.one(
        "SELECT min(node_state_ts) FROM job WHERE wf_id = ? AND node_state = 'failed' AND node_type <> 'service'",
        (root.wf_id,),
    )
    return row[0] if row else None


def _looks(reader: Reader, root: Workflow) -> Iterator[bool]:
    """What was said of it while it ran."""
    if root.first_ts is None or root.last_ts is None or root.restart_count:
        return
    for share in LOOKS:
        at = root.first_ts + share * (root.last_ts - root.first_ts)
        with as_it_stood(reader, [root], at) as then:
            running = bool(then) and then[0].state not in ENDED
        yield running and _doomed(reader, root, at)


def _doomed(reader: Reader, root: Workflow, at: float) -> bool:
    with as_it_stood(reader, [root], at) as then:
        return bool(then) and forecast_of(reader, forest(reader, then[0]), at, experience=Experience()).doomed
