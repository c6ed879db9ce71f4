"""Runs of all databases over HTTP: counted, by label, and the course of one."""

from __future__ import annotations

from litestar.testing import TestClient


def test_totals_count_the_runs_of_all_databases(client: TestClient) -> None:
    found = client.get("/api/v1/totals").json()
    roots = client.get("/api/v1/workflows?parent_wf_uuid=null").json()["items"]
    assert found["runs"] == len(roots)
    for state, runs in found["states"].items():
        assert len(client.get(f"/api/v1/workflows?parent_wf_uuid=null&state={state}").json()["items"]) == runs


def test_a_time_without_a_zone_is_refused(client: TestClient) -> None:
    assert client.get("/api/v1/totals?since=2026-11-21").status_code == 400


def test_labels_lead_to_their_trends(client: TestClient) -> None:
    lines = client.get("/api/v1/labels").json()["labels"]
    assert {line["label"] for line in lines} >= {"failing", "dm_g_hold"}
    for line in lines:
        trend = client.get("/api/v1/labels/trend", params={"label": line["label"]}).json()
        assert [r["wf_uuid"] for r in trend["runs"]] == [r["wf_uuid"] for r in line["recent"]]


def test_the_course_of_a_workflow_has_as_many_steps_as_were_asked_for(client: TestClient, workflow: str) -> None:
    found = client.get(workflow + "/course?steps=5").json()
    assert sum(found["done"]) == client.get(workflow).json()["done"]
    assert len(found["failed"]) == 5


def test_a_row_of_the_list_counts_what_is_below_it(client: TestClient) -> None:
    rows = client.get("/api/v1/workflows").json()["items"]
    root = next(r for r in rows if r["below"] and r["parent_wf_uuid"] is None)
    below = [r for r in rows if r["root_wf_uuid"] == root["wf_uuid"]]
    assert root["below"] == len(below) - 1
    for name in ("total", "done", "failed", "futile", "queued"):
        assert root[f"forest_{name}"] == sum(r[name] for r in below)
