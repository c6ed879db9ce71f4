"""Evidence: counts of successes, failures one by one, and what follows from their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stampede.analysis.forecast import gathered
from stampede.analysis.forecast.evidence import MOST_FAILURES, RECENT_STARTS, Evidence, quarter_octave

from .samples import a_try

tries = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["sort", "work"]), st.booleans(), st.sampled_from(["h1", "h2"])),
    max_size=60,
)


@given(tries)
def test_every_try_is_counted_once(drawn: list[tuple[str, str, bool, str]]) -> None:
    found = gathered(a_try(j, k, end=float(i), failed=f, host=h) for i, (j, k, f, h) in enumerate(drawn))
    assert found.tries == len(drawn)
    assert (
        found.successes
        == sum(found.by_kind.values())
        == sum(found.by_host.values())
        == sum(found.paces) + sum(min(n, 3) for n, _ in found.spent.values())
    )


@given(tries)
def test_unsolved_jobs_are_those_whose_last_try_failed(drawn: list[tuple[str, str, bool, str]]) -> None:
    found = gathered(a_try(j, k, end=float(i), failed=f, host=h) for i, (j, k, f, h) in enumerate(drawn))
    last = {j: f for j, _, f, _ in drawn}
    assert set(found.unsolved) == {j for j, failed in last.items() if failed}


def test_where_a_job_was_tried_next_stands_with_its_failure() -> None:
    found = gathered([a_try("a", end=1, failed=True, host="h1"), a_try("b", end=2), a_try("a", end=3, host="h2")])
    assert [(f.host, f.again_on) for f in found.failures] == [("h1", "h2")]


def test_memory_is_bounded_by_the_last_failures_and_starts() -> None:
    found = Evidence()
    for i in range(3 * MOST_FAILURES):
        found.add(a_try(f"j{i}", end=float(i), failed=True))
    assert MOST_FAILURES <= len(found.failures) < 2 * MOST_FAILURES
    assert found.failures[-1].job == f"j{3 * MOST_FAILURES - 1}"
    assert len(found.starts) == RECENT_STARTS


def test_a_try_without_a_start_or_a_host_is_evidence_of_its_kind_only() -> None:
    found = gathered([a_try("a", end=5, host=None)._replace(start_ts=None)])
    assert (found.by_kind, found.by_host, found.spent, found.starts) == ({"work": 1}, {}, {}, [])


@given(st.floats(0.1, 1e7), st.floats(0.1, 1e7))
def test_classes_of_durations_keep_their_order(a: float, b: float) -> None:
    assert (quarter_octave(a) <= quarter_octave(b)) or a > b
    assert 2 ** (quarter_octave(a) / 4) >= a * (1 - 1e-9)
