"""``forest``: a workflow of thousands of sub-workflows, all of whose logs grow."""

from __future__ import annotations

import time
from typing import Any

from bench.live import forest
from bench.live.cases import append, judged, note, steady
from bench.live.options import LiveOptions
from bench.live.trial import STARTUP_S, Trial, disk_workspace, filesystem
from bench.live.writer import Settings
from bench.measured import Measured
from bench.workload import Stampede, UnavailableError

Figures = dict[str, Any]
#: how long all logs are quiet
QUIET_S = 20.0


def forest_case(stampede: Stampede, jobs: int, options: LiveOptions) -> Measured:
    """Start-up on a finished forest and on one that lives, costs when it is quiet and when all of it grows."""
    count = options.sub_workflows
    finished = _finished(stampede, jobs, options)
    with disk_workspace(options.folder) as folder:
        settings = Settings(str(folder / "root"), jobs, sub_workflows=count)
        forest.write(*forest.plans(folder / "root", count, jobs))
        with Trial(folder, settings, stampede) as trial:
            half = trial.writer.tell("begin", share=0.5)
            watcher = trial.watch()
            trial.wait_for_rows(half["rows_in_all"])
            startup_s = time.monotonic() - watcher.started
            note(f"{half['rows_in_all']} states of {count} half-run logs read in {startup_s:.1f} s")
            trial.drain()
            quiet_from = time.monotonic()
            time.sleep(QUIET_S)
            quiet = watcher.share(quiet_from, time.monotonic())
            note(f"idle: {quiet} core")
            told = append(trial, options, rate=options.rate or 1000.0, seconds=options.seconds or 120.0)
            drain_s = trial.drain()
            figures = steady(watcher, trial.lags(scripts=False), told)
            figures |= {
                "sub_workflows": count, "jobs": jobs * count, "living_startup_s": round(startup_s, 2),
                "idle_cores": quiet, "drain_s": round(drain_s, 2), **finished, **trial.sizes(),
                "filesystem": filesystem(trial.db), "workflow_rows": trial.table_rows("workflow"),
            }  # fmt: skip
    what = (
        f"{count} sub-workflows of {jobs} jobs: finished forest in {finished['finished_s']} s"
        f" ({finished['finished_peak_rss_mb']} MB), half-run one in {figures['living_startup_s']} s, idle {quiet} core;"
        f" {figures['lines_per_s']} lines/s over all logs"
    )
    return judged(what, figures)


def _finished(stampede: Stampede, jobs: int, options: LiveOptions) -> Figures:
    """``stampede watch`` of a forest that has ended: it reads all and ends."""
    with disk_workspace(options.folder) as folder:
        settings = Settings(str(folder / "root"), jobs, sub_workflows=options.sub_workflows)
        forest.write(*forest.plans(folder / "root", options.sub_workflows, jobs))
        with Trial(folder, settings, stampede) as trial:
            written = trial.writer.tell("begin", share=1.0)
            written = trial.writer.tell("rest")
            watcher = trial.watch()
            if watcher.wait(STARTUP_S) is None:
                raise UnavailableError(f"stampede watch had not ended after {STARTUP_S:.0f} s")
            seconds = time.monotonic() - watcher.started
            rows = trial.table_rows("jobstate")
            sample = watcher.samples[-1]
    note(f"finished forest: {seconds:.1f} s, {rows} rows of {written['rows_in_all']}")
    return {
        "finished_s": round(seconds, 2), "finished_cpu_s": round(sample.cpu_s, 1), "finished_code": watcher.code,
        "finished_peak_rss_mb": round(watcher.peak_rss_kb / 1024), "finished_rows": rows,
        "finished_rows_lacking": written["rows_in_all"] - rows,
    }  # fmt: skip
