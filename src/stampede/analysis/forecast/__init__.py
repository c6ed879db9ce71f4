"""WHAT WILL HAPPEN: how probable it is that a workflow fails, why, and where the failures come from.

::

    tries ──► Evidence ─┐                 suspects: what is behind the failures
    jobs ahead ► Ahead ─┼─► outlook ──►   odds: a product over what is still to be done
    ended runs ► Lessons┘                 calibration: what was said of ended runs ──► Forecast
"""

from stampede.analysis.forecast.evidence import Evidence, gathered
from stampede.analysis.forecast.facts import Ahead, Group, OpenJob, Running, Try
from stampede.analysis.forecast.forecast import Forecast, JobRisk, forecast
from stampede.analysis.forecast.model import Experience
from stampede.analysis.forecast.replay import EndedRun, Planned, Snapshot, ended_run, snapshot

__all__ = [
    "Ahead",
    "EndedRun",
    "Evidence",
    "Experience",
    "Forecast",
    "Group",
    "JobRisk",
    "OpenJob",
    "Planned",
    "Running",
    "Snapshot",
    "Try",
    "ended_run",
    "forecast",
    "gathered",
    "snapshot",
]
