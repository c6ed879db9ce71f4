"""Runs to compare, made of a few kinds of jobs."""

from __future__ import annotations

import random

from stampede.query.ended import EndedTry
from stampede.query.run_facts import RunFacts


def a_try(number: int, kind: str, took: float, *, start: float, failed: bool = False, queue: float = 3.0,
          machine: str = "node1") -> EndedTry:  # fmt: skip
    """A try that was submitted ``start`` seconds after the run began."""
    executed = start + queue
    return EndedTry(
        job_instance_id=number, wf_id=1, path=f"{kind}_{number}", transformation=kind, type_desc="compute",
        node_type="job", seq=1, restart_count=0, max_retries=1, failed=failed, exitcode=256 if failed else 0,
        site="pool", machine=machine, slot=f"slot1@{machine}", pre_start_ts=None, submit_ts=start, execute_ts=executed,
        run_start_ts=executed + 0.5, run_end_ts=executed + 0.5 + took, end_ts=executed + took + 1,
        ended_ts=executed + took + 1, runtime_s=took, cpu_s=0.9 * took, memory_mb=100.0, request_memory_mb=200.0,
        hold_count=0, evict_count=0,
    )  # fmt: skip


def a_run(seed: int, *, slower: dict[str, float] | None = None, failing: float = 0.0, kinds: tuple[str, ...] = ("split",
          "map", "merge"), n: int = 40, pace: float = 1.0, machine: str = "node1") -> RunFacts:  # fmt: skip
    """A run whose jobs take about 20 s times ``pace``; those of a kind in ``slower`` so many times that."""
    rng = random.Random(seed)
    tries = []
    for k, kind in enumerate(kinds):
        for i in range(n):
            took = 20 * pace * rng.lognormvariate(0.0, 0.3) * (slower or {}).get(kind, 1.0)
            tries.append(a_try(100 * k + i, kind, took, start=100.0 * k + i, failed=rng.random() < failing,
                               queue=rng.uniform(1, 5), machine=machine))  # fmt: skip
    return RunFacts(
        wf_uuid=f"run-{seed}", label="wf", state="success", started_ts=0.0, ended_ts=max(t.ended_ts for t in tries),
        versions={"planner": "5.1.3"}, jobs=dict.fromkeys(kinds, n), tasks=frozenset(f"{t.path} x" for t in tries),
        edges=10, executables={k: frozenset({f"/bin/{k}"}) for k in kinds}, tries=tries,
        kinds=[t.transformation for t in tries],
    )  # fmt: skip
