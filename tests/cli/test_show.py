"""``show``: one job by name, path and id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Run

Ask = Callable[..., Any]
JOB = "findrange_ID0000003"


def test_json_tells_every_try(ask: Ask, databases: dict[str, str]) -> None:
    job = ask("show", JOB, "--db", databases["pg_fail"])
    assert [t["exit"]["code"] for t in job["tries"]] == [3, 3]
    assert job["tasks"][0]["transformation"].startswith("diamond::findrange")
    assert any("calibration.dat is missing" in piece["text"] for piece in job["tries"][0]["output"])
    assert job["tries"][0]["holds"][0]["code"] == 12


def test_people_read_phases_exit_output_and_files(run: Run, databases: dict[str, str]) -> None:
    output = run("show", JOB, "--db", databases["pg_fail"]).output
    for said in (
        "Try 1 of 2: failed, exit code 3",
        "ran ",
        "held ",
        "removed",
        "stderr",
        "memory asked",
        "submit file",
    ):
        assert said in output


def test_full_shows_all_states(run: Run, databases: dict[str, str]) -> None:
    assert "POST_SCRIPT_FAILED" in run("show", JOB, "--full", "--db", databases["pg_fail"]).output


def test_one_try_may_be_asked_for(run: Run, databases: dict[str, str]) -> None:
    output = run("show", JOB, "--try", "1", "--db", databases["pg_fail"]).output
    assert "Try 1 of 2" in output
    assert "Try 2 of 2" not in output
    assert run("show", JOB, "--try", "9", "--db", databases["pg_fail"]).exit_code == 2


def test_an_htcondor_id_names_a_job(ask: Ask, databases: dict[str, str]) -> None:
    wanted = ask("show", "licence", "--db", databases["dm_g_hold"])
    identity = wanted["tries"][0]["htcondor_id"]
    assert ask("show", identity, "--db", databases["dm_g_hold"])["job"] == "licence"
    assert ask("show", identity.removesuffix(".0"), "--db", databases["dm_g_hold"])["job"] == "licence"


def test_a_job_of_a_sub_workflow_has_its_path(ask: Ask, run: Run, databases: dict[str, str]) -> None:
    below = [j["path"] for j in ask("jobs", "--all", "--db", databases["dm_e_subdag"])["jobs"] if "/" in j["path"]]
    for path in below:
        assert ask("show", path, "--db", databases["dm_e_subdag"])["path"] == path


@pytest.mark.parametrize("name", ["findrange", "nothing_like_it", "", "'; DROP TABLE job", "a\x00b", "\udcff", "*"])
def test_an_unknown_job_is_wrong_use(run: Run, databases: dict[str, str], name: str) -> None:
    result = run("show", name, "--db", databases["pg_fail"])
    assert result.exit_code == 2
    if name == "findrange":
        assert JOB in result.stderr


def test_as_of_a_time_hides_the_try_that_came_later(ask: Ask, run: Run, databases: dict[str, str]) -> None:
    asked = ("show", JOB, "--db", databases["pg_fail"])
    now, then = ask(*asked), ask(*asked, "--as-of", "1795295650")
    assert (len(now["tries"]), len(then["tries"]), then["attempts"], then["state"]) == (2, 1, 1, "queued")
    first = then["tries"][0]
    assert (first["state"], first["outcome"], first["end_ts"], first["output"]) == ("JOB_HELD", None, None, [])
    assert [h["released_ts"] for h in first["holds"]] == [None]
    assert first["history"][:-1] == now["tries"][0]["history"][: len(first["history"]) - 1]
    assert (first["history"][-1]["state"], first["history"][-1]["duration_s"]) == ("JOB_HELD", None)
    assert "Try 1 of 1: held" in run(*asked, "--as-of", "1795295650").output
    assert ask(*asked, "--as-of", "last") == now


def test_as_of_a_time_before_the_workflow_there_is_no_job(run: Run, databases: dict[str, str]) -> None:
    result = run("show", JOB, "--db", databases["pg_fail"], "--as-of", "0")
    assert result.exit_code == 2
    assert "had not begun" in result.output
