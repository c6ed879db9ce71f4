"""What to ask for: enough, not too much, and never what was too little."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stampede.analysis.advice.resources import ENOUGH, STEP_MB, memory_after, resource_advice, stopped_for_memory
from stampede.query.usage import TryUsage


def usage(memory_mb: float | None, **values: object) -> TryUsage:
    facts = {
        "kind": "work", "failed": False, "on_memory": False, "request_memory_mb": 2048.0, "given_memory_mb": 2048.0,
        "memory_mb": memory_mb, "request_disk_mb": None, "disk_mb": None, "request_cpus": 1.0, "cpu_s": None,
        "wall_s": None, "signal": 0,
    }  # fmt: skip
    return TryUsage(**{**facts, **values})  # type: ignore[arg-type]


@given(st.lists(st.floats(1, 1e5), min_size=ENOUGH, max_size=80))
def test_the_request_covers_95_percent_and_is_a_multiple_of_the_step(used: list[float]) -> None:
    (advice,) = resource_advice([usage(mb) for mb in used])
    asked = advice.memory_mb.advised
    assert asked is not None
    assert asked % STEP_MB == 0
    assert sum(mb <= asked for mb in used) >= 0.95 * len(used)
    assert asked <= 1.2 * max(used) + STEP_MB


@given(st.lists(st.floats(1, 500), min_size=ENOUGH, max_size=30), st.floats(600, 9000))
def test_never_below_what_failed_on_memory(used: list[float], had: float) -> None:
    tries = [*(usage(mb) for mb in used), usage(had, failed=True, on_memory=True, given_memory_mb=had)]
    (advice,) = resource_advice(tries)
    assert advice.memory_mb.advised is not None
    assert advice.memory_mb.advised > had
    assert advice.on_memory == 1


def test_too_little_data_is_said_and_nothing_advised() -> None:
    (advice,) = resource_advice([usage(100.0)] * (ENOUGH - 1))
    assert (advice.enough, advice.lines) == (False, [])
    assert advice.remarks == [f"Too little data: {ENOUGH - 1} of the {ENOUGH} successful tries that it takes."]


def test_lines_of_a_submit_file() -> None:
    (advice,) = resource_advice([usage(100.0, disk_mb=10.0, cpu_s=39.0, wall_s=20.0)] * 20)
    assert advice.lines == ["request_memory = 128 MB", "request_disk = 64 MB", "request_cpus = 2"]
    assert "Asks for 16.0 times the memory that it needs." in advice.remarks


def test_killed_at_the_limit_is_a_failure_on_memory_but_killed_far_below_is_not() -> None:
    assert stopped_for_memory(usage(2000.0, failed=True, signal=9))
    assert not stopped_for_memory(usage(200.0, failed=True, signal=9))
    assert not stopped_for_memory(usage(2000.0))
    assert memory_after([usage(2000.0, failed=True, signal=9)]) == 3072
    assert memory_after([usage(200.0, failed=True)]) is None
