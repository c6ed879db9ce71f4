"""Properties of the detector as a whole."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.analysis.anomaly.detector import Detector, Judgement
from stampede.analysis.anomaly.finding import Anomaly
from stampede.analysis.anomaly.observation import Observation, neighbourhood

from .samples import observations


def _judge(seen: Iterable[Observation]) -> tuple[list[Judgement], list[Anomaly]]:
    detector = Detector()
    judgements, found = [], []
    for one in seen:
        judgements.append(detector.judge(one))
        found += detector.found
    return judgements, found


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(1.0, 5000.0))
def test_no_alarm_on_runs_that_are_all_alike(seed: int, size_s: float) -> None:
    judgements, found = _judge(observations(12, seed=seed, size_s=size_s, noise=0.0))
    assert not found
    assert not any(j.alarm for j in judgements)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_a_slow_host_is_suspect_and_no_other_is(seed: int) -> None:
    _, found = _judge(observations(15, seed=seed, jobs=40, slow={(14, "h2"): 3.0}))
    assert {a.host for a in found if a.kind == "host"} == {"h2"}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(1.3, 2.5))
def test_the_slower_the_host_the_higher_the_evidence(seed: int, factor: float) -> None:
    """Monotone: the same run once more, with the faulty host slower still, is never thought less slow."""
    mild, _ = _judge(observations(10, seed=seed, slow={(9, "h1"): factor}))
    worse, _ = _judge(observations(10, seed=seed, slow={(9, "h1"): factor * 1.5}))
    pairs = [(a.slow, b.slow) for a, b in zip(mild, worse, strict=True)][-24:]
    assert all(b >= a - 1e-9 for a, b in pairs)
    assert max(b for _, b in pairs) > max(a for a, _ in pairs) or max(b for _, b in pairs) > 2.0


def test_a_judgement_needs_nothing_that_comes_later() -> None:
    whole = list(observations(6, slow={(5, "h0"): 2.0}))
    judged, _ = _judge(whole)
    for length in (10, 60, 130):
        assert _judge(whole[:length])[0] == judged[:length]


def test_the_reason_says_what_was_expected_what_it_took_and_how_many_were_slow() -> None:
    _, found = _judge(observations(15, jobs=40, slow={(14, "h2"): 4.0}))
    job = next(a for a in found if a.kind == "job")
    assert job.expected is not None
    assert job.observed == pytest.approx(4 * job.expected, rel=0.25)
    assert "expected" in job.reason
    assert ", took" in job.reason
    host = [a for a in found if a.kind == "host"][-1]
    assert f"{host.jobs} of {host.of_jobs} jobs on h2 slow" in host.reason


def test_what_all_neighbours_share_ranks_below_what_one_has_alone() -> None:
    """A whole machine that is slow says less about one of its containers than one that is slow alone."""

    def run(bad: set[str]) -> float:
        detector = Detector()
        score = 0.0
        for n in range(12):
            for job in range(24):
                host = f"w1-container-{job % 6}"
                slow = 3.0 if n == 11 and host in bad else 1.0
                o = Observation(run=str(n), job=f"j{job}", transformation="t", host=host, ended_ts=float(n * 100 + job),
                                duration_s=100 * slow, work_s=90 * slow, staging_s=5.0, cpu_s=80.0)  # fmt: skip
                judged = detector.judge(o)
                score = judged.score if host == "w1-container-0" else score
        return score

    assert run({"w1-container-0"}) > run({f"w1-container-{i}" for i in range(6)}) > run(set())


def test_failed_tries_teach_nothing_about_time() -> None:
    seen = list(observations(12))
    failed = [msgspec.structs.replace(o, failed=True, duration_s=1.0, work_s=1.0, cpu_s=0.1) for o in seen[-24:]]
    judgements, found = _judge([*seen[:-24], *failed, *seen[-24:]])
    assert not any(j.alarm for j in judgements)
    assert not [a for a in found if a.kind in ("job", "host", "baseline")]


def test_jobs_of_the_planner_rank_below_all_that_compute() -> None:
    seen = [msgspec.structs.replace(o, auxiliary=o.job == "j0") for o in observations(10)]
    judgements, _ = _judge(seen)
    rest = [j.score for o, j in zip(seen, judgements, strict=True) if not o.auxiliary]
    assert max(j.score for o, j in zip(seen, judgements, strict=True) if o.auxiliary) < min(rest)


def test_without_processor_times_or_hosts_there_is_still_a_judgement() -> None:
    seen = [
        msgspec.structs.replace(o, cpu_s=None, work_s=None, staging_s=None)
        for o in observations(15, jobs=40, slow={(14, "h2"): 3.0})
    ]
    assert {a.host for a in _judge(seen)[1] if a.kind == "host"} == {"h2"}
    nowhere = [msgspec.structs.replace(o, host="") for o in seen]
    assert any(a.kind == "job" for a in _judge(nowhere)[1])


@pytest.mark.parametrize("host, machine", [
    ("poseidon-worker-1-container-44-47", "poseidon-worker-1"), ("slot1_2@node7.example.org", "node7.example.org"),
    ("worker2-container-0", "worker2"), ("node12.example.org", "node12.example.org"), ("host-10-1", "host-10-1"),
    ("", ""), ("@", ""),
])  # fmt: skip
def test_the_machine_of_a_host_is_read_from_its_name(host: str, machine: str) -> None:
    assert neighbourhood(host) == machine


@settings(max_examples=50, deadline=None)
@given(st.lists(st.builds(
    Observation, run=st.sampled_from(["a", "b"]), job=st.text(max_size=3), transformation=st.sampled_from(["t", ""]),
    host=st.text(max_size=4), ended_ts=st.floats(0, 1e9), duration_s=st.none() | st.floats(-1e9, 1e12),
    work_s=st.none() | st.floats(-1e9, 1e12), staging_s=st.none() | st.floats(-1e9, 1e12),
    cpu_s=st.none() | st.floats(-1e9, 1e12), auxiliary=st.booleans(), failed=st.booleans(),
), max_size=60))  # fmt: skip
def test_whatever_is_told_is_judged_with_finite_figures(seen: list[Observation]) -> None:
    for j in _judge(seen)[0]:
        assert all(abs(x) < 1e6 for x in (j.score, j.slow, j.z))
