"""What pictures cost at any size: `stampede plot` and `stampede report` on a database written in bulk."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from bench.measure import ratio, run, workspace
from bench.measured import Measured
from bench.workload import Stampede

Figures = dict[str, Any]
#: bytes of the database per job
BYTES_PER_JOB = 700
KINDS = ("gantt", "hosts", "jobs", "breakdown", "failures", "runtimes")
#: with the causes of triage in it, whose cost follows the failures: told, but not counted against the reference
WITH_CAUSES = frozenset({"failures"})
MOST_BYTES = 1_500_000
MOST_KB = 100 * 1024
MOST_TIMES = 20.0

#: the reference: an interpreter that reads the times of all tries, row by row, and does nothing with them
_READ = """
import sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute(
    "SELECT job_instance_id, submit_ts, execute_ts, end_ts, state_ts, outcome FROM job_instance")
for row in rows:
    pass
"""


def pictures(stampede: Stampede, jobs: int) -> Measured:
    """Each picture and the page: time, memory, size, at one number of jobs."""
    with workspace(2 * jobs * BYTES_PER_JOB) as folder:
        db = folder / "big.db"
        # by a process of its own: what is in memory here counts as the child's
        run([sys.executable, "-c", f"from bench.big_database import fill; from pathlib import Path; "
             f"fill(Path({str(db)!r}), {jobs})"], env={"PYTHONPATH": str(Path(__file__).parent.parent)})  # fmt: skip
        bare = run([sys.executable, "-c", _READ, db])
        told = {kind: _plot(stampede, kind, db, folder) for kind in KINDS}
        page = folder / "page.html"
        report = stampede.run("report", "--db", f"sqlite:///{db}", "-o", page)
        size = page.stat().st_size
    figures: Figures = {
        "jobs": jobs,
        "bare_read_cpu_s": round(bare.cpu_s, 2),
        "pictures": told,
        "report": {"wall_s": round(report.wall_s, 2), "cpu_s": round(report.cpu_s, 2),
                   "peak_rss_kb": report.peak_rss_kb, "size_bytes": size},
    }  # fmt: skip
    counted = [told[kind] for kind in KINDS if kind not in WITH_CAUSES]
    times = max(ratio(f["cpu_s"], bare.cpu_s) for f in counted)
    peak = max(f["peak_rss_kb"] for f in counted)
    largest = max(f["size_bytes"] for f in told.values())
    figures |= {"times_bare_read": times, "largest_svg_bytes": largest, "peak_rss_kb": peak}
    least, most = (pick(f["cpu_s"] for f in counted) for pick in (min, max))
    sentence = (
        f"{jobs} jobs: a picture takes {least} to {most} s of CPU (at most {times} times bare reading),"
        f" {peak / 1024:.0f} MB, {largest / 1000:.0f} kB of SVG; failures with their causes"
        f" {told['failures']['cpu_s']} s; the page {figures['report']['cpu_s']} s, {size / 1000:.0f} kB"
    )
    reached = times <= MOST_TIMES and peak <= MOST_KB and largest <= MOST_BYTES
    return Measured(sentence, "<= 20x bare reading, <= 100 MB, <= 1.5 MB of SVG", reached, figures)


def _plot(stampede: Stampede, kind: str, db: Path, folder: Path) -> Figures:
    target = folder / f"{kind}.svg"
    cost = stampede.run("plot", kind, "--db", f"sqlite:///{db}", "-o", target)
    ET.parse(target)
    return {"wall_s": round(cost.wall_s, 2), "cpu_s": round(cost.cpu_s, 2), "peak_rss_kb": cost.peak_rss_kb,
            "size_bytes": target.stat().st_size}  # fmt: skip
