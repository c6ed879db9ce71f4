"""Forecasts from databases: exact about recorded runs, learning from earlier ones, and keeping what was learned."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from stampede import pipeline
from stampede.analysis.forecast import Experience, Forecast
from stampede.forecasting import experience_of, forecast_of
from stampede.query import Reader, open_database
from stampede.query.past import as_it_stood
from stampede.query.workflows import Workflow, find, forest, list_workflows

RUNS = ("pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue")


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))


def loaded(folder: Path, name: str, tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / name}.db"
    pipeline.load([folder], url)
    return url


def moments(reader: Reader, root: Workflow, lost: float | None) -> list[float]:
    """Some of the times at which something was recorded of a job of the forest, all between its job's loss and the
    records around it."""
    ids = ", ".join(str(w.wf_id) for w in forest(reader, root))
    times = [row[0] for row in reader.rows(
        f"""SELECT DISTINCT s.timestamp FROM jobstate s JOIN job_instance i USING (job_instance_id)
            JOIN job j ON j.job_id = i.job_id WHERE j.wf_id IN ({ids}) ORDER BY 1"""
    )]  # fmt: skip
    some = set(times[:: max(1, len(times) // 8)])
    if lost is not None:
        some |= {lost - 0.001, lost, max((t for t in times if t < lost), default=lost)}
    return sorted(some)


def told_at(reader: Reader, root: Workflow, at: float) -> tuple[Workflow, Forecast] | None:
    with as_it_stood(reader, [root], at) as then:
        if not then:
            return None
        return then[0], forecast_of(reader, forest(reader, then[0]), at, experience=Experience())


def check_replay(url: str) -> int:
    """Replay all roots of a database; gives how many of them were found to be lost before their end."""
    lost_early = 0
    with open_database(url) as reader:
        for root in list_workflows(reader):
            lost = reader.rows(
                "SELECT min(node_state_ts) FROM job WHERE wf_id = ? AND node_state = 'failed' "
                "AND node_type <> 'service'",
                (root.wf_id,),
            )[0][0]
            for at in moments(reader, root, lost):
                found = told_at(reader, root, at)
                if found is None or found[0].state not in ("running", "unstarted"):
                    continue
                assert found[1].doomed == (lost is not None and at >= lost), (url, at, lost, found)
                lost_early += found[1].doomed and at == lost
    return lost_early


@pytest.mark.parametrize("name", RUNS)
def test_doomed_from_the_first_job_without_tries_left_on_and_never_before(
    corpus: Path, tmp_path: Path, name: str
) -> None:
    check_replay(loaded(corpus / name, name, tmp_path))


FAILING = ("dm_s_badsubmit", "pg_cluster_fail", "pg_hier_fail", "pg_hier_ok", "pg_stageout_fail", "dm_k2_final_ok")


@pytest.mark.shared
@pytest.mark.parametrize("name", FAILING)
def test_the_same_for_more_recorded_runs(shared: Path, tmp_path: Path, name: str) -> None:
    folder = shared / "corpus" / "runs" / name / "submit"
    found = check_replay(loaded(folder, name, tmp_path))
    assert found == (name in ("dm_s_badsubmit", "pg_cluster_fail", "pg_stageout_fail"))


def copies(url: str, number: int, *, step_s: int = 86_400) -> None:
    """Write more runs into a database: the workflow that it has, again and again, a day later each."""
    path = url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as db:
        for table in ("workflow", "workflow_summary", "job"):
            db.execute(f"CREATE TEMP TABLE t_{table} AS SELECT * FROM {table}")
        db.execute("CREATE TEMP TABLE t_job_instance AS SELECT * FROM job_instance")
        for n in range(1, number + 1):
            by, later = 10_000 * n, step_s * n
            db.execute("DELETE FROM temp.t_workflow")
            db.execute("INSERT INTO temp.t_workflow SELECT * FROM main.workflow WHERE wf_id < 10000")
            db.execute(
                "UPDATE temp.t_workflow SET wf_id = wf_id + ?, wf_uuid = printf('%08d', ?) || substr(wf_uuid, 9), "
                "root_wf_id = root_wf_id + ?, first_ts = first_ts + ?, last_ts = last_ts + ?",
                (by, n, by, later, later),
            )
            db.execute("INSERT INTO main.workflow SELECT * FROM temp.t_workflow")
            for table, keys in (("workflow_summary", "wf_id"), ("job", "wf_id job_id last_job_instance_id"),
                                ("job_instance", "job_id job_instance_id")):  # fmt: skip
                columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
                chosen = ", ".join(f"{c} + {by}" if c in keys.split() else c for c in columns)
                db.execute(f"INSERT INTO main.{table} SELECT {chosen} FROM temp.t_{table}")
        db.execute("UPDATE job_instance SET host_id = NULL WHERE job_instance_id > 10000")


def test_earlier_runs_of_the_label_are_learned_from_and_kept(corpus: Path, tmp_path: Path) -> None:
    url = loaded(corpus / "dm_g_hold", "many", tmp_path)
    copies(url, 6)
    with open_database(url) as reader:
        last = find(reader, "00000006")[0]
        assert last.first_ts is not None
        known = experience_of(reader, last, last.first_ts)
        assert known.runs("dm_g_hold") == 6
        assert known.labels["dm_g_hold"].failed_runs == 6
        kept = sorted(p.name for p in (tmp_path / "state" / "forecasts").iterdir())
        assert [name.partition("-")[0] for name in kept] == ["label"] + ["run"] * 6
        again = experience_of(reader, last, last.first_ts)
        assert again.pool == known.pool
        told = forecast_of(reader, forest(reader, last), last.first_ts)
    assert told.past_runs == 6


def test_runs_that_ended_later_are_not_known_then(corpus: Path, tmp_path: Path) -> None:
    url = loaded(corpus / "dm_g_hold", "many", tmp_path)
    copies(url, 4)
    with open_database(url) as reader:
        last, middle = find(reader, "00000004")[0], find(reader, "00000002")[0]
        assert last.first_ts is not None
        assert middle.first_ts is not None
        assert experience_of(reader, last, last.first_ts).runs("dm_g_hold") == 4
        assert experience_of(reader, middle, middle.first_ts).runs("dm_g_hold") == 2
        assert experience_of(reader, last, last.first_ts).runs("dm_g_hold") == 4


def test_damaged_and_unwritable_files_of_the_state_folder_are_no_trouble(corpus: Path, tmp_path: Path) -> None:
    url = loaded(corpus / "dm_g_hold", "many", tmp_path)
    copies(url, 2)
    with open_database(url) as reader:
        last = find(reader, "00000002")[0]
        assert last.first_ts is not None
        experience_of(reader, last, last.first_ts)
        for file in (tmp_path / "state" / "forecasts").iterdir():
            file.write_bytes(b"{")
        assert experience_of(reader, last, last.first_ts).runs("dm_g_hold") == 2
        for file in (tmp_path / "state" / "forecasts").iterdir():
            file.unlink()
        (tmp_path / "state" / "forecasts").rmdir()
        (tmp_path / "state" / "forecasts").write_text("no folder")
        assert experience_of(reader, last, last.first_ts).runs("dm_g_hold") == 2
        assert experience_of(reader, last, last.first_ts, learn=False).runs("dm_g_hold") == 0


@pytest.mark.shared
def test_a_run_in_progress_gets_a_probability_from_six_runs_that_failed(
    corpus: Path, shared: Path, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from stampede.cli.main import cli

    url = loaded(corpus / "dm_g_hold", "many", tmp_path)
    copies(url, 6, step_s=-86_400)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as db:  # the run itself, in whose place comes its beginning
        (uuid,) = db.execute("SELECT wf_uuid FROM workflow WHERE wf_id < 10000").fetchone()
        db.execute("UPDATE workflow SET wf_uuid = 'ffffffff' || substr(wf_uuid, 9) WHERE wf_id < 10000")
    pipeline.load([shared / "corpus" / "runs" / "dm_g_hold_inprogress" / "submit"], url)
    with open_database(url) as reader:
        root = find(reader, uuid)[0]
        assert root.last_ts is not None
        told = forecast_of(reader, forest(reader, root), root.last_ts)
    assert (told.past_runs, told.enough_history, told.doomed) == (6, True, False)
    assert told.probability is not None
    assert told.probability > 0.3
    assert "6 of 6 past runs failed." in told.reasons
    assert "4 jobs are held." in told.reasons
    result = CliRunner().invoke(cli, ["forecast", uuid, "--db", url, "--as-of", "last"], prog_name="stampede")
    assert result.exit_code == 0
    assert f"dm_g_hold: fails with probability {told.probability:.2f}" in result.output
