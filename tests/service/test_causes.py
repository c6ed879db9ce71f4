"""Causes and their members over HTTP; advice and rates."""

from __future__ import annotations

import pytest
from litestar.testing import TestClient

from service.conftest import FAILED_JOB


def test_all_members_of_every_cause_are_told_page_by_page(client: TestClient) -> None:
    for workflow in client.get("/api/v1/workflows?parent_wf_uuid=null").json()["items"]:
        path = f"/api/v1/workflows/{workflow['wf_uuid']}/triage"
        for cause in client.get(path).json()["causes"]:
            told, after = [], 0
            while after is not None:
                page = client.get(f"{path}/{cause['id']}/members?limit=1&after={after}").json()
                told += [item["node"] for item in page["items"]]
                after = page["next"]
            assert page["total"] == cause["node_count"] == sum(page["states"].values())
            assert sorted(told) == sorted(cause["nodes"])


def test_one_member_is_found_by_its_node(client: TestClient, workflow: str) -> None:
    (cause,) = [c for c in client.get(workflow + "/triage").json()["causes"] if c["nodes"]]
    path = f"{workflow}/triage/{cause['id']}/members"
    assert [m["job"] for m in client.get(f"{path}?node={FAILED_JOB}").json()["items"]] == [FAILED_JOB]
    assert client.get(f"{path}?node=other").json()["items"] == []


def test_a_cause_that_is_not_there_is_said_so(client: TestClient, workflow: str) -> None:
    found = client.get(workflow + "/triage/000000000000/members")
    assert (found.status_code, found.json()["type"]) == (404, "/problems/no-cause")


def test_advice_is_that_of_the_command_line(client: TestClient, workflow: str) -> None:
    told = client.get(f"{workflow}/jobs/{FAILED_JOB}/advice").json()
    assert (told["job"], told["try_number"], told["tries"]) == (FAILED_JOB, 2, 2)
    kinds = client.get(workflow + "/advice/resources?history=false").json()["transformations"]
    assert "diamond::findrange:4.0" in {kind["transformation"] for kind in kinds}
    sites = client.get(workflow + "/advice/sites?transformation=findrange&history=false").json()
    assert [site["name"] for site in sites["sites"]] == ["condorpool"]
    assert client.get(workflow + "/jobs/none/advice").status_code == 404


@pytest.mark.parametrize("at", ["", "?as_of=2026-11-21T21:16:00Z"])
def test_a_rate_is_told_for_now_and_for_then(client: TestClient, workflow: str, at: str) -> None:
    told = client.get(workflow + "/throughput" + at).json()["throughput"]
    assert sum(told["done"]) == 6
    assert told["mean_per_min"] > 0
