"""Places are ranked by how surely and how soon jobs end well there."""

from __future__ import annotations

from stampede.analysis.advice.sites import bare_name, site_advice
from stampede.analysis.forecast import Experience
from stampede.query.ended import EndedTry


def ended(
    number: int, *, site: str = "a", machine: str = "m1", failed: bool = False, runtime_s: float = 10.0,
    queue_s: float = 5.0, transformation: str = "ns::work:1.0",
) -> EndedTry:  # fmt: skip
    start = 100.0 * number
    return EndedTry(
        job_instance_id=number, wf_id=1, path=f"j{number}", transformation=transformation, type_desc="compute",
        node_type="job", seq=1, restart_count=0, max_retries=0, failed=failed, exitcode=int(failed), site=site,
        machine=machine, slot=None, pre_start_ts=None, submit_ts=start - queue_s, execute_ts=start,
        run_start_ts=start, run_end_ts=start + runtime_s, end_ts=start + runtime_s, ended_ts=start + runtime_s,
        runtime_s=runtime_s, cpu_s=None, memory_mb=None, request_memory_mb=None, hold_count=0, evict_count=0,
    )  # fmt: skip


def test_the_quicker_place_comes_first_with_queue_and_failures_counted() -> None:
    tries = [ended(i, site="fast", machine="f") for i in range(20)]
    tries += [ended(20 + i, site="slow", machine="s", queue_s=50.0) for i in range(20)]
    tries += [ended(40 + i, site="frail", machine=f"x{i}", failed=i % 2 == 0, queue_s=30.0) for i in range(20)]
    found = site_advice("work", tries, Experience(), "w")
    assert found.sites[0].name == "fast"
    ranks = {p.name: p for p in found.sites}
    assert ranks["fast"].expected_s is not None
    assert 15.0 <= ranks["fast"].expected_s < 17.0
    frail = ranks["frail"].expected_s
    assert frail is not None
    assert frail > 60.0  # one failed try before each success


def test_a_broken_machine_is_avoided_and_stands_last() -> None:
    tries = [ended(i, machine=f"m{i % 4}") for i in range(200)]
    tries += [ended(200 + i, machine="evil", failed=True, runtime_s=0.1) for i in range(8)]
    found = site_advice("work", tries, Experience(), "w")
    assert found.avoid == ["evil"]
    assert found.hosts[-1].name == "evil"
    assert found.hosts[-1].avoid


def test_one_failure_is_no_reason_to_avoid_a_place_and_its_rate_leans_on_the_others() -> None:
    tries = [ended(i, machine=f"m{i % 4}") for i in range(60)] + [ended(60, machine="new", failed=True)]
    found = site_advice("ns::work:1.0", tries, Experience(), "w")
    new = next(p for p in found.hosts if p.name == "new")
    assert not found.avoid
    assert new.success_rate > 0.5
    assert new.low == 0.0
    assert new.high < 1.0


def test_nothing_known_is_nothing_ranked() -> None:
    found = site_advice("other", [ended(1)], Experience(), "w")
    assert (found.tries, found.sites, found.hosts, found.avoid) == (0, [], [], [])


def test_names_may_go_without_namespace_and_version() -> None:
    assert [bare_name(n) for n in ("ns::work:1.0", "work", "work:2", "ns::work")] == ["work"] * 4
