"""The benchmarks: each prints one JSON line (standard output) and one sentence (standard error).

    python bench/run.py all                           what `make bench` runs
    python bench/run.py events                        event file to SQLite, against the peer's loader
    python bench/run.py submitdir [--full-peer]       submit directory to SQLite, against pegasus-monitord
    python bench/run.py kickstart                     kickstart records, against the peer's parser
    python bench/run.py status                        `stampede status` at 100,000 jobs
    python bench/run.py stats                         `stampede stats` on a forest of 1,000,000 jobs
    python bench/run.py memory                        peak memory of `stampede load` by number of jobs
    python bench/run.py eta [--seed 7] [--shapes 16]  forecasts of the end, replayed: coverage, error, width
    python bench/run.py live [--rate 1000]            a log of 100,000 jobs grows: line to row, cost of `stampede watch`
    python bench/run.py play [--peer]                 5,000 jobs with all their files, 20 times faster than they ran
    python bench/run.py forest                        2,000 sub-workflows whose logs all grow
    python bench/run.py triage [--jobs 1000000]       `stampede triage` where one job in ten failed
    python bench/run.py pictures [--jobs 1000000]     `stampede plot` and `report` at 100,000 jobs
    python bench/run.py api [--jobs 1000000]          the service, at 1, 8 and 32 clients, the peer beside
    python bench/run.py page [--jobs 100000]          pages of the dashboard in Chromium: paint, bytes, frames, heap
    python bench/run.py pixel                         a line on the disk to a number on the screen
    python bench/run.py million                       1,000,000 jobs: load, watch, kill, watch again
    python bench/run.py servers [--jobs 10000]        the same directory into SQLite, PostgreSQL and MariaDB
    python bench/run.py months [--jobs 2000]          states by month on PostgreSQL against one table
    python bench/run.py sse [--listeners 500]         the live stream: 1,000 changes/s to 500 listeners
    python bench/run.py bus [--runs 1]                events through RabbitMQ into SQLite, next to the direct load
    python bench/run.py faults --runs 100 [--seed 1]  kills, full disks, cut networks at random: rows lost and doubled
    python bench/run.py questions [--jobs 100000]     ten questions to SQLite, PostgreSQL, MariaDB, DuckDB over Parquet
    python bench/run.py forecast [--data FOLDER]      which workflows fail, told from their past only
    python bench/run.py anomaly [--data FOLDER]       the detector of anomalies on FlowBench's recorded runs

`all` leaves out the last fourteen: thirteen take minutes each, and a machine on which nothing else runs; one wants
data.

Ratios are against the reference measured in the same run on the same machine; absolute figures of a shared machine mean
little. Exit code: 0 measured, 1 with ``--strict`` and a goal missed, 3 something needed is not here.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import workload
from bench.cases import CASES, DATA_CASES, LIVE_CASES, Options
from bench.live import options as live_options
from bench.measure import report
from bench.peer import PeerFailedError, PeerMissingError


def _options() -> tuple[list[str], Options, bool]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="+", choices=("all", *CASES, *LIVE_CASES, *DATA_CASES))
    parser.add_argument("--jobs", type=int, help="size of the workflow in place of each measurement's own")
    parser.add_argument("--peer-jobs", type=int, default=1000, help="size of the workflow that the peer gets (1000)")
    parser.add_argument("--full-peer", action="store_true", help="submitdir: the peer gets the same workflow as we do")
    parser.add_argument("--runs", type=int, default=3, help="runs of ours, of which the quickest counts (3)")
    parser.add_argument("--seed", type=int, default=7, help="eta: which generated runs; faults: of the first run (7)")
    parser.add_argument("--only", help="faults: that kind alone")
    parser.add_argument("--together", type=int, default=1, help="faults: runs at a time (1)")
    parser.add_argument("--kept", type=Path, help="faults: where what explains a run is kept (a folder of temp)")
    parser.add_argument("--shapes", type=int, default=16, help="eta: generated shapes, three runs each (16)")
    parser.add_argument("--stampede", help="our command (default: the one beside this interpreter)")
    parser.add_argument("--venv", type=Path, help="environment of the peer (default: the cache folder)")
    parser.add_argument("--data", type=Path, help="anomaly: folder with *.csv.xz; forecast: folder like failsim")
    parser.add_argument("--strict", action="store_true", help="end with 1 when a goal is missed")
    parser.add_argument("--listeners", type=int, default=500, help="sse: how many listen (500)")
    parser.add_argument(
        "--workers", type=int, help="api: processes that answer questions (as `stampede serve` decides)"
    )
    live_options.add(parser)
    words = parser.parse_args()
    for name in ("jobs", "peer_jobs", "runs"):
        value = getattr(words, name)
        if value is not None and value < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1")
    options = Options(
        workload.stampede(words.stampede),
        words.venv,
        words.jobs,
        words.peer_jobs,
        words.runs,
        words.seed,
        words.shapes,
        words.full_peer,
        live_options.of(words),
        words.data,
        words.listeners,
        words.only,
        words.together,
        words.kept,
        words.workers,
    )
    named = [name for name in words.what if name != "all"]
    return list(dict.fromkeys([*(CASES if "all" in words.what else ()), *named])), options, words.strict


def main() -> int:
    """Command line; see the module."""
    # ended from outside, what was started is ended too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    names, options, strict = _options()
    missing = missed = False
    for name in names:
        try:
            measured = {**CASES, **LIVE_CASES, **DATA_CASES}[name](options)
        except (workload.UnavailableError, PeerMissingError, PeerFailedError) as error:
            missing = True
            print(f"{name}: not measured: {error}", file=sys.stderr, flush=True)
            continue
        verdict = "reached" if measured.reached else "MISSED"
        missed |= not measured.reached
        report(
            name,
            f"{measured.sentence} (goal {measured.goal}: {verdict})",
            {**measured.figures, "goal": measured.goal, "reached": measured.reached},
        )
    return 3 if missing else int(strict and missed)


if __name__ == "__main__":
    sys.exit(main())
