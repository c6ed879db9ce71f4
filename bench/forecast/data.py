"""Recorded workflows in the format of failsim: ``workflows.csv[.xz]`` and ``attempts.csv[.xz]``.

workflows: wf, template, retries, njobs, failed, fatal_time, makespan (others are not read; hidden causes never are).
attempts: wf, job, type, attempt, host, start, end, failed, and site where there is one.
"""

from __future__ import annotations

import csv
import lzma
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.workload import UnavailableError
from stampede.analysis.forecast import EndedRun, Planned, Snapshot, Try, ended_run, snapshot


class Case(msgspec.Struct, kw_only=True):
    """A recorded workflow: what was planned, its tries in the order of their ends, and how it went."""

    label: str
    tries_each: int
    total: int
    failed: bool
    fatal_s: float | None
    makespan_s: float
    kinds: dict[str, str]
    tries: list[Try]

    @property
    def plan(self) -> dict[str, Planned]:
        return {job: Planned(kind, self.tries_each) for job, kind in self.kinds.items()}

    @property
    def _unnamed(self) -> int:
        return max(0, self.total - len(self.kinds))

    def at(self, now_s: float) -> Snapshot:
        """How it stood then."""
        return snapshot(self.plan, self.tries, now_s, unnamed=self._unnamed)

    def ended(self, shares: tuple[float, ...]) -> EndedRun:
        """What is learned from it once it has ended, with how it stood at these shares of its time."""
        times = [share * self.makespan_s for share in shares]
        return ended_run(self.label, self.failed, self.plan, self.tries, times, unnamed=self._unnamed)


def cases(folder: Path) -> list[Case]:
    """All workflows of a folder, in its order. Raises UnavailableError when it is not there or not of the format.

    What was planned is not in the format: a DAG is known before it runs, so it is put together from all runs of it
    (same template, same number of jobs).
    """
    try:
        workflows = list(_rows(folder, "workflows"))
        attempts: dict[str, list[Try]] = defaultdict(list)
        for row in _rows(folder, "attempts"):
            attempts[row["wf"]].append(Try(
                row["job"], row["type"], row["host"] or None, row.get("site") or None, float(row["start"]),
                float(row["end"]), _yes(row["failed"]),
            ))  # fmt: skip
        plans: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for row in workflows:
            plans[row["template"], row["njobs"]].update((t.job, t.kind) for t in attempts[row["wf"]])
        return [
            Case(
                label=row["template"], tries_each=int(row["retries"]) + 1, total=int(row["njobs"]),
                failed=_yes(row["failed"]), fatal_s=_time(row["fatal_time"]),
                makespan_s=float(row["makespan"]), kinds=plans[row["template"], row["njobs"]],
                tries=sorted(attempts[row["wf"]], key=lambda t: (t.end_ts, t.job)),
            )
            for row in workflows
        ]  # fmt: skip
    except (OSError, lzma.LZMAError, KeyError, ValueError) as error:
        raise UnavailableError(f"{folder} has no workflows in the format of failsim: {error!r}") from error


def _yes(text: str) -> bool:
    return text.strip().lower() in ("1", "1.0", "true")


def _time(text: str) -> float | None:
    """A time, None where there is none (empty, or no number)."""
    value = float(text) if text.strip() else math.nan
    return value if math.isfinite(value) else None


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    packed = folder / f"{name}.csv.xz"
    if packed.exists():
        with lzma.open(packed, "rt", encoding="utf-8", newline="") as text:
            yield from csv.DictReader(text)
    else:
        with open(folder / f"{name}.csv", encoding="utf-8", newline="") as text:
            yield from csv.DictReader(text)
