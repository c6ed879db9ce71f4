"""``faults``: the series, and the table of it.

A run's seed says all that is random in it: ``--seed S --runs 1`` plays run S once more (moments differ, as the machine
has other things to do). ``--together 2`` plays two at a time, each in a laboratory of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from bench import workload
from bench.faults import network
from bench.faults.kinds import NAMES
from bench.faults.play import Outcome
from bench.measured import Measured

_ROOT: Final = Path(__file__).resolve().parents[2]
_SUMS: Final = ("rows", "lost", "doubled", "other", "disordered")
_GOAL: Final = "nothing lost, doubled or out of order in any run"


def faults(runs: int, seed: int, only: str | None, together: int, kept: Path | None) -> Measured:
    """``runs`` runs from ``seed`` on. What explains a run that was not clean is kept in a folder."""
    if only is not None and only not in NAMES:
        raise workload.UnavailableError(f"There is no fault {only!r}; there are {', '.join(NAMES)}.")
    kept = kept or Path(tempfile.mkdtemp(prefix="stampede-faults-kept-"))
    if not network.possible():
        raise workload.UnavailableError("Networks to be cut, disks to be filled and servers to be killed want root.")
    kept.mkdir(parents=True, exist_ok=True)
    outcomes = _Series(list(range(seed, seed + runs)), only, kept).played(together)
    clean = sum(o.clean for o in outcomes)
    print(table(outcomes), file=sys.stderr)
    figures: dict[str, Any] = {
        "runs": len(outcomes), "clean": clean, "seed": seed,
        **{name: sum(getattr(o, name) for o in outcomes) for name in _SUMS},
        "kinds": [_line(name, some) for name, some in _by_kind(outcomes)],
        "not_clean": [o.seed for o in outcomes if not o.clean],
    }  # fmt: skip
    sentence = f"{clean} of {len(outcomes)} runs clean, {figures['rows']} rows compared, {figures['lost']} lost"
    return Measured(sentence, _GOAL, clean == len(outcomes) == runs, figures)


class _Series:
    """Runs, given out to laboratories that are processes of their own."""

    def __init__(self, seeds: list[int], only: str | None, kept: Path) -> None:
        self._left = seeds
        self._number = len(seeds)
        self._only, self._kept = only, kept
        self._lock = threading.Lock()
        self._found: list[Outcome] = []

    def played(self, together: int) -> list[Outcome]:
        # when this process is ended, laboratories see that nobody talks to them any more, and clear up
        threads = [threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(together)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(self._found, key=lambda o: o.seed)

    def _work(self, number: int) -> None:
        words = [sys.executable, "-m", "bench.faults.worker", str((os.getpid() + number) % 250 + 1), str(self._kept),
                 self._only or ""]  # fmt: skip
        with subprocess.Popen(words, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdin is not None
            assert worker.stdout is not None
            while True:
                with self._lock:
                    if not self._left:
                        break
                    seed = self._left.pop(0)
                worker.stdin.write(f"{seed}\n")
                worker.stdin.flush()
                line = worker.stdout.readline()
                if not line:
                    break
                self._note(msgspec.json.decode(line, type=Outcome))
            worker.stdin.close()
            worker.wait()

    def _note(self, one: Outcome) -> None:
        with self._lock:
            self._found.append(one)
            with open(self._kept / "outcomes.jsonl", "ab") as file:
                file.write(msgspec.json.encode(one) + b"\n")
            verdict = "clean" if one.clean else f"NOT CLEAN {json.dumps(msgspec.to_builtins(one))[:900]}"
            beside = f" + {one.beside}" if one.beside else ""
            print(
                f"{time.strftime('%H:%M:%S')} {len(self._found)}/{self._number} seed {one.seed}: {one.kind}{beside}, "
                f"{one.path} {one.source} -> {one.store}: {one.rows} rows, recovered in {one.recovery_s} s, took "
                f"{one.took_s} s, ended in {one.ended_s} s: {verdict}",
                file=sys.stderr, flush=True,
            )  # fmt: skip


def _by_kind(outcomes: list[Outcome]) -> list[tuple[str, list[Outcome]]]:
    names = sorted({o.kind for o in outcomes})
    return [(name, [o for o in outcomes if o.kind == name]) for name in names] + [("all", outcomes)]


def _line(name: str, some: list[Outcome]) -> dict[str, Any]:
    times = sorted(o.recovery_s for o in some) or [0.0]
    total: Callable[[str], int] = lambda field: sum(getattr(o, field) for o in some)  # noqa: E731
    return {
        "kind": name, "runs": len(some), "clean": sum(o.clean for o in some), "rows": total("rows"),
        "lost": total("lost"), "doubled": total("doubled"), "other": total("other"),
        "disordered": total("disordered"), "recovery_p50_s": round(times[len(times) // 2], 1),
        "recovery_max_s": round(times[-1], 1),
    }  # fmt: skip


def table(outcomes: list[Outcome]) -> str:
    """As Markdown: a line for each kind of fault, and one for all."""
    lines = ["| fault | runs | clean | rows | lost | doubled | differ | out of order | recovery p50 s | max s |",
             "|---|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for name, some in _by_kind(outcomes):
        f = _line(name, some)
        lines.append(
            f"| {name} | {f['runs']} | {f['clean']} | {f['rows']:,} | {f['lost']} | {f['doubled']} | {f['other']} | "
            f"{f['disordered']} | {f['recovery_p50_s']} | {f['recovery_max_s']} |"
        )
    return "\n".join(lines)
