"""Made-up runs: tries of jobs whose times are drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

from stampede.analysis.anomaly.observation import Observation
from stampede.query.measured import MeasuredTry


def observations(
    runs: int,
    *,
    hosts: int = 4,
    jobs: int = 24,
    seed: int = 1,
    noise: float = 0.03,
    slow: dict[tuple[int, str], float] | None = None,
    size_s: float = 100.0,
) -> Iterator[Observation]:
    """``runs`` runs of ``jobs`` jobs each; ``slow`` says by how much a host's jobs take longer in a run."""
    chance = random.Random(seed)
    for run in range(runs):
        for job in range(jobs):
            host = f"h{chance.randrange(hosts)}"
            usual = size_s * (1 + job % 5)
            factor = (slow or {}).get((run, host), 1.0) * chance.lognormvariate(0.0, noise)
            work = usual * factor
            yield Observation(
                run=f"run{run}", job=f"j{job}", transformation=f"t{job % 3}", host=host, ended_ts=run * 1e5 + job,
                duration_s=work + 10, work_s=work, staging_s=10 * factor, cpu_s=usual * 0.9,
            )  # fmt: skip


def tried(path: str, ended_ts: float, *, took_s: float = 60.0, seq: int = 1, host: str = "h1", failed: bool = False,
          transformation: str | None = "t") -> MeasuredTry:  # fmt: skip
    """An ended try."""
    return MeasuredTry(
        job_instance_id=seq, path=path, attempt=seq, transformation=transformation, type_desc="compute", failed=failed,
        machine=host, submit_ts=ended_ts - took_s - 5, execute_ts=ended_ts - took_s, ended_ts=ended_ts,
        duration_s=took_s, work_s=took_s, staging_s=0.0, cpu_s=took_s * 0.9,
    )  # fmt: skip
