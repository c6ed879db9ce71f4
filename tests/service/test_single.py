"""Answers about one workflow are those of the questions behind them."""

from __future__ import annotations

import json
import pwd
from pathlib import Path

import pytest
from litestar.testing import TestClient

import stampede
from service.conftest import FAILED_JOB, PEGASUS
from stampede.service.forms import json as encoded
from stampede.service.output import _is_theirs


@pytest.fixture
def ours(urls: list[str]) -> stampede.api.Workflow:
    return stampede.open(urls[0]).workflow(PEGASUS)


def test_names_and_answers_are_those_of_the_python_api(
    client: TestClient, workflow: str, ours: stampede.api.Workflow
) -> None:
    def told(value: object) -> object:
        return json.loads(encoded(value))

    assert client.get(workflow + "/status").json()["workflows"] == told(ours.status())
    assert client.get(workflow + "/triage").json() == told(ours.triage())
    assert client.get(workflow + "/statistics").json() == told(ours.statistics())
    assert client.get(f"{workflow}/jobs/{FAILED_JOB}").json() == told(ours.job(FAILED_JOB))
    assert client.get(f"{workflow}/trace?name={FAILED_JOB}").json() == told(ours.trace(FAILED_JOB))
    assert client.get(workflow + "/jobs").json()["items"] == told(list(ours.jobs()))
    assert client.get(workflow + "/progress").json() == {"progress": None}


def test_a_try_is_named_by_its_number_from_1(client: TestClient, workflow: str) -> None:
    job = client.get(f"{workflow}/jobs/{FAILED_JOB}").json()
    for number, one in enumerate(job["tries"], 1):
        assert client.get(f"{workflow}/jobs/{FAILED_JOB}/attempts/{number}").json() == one
    missing = client.get(f"{workflow}/jobs/{FAILED_JOB}/attempts/{len(job['tries']) + 1}")
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/no-job")


def test_a_run_is_compared_with_another_that_is_named(client: TestClient, workflow: str, urls: list[str]) -> None:
    other = stampede.open(urls[1]).workflow().wf_uuid
    found = client.get(f"{workflow}/compare?against={other}")
    assert found.status_code == 200
    assert found.json()["old_uuids"] == [other]
    assert client.get(f"{workflow}/compare?against=nobody").status_code == 404


def test_a_workflow_is_located_and_found_by_text(client: TestClient, corpus: Path) -> None:
    place = client.get(f"/api/v1/locate/{PEGASUS}").json()
    assert place["found_dir"] == str(corpus / "pg_fail")
    assert client.get(place["path"]).json()["wf_uuid"] == PEGASUS
    found = client.get("/api/v1/search?q=FINDRANGE").json()
    assert FAILED_JOB in {j["name"] for j in found["jobs"]}
    said = client.get("/api/v1/search", params={"q": "findrange2: FATAL"}).json()
    assert {j["name"] for j in said["jobs"]} == {FAILED_JOB}
    assert [w["label"] for w in client.get("/api/v1/search?q=failing").json()["workflows"]] == ["failing"]


def test_a_search_is_of_the_time_that_is_asked_about(client: TestClient, workflow: str) -> None:
    """Before the run began there was nothing; before the job failed it had printed nothing."""
    ended = client.get(f"{workflow}/jobs/{FAILED_JOB}").json()["tries"][0]["end_ts"]

    def found(q: str, at: str) -> list[str]:
        return [j["name"] for j in client.get("/api/v1/search", params={"q": q, "as_of": at}).json()["jobs"]]

    assert found("findrange_ID", "2001-01-01T00:00:00Z") == []
    assert FAILED_JOB in found("findrange_ID", ended)
    assert found("findrange2: FATAL", "2099-01-01T00:00:00Z") == [FAILED_JOB]
    assert found("findrange2: FATAL", ended[:10] + "T00:00:01Z") == []


def test_sub_workflows_have_uuids_of_their_own(client: TestClient) -> None:
    below = client.get("/api/v1/workflows?parent_wf_uuid!=null").json()["items"]
    assert below
    for one in below:
        assert client.get(f"/api/v1/workflows/{one['wf_uuid']}").json() == one
    root = below[0]["root_wf_uuid"]
    own = client.get(f"/api/v1/workflows/{root}/jobs").json()["items"]
    whole = client.get(f"/api/v1/workflows/{root}/jobs?below=true").json()["items"]
    assert len(whole) > len(own)
    assert {j["wf_uuid"] for j in own} == {root}


def test_a_workflow_that_has_failed_is_told_as_lost(client: TestClient, workflow: str) -> None:
    """A forecast of what has ended is what became of it, and whose fault it was."""
    told = client.get(workflow + "/forecast").json()["forecast"]
    assert (told["doomed"], told["probability"]) == (True, 1.0)
    assert any("findrange_ID0000003" in reason for reason in told["reasons"])


def test_a_folder_is_read_only_for_whom_it_belongs_to(tmp_path: Path) -> None:
    """Where a workflow lies is what its sender says: it opens no folder of another user. Administrators see all."""
    owner = pwd.getpwuid(tmp_path.stat().st_uid).pw_name
    assert _is_theirs(None, str(tmp_path))
    assert _is_theirs(owner, str(tmp_path))
    assert not _is_theirs(owner + "x", str(tmp_path))
    assert not _is_theirs(owner, str(tmp_path / "absent"))
