"""A place is named when it has more of the failures than chance gives it, and only then."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.analysis.lift import lifts, tail
from stampede.query.spread import Spread

from .samples import a_try, evidence

HOSTS = Spread(tries=400, hosts={f"node{n}": 20 for n in range(20)})


def found(counts: dict[str, int], jobs: int, base: Spread = HOSTS) -> list[tuple[str, str]]:
    return [(lift.kind, lift.name) for lift in lifts({"host": counts}, jobs, base)]


def test_all_failures_on_one_of_twenty_machines_name_it() -> None:
    (lift,) = lifts({"host": {"node7": 15}}, 15, HOSTS)
    assert (lift.name, lift.tries, lift.of, lift.base_share) == ("node7", 15, 15, 0.05)
    assert lift.p < 1e-9


def test_failures_everywhere_name_nothing() -> None:
    assert found({f"node{n}": 1 for n in range(15)}, 15) == []


def test_two_failures_say_nothing() -> None:
    assert found({"node7": 2}, 2) == []


def test_a_machine_that_ran_most_of_all_is_not_named() -> None:
    assert found({"big": 9}, 9, Spread(tries=100, hosts={"big": 90, "small": 10})) == []


def test_the_only_machine_is_not_named() -> None:
    assert found({"one": 50}, 50, Spread(tries=60, hosts={"one": 60})) == []


def test_the_tries_of_one_job_are_no_independent_draws() -> None:
    """A job that fails eight times on the machine that has its files says as little as one that fails once."""
    assert found({"node7": 8}, 1) == []


def test_a_site_is_passed_over_when_one_machine_of_it_is_to_blame() -> None:
    base = Spread(tries=400, hosts=HOSTS.hosts, sites={"a": 100, "b": 300})
    counts = {"host": {"node7": 15}, "site": {"a": 15}}
    assert [lift.kind for lift in lifts(counts, 15, base)] == ["host"]
    assert [lift.kind for lift in lifts({"host": {}, "site": {"a": 15}}, 15, base)] == ["site"]


@given(st.data())
def test_the_tail_is_that_of_exact_arithmetic(data: st.DataObject) -> None:
    drawn = data.draw(st.integers(1, 25))
    total = data.draw(st.integers(drawn, 60))
    marked = data.draw(st.integers(1, total))
    hit = data.draw(st.integers(0, drawn))
    whole, among = total + drawn, marked + hit
    if drawn - hit > whole - among:
        return
    exact = sum(
        Fraction(comb(among, k) * comb(whole - among, drawn - k), comb(whole, drawn)) for k in range(hit, drawn + 1)
    )
    assert tail(hit, drawn, marked, total) == pytest.approx(float(exact), rel=1e-6, abs=1e-12)


def test_triage_says_where_the_failures_gather() -> None:
    from stampede.analysis.triage import triage

    tries = [a_try(f"t{n}", job_instance_id=n, main_exitcode=768) for n in range(1, 9)]
    (cause,) = triage(evidence(tries=tries, failing=8, spread=HOSTS)).causes
    assert [(lift.name, lift.tries) for lift in cause.lifts] == [("node7", 8)]
    assert cause.share == 1.0
