"""What the command line says of the runs that are watched."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

#: the figures of the gate report of Pegasus 6's monitor: 100,000 jobs, 1,000,000 states, 1,000 lines/s
PEER = {"p95_s": 0.88, "cores": 1.0, "rss_mb": 515}
GOAL = {"p95_s": 0.1, "cores": 0.25, "rss_mb": 150}


class LiveOptions(msgspec.Struct, frozen=True):
    """Options of ``live``, ``play``, ``forest`` and ``million``; None: the measurement's own."""

    transitions: int | None = None
    rate: float | None = None
    count_states: bool = False
    bursts: int = 0
    every: float = 10.0
    seconds: float | None = None
    outputs: float | None = None
    job_log: bool = True
    plain: bool = False
    submit_files: bool = False
    folder: Path | None = None
    speed: float = 20.0
    peer: bool = False
    sub_workflows: int = 2000
    ran: float = 0.05


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options to a command line."""
    group = parser.add_argument_group("live, play, forest, million")
    group.add_argument("--transitions", type=int, help="stop after so many states (a job has 10)")
    group.add_argument("--rate", type=float, help="lines of dagman.out a second (1000; million: 5000)")
    group.add_argument("--count-states", action="store_true", help="--rate counts only lines that become rows")
    group.add_argument("--bursts", type=int, default=0, help="live: so many lines at once in place of a rate")
    group.add_argument("--every", type=float, default=10.0, help="seconds from one burst to the next (10)")
    group.add_argument("--seconds", type=float, help="length of the run (120; million: 60)")
    group.add_argument("--outputs", type=float, help="share of jobs that leave a kickstart record, the others plain"
                       " text; 0: no files at all (live: 1, million: 0)")  # fmt: skip
    group.add_argument("--no-job-log", dest="job_log", action="store_false", help="without the job event log")
    group.add_argument("--plain", action="store_true", help="live: a plain DAG, without braindump and static.bp")
    group.add_argument("--submit-files", action="store_true", help="one submit file a job, not one a folder")
    group.add_argument("--folder", type=Path, help="where directory and database lie (default: a disk)")
    group.add_argument("--speed", type=float, default=20.0, help="play: times faster than recorded (20)")
    group.add_argument("--peer", action="store_true", help="play: pegasus-monitord too, where it is installed")
    group.add_argument("--sub-workflows", type=int, default=2000, help="forest: how many (2000)")
    group.add_argument("--ran", type=float, default=0.05, help="million: share of jobs that is done before (0.05)")


def of(words: argparse.Namespace) -> LiveOptions:
    """The options of a command line."""
    return LiveOptions(**{name: getattr(words, name) for name in LiveOptions.__struct_fields__})
