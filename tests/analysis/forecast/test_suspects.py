"""Where failures come from: each kind of fault is found where it is, and nothing is found where there is none."""

from __future__ import annotations

from stampede.analysis.forecast import Try, gathered
from stampede.analysis.forecast.lessons import Lessons
from stampede.analysis.forecast.suspects import Unfinished, explain

from .samples import a_try


def good(n: int, *, start: int = 0, kind: str = "work", hosts: int = 4, site: str | None = None) -> list[Try]:
    return [a_try(f"{kind}{start + i}", kind, end=start + i, host=f"h{i % hosts}", site=site) for i in range(n)]


def test_without_failures_nothing_is_suspected() -> None:
    found = explain(gathered(good(50)), Lessons())
    assert not found.hosts
    assert not found.kinds
    assert found.hour is None
    assert found.chance["work"] < 0.02


def test_a_host_on_which_all_fails_is_found_and_spares_kinds_and_jobs() -> None:
    bad = [a_try(f"bad{i}", end=100 + 7 * i, failed=True, host="evil") for i in range(8)]
    tries = sorted([*good(300), *bad], key=lambda t: t.end_ts)
    found = explain(gathered(tries), Lessons())
    assert found.hosts["evil"].probability > 0.99
    assert found.kinds["work"].probability < 0.01
    assert max(found.jobs.values()) < 0.1
    assert found.host_effect("evil") > 0.8 > 0.1 > found.host_effect("h1")


def test_a_kind_that_always_fails_is_found_on_any_host() -> None:
    bad = [a_try(f"bad{i}", "sift", end=20 + 11 * i, failed=True, host=f"h{i % 4}") for i in range(9)]
    found = explain(gathered(sorted([*good(200), *bad], key=lambda t: t.end_ts)), Lessons())
    assert found.kinds["sift"].probability > 0.95
    assert all(s.probability < 0.2 for s in found.hosts.values())


def test_a_job_that_fails_everywhere_while_others_go_well_is_found() -> None:
    bad = [a_try("odd", end=20 + 40 * i, failed=True, host=f"h{i}") for i in range(4)]
    found = explain(gathered(sorted([*good(300), *bad], key=lambda t: t.end_ts)), Lessons())
    assert found.jobs["odd"] > 0.9


def test_a_job_that_went_well_at_last_is_not_broken() -> None:
    tries = [a_try("odd", end=i, failed=True, host=f"h{i}") for i in range(3)] + [a_try("odd", end=5)]
    assert not explain(gathered(tries), Lessons()).jobs


def test_failures_of_all_kinds_and_hosts_in_one_stretch_are_a_bad_hour() -> None:
    bad = [
        a_try(f"bad{i}", ("work", "sort", "join")[i % 3], end=100 + i / 20, failed=True, host=f"h{i % 4}")
        for i in range(14)
    ]
    tries = [*good(100), *bad, *good(40, start=102, kind="sort"), *good(40, start=150, kind="join")]
    found = explain(gathered(sorted(tries, key=lambda t: t.end_ts)), Lessons())
    assert found.hour is not None
    assert found.hour.probability > 0.95
    assert all(s.probability < 0.5 for s in (*found.hosts.values(), *found.kinds.values()))


def test_a_site_is_blamed_for_its_hosts() -> None:
    bad = [a_try(f"bad{i}", end=30 + 9 * i, failed=True, host=f"x{i % 5}", site="far") for i in range(10)]
    tries = sorted([*good(150, site="near"), *bad], key=lambda t: t.end_ts)
    found = explain(gathered(tries), Lessons())
    assert found.sites["far"].probability > 0.9
    assert found.host_effect("x1") > 0.8


def test_tries_that_run_for_as_long_as_successes_do_speak_for_their_host() -> None:
    """Failures end early: while most tries still run, those that ended are no fair sample."""
    tries = gathered([a_try(f"j{i}", end=1.0, took=1.0, failed=True, host="h1") for i in range(2)])
    alone = explain(tries, Lessons())
    among = explain(tries, Lessons(), [Unfinished("work", "h1", 0.9)] * 20)
    assert among.chance["work"] < alone.chance["work"]
    assert among.hosts["h1"].log_bayes < alone.hosts["h1"].log_bayes


def test_the_answer_does_not_depend_on_the_names() -> None:
    tries = sorted([*good(60), *(a_try(f"b{i}", end=9.5 * i, failed=True, host="h1") for i in range(4))],
                   key=lambda t: t.end_ts)  # fmt: skip
    renamed = [t._replace(host="z" + (t.host or ""), kind="z" + t.kind, job="z" + t.job) for t in tries]
    one, other = explain(gathered(tries), Lessons()), explain(gathered(renamed), Lessons())
    assert abs(one.hosts["h1"].log_bayes - other.hosts["zh1"].log_bayes) < 1e-9
    assert abs(one.score - other.score) < 1e-9
