"""Forecasts of the workflows of a database: facts from it, experience from the earlier runs of the same label.

What an ended run teaches does not change, so it is kept in the state folder once it was read (``forecasts/run-…``), and
so is the experience of a label (``label-…``), which learns what runs have ended since. A file that is missing, old or
damaged is made anew; where nothing can be written, everything is read each time.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from stampede.analysis.forecast import EndedRun, Evidence, Experience, Forecast, Planned, Try, ended_run, gathered
from stampede.analysis.forecast.nested import Level, forest_forecast
from stampede.analysis.forecast.replay import SHARES
from stampede.errors import StampedeError
from stampede.model.states import ENDED
from stampede.places import state_folder
from stampede.query import Reader, open_database
from stampede.query.history import MOST_RUNS, PastRun, past_runs
from stampede.query.prospects import BriefTry, brief_tries, planned_jobs, prospects
from stampede.query.workflows import Workflow, find, forest

#: changes when what is kept changes
_FORM = 1
#: tries up to which a forecast is made in passing: it costs some 0.1 ms each
QUICK_TRIES = 2_000
#: end states that say something about failing: a run that somebody took away is neither
_TELLING = frozenset({"success", "failed"})


def forecast_of(
    reader: Reader,
    workflows: Sequence[Workflow],
    now: float,
    *,
    experience: Experience | None = None,
    learn: bool = True,
) -> Forecast:
    """The forecast of a root workflow (the first of ``workflows``) with all below it, as of ``now`` (epoch seconds).

    ``experience`` spares reading the earlier runs again (:func:`experience_of`), for who asks often. Without ``learn``
    only those runs count that were learned from before: a first answer may take seconds when there are many large runs.
    Raises DatabaseError when the database cannot answer.
    """
    root = workflows[0]
    known = experience if experience is not None else experience_of(reader, root, now, learn=learn)
    levels = _levels(workflows)
    over = root.state in ENDED
    evidence = Evidence() if over else gathered(map(in_forecasts, brief_tries(reader, workflows)))
    return forest_forecast(levels, prospects(reader, workflows), evidence, known, root.label or "", now)


def forecast_in_passing(
    reader: Reader, workflows: Sequence[Workflow], now: float, *, tries: int, ended: bool = False
) -> Forecast | None:
    """The forecast of a running workflow for who asks something else: from runs that were learned from before.

    None when it has had so many ``tries`` that the answer would take too long, or does not run (with ``ended`` what has
    ended is told of, too).
    """
    if tries > QUICK_TRIES or (workflows[0].state != "running" and not ended):
        return None
    return forecast_of(reader, workflows, now, learn=False)


def experience_of(reader: Reader, root: Workflow, now: float, *, learn: bool = True) -> Experience:
    """What the earlier runs of the label taught: those that had ended by ``now``.

    They lie in the databases of the registry and in the one that is asked. Without ``learn`` no run is read that was
    not read before.
    """
    if not root.label:
        return Experience()
    found = past_runs(root.label, before_ts=now, without=[root.wf_uuid], urls=[reader.url], limit=MOST_RUNS)
    runs = [run for run in reversed(found) if run.state in _TELLING]
    file = _folder() / f"label-{hashlib.sha256(root.label.encode()).hexdigest()[:16]}.json"
    kept = _kept(file, runs)
    new = [run for run in runs if learn and _name(run) not in kept.learned]
    for run in new:
        known = _lesson(run)
        if known is not None:
            kept.experience.learn(known)
        kept.learned[_name(run)] = run.ended_ts
    if new:
        kept.experience.calibrate()
        _write(file, msgspec.json.encode(kept))
    return kept.experience


class _Kept(msgspec.Struct):
    """The experience of a label, and the runs that it was made from, with the ends of each."""

    form: int = _FORM
    learned: dict[str, float] = {}
    experience: Experience = msgspec.field(default_factory=Experience)


def _kept(file: Path, runs: Sequence[PastRun]) -> _Kept:
    """What was kept, if it can go on: made from no run that ended after these, or that is gone from among them."""
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError):
        return _Kept()
    ends = [run.ended_ts for run in runs]
    names = {_name(run) for run in runs}
    newest = max(kept.learned.values(), default=0.0)
    in_reach = [name for name, ended in kept.learned.items() if ends and ended >= ends[0]]
    goes_on = kept.form == _FORM and names.issuperset(in_reach) and newest <= max(ends, default=0.0)
    in_order = all(run.ended_ts >= newest for run in runs if _name(run) not in kept.learned)
    return kept if goes_on and in_order else _Kept()


def _name(run: PastRun) -> str:
    """A run and how far it was read: one that was started again is another."""
    return f"{run.wf_uuid}-{int(run.ended_ts)}-{run.tries}"


def _folder() -> Path:
    return state_folder() / "forecasts"


def _levels(workflows: Sequence[Workflow]) -> list[Level]:
    ids = {w.wf_uuid: w.wf_id for w in workflows}
    return [
        Level(w.wf_id, ids.get(w.parent_wf_uuid or ""), w.total, w.state if w.state in ENDED else None, w.last_ts)
        for w in workflows
    ]


def in_forecasts(t: BriefTry) -> Try:
    """A try as forecasts know it."""
    return Try(t.job, t.kind, t.host, t.site, t.start_ts, t.end_ts, t.failed, t.submit_ts)


def _lesson(run: PastRun) -> EndedRun | None:
    """What a run teaches, from its file or from its database; None when its database cannot be read."""
    file = _folder() / f"run-{_name(run)}-{_FORM}.json"
    try:
        return msgspec.json.decode(file.read_bytes(), type=EndedRun)
    except (OSError, msgspec.DecodeError):
        pass  # read anew below
    try:
        with open_database(run.url) as reader, reader.snapshot():
            known = _read(reader, run)
    except StampedeError:
        return None  # history is a help, never a condition
    _write(file, msgspec.json.encode(known))
    return known


def _read(reader: Reader, run: PastRun) -> EndedRun:
    """A run as its database has it. It is looked back at in time only when it was started once, and had no workflows
    below it: then the plan and the tries tell how it stood."""
    root = find(reader, run.wf_uuid)[0]
    workflows = forest(reader, root)
    tries = [in_forecasts(t) for t in brief_tries(reader, workflows, all_runs=True)]
    plain = len(workflows) == 1 and root.restart_count == 0
    times = [run.started_ts + share * run.makespan_s for share in SHARES] if plain else []
    plan = {path: Planned(kind, n) for path, kind, n in planned_jobs(reader, workflows)} if plain else {}
    return ended_run(run.label, run.state == "failed", plan, tries, times)


def _write(file: Path, content: bytes) -> None:
    """Write a file so that whoever reads it finds all of it; where that is not possible, nothing is kept."""
    made = file.with_suffix(f".{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        made.write_bytes(content)
        made.replace(file)
    except OSError:
        with suppress(OSError):
            made.unlink(missing_ok=True)
