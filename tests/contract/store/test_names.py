"""Names of any length and of any bytes: each row is stored, on every server."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from contract.store.tables import all_tables
from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.query import open_database
from stampede.store.loader import Loader, Position
from tests.store.samples import WF, attempt, edge, job, start

#: of bytes that no server can pack into less
_LONG = {what: f"{what}-{secrets.token_hex(2500)}" for what in ("up", "down", "type", "site", "host", "file", "task")}


def _events() -> list[Event]:
    long = _LONG
    base: dict[str, Any] = {"xwf_id": WF, "job_id": long["up"], "job_inst_id": 1}
    described = job(long["up"])
    described.transformation = described.type_desc = long["type"]
    return [
        start(), described, job(long["down"]), edge(long["up"], long["down"]),
        ev.TaskInfo(xwf_id=WF, task_id=long["task"], transformation=long["type"]),
        ev.WfMapTaskJob(xwf_id=WF, task_id=long["task"], job_id=long["up"]),
        ev.RcPfn(xwf_id=WF, lfn_id=long["file"], pfn=long["file"], site=long["site"]),
        ev.WfMapFile(xwf_id=WF, task_id=long["task"], lfn_id=long["file"], file_type="input"),
        *attempt(long["up"], 1, 100),
        ev.JobInstHostInfo(ts=105.0, **base, site=long["site"], hostname=long["host"], ip=long["host"]),
        ev.InvEnd(ts=106.0, **base, inv_id=1, dur=1.0, transformation=long["type"], task_id=long["task"]),
        ev.XwfState(ts=107.0, xwf_id=WF, state="reconfigured", value=long["task"]),
        ev.InvFile(ts=106.0, **base, inv_id=1, lfn_id=long["file"], output=True, size=7),
    ]  # fmt: skip


def _counts(url: str) -> dict[str, int]:
    return {table: len(rows) for table, rows in all_tables(url).items() if table not in ("problem", "stampede_meta")}


def _states(url: str) -> list[Any]:
    with open_database(url) as reader:
        return reader.rows("SELECT submit_file, node_state, attempts FROM job ORDER BY job_id")


def test_no_row_is_lost_for_a_name_that_is_too_long_for_a_key(tmp_path: Path, empty: str) -> None:
    """In two batches: what comes later finds what was stored under a shorter name."""
    whole = f"sqlite:///{tmp_path / 'x.db'}"
    for url in (whole, empty):
        events = _events()
        with Loader(url) as loader:
            loader.apply(events[:9])
            loader.apply(events[9:], Position(_LONG["file"], 9))
    assert _counts(empty) == _counts(whole)
    assert _states(empty) == _states(whole)
    problems = [str(row) for row in all_tables(empty)["problem"]]
    assert not any("could not be stored" in problem for problem in problems)
    assert any("too long for a key" in problem for problem in problems) == empty.startswith("postgresql")
