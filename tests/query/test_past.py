"""What was known of jobs at a time is what a load of everything up to that time knows."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stampede import pipeline
from stampede.query import Reader, open_database
from stampede.query.job.find import find_job
from stampede.query.jobs import list_jobs
from stampede.query.past import as_it_stood, everything_as_it_stood
from stampede.query.workflows import Workflow, find, forest, list_workflows

from .prefixes import engine_log_only, loads_up_to_times

Read = Callable[[str], Reader]

HELD = 1795295190.0  # dm_g_hold: four jobs are held, one of them for good
RETRIED = 1795295650.0  # pg_fail: findrange_ID0000003 is held in its first try, the second comes later


def answers(reader: Reader, roots: list[Workflow]) -> Any:
    """All that is told of workflows, jobs and tries, but for what is known not to be exact."""
    workflows = [w for root in roots for w in forest(reader, root)]
    jobs = list_jobs(reader, roots, limit=1000)
    shown = msgspec.to_builtins([find_job(reader, roots, j.job) for j in jobs])
    for one in [one for job in shown for one in job["tries"]]:
        # the name that output has got at the end stands for all time; files of a program are told when the job ends
        one["files"] = sorted(one["files"])
        for invocation in one["invocations"]:
            invocation["files"] = []
    told = msgspec.to_builtins([workflows, jobs])
    ids = ", ".join(str(w.wf_id) for w in workflows)
    told.append(reader.rows(f"SELECT exec_job_id, attempts_in_run FROM job WHERE wf_id IN ({ids}) ORDER BY 1"))
    for workflow in told[0]:
        # which job an earlier DAGMan was is not kept
        workflow["dagman_id"] = None
    return [*told, shown]


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_c_rescue"])
def test_jobs_and_tries_as_of_a_time_equal_a_load_up_to_then(corpus: Path, tmp_path: Path, name: str) -> None:
    for at, whole, root, partial in loads_up_to_times(corpus / name, tmp_path):
        expected = answers(partial, find(partial, root.wf_uuid))
        with as_it_stood(whole, [root], at) as roots:
            assert answers(whole, roots) == expected, at


@pytest.mark.parametrize(("name", "at"), [("dm_g_hold", HELD), ("pg_fail", RETRIED)])
def test_jobs_stand_as_a_log_cut_at_that_time_tells(corpus: Path, tmp_path: Path, name: str, at: float) -> None:
    log = engine_log_only(corpus / name, tmp_path / "run")
    pipeline.load([log.parent], f"sqlite:///{tmp_path}/whole.db")
    lines = log.read_text().splitlines(keepends=True)
    times = [re.match(r"(\d\d)/(\d\d)/(\d\d) (\d\d:\d\d:\d\d)", line) for line in lines]
    zone = _zone(log, at, lines)
    cut = next(i for i, t in enumerate(times) if t and _seconds(t) + zone > at)
    shutil.copytree(log.parent, tmp_path / "cut")
    (tmp_path / "cut" / log.name).write_text("".join(lines[:cut]))
    pipeline.load([tmp_path / "cut"], f"sqlite:///{tmp_path}/cut.db")

    def states(reader: Reader, roots: list[Workflow]) -> Any:
        return [(j.job, j.state, j.attempts, j.last_state, j.outcome, j.hold_reason) for j in list_jobs(reader, roots)]

    with (
        open_database(f"sqlite:///{tmp_path}/cut.db") as part,
        open_database(f"sqlite:///{tmp_path}/whole.db") as whole,
        as_it_stood(whole, find(whole, None), at) as roots,
    ):
        assert states(whole, roots) == states(part, find(part, None))


def _seconds(match: re.Match[str]) -> float:
    month, day, year, clock = match.groups()
    return datetime.fromisoformat(f"20{year}-{month}-{day}T{clock}+00:00").timestamp()


def _zone(log: Path, at: float, lines: list[str]) -> float:
    """What to add to the log's clock, whole quarters of an hour, for the run to have been under way at ``at``."""
    first = next(m for line in lines if (m := re.match(r"(\d\d)/(\d\d)/(\d\d) (\d\d:\d\d:\d\d)", line)))
    return round((at - _seconds(first)) / 900) * 900.0


def test_afterwards_the_reader_answers_for_now_again(read: Read) -> None:
    reader = read("dm_g_hold")
    root = find(reader, None)[0]
    now = answers(reader, [root])
    with as_it_stood(reader, [root], HELD) as roots:
        assert answers(reader, roots) != now
    assert answers(reader, [root]) == now


def test_the_end_is_now(read: Read) -> None:
    for name in ("pg_fail", "dm_e_subdag"):
        reader = read(name)
        root = find(reader, None)[0]
        now = answers(reader, [root])
        with as_it_stood(reader, [root], root.last_ts) as roots:
            assert answers(reader, roots) == now


def test_sub_workflows_are_there_once_they_have_begun(read: Read) -> None:
    reader = read("dm_e_subdag")
    root = find(reader, None)[0]
    for wf in forest(reader, root):
        with as_it_stood(reader, [root], (wf.first_ts or 0) - 0.5) as roots:
            assert wf.wf_uuid not in [w.wf_uuid for r in roots for w in forest(reader, r)]
        with as_it_stood(reader, [root], wf.first_ts) as roots:
            assert wf.wf_uuid in [w.wf_uuid for r in roots for w in forest(reader, r)]


def test_lists_of_workflows_are_cut_too(read: Read) -> None:
    reader = read("dm_g_hold")
    with everything_as_it_stood(reader, HELD):
        wf = list_workflows(reader)[0]
        assert (wf.state, wf.done, wf.failed, wf.last_ts) == ("running", 1, 0, 1795295188)
        assert list_workflows(reader, state="failed") == []
    with everything_as_it_stood(reader, 0):
        assert list_workflows(reader) == []


def test_a_database_that_may_not_be_written_can_be_looked_back_at(databases: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    shutil.copy(databases["dm_g_hold"].removeprefix("sqlite:///"), folder / "x.db")
    (folder / "x.db").chmod(0o444)
    folder.chmod(0o555)
    try:
        with (
            open_database(f"sqlite:///{folder}/x.db") as reader,
            reader.snapshot(),
            as_it_stood(reader, find(reader, None), HELD) as roots,
        ):
            assert len(list_jobs(reader, roots, held=True)) == 4
    finally:
        folder.chmod(0o755)


def test_between_its_plan_and_its_start_a_workflow_is_unstarted(read: Read) -> None:
    """pg_fail was planned at 21:13:11, its DAGMan began at 21:13:29."""
    reader = read("pg_fail")
    (root,) = find(reader, None)
    assert root.planned_ts is not None
    with as_it_stood(reader, [root], root.planned_ts - 1) as roots:
        assert roots == []
    with as_it_stood(reader, [root], root.planned_ts + 5) as (then,):
        assert (then.state, then.first_ts, then.last_ts, then.done) == ("unstarted", None, None, 0)
