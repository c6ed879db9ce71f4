"""What the detector is told of a job that ended, and the quantities that it compares."""

from __future__ import annotations

import re
from math import log
from typing import Final

import msgspec

from stampede.model.machine import machine_of


class Observation(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """One ended try. Times are epoch seconds, durations seconds; None is what nobody told.

    ``duration_s`` is the whole time on the machine, ``work_s`` that of the programs alone, ``staging_s`` the moving of
    files in before them, ``cpu_s`` the processor time of the programs. ``job`` names the node in a way that is the same
    in each run of the workflow, ``attempt`` counts its tries. ``host`` may be empty. ``auxiliary`` is a job that the
    planner added (directories, transfers, registration): it is judged by its own time only, since it says nothing about
    the machines that compute.
    """

    run: str
    job: str
    attempt: int = 1
    transformation: str
    host: str
    ended_ts: float
    duration_s: float | None = None
    work_s: float | None = None
    staging_s: float | None = None
    cpu_s: float | None = None
    auxiliary: bool = False
    failed: bool = False


#: what is compared, in this order: whole time; time a processor second took, whole and without moving files; processor
#: time; moving files in
QUANTITIES: Final = ("duration", "waiting", "effort", "cpu", "staging")
DURATION, WAITING, EFFORT, CPU, STAGING = range(len(QUANTITIES))

Measures = tuple[float | None, float | None, float | None, float | None, float | None]


def measures(o: Observation) -> Measures:
    """The quantities of a job as natural logarithms: a slowdown is then a shift, whatever the job's size.

    Engines write whole seconds and kickstart hundredths, so nothing is taken for shorter than its clock can tell.
    """
    duration, cpu, staging = o.duration_s, o.cpu_s, o.staging_s
    whole = None if duration is None else log(max(duration, 1.0))
    files = None if staging is None else log(max(staging, 0.0) + 1.0)
    if cpu is None:
        return whole, None, None, None, files
    processor = log(max(cpu, 0.1))
    work = o.work_s if o.work_s is not None else duration
    return (
        whole,
        None if whole is None else whole - processor,
        None if work is None else log(max(work, 0.5)) - processor,
        log(max(cpu, 0.05) + 0.05),
        files,
    )


#: a container, slot or virtual machine named after the machine it lies on, as FlowBench and many sites do
_PART = re.compile(r"^(.+?)[-_.](?:container|docker|slot|vm|pod|lxc)[-_.]?\d[-_.\d]*$", re.IGNORECASE)


def neighbourhood(host: str) -> str:
    """The machine that a host shares with others: ``worker-1`` of ``worker-1-container-0-3``, ``m`` of ``slot1@m``.

    A host that tells of no machine is its own neighbourhood.
    """
    name = machine_of(host)
    if name != host:
        return name
    found = _PART.match(host)
    return found.group(1) if found else host
