"""How good the forecast of the end is: runs that ended are replayed, and asked for their end while they ran.

Each run is loaded, then asked as of 10, 25, 50, 75 and 90 % of its elapsed time through the views that ``--as-of``
uses, so that nothing later is known; what is told is held against its last record. Runs are the recorded ones that
ended well in one go, and generated ones of several shapes, three of each: the second and third have history.
"""

from __future__ import annotations

import math
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from bench import workload
from bench.measure import run, workspace
from bench.measured import Measured
from stampede.analysis.progress.progress import Progress
from stampede.progressing import earlier_tries, progress_of
from stampede.query import Reader, open_database
from stampede.query.past import as_it_stood
from stampede.query.workflows import Workflow, list_workflows

#: shares of the elapsed time at which is asked
SHARES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
#: runs that are named in the goal
NAMED: Final = ("pg_series", "pg_running", "dm_j_wide")
#: how often the interval has to hold the true end
GOAL: Final = (0.7, 0.9)
#: a remaining time shorter than this is not divided by
_LEAST_S = 1.0


class Told(msgspec.Struct):
    """One forecast and what came of it; times in seconds from when it was made."""

    run: str
    share: float
    truth_s: float
    low_s: float
    median_s: float
    high_s: float
    took_s: float
    history: bool

    @property
    def held(self) -> bool:
        """Whether the interval held the true end."""
        return self.low_s <= self.truth_s <= self.high_s


def eta(stampede: workload.Stampede, seed: int, shapes: int) -> Measured:
    """Replay all runs; the goal is met when the intervals of the named runs, of the generated ones and of those with
    history hold the truth in 70 to 90 of 100 cases each."""
    recorded: list[Told] = []
    generated: list[Told] = []
    with workspace(1 << 30) as folder:
        for db in _recorded(stampede, folder):
            recorded += _replay(db)
        for db in _generated(stampede, folder, seed, shapes):
            generated += _replay(db)
    groups = {
        "named": [t for t in recorded if t.run.startswith(NAMED) and not t.history],
        "recorded": [t for t in recorded if not t.history],
        "recorded_with_history": [t for t in recorded if t.history],
        "generated": [t for t in generated if not t.history],
        "generated_with_history": [t for t in generated if t.history],
    }
    figures: dict[str, Any] = {name: _figures(told) for name, told in groups.items() if told}
    figures["by_share"] = {
        str(share): _figures([t for t in (*recorded, *generated) if t.share == share]) for share in SHARES
    }
    figures["took_cpu_p50_ms"] = round(1000 * statistics.median(t.took_s for t in (*recorded, *generated)), 1)
    figures["took_cpu_max_ms"] = round(1000 * max(t.took_s for t in (*recorded, *generated)), 1)
    figures["seed"] = seed
    judged = [figures[n] for n in ("named", "generated", "generated_with_history") if n in figures]
    reached = all(GOAL[0] <= f["coverage"] <= GOAL[1] for f in judged)
    sentence = ", ".join(_words(name, figures[name]) for name in groups if name in figures)
    return Measured(sentence, f"coverage of the 80 % interval {GOAL[0]} to {GOAL[1]}", reached, figures)


def _words(name: str, f: dict[str, float]) -> str:
    return f"{name} {f['coverage']:.2f} of {f['n']} held, median error {f['median_relative_error']:.0%}"


def _figures(told: Sequence[Told]) -> dict[str, float]:
    true = [max(t.truth_s, _LEAST_S) for t in told]
    errors = [abs(t.median_s - x) / x for t, x in zip(told, true, strict=True)]
    logs = [math.log(x / max(t.median_s, 0.1)) for t, x in zip(told, true, strict=True)]
    widths = [(t.high_s - t.low_s) / x for t, x in zip(told, true, strict=True)]
    figures = {
        "coverage": sum(t.held for t in told) / len(told),
        "ended_later": sum(t.truth_s > t.high_s for t in told) / len(told),
        "ended_earlier": sum(t.truth_s < t.low_s for t in told) / len(told),
        "median_relative_error": statistics.median(errors),
        "median_log_error": statistics.median(logs),
        "median_width_of_remaining": statistics.median(widths),
    }
    return {"n": len(told), **{name: round(value, 3) for name, value in figures.items()}}


def _replay(db: Path) -> Iterator[Told]:
    with open_database(f"sqlite:///{db}") as reader:
        for root in sorted(list_workflows(reader), key=lambda w: w.first_ts or 0.0):
            if root.state == "success" and not root.restart_count and root.first_ts and root.last_ts:
                yield from _ask(reader, root, root.first_ts, root.last_ts, db.stem)


def _ask(reader: Reader, root: Workflow, start: float, end: float, name: str) -> Iterator[Told]:
    for share in SHARES:
        at = start + share * (end - start)
        earlier = earlier_tries(reader, root, at)
        with reader.snapshot(), as_it_stood(reader, [root], at) as roots:
            for tries in ([], earlier) if earlier else ([],):
                began = time.process_time()
                told = progress_of(reader, roots[0], at, tries)
                took = time.process_time() - began
                if told is not None and told.eta_ts is not None:
                    yield _told(name, share, at, end, told, took, bool(tries))


def _told(name: str, share: float, at: float, end: float, told: Progress, took: float, history: bool) -> Told:
    low, median, high = ((ts or 0.0) - at for ts in (told.eta_low_ts, told.eta_ts, told.eta_high_ts))
    return Told(name, share, end - at, low, median, high, took, history)


def _recorded(stampede: workload.Stampede, folder: Path) -> Iterator[Path]:
    """Databases of the recorded runs; those of a series go into one, so that later ones have history."""
    shared = Path(os.environ.get("STAMPEDE_SHARED", workload.ROOT.parent / "shared"))
    found: dict[str, list[Path]] = {}
    for run_dir in sorted((*shared.glob("corpus/runs/*/submit"), *shared.glob("corpus/runs-condor25/*/submit"))):
        name = run_dir.parent.name
        if "inprogress" not in name and not name.endswith(("_failed", "_halted")):
            found.setdefault("pg_series" if name.startswith("pg_series") else name, []).append(run_dir)
    for name, dirs in found.items():
        db = folder / f"{name}.db"
        for run_dir in dirs:
            stampede.run("load", run_dir, "--db", f"sqlite:///{db}", ok=(0, 1, 3))
        if db.exists():
            yield db
            db.unlink()


def _generated(stampede: workload.Stampede, folder: Path, seed: int, shapes: int) -> Iterator[Path]:
    """Databases of generated runs, three of a shape."""
    turn = random.Random(seed)
    for number in range(shapes):
        words = [
            "--jobs", turn.choice(("30", "60", "120", "300", "800", "2000", "4000")),
            "--levels", turn.choice(("1", "2", "4", "6", "8")), "--slots", turn.choice(("8", "16", "50", "200", "500")),
            "--failure-rate", turn.choice(("0", "0.02", "0.1")), "--cluster", turn.choice(("1", "1", "5")),
            "--held-rate", turn.choice(("0", "0", "0.02")), "--evict-rate", turn.choice(("0", "0", "0.03")),
            "--retries", "5", "--no-kickstart", "--label", f"shape{number}",
        ]  # fmt: skip
        db = folder / f"shape{number}.db"
        for copy in range(3):
            target = folder / "wf"
            made = run([sys.executable, workload.generator(), target, *words, "--seed", str(1000 * seed + 10 * number
                        + copy), "--start", f"2026-03-{2 + copy:02d}T12:00:00", "--force"])  # fmt: skip
            if made.code != 0:
                raise workload.UnavailableError(f"The generator ended with {made.code}: {made.last_line()}")
            stampede.run("load", target, "--db", f"sqlite:///{db}")
        yield db
        db.unlink()
