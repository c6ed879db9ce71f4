"""What charts tell agrees with what was counted in other ways."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stampede.places import url_of
from stampede.query import Reader, open_database
from stampede.query.columns.charts import chart
from stampede.query.columns.charts.runtimes import MOST_OUTSIDE
from stampede.query.ended import ended_tries
from stampede.query.pictures.window import Window, window_of
from stampede.query.workflows import Workflow, find, forest, list_workflows
from stampede.store.sqlite import open_writer

from ...conftest import NAMES

_START = 1_795_000_000.0


def _of(reader: Reader) -> tuple[Reader, list[Workflow], Window]:
    workflows = forest(reader, find(reader, None)[0])
    return reader, workflows, window_of(workflows)


@pytest.mark.parametrize("name", NAMES)
def test_tries_that_ended_and_failed_are_all_in_a_bin(read: Callable[[str], Reader], name: str) -> None:
    run = _of(read(name))
    found = chart(*run, "failures")
    ended = [t for t in ended_tries(run[0], run[1]) if t.node_type not in ("subdag", "service")]
    ended = [t for t in ended if t.type_desc not in ("dax", "dag", "subdag")]
    bins = found.tables["bins"]
    assert sum(bins["ended"]) == sum(found.tables["kinds"]["ended"]) == len(ended)
    assert sum(bins["failed"]) == sum(found.tables["exits"]["failed"]) == sum(t.failed for t in ended)
    assert all(bin_ < found.facts["bins"] for bin_ in bins["bin"])


@pytest.mark.parametrize("name", NAMES)
def test_a_distribution_counts_each_try_that_went_well_once(read: Callable[[str], Reader], name: str) -> None:
    found = chart(*_of(read(name)), "runtimes")
    kinds, histogram = found.tables["kinds"], found.tables["histogram"]
    for n, tries in enumerate(kinds["tries"]):
        assert sum(t for k, t in zip(histogram["kind"], histogram["tries"], strict=True) if k == n) == tries
        assert kinds["p5_s"][n] <= kinds["p50_s"][n] <= kinds["p95_s"][n]


@pytest.mark.parametrize("name", NAMES)
def test_a_row_of_jobs_by_state_adds_up_to_all_jobs(read: Callable[[str], Reader], name: str) -> None:
    found = chart(*_of(read(name)), "jobs", width=200)
    for row in zip(*found.tables["bins"].values(), strict=True):
        assert sum(row) == pytest.approx(found.facts["total"], rel=1e-5)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Reader, list[Workflow], Window]:
    """300 jobs of a kind on four hosts, 10 s each: those on ``slow`` take 20 s, and twenty of them 400 s."""
    path = tmp_path_factory.mktemp("db") / "made.sqlite"
    connection = open_writer(url_of(path))
    connection.execute("BEGIN")
    connection.execute(
        "INSERT INTO workflow(wf_id, wf_uuid, root_wf_id, state, first_ts, last_ts) "
        "VALUES (1, 'u', 1, 'success', ?, ?)",
        (_START, _START + 5000),
    )
    for n in range(1, 301):
        host = ("a", "b", "c", "slow")[n % 4]
        took = 400.0 + n if n % 15 == 0 else 20.0 if host == "slow" else 10.0
        failed = host == "b" and n % 20 == 1
        begin = _START + 10 * n
        connection.execute(
            "INSERT INTO job(job_id, wf_id, exec_job_id, submit_file, type_desc, clustered, max_retries, executable, "
            "task_count, transformation, last_job_instance_id, node_state, duration_s) "
            "VALUES (?, 1, ?, '', 'compute', 0, 0, '', 1, 'sort', ?, ?, ?)",
            (n, f"job{n}", n, "failed" if failed else "done", took),
        )
        connection.execute(
            "INSERT INTO job_instance(job_instance_id, job_id, job_submit_seq, submit_ts, execute_ts, end_ts, "
            "state_ts, outcome, slot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (n, n, n, begin, begin, begin + took, begin + took, "failed" if failed else "success", f"slot{n}@{host}"),
        )
    connection.execute("COMMIT")
    connection.close()
    reader = open_database(url_of(path))
    workflows = list_workflows(reader)
    return reader, workflows, window_of(workflows)


def test_a_slow_host_takes_a_multiple_of_the_median_of_the_others(made: tuple[Reader, list[Workflow], Window]) -> None:
    table = chart(*made, "hosts").tables["hosts"]
    relative = dict(zip(table["host"], table["relative"], strict=True))
    assert relative["slow"] == pytest.approx(2.0, rel=0.03)
    assert relative["a"] == pytest.approx(1.0, rel=0.03)
    assert table["host"][0] == "b", "the host where tries failed comes first"
    assert (sum(table["tries"]), sum(table["failed"])) == (300, 15)


def test_a_window_tells_of_tries_that_ended_in_it(made: tuple[Reader, list[Workflow], Window]) -> None:
    part = Window(start_ts=_START, end_ts=_START + 500, now_ts=_START + 5000, cut=True)
    table = chart(made[0], made[1], part, "hosts").tables["hosts"]
    assert 40 <= sum(table["tries"]) <= 50


def test_the_farthest_jobs_outside_are_named(made: tuple[Reader, list[Workflow], Window]) -> None:
    found = chart(*made, "runtimes")
    assert list(found.tables["kinds"]["slower"]) == [20]
    outside = found.tables["outside"]
    assert outside["job"][0] == "job300"
    assert len(outside["job"]) == MOST_OUTSIDE
    assert list(outside["seconds"]) == sorted(outside["seconds"], reverse=True)
