"""Measurements of ``stampede watch`` while workflows run: ``live``."""

from __future__ import annotations

import sys
import time
from typing import Any

from bench.live.lag import Lags
from bench.live.options import GOAL, PEER, LiveOptions
from bench.live.processes import Watched
from bench.live.trial import Trial, disk_workspace, filesystem
from bench.live.writer import Settings
from bench.measured import Measured
from bench.workload import Stampede

Figures = dict[str, Any]
#: a burst is in the database after so many seconds
BURST_S = 2.0


def note(words: str) -> None:
    """Say how far it is: these runs take minutes."""
    print(f"  {words}", file=sys.stderr, flush=True)


def live(stampede: Stampede, jobs: int, options: LiveOptions) -> Measured:
    """Log line to row for one large workflow, and what the watcher costs meanwhile."""
    with disk_workspace(options.folder) as folder:
        settings = Settings(
            str(folder / "run0001"), jobs, pegasus=not options.plain, job_log=options.job_log,
            outputs=1.0 if options.outputs is None else options.outputs, own_submit_files=options.submit_files,
        )  # fmt: skip
        began = time.monotonic()
        plan = settings.plan()
        plan.write()
        settings.uuid = plan.uuid
        made_s = time.monotonic() - began
        note(f"{jobs} jobs planned in {made_s:.1f} s")
        with Trial(folder, settings, stampede) as trial:
            trial.writer.tell("begin")
            watcher = trial.watch()
            startup = start(trial, watcher, jobs)
            told = append(trial, options, rate=options.rate or 1000.0, seconds=options.seconds or 120.0)
            drain_s = trial.drain()
            watcher.look()
            figures = steady(watcher, trial.lags(scripts=True), told)
            figures |= {
                "jobs": jobs, "directory_s": round(made_s, 1), **startup, "drain_s": round(drain_s, 2),
                "filesystem": filesystem(trial.db), **trial.sizes(),
                "rows": trial.table_rows("jobstate"), "watcher_ended": watcher.code,
            }  # fmt: skip
    how = f"{options.bursts} lines every {options.every:g} s" if options.bursts else f"{figures['lines_per_s']} lines/s"
    what = f"{jobs} jobs, {how} ({figures['states_per_s']} states/s)"
    return judged(what, figures, slowest_s=BURST_S if options.bursts else None)


def start(trial: Trial, watcher: Watched, jobs: int) -> Figures:
    """Wait until what was there before is in the database; what that cost."""
    trial.wait_for_jobs(jobs)
    seconds = time.monotonic() - watcher.started
    sample = watcher.look()
    found = {
        "startup_s": round(seconds, 2), "startup_cpu_s": round(sample.cpu_s, 2) if sample else None,
        "startup_peak_rss_mb": round(watcher.peak_rss_kb / 1024), "startup_rss_mb": sample and sample.rss_kb // 1024,
    }  # fmt: skip
    note(f"started in {seconds:.1f} s, {found['startup_rss_mb']} MB (peak {found['startup_peak_rss_mb']} MB)")
    return found


def append(trial: Trial, options: LiveOptions, *, rate: float, seconds: float) -> Figures:
    """Have lines appended; what the writer says of it."""
    if options.bursts:
        return trial.writer.tell("bursts", size=options.bursts, every=options.every, seconds=seconds,
                                   most=options.transitions)  # fmt: skip
    return trial.writer.tell("write", rate=rate, seconds=seconds, count_states=options.count_states,
                               most=options.transitions)  # fmt: skip


def steady(watcher: Watched, lags: Lags, told: Figures) -> Figures:
    """Lags and costs of the time in which lines were appended; the first moments, before a job ended, left out of the
    processor's share."""
    start, end = told["start"], told["end"]
    steady_from = min(max(start, told["steady_from"] or start) + 1.0, end)
    spent = end - start
    return {
        "lines": told["lines"], "lines_per_s": round(told["lines"] / spent), "seconds": round(spent, 1),
        "states_per_s": round(told["states"] / spent), "jobs_done": told["jobs_done"],
        **lags.figures(start, end), "cores": watcher.share(steady_from, end),
        "rss_mb_at_start": watcher.rss_at(start) // 1024, "rss_mb_at_end": watcher.rss_at(end) // 1024,
        "peak_rss_mb": round(watcher.peak_rss_kb / 1024),
    }  # fmt: skip


def judged(what: str, figures: Figures, *, slowest_s: float | None = None) -> Measured:
    """The sentence and the verdict of a run with lags. Of bursts the last row counts (``slowest_s``), else the p95."""
    complete = not (figures["lost"] or figures["doubled"] or figures["strange"])
    sentence = (
        f"{what}: line to row p50 {figures['p50_s']} s, p95 {figures['p95_s']} s, p99 {figures['p99_s']} s,"
        f" max {figures['max_s']} s; {figures['cores']} core, peak {figures['peak_rss_mb']} MB"
        f" (at start {figures['rss_mb_at_start']}, at end {figures['rss_mb_at_end']} MB);"
        f" backlog {figures['backlog_at_end']}, lost {figures['lost']}, doubled {figures['doubled']};"
        f" Pegasus 6's monitor, by its gate report: p95 {PEER['p95_s']} s, {PEER['cores']} core, {PEER['rss_mb']} MB"
    )
    quick = figures["p95_s"] < GOAL["p95_s"] if slowest_s is None else figures["max_s"] < slowest_s
    reached = (
        complete
        and quick
        and (figures["cores"] is None or figures["cores"] < GOAL["cores"])
        and figures["peak_rss_mb"] < GOAL["rss_mb"]
    )
    lag = f"p95 < {GOAL['p95_s']} s" if slowest_s is None else f"a burst within {slowest_s:g} s"
    goal = f"{lag}, < {GOAL['cores']} core, < {GOAL['rss_mb']} MB, every row once"
    return Measured(sentence, goal, reached, {**figures, "peer_report": PEER})
