"""Databases that Pegasus wrote answer as ours do: those of ten years, none of them changed by it."""

from __future__ import annotations

import gzip
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

import stampede
from stampede import pipeline
from stampede.cli.main import cli
from stampede.errors import DatabaseError
from stampede.query import open_database
from stampede.query.collections import COLLECTIONS
from stampede.query.foreign import entries

from .theirs import master, pegasus_3

#: recorded runs by what their databases have to say in the end: state, nodes done, failed, futile, of how many
RECORDED = {
    "pg_fail": ("failed", 6, 1, 7, 14),
    "pg_hier_fail": ("failed", 5, 1, 8, 14),
    "pg_rescue": ("success", 14, 0, 0, 14),
    "pg_retry": ("success", 14, 0, 0, 14),
    "pg_rerun_after_success": ("success", 38, 0, 0, 38),
    "pg_stageout_fail": ("failed", 7, 3, 4, 14),
    "pg_maxwalltime": ("failed", 6, 1, 7, 14),
    "pg_nokickstart": ("success", 14, 0, 0, 14),
}


def unpacked(shared: Path, name: str, folder: Path) -> Path:
    """The database that Pegasus' own monitor wrote of a recorded run."""
    packed = sorted((shared / "corpus" / "runs" / name / "peer").glob("*.stampede.db.gz"))[-1]
    path = folder / packed.name.removesuffix(".gz")
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    return path


def asked_everything(url: str) -> None:
    """Every list, and every judgement of the newest workflow, now and at half its time."""
    with stampede.open(url) as session:
        for wf in (session.workflow(w.wf_uuid) for w in session.workflows().page(limit=5).items):
            for name, collection in COLLECTIONS.items():
                items = list(getattr(wf, name)())
                assert getattr(wf, name)().count().value == len(items)
                msgspec.convert(msgspec.to_builtins(items), list[collection.item])  # type: ignore[name-defined]
            facts = wf.facts()
            for then in (wf, wf.at(((facts.first_ts or 0) + (facts.last_ts or 0)) / 2)):
                status = then.status()[0]
                msgspec.convert(msgspec.to_builtins(status), type(status))  # each value is of its type
                jobs = [j.state for j in then.jobs(below=False)]
                assert status.nodes.total == len(jobs)
                assert status.nodes.done == jobs.count("done")
                then.triage()
                then.statistics()
                then.progress()


@pytest.mark.shared
@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_database_tells_what_our_own_would(shared: Path, tmp_path: Path, name: str) -> None:
    path = unpacked(shared, name, tmp_path)
    before = hashlib.sha256(path.read_bytes()).digest()
    asked_everything(f"sqlite:///{path}")
    with stampede.open(path) as session:
        nodes = session.workflow().status()[0].nodes
        found = (session.workflow().facts().state, nodes.done, nodes.failed, nodes.futile, nodes.total)
    assert found == RECORDED[name]
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.shared
def test_what_we_derive_is_what_we_load(shared: Path, corpus: Path, tmp_path: Path) -> None:
    """Of the run that ships with the project: nodes, tries, times and exits."""
    url = f"sqlite:///{tmp_path}/ours.sqlite"
    pipeline.load([corpus / "pg_fail"], url)
    with stampede.open(url) as ours, stampede.open(unpacked(shared, "pg_fail", tmp_path)) as theirs:
        same = "name,state,word,attempts,outcome,exit,last_state,submit_ts,execute_ts,end_ts,duration_s,type,node_type"
        assert list(ours.jobs(fields=same, sort="name")) == list(theirs.jobs(fields=same, sort="name"))
        same = ("job,attempt,run,state,outcome,exit,main_exit,post_exit,submit_ts,execute_ts,end_ts,post_end_ts,"
                "executions,evictions,holds,site")  # fmt: skip
        wf, other = ours.workflow(), theirs.workflow()
        sort = "job,submit_ts"
        assert list(wf.job_instances(fields=same, sort=sort)) == list(other.job_instances(fields=same, sort=sort))
        counts = "wf_uuid,state,total,done,failed,futile,tries,tries_failed,started_ts,last_ts,exit_status"
        assert list(wf.workflows(fields=counts)) == list(other.workflows(fields=counts))
        assert [c.nodes for c in other.triage().causes] == [c.nodes for c in wf.triage().causes]


@pytest.mark.shared
def test_databases_of_ten_years_answer(shared: Path) -> None:
    third = shared / "corpus" / "third-party"
    found = [*third.glob("databases/*.db"), *third.glob("submit-dirs/*/*.stampede.db")]
    assert len(found) >= 4
    for path in found:
        asked_everything(f"sqlite:///{path}")
    with stampede.open(third / "databases" / "test-01.db") as session:
        assert session.workflows().count().value == 104, "a master database of Pegasus 4.3"


def test_a_database_of_pegasus_3_answers(tmp_path: Path) -> None:
    path = tmp_path / "old.stampede.db"
    url = pegasus_3(path)
    before = path.read_bytes()
    asked_everything(url)
    with stampede.open(path) as session:
        wf = session.workflow()
        assert {j.name: j.state for j in wf.jobs()} == {
            "preprocess_ID1": "done", "analyze_ID2": "failed", "stage_out_0": "futile"
        }  # fmt: skip
        failed = wf.jobs("state=failed").first()
        assert failed is not None
        assert (str(failed.exit), failed.duration_s, failed.site) == ("exit code 3", 10, "ISIViz")
        assert failed.transformation == "diamond::analyze:2.0"
        assert [str(i.exit) for i in wf.invocations("seq>0")] == ["exit code 0", "exit code 3"]
        assert [h.ip for h in wf.hosts()] == ["128.9.72.178"]
        assert [(f.name, f.use, f.size_bytes) for f in wf.task_files()] == [("f.a", "input", 10), ("f.b", "output", 20)]
        assert wf.facts().state == "failed"
        assert wf.triage().causes[0].nodes == ["analyze_ID2"]
    assert path.read_bytes() == before


def test_all_verbs_answer_on_it(tmp_path: Path) -> None:
    url = pegasus_3(tmp_path / "old.stampede.db")
    for verb in ("status", "jobs", "triage", "stats", "workflows"):
        done = CliRunner().invoke(cli, [verb, "--json", "--db", url])
        assert done.exit_code in (0, 1), (verb, done.output)
        assert json.loads(done.stdout)
        done = CliRunner().invoke(cli, [verb, "--db", url])
        assert done.exit_code in (0, 1), (verb, done.output)
        assert "defect" not in done.output
    done = CliRunner().invoke(cli, ["show", "analyze_ID2", "--db", url])
    assert done.exit_code in (0, 1)
    assert "exit code 3" in done.stdout
    done = CliRunner().invoke(cli, ["db", "check", "--db", url])
    assert done.exit_code == 2
    assert "written by Pegasus" in done.stderr


def test_what_is_derived_follows_the_database(tmp_path: Path) -> None:
    """Pegasus' monitor may still be writing."""
    path = tmp_path / "old.stampede.db"
    url = pegasus_3(path)
    with open_database(url) as reader, closing(sqlite3.connect(path)) as writer:
        with reader.snapshot():
            assert reader.one("SELECT node_state FROM job WHERE exec_job_id = 'stage_out_0'") == ("futile",)
        writer.execute("UPDATE jobstate SET state = 'POST_SCRIPT_SUCCESS' WHERE state = 'POST_SCRIPT_FAILED'")
        writer.commit()
        with reader.snapshot():
            assert reader.one("SELECT node_state FROM job WHERE exec_job_id = 'stage_out_0'") == ("ready",)
            assert reader.one("SELECT done, failed, futile FROM workflow_summary") == (2, 0, 0)


def test_a_job_whose_program_ended_waits_for_its_script_while_others_have_had_theirs(tmp_path: Path) -> None:
    path = tmp_path / "old.stampede.db"
    url = pegasus_3(path)
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("DELETE FROM workflow_state WHERE state = 'end'")
        writer.execute("DELETE FROM jobstate WHERE job_instance_id = 2 AND state LIKE 'POST%'")
        writer.commit()
    with stampede.open(url) as session:
        (job,) = session.jobs("name=analyze_ID2")
        assert (job.state, job.outcome) == ("queued", None)
        assert session.workflow().status()[0].state == "running"


@pytest.mark.parametrize("old", [True, False])
def test_a_master_database_leads_to_the_databases_of_its_workflows(tmp_path: Path, old: bool) -> None:
    own = pegasus_3(tmp_path / "run.stampede.db")
    url = master(tmp_path / "workflow.db", own, old=old)
    with open_database(url) as reader:
        assert [e.label for e in entries(reader)] == ["diamond", "gone"]
    with stampede.open(url) as session:
        states = {w.label: (w.state, w.total) for w in session.workflows()}
        assert states == {"diamond": ("failed", 3), "gone": ("success", 0)}
        assert session.workflows().count().value == 2
        assert session.workflow("diamond").jobs("state=failed").first() is not None
        assert session.workflow("gone").facts().state == "success"
    done = CliRunner().invoke(cli, ["workflows", "--json", "--db", url])
    assert {w["label"] for w in json.loads(done.stdout)["workflows"]} == {"diamond", "gone"}
    done = CliRunner().invoke(cli, ["status", "diamond", "--json", "--db", url])
    assert json.loads(done.stdout)["workflows"][0]["nodes"]["total"] == 3


def test_what_is_no_database_of_workflows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes(text)")
    with pytest.raises(DatabaseError, match="no database of workflows"):
        open_database(f"sqlite:///{path}")


@pytest.mark.parametrize("verb", ["status", "triage", "stats", "anomalies", "jobs", "workflows", "forecast"])
def test_people_read_of_it_too(tmp_path: Path, verb: str) -> None:
    """What Pegasus has no column for is a number where ours is one, never its text."""
    url = pegasus_3(tmp_path / "x.db")
    with open_database(url) as reader:
        assert reader.rows("SELECT DISTINCT typeof(problems) FROM workflow_summary") == [("integer",)]
    done = CliRunner().invoke(cli, [verb, "--db", url])
    assert done.exit_code in (0, 1), done.output
    assert done.output.strip()
