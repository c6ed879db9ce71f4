"""A run's past: which runs it is, and what two recorded ones differ by."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede import pipeline
from stampede.analysis.compare.compare import compare
from stampede.comparing import past_of
from stampede.query import open_database
from stampede.query.run_facts import RunFacts, facts_of
from stampede.query.workflows import find, list_workflows


@pytest.fixture(autouse=True)
def _no_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def facts(run: Path, url: str) -> RunFacts:
    pipeline.load([run], url)
    with open_database(url) as reader:
        return facts_of(reader, find(reader, None)[0])


@pytest.mark.parametrize("name", ["pg_fail", "dm_e_subdag", "dm_g_hold"])
def test_a_recorded_run_does_not_differ_from_itself(name: str, corpus: Path, tmp_path: Path) -> None:
    run = facts(corpus / name, f"sqlite:///{tmp_path}/x.db")
    assert run.tries
    assert sum(run.jobs.values()) >= len({t.path for t in run.tries})
    assert not compare([run], run).changed


def test_other_workflows_differ_in_their_plans(corpus: Path, tmp_path: Path) -> None:
    a = facts(corpus / "pg_fail", f"sqlite:///{tmp_path}/a.db")
    b = facts(corpus / "dm_g_hold", f"sqlite:///{tmp_path}/b.db")
    assert {p.what for p in compare([a], b).plan} >= {"jobs", "tasks_removed"}


@pytest.mark.shared
def test_three_runs_of_the_same_do_not_differ(shared: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    for i in (1, 2, 3):
        pipeline.load([shared / "corpus" / "runs" / f"pg_series_{i}" / "submit"], url)
    with open_database(url) as reader:
        last, *older = sorted(list_workflows(reader), key=lambda w: w.first_ts or 0, reverse=True)
        run = facts_of(reader, last)
    past = past_of(last, url, 5)
    assert [p.wf_uuid for p in past] == [w.wf_uuid for w in older]
    assert not compare(past, run).changed


@pytest.mark.shared
def test_another_htcondor_is_told(shared: Path, tmp_path: Path) -> None:
    a = facts(shared / "corpus" / "runs" / "pg_running" / "submit", f"sqlite:///{tmp_path}/a.db")
    b = facts(shared / "corpus" / "runs-condor25" / "pg_running_c25" / "submit", f"sqlite:///{tmp_path}/b.db")
    found = compare([a], b)
    assert [(p.what, p.subject, p.old, p.new) for p in found.plan] == [("version", "dagman", "23.9.6", "25.14.1")]
