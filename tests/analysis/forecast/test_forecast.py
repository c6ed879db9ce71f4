"""The forecast as a whole: exact about what is lost, silent without history, with reasons in words."""

from __future__ import annotations

import msgspec

from stampede.analysis.forecast import (
    Ahead,
    Evidence,
    Experience,
    Group,
    OpenJob,
    Running,
    forecast,
    gathered,
)  # fmt: skip
from stampede.analysis.forecast.forecast import ENOUGH_RUNS

from .samples import a_try, experienced, made_run


def test_doomed_the_moment_a_job_has_failed_in_all_its_tries_whatever_the_history() -> None:
    ahead = Ahead(total=9, groups=[Group("work", 1, 3)], exhausted=["sift_3", "sift_4"])
    told = forecast(Evidence(), ahead, Experience(), "made", 0.0)
    assert told.doomed
    assert told.probability == 1.0
    assert told.reasons[0].startswith("Job sift_3 (and 1 more) has failed in all its tries")


def test_one_try_left_is_not_doomed_however_bad_it_looks() -> None:
    tries = [a_try(f"j{i}", end=float(i), failed=True) for i in range(30)]
    ahead = Ahead(total=9, open_jobs=[OpenJob(job="j1", kind="work", tries=4, failed=3, last_host="h1")])
    told = forecast(gathered(tries), ahead, experienced(), "made", 31.0)
    assert not told.doomed
    assert told.probability is not None
    assert 0.5 < told.probability < 1.0


def test_a_final_node_has_the_last_word() -> None:
    ahead = Ahead(total=3, groups=[Group("work", 1, 1)], exhausted=["a"], decided_by_final=True)
    told = forecast(Evidence(), ahead, experienced(), "made", 0.0)
    assert not told.doomed
    assert any("FINAL" in reason for reason in told.reasons)


def test_without_enough_history_it_says_so_instead_of_guessing() -> None:
    ahead = Ahead(total=9, groups=[Group("work", 1, 9)])
    few = experienced(range(ENOUGH_RUNS - 1))
    told = forecast(Evidence(), ahead, few, "made", 0.0)
    assert (told.probability, told.enough_history, told.doomed) == (None, False, False)
    assert told.needed == ["1 more ended runs of this label (there are 4)"]
    few.learn(made_run(99))
    assert forecast(Evidence(), ahead, few, "made", 0.0).probability is not None


def test_runs_of_other_labels_help_only_together_with_tries_of_this_run() -> None:
    others = experienced(range(25))
    ahead = Ahead(total=60, groups=[Group("work", 3, 30)])
    assert forecast(Evidence(), ahead, others, "another", 0.0).probability is None
    tries = gathered(a_try(f"j{i}", end=float(i)) for i in range(30))
    assert forecast(tries, ahead, others, "another", 30.0).probability is not None


def test_what_has_ended_is_known() -> None:
    well = forecast(Evidence(), Ahead(total=3, ended="success"), Experience(), "x", 0.0)
    badly = forecast(Evidence(), Ahead(total=3, ended="failed", exhausted=["a"]), Experience(), "x", 0.0)
    assert (well.probability, well.doomed) == (0.0, False)
    assert (badly.probability, badly.doomed) == (1.0, True)
    assert badly.reasons == ["It has ended: failed.", "Job a has failed in all its tries."]


def test_reasons_name_the_host_the_rate_and_the_last_tries() -> None:
    bad = [a_try(f"b{i}", "sift", end=20.5 + i, failed=True, host="evil") for i in range(7)]
    good = [a_try(f"g{i}", "sift", end=float(i), host=f"h{i % 5}") for i in range(60)]
    ahead = Ahead(
        total=100, groups=[Group("sift", 3, 20)], running=[Running("b9", "sift", "evil", 60.0)],
        open_jobs=[OpenJob(job=f"b{i}", kind="sift", tries=3, failed=2, last_host="evil") for i in range(3)],
    )  # fmt: skip
    told = forecast(gathered(sorted([*good, *bad], key=lambda t: t.end_ts)), ahead, experienced(), "made", 61.0)
    text = "\n".join(told.reasons)
    assert "7 of 7 failures were on host evil, where 7 of 7 tries failed." in text
    assert "3 jobs of sift are on try 3 of 3." in text
    assert "23 of 100 jobs are still to be done." in text
    assert told.suspects[0].name == "evil"
    assert {j.job for j in told.jobs} == {"b0", "b1", "b2", "b9"}
    assert all(0 <= j.job_fails <= j.try_fails <= 1 for j in told.jobs)


def test_experience_survives_being_kept_in_a_file() -> None:
    known = experienced()
    again = msgspec.json.decode(msgspec.json.encode(known), type=Experience)
    ahead = Ahead(total=60, groups=[Group("work", 2, 30)])
    tries = gathered(a_try(f"j{i}", end=float(i), failed=i % 9 == 0) for i in range(30))
    assert forecast(tries, ahead, again, "made", 30.0) == forecast(tries, ahead, known, "made", 30.0)


def test_a_label_that_always_fails_is_forecast_to_fail_more_than_one_that_never_does() -> None:
    known = Experience()
    for seed in range(15):
        known.learn(made_run(seed, rate=0.4, label="frail"))
        known.learn(made_run(seed, rate=0.01, label="sound"))
    known.calibrate()
    ahead = Ahead(total=40, groups=[Group("work", 3, 40)])
    frail, sound = (forecast(Evidence(), ahead, known, label, 0.0).probability for label in ("frail", "sound"))
    assert frail is not None
    assert sound is not None
    assert frail > 0.6 > 0.3 > sound
