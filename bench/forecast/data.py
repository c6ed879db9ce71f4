"""Recorded workflows in the format of failsim: ``workflows.csv[.xz]`` and ``attempts.csv[.xz]``.

workflows: wf, template, retries, njobs, failed, fatal_time, makespan (others are not read; hidden causes never are).
attempts: wf, job, type, attempt, host, start, end, failed, and site where there is one.
"""

from __future__ import annotations

import csv
import lzma
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.workload import UnavailableError
from stampede.analysis.forecast.evidence import gathered
from stampede.analysis.forecast.facts import Ahead, Group, OpenJob, Running, Try
from stampede.analysis.forecast.model import EndedRun, Snapshot


class Case(msgspec.Struct, kw_only=True):
    """A recorded workflow: what was planned (job -> kind), its tries in the order of their ends, and how it went."""

    label: str
    tries_each: int
    total: int
    failed: bool
    fatal_s: float | None
    makespan_s: float
    plan: dict[str, str]
    tries: list[Try]

    def at(self, now_s: float) -> Snapshot:
        """How it stood then: only tries that had ended are known as ended, those that had begun as running."""
        ended = [t for t in self.tries if t.end_ts <= now_s]
        running = [
            Running(t.job, t.kind, t.host, t.start_ts)
            for t in self.tries
            if t.start_ts is not None and t.start_ts <= now_s < t.end_ts
        ]
        done = {t.job for t in ended if not t.failed}
        failures = Counter(t.job for t in ended if t.failed and t.job not in done)
        last = {t.job: t.host for t in ended}
        here = {r.job: r.host for r in running}
        open_jobs = [
            OpenJob(job=job, kind=self.plan[job], tries=self.tries_each, failed=n, last_host=last[job],
                    host=here.get(job))
            for job, n in failures.items()
            if n < self.tries_each
        ]  # fmt: skip
        fresh = Counter(kind for job, kind in self.plan.items() if job not in done and job not in failures)
        unnamed = self.total - len(self.plan)
        groups = [Group(kind, self.tries_each, n) for kind, n in fresh.items()]
        if unnamed > 0:
            groups.append(Group("(never run)", self.tries_each, unnamed))
        return Snapshot(
            gathered(ended),
            Ahead(
                total=self.total, groups=groups, open_jobs=open_jobs, running=running,
                exhausted=[job for job, n in failures.items() if n >= self.tries_each],
            ),
            now_s,
        )  # fmt: skip

    def ended(self, shares: tuple[float, ...]) -> EndedRun:
        """What is learned from it once it has ended, with how it stood at these shares of its time."""
        snapshots = [self.at(share * self.makespan_s) for share in shares]
        return EndedRun(label=self.label, failed=self.failed, evidence=gathered(self.tries), snapshots=snapshots)


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
                row["job"], row["type"], row["host"], row.get("site"), float(row["start"]), float(row["end"]),
                row["failed"] == "1",
            ))  # fmt: skip
        plans: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for row in workflows:
            plans[row["template"], row["njobs"]].update((t.job, t.kind) for t in attempts[row["wf"]])
        return [
            Case(
                label=row["template"], tries_each=int(row["retries"]) + 1, total=int(row["njobs"]),
                failed=row["failed"] == "1", fatal_s=float(row["fatal_time"]) if row["fatal_time"] else None,
                makespan_s=float(row["makespan"]), plan=plans[row["template"], row["njobs"]],
                tries=sorted(attempts[row["wf"]], key=lambda t: (t.end_ts, t.job)),
            )
            for row in workflows
        ]  # fmt: skip
    except (OSError, lzma.LZMAError, KeyError, ValueError) as error:
        raise UnavailableError(f"{folder} has no workflows in the format of failsim: {error!r}") from error


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    packed = folder / f"{name}.csv.xz"
    if packed.exists():
        with lzma.open(packed, "rt", encoding="utf-8", newline="") as text:
            yield from csv.DictReader(text)
    else:
        with open(folder / f"{name}.csv", encoding="utf-8", newline="") as text:
            yield from csv.DictReader(text)
