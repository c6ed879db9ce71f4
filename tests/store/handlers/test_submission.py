"""Holds, their codes and releases."""

from __future__ import annotations

from pathlib import Path

from stampede.events import catalogue as ev

from ..samples import IDS, ask, attempt, counts, load_batches, start


def test_a_hold_keeps_its_reason_code_and_release(database: Path) -> None:
    load_batches(database, [[start(), *attempt("a", 1, 100, held=True)]])
    told = ask(database, "SELECT held_ts, released_ts, reason, code, subcode FROM hold")
    assert told == (102, 103, "no input", 13, 2)


def test_codes_that_a_job_event_log_adds_belong_to_the_hold_that_is_known(database: Path) -> None:
    hold = ev.JobInstHeldStart(ts=102.0, **IDS, js_id=3, reason="no input")
    detail = ev.JobInstHeldStart(ts=101.0, **IDS, reason="no input", code=13, subcode=2)
    load_batches(database, [[start(), hold], [detail]])
    assert ask(database, "SELECT count(*), max(code), max(subcode) FROM hold") == (1, 13, 2)
    assert counts(database)["holds"] == 1
