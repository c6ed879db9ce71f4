"""``triage``: what is wrong with a very large workflow of which many tries failed, as a user waits for the answer."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

from bench import failing
from bench.measure import best, ratio, run, workspace
from bench.measured import Measured
from bench.workload import Stampede

#: bytes of the stream and of the database a job
_BYTES_PER_JOB = 4_500
_GOAL_S = 2.0


def triage(stampede: Stampede, jobs: int) -> Measured:
    """``stampede triage`` where one job in ten failed; reference: an interpreter that does nothing."""
    with workspace(jobs * _BYTES_PER_JOB) as place:
        stream, db = place / "failing.bp", place / "failing.db"
        told = failing.write(stream, jobs, jobs // 10)
        began = time.monotonic()
        stampede.load(stream, db)
        load_s = time.monotonic() - began
        words = ("triage", "--db", f"sqlite:///{db}")
        asked = [stampede.run(*words, ok=(1,)) for _ in range(5)]
        answer = json.loads(stampede.run(*words, "--json", ok=(1,)).out)
        empty = best([run(["python3", "-c", "pass"]) for _ in range(3)])
    counted = sorted(cause["attempts"] for cause in answer["causes"])
    walls = [cost.wall_s for cost in asked]
    figures: dict[str, Any] = {
        "jobs": jobs,
        "failed_tries": sum(told.values()),
        "median_s": round(statistics.median(walls), 2),
        "min_s": round(min(walls), 2),
        "cpu_s": round(statistics.median(cost.cpu_s for cost in asked), 2),
        "peak_rss_kb": max(cost.peak_rss_kb for cost in asked),
        "times_interpreter": ratio(statistics.median(walls), empty.wall_s),
        "load_s": round(load_s, 1),
        "counts_exact": counted == sorted(told.values()),
    }
    sentence = (
        f"{figures['median_s']} s (best {figures['min_s']} s, {figures['cpu_s']} s of CPU) for"
        f" {figures['failed_tries']} failed tries of {jobs} jobs;"
        f" counts {'exact' if figures['counts_exact'] else f'WRONG: {counted}'}; loading took {load_s:.0f} s"
    )
    reached = figures["median_s"] < _GOAL_S and figures["counts_exact"]
    return Measured(sentence, f"< {_GOAL_S} s, exact counts", reached, figures)
