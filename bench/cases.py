"""The measurements: each takes the options and gives figures; ``ratio`` is against the reference of this run."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from bench import forest_rows, workload
from bench import peer as peer_tools
from bench.anomaly.case import anomaly
from bench.api.case import api
from bench.archive.case import questions
from bench.bus.case import bus
from bench.eta import eta
from bench.faults.case import faults
from bench.forecast.case import forecast_case
from bench.live import options as live_options
from bench.live.cases import live
from bench.live.forest_case import forest_case
from bench.live.million import million
from bench.live.play import play
from bench.measure import Cost, best, ratio, run, workspace
from bench.measured import Measured
from bench.months import months
from bench.page.case import page
from bench.page.pixel import pixel
from bench.pictures import pictures
from bench.servers import servers
from bench.sse.case import sse
from bench.triage_case import triage

Figures = dict[str, Any]


class Options(msgspec.Struct, frozen=True):
    """What the command line of ``bench/run.py`` says; ``None`` jobs means each measurement's own size."""

    stampede: workload.Stampede
    venv: Path | None = None
    jobs: int | None = None
    peer_jobs: int = 1000
    runs: int = 3
    seed: int = 7
    shapes: int = 16
    full_peer: bool = False
    live: live_options.LiveOptions = live_options.LiveOptions()
    data: Path | None = None
    listeners: int = 500
    only: str | None = None
    together: int = 1
    kept: Path | None = None
    workers: int | None = None

    def peer(self) -> peer_tools.Peer:
        return peer_tools.get(self.venv)


def _rate(count: int, seconds: float) -> float:
    return round(count / seconds, 1) if seconds > 0 else 0.0


def _loads(options: Options, source: Path, db: Path) -> Cost:
    return best([options.stampede.load(source, db) for _ in range(options.runs)])


def events(options: Options) -> Measured:
    """Event file to SQLite, whole commands: ours against the peer's loader on the same file, and ours on ten copies."""
    peer = options.peer()
    jobs = options.jobs or 1000
    copies = 10
    with workspace(jobs * (workload.BYTES_PER_JOB + 16_000 * (copies + 1))) as folder:
        source = workload.submit_dir(folder / "wf", jobs)
        stream = folder / "events.bp"
        peer_tools.monitord_replay(peer, source, stream, encoding="bp")
        theirs, told = peer_tools.load_bp(peer, stream, folder / "theirs.db")
        ours = _loads(options, stream, folder / "ours.db")
        tables = ["job", "job_instance", "jobstate", "invocation", "task", "rc_meta", "host", "integrity"]
        mine, other = (workload.row_counts(folder / name, tables) for name in ("ours.db", "theirs.db"))
        big = workload.copies_of_stream(stream, folder / "big.bp", copies)
        large = options.stampede.load(big, folder / "big.db")
    count = int(told["events"])
    figures: Figures = {
        "events": count,
        "ratio": ratio(theirs.wall_s, ours.wall_s),
        "ratio_cpu": ratio(theirs.cpu_s, ours.cpu_s),
        "ratio_large": round(_rate(count * copies, large.wall_s) / _rate(count, theirs.wall_s), 1),
        "ours_events_per_s": _rate(count, ours.wall_s),
        "ours_events_per_cpu_s": _rate(count, ours.cpu_s),
        "ours_large_events_per_s": _rate(count * copies, large.wall_s),
        "ours_large_events_per_cpu_s": _rate(count * copies, large.cpu_s),
        "ours_large_peak_rss_kb": large.peak_rss_kb,
        "peer_events_per_s": _rate(count, theirs.wall_s),
        "peer_events_per_cpu_s": _rate(count, theirs.cpu_s),
        "rows_differ": {name: (mine[name], other[name]) for name in tables if mine[name] != other[name]},
    }
    sentence = (
        f"{count} events in {ours.wall_s:.2f} s, the peer {theirs.wall_s:.2f} s: {figures['ratio']}x"
        f" ({figures['ratio_cpu']}x by CPU); {copies} times the file {figures['ours_large_events_per_s']:.0f} events/s,"
        f" {figures['ratio_large']}x"
    )
    reached = figures["ratio_large"] >= 40 and not figures["rows_differ"]
    return Measured(sentence, ">= 40x on the large file, same rows", reached, figures)


def submitdir(options: Options) -> Measured:
    """Submit directory to SQLite: ours on 10,000 jobs; the peer's replay on fewer, its cost per job being constant."""
    peer = options.peer()
    jobs = options.jobs or 10_000
    peer_jobs = jobs if options.full_peer else min(jobs, options.peer_jobs)
    with workspace((jobs + peer_jobs) * workload.BYTES_PER_JOB) as folder:
        source = workload.submit_dir(folder / "ours", jobs)
        ours = _loads(options, source, folder / "ours.db")
        wrong = workload.wrong_tables(source, folder / "ours.db")
        small = workload.submit_dir(folder / "theirs", peer_jobs)
        theirs = peer_tools.monitord_replay(peer, small, folder / "theirs.db", timeout_s=7200)
    figures: Figures = {
        "jobs": jobs,
        "peer_jobs": peer_jobs,
        "ratio": round(_rate(jobs, ours.wall_s) / _rate(peer_jobs, theirs.wall_s), 1),
        "ratio_cpu": round(_rate(jobs, ours.cpu_s) / _rate(peer_jobs, theirs.cpu_s), 1),
        "ours_jobs_per_s": _rate(jobs, ours.wall_s),
        "ours_cpu_s": round(ours.cpu_s, 2),
        "ours_peak_rss_kb": ours.peak_rss_kb,
        "peer_jobs_per_s": _rate(peer_jobs, theirs.wall_s),
        "peer_cpu_s": round(theirs.cpu_s, 2),
        "wrong_tables": wrong,
    }
    sentence = (
        f"{jobs} jobs in {ours.wall_s:.2f} s = {figures['ours_jobs_per_s']:.0f} jobs/s; the peer {peer_jobs} jobs in"
        f" {theirs.wall_s:.1f} s = {figures['peer_jobs_per_s']:.0f} jobs/s: {figures['ratio']}x"
    ) + (f"; wrong rows: {', '.join(wrong)}" if wrong else "; rows as predicted")
    return Measured(sentence, ">= 100x, rows as predicted", figures["ratio"] >= 100 and not wrong, figures)


def kickstart(options: Options) -> Measured:
    """Job outputs with kickstart records, read and parsed; the interpreter's start left out on both sides."""
    peer = options.peer()
    count = options.jobs or 300
    with workspace(count * workload.BYTES_PER_JOB * 2) as folder:
        outputs = workload.job_outputs(workload.submit_dir(folder / "wf", count + 50), count)
        _, theirs = peer_tools.parse_kickstart(peer, outputs)
        names = folder / "names.txt"
        names.write_text("\n".join(map(str, outputs)))
        repeat = 20
        driver = Path(__file__).with_name("our_kickstart.py")
        done = [run([sys.executable, driver, names, str(repeat)]) for _ in range(options.runs)]
        failed = next((cost for cost in done if cost.code != 0), None)
        if failed is not None:
            raise workload.UnavailableError(f"our_kickstart.py ended with {failed.code}: {failed.last_line()}")
        ours: Figures = min((json.loads(cost.out) for cost in done), key=lambda figures: figures["wall_s"])
    figures: Figures = {
        "files": len(outputs),
        "records": theirs["records"],
        "ratio": round(_rate(ours["records"], ours["wall_s"]) / _rate(theirs["records"], theirs["wall_s"]), 1),
        "ours_records_per_s": _rate(ours["records"], ours["wall_s"]),
        "peer_records_per_s": _rate(theirs["records"], theirs["wall_s"]),
        "same_count": ours["records"] == repeat * theirs["records"],
    }
    sentence = (
        f"{figures['ours_records_per_s']:.0f} records/s, the peer {figures['peer_records_per_s']:.0f}:"
        f" {figures['ratio']}x"
    ) + ("" if figures["same_count"] else f" (ours found {ours['records'] / repeat:g}, the peer {theirs['records']})")
    return Measured(sentence, ">= 100x, same records", figures["ratio"] >= 100 and figures["same_count"], figures)


def status(options: Options) -> Measured:
    """``stampede status`` as a user waits for it, at 100,000 jobs; reference: an interpreter that does nothing."""
    jobs = options.jobs or 100_000
    with workspace(jobs * workload.BYTES_PER_JOB) as folder:
        source = workload.submit_dir(folder / "wf", jobs)
        db = folder / "wf.db"
        loaded = options.stampede.load(source, db)
        words = ("status", source, "--db", f"sqlite:///{db}")
        asked = [options.stampede.run(*words, ok=(0, 1)) for _ in range(5)]
        empty = best([run([sys.executable, "-c", "pass"]) for _ in range(5)])
    walls = [cost.wall_s for cost in asked]
    figures: Figures = {
        "jobs": jobs,
        "median_s": round(statistics.median(walls), 3),
        "max_s": round(max(walls), 3),
        "cpu_s": round(statistics.median(cost.cpu_s for cost in asked), 3),
        "interpreter_s": round(empty.wall_s, 3),
        "times_interpreter": ratio(statistics.median(walls), empty.wall_s),
        "load_s": round(loaded.wall_s, 1),
        "load_jobs_per_s": _rate(jobs, loaded.wall_s),
    }
    sentence = (
        f"{figures['median_s']} s (max {figures['max_s']} s) at {jobs} jobs, of which the interpreter"
        f" {figures['interpreter_s']} s; loading them took {figures['load_s']} s"
    )
    return Measured(sentence, "< 0.3 s", figures["median_s"] < 0.3, figures)


def stats(options: Options) -> Measured:
    """``stampede stats`` on a forest of 1,000,000 jobs, the whole command; reference: the same sums from the rows."""
    jobs = options.jobs or 1_000_000
    with workspace(jobs * 1_000) as folder:
        db = folder / "forest.db"
        began = time.perf_counter()
        subs = forest_rows.make(db, jobs)
        made_s = time.perf_counter() - began
        url = f"sqlite:///{db}"
        words = ("stats", "--db", url, "--all")
        asked = [options.stampede.run(*words) for _ in range(2 * options.runs)]
        told = {
            section: round(best([options.stampede.run(*words, "-s", section) for _ in range(options.runs)]).wall_s, 3)
            for section in ("summary", "workflows", "efficiency", "hosts", "time", "integrity")
        }
        rows = options.stampede.run(*words, "-s", "jobs", "--csv", folder / "csv")
        forest_rows.unseal(db)
        anew = options.stampede.run(*words)
        empty = best([run([sys.executable, "-c", "pass"]) for _ in range(5)])
    walls = [cost.wall_s for cost in asked]
    figures: Figures = {
        "jobs": jobs,
        "sub_workflows": subs,
        "best_s": round(min(walls), 3),
        "median_s": round(statistics.median(walls), 3),
        "cpu_s": round(min(cost.cpu_s for cost in asked), 3),
        "peak_rss_mb": asked[0].peak_rss_kb // 1024,
        "sections_s": told,
        "all_tries_as_csv_s": round(rows.wall_s, 1),
        "all_tries_peak_rss_mb": rows.peak_rss_kb // 1024,
        "from_the_rows_s": round(anew.wall_s, 1),
        "ratio": ratio(anew.wall_s, min(walls)),
        "interpreter_s": round(empty.wall_s, 3),
        "making_s": round(made_s, 1),
    }
    sentence = (
        f"{figures['best_s']} s (median {figures['median_s']} s, CPU {figures['cpu_s']} s) at {jobs} jobs in"
        f" {subs} sub-workflows; from the rows {figures['from_the_rows_s']} s: {figures['ratio']}x; every try"
        f" as CSV {figures['all_tries_as_csv_s']} s"
    )
    return Measured(sentence, "< 1 s", figures["best_s"] < 1, figures)


def memory(options: Options) -> Measured:
    """Peak memory of ``stampede load``: what 1,000 more finished jobs of one DAG cost, and 1,000 more jobs of a larger
    one (its nodes and edges have to be known)."""
    sizes = _sizes(options.jobs or 50_000)
    peaks: dict[int, int] = {}
    with workspace(max(sizes) * workload.BYTES_PER_JOB) as folder:
        for jobs in sizes:
            source = workload.submit_dir(folder / "wf", jobs)
            peaks[jobs] = options.stampede.load(source, folder / "wf.db").peak_rss_kb
        early = workload.cut_log(source, 0.2)
        finished = {early: options.stampede.load(source, folder / "wf.db").peak_rss_kb, max(sizes): peaks[max(sizes)]}
        theirs = _their_peaks(options, folder)
    growth = _growth(finished)
    reference = _growth(theirs) if theirs else None
    figures: Figures = {
        "peak_rss_kb": {str(jobs): kb for jobs, kb in peaks.items()},
        "peak_rss_kb_by_finished_jobs": {str(jobs): kb for jobs, kb in finished.items()},
        "kb_per_1000_finished_jobs": round(growth, 1),
        "kb_per_1000_jobs": round(_growth(peaks), 1),
        "peer_kb_per_1000_jobs": round(reference, 1) if reference is not None else None,
        "ratio": ratio(reference, growth) if reference is not None and growth > 0 else None,
    }
    told = ", ".join(f"{kb / 1024:.0f} MB at {jobs}" for jobs, kb in peaks.items())
    cut = f"{finished[early] / 1024:.0f} MB with {early} of {max(sizes)} finished"
    sentence = f"{told} jobs, {cut}: {growth / 1024:.2f} MB per 1,000 finished jobs" + (
        f"; the peer {reference / 1024:.1f} MB" if reference is not None else ""
    )
    # finished jobs must not stay in memory: what remains of each is a few numbers
    return Measured(sentence, "< 1 MB per 1,000 finished jobs", growth < 1024, figures)


def _sizes(largest: int) -> list[int]:
    return [max(largest // 25, 1), max(largest // 5, 2), max(largest, 3)]


def _their_peaks(options: Options, folder: Path) -> dict[int, int]:
    peer = peer_tools.find(options.venv)
    if peer is None:  # ours is worth measuring alone
        return {}
    peaks = {}
    for jobs in (100, options.peer_jobs):
        source = workload.submit_dir(folder / "wf", jobs)
        peaks[jobs] = peer_tools.monitord_replay(peer, source, folder / "theirs.db").peak_rss_kb
    return peaks


def _growth(peaks: dict[int, int]) -> float:
    first, last = min(peaks), max(peaks)
    return (peaks[last] - peaks[first]) / ((last - first) / 1000)


CASES: dict[str, Callable[[Options], Measured]] = {
    "events": events,
    "submitdir": submitdir,
    "kickstart": kickstart,
    "status": status,
    "stats": stats,
    "memory": memory,
}
#: these take minutes and a quiet machine: only when they are named
LIVE_CASES: dict[str, Callable[[Options], Measured]] = {
    "eta": lambda o: eta(o.stampede, o.seed, o.shapes),
    "live": lambda o: live(o.stampede, o.jobs or 100_000, o.live),
    "play": lambda o: play(o.stampede, o.jobs or 5000, o.live, o.venv),
    "forest": lambda o: forest_case(o.stampede, o.jobs or 20, o.live),
    "triage": lambda o: triage(o.stampede, o.jobs or 1_000_000),
    "pictures": lambda o: pictures(o.stampede, o.jobs or 100_000),
    "sse": lambda o: sse(o.listeners, int(o.live.rate or 1000), o.live.seconds or 20.0),
    "bus": lambda o: bus(o.stampede, o.jobs or 1000, o.runs),
    "api": lambda o: api(o.jobs or 1_000_000, o.venv, o.workers),
    "page": lambda o: page(o.stampede, o.jobs or 100_000),
    "pixel": lambda o: pixel(o.stampede, o.jobs or 2000),
    "servers": lambda o: servers(o.stampede, o.jobs or 10_000),
    "months": lambda o: months(o.stampede, o.jobs or 2000),
    "million": lambda o: million(o.stampede, o.jobs or 1_000_000, o.live),
    "faults": lambda o: faults(o.runs, o.seed, o.only, o.together, o.kept),
    "questions": lambda o: questions(o.stampede, o.jobs or 100_000, o.runs),
    "forecast": lambda o: forecast_case(o.data),
}
#: these want recorded data of others: only when they are named
DATA_CASES: dict[str, Callable[[Options], Measured]] = {"anomaly": lambda o: anomaly(o.data)}
