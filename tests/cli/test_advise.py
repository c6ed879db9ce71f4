"""``advise``: what scripts of DAGMan and site selectors get, and what people read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stampede.cli.advise import GIVE_UP

from .conftest import Run

Ask = Callable[..., Any]


def test_a_failed_job_is_to_be_tried_again_with_exit_code_1(run: Run, ask: Ask, databases: dict[str, str]) -> None:
    words = ("advise", "retry", "--job", "findrange_ID0000003", "--db", databases["pg_fail"])
    result = run(*words)
    assert result.exit_code == 1
    assert "required calibration file" in result.output
    found = ask(*words)
    assert (found["decision"], found["label"], found["try_number"], found["tries"]) == ("retry", "exit_code", 2, 2)
    assert 0 < found["success"] < 1


def test_a_job_that_went_well_ends_with_0(run: Run, databases: dict[str, str]) -> None:
    assert run("advise", "retry", "--job", "top", "--db", databases["dm_e_subdag"]).exit_code == 0
    words = ("advise", "retry", "--job", "findrange_ID0000003", "--exitcode", "0", "--db", databases["pg_fail"])
    assert run(*words).exit_code == 0


def test_a_job_that_was_never_tried_is_not_told_to_try_again(run: Run, ask: Ask, databases: dict[str, str]) -> None:
    """Its exit code stays that of "another try makes sense": what cannot be told does not cost a retry."""
    words = ("advise", "retry", "--job", "analyze_ID0000004", "--db", databases["pg_fail"])
    result = run(*words)
    assert result.exit_code == 1
    assert "nothing to advise yet" in result.output
    assert "It can never run now" in result.output
    found = ask(*words)
    assert (found["success"], found["try_number"], found["label"]) == (None, 0, None)
    early = run(*words, "--as-of", "2026-11-21T21:13:40Z")
    assert "No try of it has ended." in early.output


def test_a_try_that_is_held_is_not_used_up(run: Run, databases: dict[str, str]) -> None:
    """dm_g_hold at 21:06:26: the job waits for a file, its only try goes on when that is there."""
    at = ("--as-of", "2026-11-21T21:06:26Z", "--db", databases["dm_g_hold"])
    shown = run("advise", "retry", "--job", "needs_input", *at).output
    assert "Its try has not ended: it is held." in shown
    assert "used up" not in shown


def test_what_no_retry_can_mend_is_given_up(run: Run, ask: Ask, shared: Any, tmp_path: Any) -> None:
    from stampede import pipeline

    url = f"sqlite:///{tmp_path / 'wrong.db'}"
    pipeline.load([shared / "corpus" / "runs" / "pg_wrong_exe" / "submit"], url)
    words = ("advise", "retry", "--job", "analyze_ID0000004", "--db", url)
    assert run(*words).exit_code == GIVE_UP
    assert ask(*words)["decision"] == "give_up"


def test_an_unknown_job_is_wrong_use(run: Run, databases: dict[str, str]) -> None:
    assert run("advise", "retry", "--job", "nobody", "--db", databases["pg_fail"]).exit_code == 2


def test_sites_are_ranked(run: Run, ask: Ask, databases: dict[str, str]) -> None:
    words = ("advise", "site", "--transformation", "findrange", "--db", databases["pg_fail"])
    assert run(*words).exit_code == 0
    found = ask(*words)
    assert (found["tries"], found["failed"]) == (3, 2)
    (site,) = found["sites"]
    assert site["low"] < site["success_rate"] < site["high"]
    unknown = run("advise", "site", "--transformation", "nothing", "--db", databases["pg_fail"])
    assert unknown.exit_code == 1
    assert "nothing is known" in unknown.output


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_too_little_data_for_resources_ends_with_1(run: Run, databases: dict[str, str], form: tuple[str, ...]) -> None:
    result = run("advise", "resources", "--db", databases["pg_fail"], *form)
    assert result.exit_code == 1
    assert "Too little data" in result.output


def test_resources_of_many_tries_are_lines_of_a_submit_file(run: Run, shared: Any, tmp_path: Any) -> None:
    from stampede import pipeline

    url = f"sqlite:///{tmp_path / 'wide.db'}"
    pipeline.load([shared / "corpus" / "runs" / "dm_j_wide" / "submit"], url)
    result = run("advise", "resources", "--db", url)
    assert result.exit_code == 0
    assert "request_memory = 64 MB" in result.output
