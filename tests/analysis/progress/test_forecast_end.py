"""The forecast of the end, played and bounded: what it must hold for any workflow, and known ones."""

from __future__ import annotations

import math
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.analysis.progress.forecast_end import End, end_of, interval
from stampede.query.remaining import Left, Past, Remaining

from .samples import NOW, chain, left, past, rest

PHASES = ("unready", "ready", "pre", "idle", "running", "held", "post")


def ended(n: int = 30, took: float = 20.0, **more: object) -> list[Past]:
    return [past(took, ago=900 - 20 * i, **more) for i in range(n)]  # type: ignore[arg-type]


@st.composite
def remainders(draw: st.DrawFn) -> Remaining:
    """Any graph without cycles, in any state, after any tries."""
    n = draw(st.integers(1, 12))
    nodes: list[Left] = []
    for i in range(n):
        phase = draw(st.sampled_from(PHASES))
        since = draw(st.one_of(st.none(), st.floats(-10, 1e5)))
        nodes.append(left(f"n{i}", f"compute k{i % 3}", phase=phase, since=since, tries_left=draw(st.integers(0, 2))))
    for i in range(n):
        for to in draw(st.sets(st.integers(i + 1, n), max_size=3)) if i + 1 < n else ():
            if to < n and nodes[to].phase == "unready":
                nodes[i].children.append(to)
                nodes[to].waiting += 1
    tries = [
        past(draw(st.floats(0, 1e4)), kind=f"compute k{draw(st.integers(0, 3))}", failed=draw(st.booleans()),
             ago=draw(st.floats(0, 1e5)), wait=draw(st.floats(0, 1e3)))
        for _ in range(draw(st.integers(0, 5)))
    ]  # fmt: skip
    return rest(nodes, tries)


@settings(max_examples=60, deadline=None)
@given(remainders(), st.floats(1.0, 3.0))
def test_the_end_is_never_before_now_and_the_interval_is_in_order(what: Remaining, widen: float) -> None:
    end = end_of(what, NOW, widen=widen)
    assert 0 < end.low_s <= end.median_s <= end.high_s
    assert math.isfinite(end.high_s)
    assert 0 <= end.waiting_share <= 1


@settings(max_examples=20, deadline=None)
@given(remainders())
def test_the_same_question_has_the_same_answer(what: Remaining) -> None:
    assert end_of(what, NOW) == end_of(what, NOW)


def test_a_chain_takes_what_its_jobs_take_one_after_the_other() -> None:
    end = end_of(rest(chain(10), ended()), NOW)
    assert 10 * 20 < end.median_s < 10 * 25  # a few seconds of delays each
    assert end.low_s < 10 * 23 < end.high_s


def test_the_chain_that_the_end_waits_for_is_told() -> None:
    nodes = [*chain(4), left("short", phase="running", since=15.0)]
    assert end_of(rest(nodes, ended()), NOW).chain == ["n0", "n1", "n2", "n3"]


def test_a_full_pool_takes_work_over_slots() -> None:
    running = [left(f"r{i}", phase="running", since=1.0) for i in range(4)]
    waiting = [left(f"w{i}", phase="idle", since=60.0) for i in range(96)]
    tries = [past(20, ago=400, wait=1.0 + 20 * (i // 4)) for i in range(60)]
    end = end_of(rest([*running, *waiting], tries), NOW)
    assert end.slots.full
    assert 400 < end.median_s < 650  # 100 jobs of 20 s on 4 slots
    assert end.waiting_share > 0.5


def test_retries_take_time() -> None:
    """Beside the pool, where no slots are waited for."""
    nodes = [left(f"n{i}", phase="ready", since=1.0, tries_left=5, pooled=False) for i in range(20)]
    calm = [past(20, ago=900 - 20 * i, pooled=False) for i in range(30)]
    failing = [*calm, *(past(20, ago=890 - 20 * i, failed=True, pooled=False) for i in range(30))]
    assert end_of(rest(nodes, failing), NOW).median_s > 1.5 * end_of(rest(nodes, calm), NOW).median_s


def test_what_waits_behind_a_job_that_failed_for_good_is_not_waited_for() -> None:
    hopeless = [past(20, ago=900 - 20 * i, failed=True) for i in range(200)]
    assert (
        end_of(rest(chain(10), [*ended(), *hopeless]), NOW).median_s
        < 0.7 * end_of(rest(chain(10), ended()), NOW).median_s
    )


def test_a_final_node_runs_however_the_others_ended() -> None:
    hopeless = [past(20, ago=900 - 20 * i, failed=True) for i in range(400)]
    last = left("last", "compute last", waiting=3)
    last.final = True
    nodes = [*chain(3), last]
    for n in nodes[:3]:
        n.children.append(3)
    assert end_of(rest(nodes, [*ended(), *ended(30, kind="compute last"), *hopeless]), NOW).chain[-1] == "last"


def test_a_job_that_runs_is_expected_to_run_the_rest_of_its_time() -> None:
    fresh = end_of(rest([left("n", phase="running", since=1.0)], ended()), NOW).median_s
    late = end_of(rest([left("n", phase="running", since=15.0)], ended()), NOW).median_s
    assert late < fresh


def test_history_makes_the_interval_narrower() -> None:
    def width(end: End) -> float:
        return math.log(end.high_s / end.low_s)

    what = rest(chain(5), [])
    assert width(end_of(what, NOW, [ended()])) < 0.5 * width(end_of(what, NOW))


def test_a_hold_makes_the_end_far_more_open() -> None:
    def width(phase: str) -> float:
        end = end_of(rest([left("n", phase=phase, since=300.0)], ended()), NOW)
        return end.high_s - end.low_s

    assert width("held") > 10 * width("ready")


def test_widening_widens_both_sides() -> None:
    what = rest(chain(5), ended())
    one, two = end_of(what, NOW), end_of(what, NOW, widen=2.0)
    assert two.low_s < one.low_s < one.median_s == two.median_s < one.high_s < two.high_s


def test_the_interval_of_few_plays_is_wider_than_that_of_many() -> None:
    few, many = interval([90.0, 110.0] * 4, 0.05, 1.0), interval([90.0, 110.0] * 40, 0.05, 1.0)
    assert few[2] - few[0] >= many[2] - many[0]


def large(nodes_left: int, running: int = 50) -> Remaining:
    """What is told of a large workflow: a sample."""
    work = "compute work_#"
    return Remaining(
        whole=False, nodes_left=nodes_left,
        left=[left(f"r{i}", phase="running", since=5.0) for i in range(running)],
        past=[past(20, ago=500, wait=1.0 + 20 * (i // running)) for i in range(1000)],
        kinds={work: (10_000.0, float(nodes_left))}, pooled={work: True}, walks=[[work] * 4],
    )  # fmt: skip


def test_a_large_workflow_takes_its_work_over_the_slots() -> None:
    end = end_of(large(100_000), NOW)
    assert end.low_s < 100_000 * 20 / 50 < end.high_s
    assert end.chain == []


def test_the_cost_of_an_answer_does_not_grow_with_the_workflow() -> None:
    """A million jobs take as long as a hundred thousand: nothing is done for each (so that the factor may be wide)."""

    def took(n: int) -> float:
        began = time.process_time()
        end_of(large(n), NOW)
        return time.process_time() - began

    took(1000)
    assert took(1_000_000) < 20 * max(took(100_000), 0.005)
