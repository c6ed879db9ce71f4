"""Runs as forecasts see them, written down by hand or made at random."""

from __future__ import annotations

import random
from collections.abc import Sequence

from stampede.analysis.forecast import EndedRun, Experience, Planned, Try, ended_run
from stampede.analysis.forecast.replay import SHARES


def a_try(
    job: str, kind: str = "work", *, end: float = 0.0, failed: bool = False, host: str | None = "h1",
    site: str | None = None, took: float = 10.0,
) -> Try:  # fmt: skip
    return Try(job, kind, host, site, end - took, end, failed, end - took - 5.0)


def made_run(
    seed: int, *, jobs: int = 40, rate: float = 0.05, tries: int = 3, hosts: int = 4, label: str = "made"
) -> EndedRun:
    """A run whose tries fail by chance."""
    draw = random.Random(seed)
    plan = {f"j{i}": Planned("work" if i % 3 else "sort", tries) for i in range(jobs)}
    done: list[Try] = []
    lost = False
    for i, (job, planned) in enumerate(plan.items()):
        for number in range(tries):
            failed = draw.random() < rate
            end = 10.0 * i + 100.0 * number + draw.random()
            done.append(a_try(job, planned.kind, end=end, failed=failed, host=f"h{draw.randrange(hosts)}"))
            if not failed:
                break
        else:
            lost = True
    done.sort(key=lambda t: t.end_ts)
    last = done[-1].end_ts
    return ended_run(label, lost, plan, done, [share * last for share in SHARES])


def experienced(seeds: Sequence[int] = range(12), **how: float) -> Experience:
    """What such runs teach."""
    experience = Experience()
    for seed in seeds:
        experience.learn(made_run(seed, **how))  # type: ignore[arg-type]
    experience.calibrate()
    return experience
