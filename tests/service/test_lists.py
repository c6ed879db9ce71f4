"""Lists over HTTP: filters, order, pages, forms, and what is kept."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from litestar.testing import TestClient

from service.conftest import FAILED_JOB, PEGASUS
from stampede.pipeline import load
from stampede.places import url_of
from stampede.query.collections import COLLECTIONS
from stampede.service.app import make_app
from stampede.service.settings import Settings


def test_filter_sort_and_fields_choose_what_they_say(client: TestClient, workflow: str) -> None:
    answer = client.get(
        workflow + "/jobs?state=failed,done&duration_s>=0&sort=-duration_s&fields=name,state,duration_s"
    )
    items = answer.json()["items"]
    assert answer.status_code == 200
    assert {i["state"] for i in items} == {"done", "failed"}
    durations = [i["duration_s"] for i in items]
    assert durations == sorted(durations, reverse=True)
    assert all(set(i) == {"name", "state", "duration_s"} for i in items)


def test_an_operator_may_be_percent_encoded(client: TestClient, workflow: str) -> None:
    plain = client.get(workflow + "/jobs?name~=find*&attempts>1").json()
    assert plain == client.get(workflow + "/jobs?name%7E%3Dfind%2A&attempts%3E1").json()
    assert [i["name"] for i in plain["items"]] == [FAILED_JOB]


def test_a_name_that_is_no_column_is_refused_with_the_one_that_was_meant(client: TestClient, workflow: str) -> None:
    answer = client.get(workflow + "/jobs?state=failed&durations_s>=3")
    problem = answer.json()
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Did you mean duration_s?" in problem["detail"]
    assert problem["part"] == 1


@pytest.mark.parametrize("name", sorted(COLLECTIONS))
def test_pages_of_all_databases_give_every_row_once(client: TestClient, name: str) -> None:
    """Page by page is the same as all at once, whatever database a row is in."""
    whole = client.get(f"/api/v1/{name}?limit=1000").json()["items"]
    seen: list[object] = []
    after, turned = None, 0
    while turned == 0 or after:
        page = client.get(f"/api/v1/{name}", params={"limit": 7, **({"after": after} if after else {})}).json()
        seen += page["items"]
        after, turned = page["next"], turned + 1
    assert seen == whole
    assert turned == max(1, -(-len(whole) // 7))


def test_the_header_link_leads_to_the_next_page(client: TestClient, workflow: str) -> None:
    first = client.get(workflow + "/jobs?limit=3&state!=ready&name~=*_*")
    path = first.headers["link"].split(">")[0].lstrip("<")
    second = client.get(path)
    assert second.status_code == 200
    assert second.json()["items"] != first.json()["items"]
    assert client.get(path + "x").status_code == 400


@pytest.mark.parametrize("path", ["/api/v1/workflows?engine=dagman&limit=2", "{}/jobs?type=compute&limit=2"])
def test_a_total_is_counted_when_it_is_asked_for(client: TestClient, workflow: str, path: str) -> None:
    """Of all rows that the filter leaves, not of the page."""
    path = path.format(workflow)
    assert client.get(path).json()["total"] is None
    rows = client.get(path.replace("limit=2", "limit=1000")).json()["items"]
    assert client.get(path + "&with_total=true").json()["total"] == len(rows) > 2


def test_a_cursor_of_another_list_is_refused(client: TestClient, workflow: str) -> None:
    after = client.get(workflow + "/jobs?limit=3").json()["next"]
    answer = client.get(workflow + "/jobs", params={"limit": 3, "after": after, "sort": "-duration_s"})
    assert answer.status_code == 400
    assert "another question" in answer.json()["detail"]


def test_csv_and_arrow_hold_what_json_holds(client: TestClient, workflow: str) -> None:
    pa = pytest.importorskip("pyarrow")
    items = client.get(workflow + "/jobs").json()["items"]
    rows = list(csv.DictReader(io.StringIO(client.get(workflow + "/jobs?format=csv").text)))
    assert [r["name"] for r in rows] == [i["name"] for i in items]
    assert [r["end_ts"] for r in rows] == [i["end_ts"] or "" for i in items]
    failed = next(r for r in rows if r["name"] == FAILED_JOB)
    assert failed["exit"] == "3"
    answer = client.get(workflow + "/jobs", headers={"accept": "application/vnd.apache.arrow.stream"})
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.column("name").to_pylist() == [i["name"] for i in items]


def test_a_form_that_there_is_not_is_refused(client: TestClient, workflow: str) -> None:
    assert client.get(workflow + "/jobs", headers={"accept": "image/png"}).status_code == 406
    assert client.get(workflow + "/status?format=csv").status_code == 406
    best = client.get(workflow + "/jobs", headers={"accept": "image/png, text/csv;q=0.5, application/json;q=0.1"})
    assert best.headers["content-type"].startswith("text/csv")


def test_an_answer_that_is_known_is_not_sent_again(client: TestClient, workflow: str) -> None:
    first = client.get(workflow + "/jobs")
    again = client.get(workflow + "/jobs", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(workflow + "/tasks", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


def test_large_answers_are_packed_for_those_who_can_read_that(client: TestClient, workflow: str) -> None:
    plain = client.get(workflow + "/jobs", headers={"accept-encoding": "identity"})
    packed = client.get(workflow + "/jobs", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()


def test_what_is_kept_is_given_up_when_the_database_changes(tmp_path: Path, corpus: Path) -> None:
    url = url_of(tmp_path / "grows.sqlite")
    load([corpus / "pg_fail"], url)
    with TestClient(make_app(Settings(databases=(url,)))) as client:
        first = client.get("/api/v1/workflows")
        assert [i["wf_uuid"] for i in first.json()["items"]] == [PEGASUS]
        load([corpus / "dm_g_hold"], url)
        second = client.get("/api/v1/workflows", headers={"if-none-match": first.headers["etag"]})
        assert second.status_code == 200
        assert len(second.json()["items"]) == 2


def test_a_database_that_is_not_there_hides_only_its_own_rows(tmp_path: Path, urls: list[str]) -> None:
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"this is no database" * 100)
    served = (url_of(tmp_path / "gone.sqlite"), url_of(broken), *urls)
    with TestClient(make_app(Settings(databases=served))) as client:
        assert PEGASUS in client.get("/api/v1/workflows").text
        assert client.get(f"/api/v1/workflows/{PEGASUS}/status").status_code == 200
        assert client.get("/api/v1/search?q=find").json()["unread"] == 1


def test_as_of_answers_as_it_stood(client: TestClient, workflow: str) -> None:
    now = client.get(workflow + "/status").json()["workflows"][0]
    then = client.get(workflow + "/status?as_of=2026-11-21T21:13:40Z").json()["workflows"][0]
    assert (now["state"], then["state"]) == ("failed", "running")
    assert then["nodes"]["done"] < now["nodes"]["done"]
    assert client.get(workflow + "/jobs?state=failed&as_of=2026-11-21T21:13:40Z").json()["items"] == []
    assert client.get(workflow + "/jobs?state=failed").json()["items"]
    assert client.get(workflow + "/status?as_of=yesterday").status_code == 400


def test_lists_of_everything_at_a_time_hold_only_what_had_begun(client: TestClient) -> None:
    for name in sorted(COLLECTIONS):
        answer = client.get(f"/api/v1/{name}?as_of=1000000000&limit=10")
        assert answer.status_code == 200
        assert answer.json()["items"] == [], name
    begun = client.get("/api/v1/jobs?as_of=2026-11-21T21:13:40Z&limit=1000").json()["items"]
    assert PEGASUS in {i["wf_uuid"] for i in begun}


def test_a_window_outside_of_the_run_is_empty_and_one_that_is_turned_round_is_refused(
    client: TestClient, workflow: str
) -> None:
    for window in ("since=2030-01-01T00:00:00Z", "until=2001-01-01T00:00:00Z"):
        found = client.get(f"{workflow}/gantt?{window}").json()
        assert found["tables"]["tries"]["job"] == []
    turned = client.get(f"{workflow}/gantt?since=2026-11-21T22:00:00Z&until=2026-11-21T21:00:00Z")
    assert turned.status_code == 400
