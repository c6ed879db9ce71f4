"""``million``: a very large workflow, loaded, then followed while it runs, and again after the watcher was killed."""

from __future__ import annotations

import time
from typing import Any

from bench.live.cases import append, judged, note, start, steady
from bench.live.options import LiveOptions
from bench.live.trial import Trial, disk_workspace, filesystem
from bench.live.writer import Settings
from bench.measured import Measured
from bench.workload import Stampede

Figures = dict[str, Any]
#: lines are appended for so long after the watcher was killed
AFTER_KILL_S = 20.0
#: memory may grow by so much while the workflow runs
FLAT_MB = 20


def million(stampede: Stampede, jobs: int, options: LiveOptions) -> Measured:
    """Load, follow, kill, follow again."""
    with disk_workspace(options.folder) as folder:
        settings = Settings(str(folder / "run0001"), jobs, outputs=options.outputs or 0.0, job_log=options.job_log,
                            own_submit_files=options.submit_files)  # fmt: skip
        began = time.monotonic()
        plan = settings.plan()
        plan.write()
        settings.uuid = plan.uuid
        note(f"{jobs} jobs planned in {time.monotonic() - began:.1f} s")
        with Trial(folder, settings, stampede) as trial:
            before = trial.writer.tell("begin", share=options.ran)
            note(f"{before['jobs_done']} jobs have run ({before['lines']} lines)")
            loaded = stampede.load(trial.submit_dir, folder / "load.db")
            note(f"loaded in {loaded.wall_s:.1f} s, {loaded.peak_rss_kb // 1024} MB")
            watcher = trial.watch()
            startup = start(trial, watcher, jobs)
            trial.wait_for_rows(before["rows_in_all"])
            startup["startup_to_last_row_s"] = round(time.monotonic() - watcher.started, 2)
            rate = options.rate or 5000.0
            told = append(trial, options, rate=rate, seconds=options.seconds or 60.0)
            trial.drain()
            watcher.look()
            first = watcher
            restart = _restart(trial, rate)
            figures = steady(first, trial.lags(scripts=True), told)
            figures |= {
                "jobs": jobs, "jobs_run_before": before["jobs_done"], "load_s": round(loaded.wall_s, 1),
                "load_cpu_s": round(loaded.cpu_s, 1), "load_peak_rss_mb": loaded.peak_rss_kb // 1024, **startup,
                **restart, "filesystem": filesystem(trial.db), **trial.sizes(),
                "rss_growth_mb": figures["rss_mb_at_end"] - figures["rss_mb_at_start"],
            }  # fmt: skip
    what = (
        f"{jobs} jobs: load {figures['load_s']} s, {figures['load_peak_rss_mb']} MB; watch starts in"
        f" {figures['startup_to_last_row_s']} s; killed, it is up to date again {figures['restart_s']} s after its new"
        f" start; {figures['lines_per_s']} lines/s ({figures['states_per_s']} states/s)"
    )
    measured = judged(what, figures)
    flat = figures["rss_growth_mb"] <= FLAT_MB
    return Measured(measured.sentence, f"every row once, memory flat (± {FLAT_MB} MB)",
                    flat and not (figures["lost"] or figures["doubled"] or figures["strange"]), figures)  # fmt: skip


def _restart(trial: Trial, rate: float) -> Figures:
    """Kill the watcher while lines come, start it again: how long until it has all that was written before."""
    trial.kill()
    meanwhile = trial.writer.tell("write", rate=rate, seconds=3.0)
    watcher = trial.watch()
    trial.wait_for_rows(meanwhile["rows_in_all"])
    seconds = time.monotonic() - watcher.started
    note(f"killed and started again: up to date after {seconds:.1f} s, {watcher.peak_rss_kb // 1024} MB")
    trial.writer.tell("write", rate=rate, seconds=AFTER_KILL_S)
    trial.drain()
    watcher.look()
    return {
        "restart_s": round(seconds, 2), "restart_peak_rss_mb": watcher.peak_rss_kb // 1024,
        "restart_rss_mb_at_end": watcher.samples[-1].rss_kb // 1024,
    }  # fmt: skip
