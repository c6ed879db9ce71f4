"""A job whose name has a slash is found by its path, with everything below it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from litestar.testing import TestClient
from sent import UUID, run

from stampede import pipeline
from stampede.service.app import make_app
from stampede.service.settings import Settings

NAME = "stage in/j%2f0//x"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("slashes")
    file = folder / "run.jsonl"
    file.write_bytes(b"\n".join(line.replace(b'"j0"', b'"%b"' % NAME.encode()) for line in run(3)) + b"\n")
    pipeline.load([file], f"sqlite:///{folder / 'a.sqlite'}")
    with TestClient(make_app(Settings(databases=(f"sqlite:///{folder / 'a.sqlite'}",)))) as found:
        yield found


def test_a_job_is_found_by_its_path(client: TestClient) -> None:
    path = f"/api/v1/workflows/{UUID}/jobs/{quote(NAME, safe='')}"
    assert client.get(path).json()["job"] == NAME
    assert client.get(path.replace("%2F", "%2f")).json()["job"] == NAME
    assert client.get(f"{path}/attempts/1").json()["outcome"] == "success"
    assert client.get(f"{path}/causes").json() == {"causes": []}
    assert client.get(f"{path}/graph").json()["kind"] == "graph"
    assert NAME in client.get(f"{path}/attempts/2").json()["detail"]


def test_what_is_not_there_is_told_with_its_name(client: TestClient) -> None:
    answer = client.get(f"/api/v1/workflows/{UUID}/jobs/a%2Fb")
    assert answer.status_code == 404
    assert answer.json()["instance"] == f"/api/v1/workflows/{UUID}/jobs/a/b"
    assert "'a/b'" in answer.json()["detail"]
    nowhere = client.get("/api/v1/none%2Fsuch")
    assert (nowhere.status_code, nowhere.json()["instance"]) == (404, "/api/v1/none/such")


def test_a_slash_that_is_none_of_a_name_parts_the_path(client: TestClient) -> None:
    assert client.get(f"/api/v1/workflows/{UUID}/jobs/j1/attempts/1").status_code == 200
    assert client.get(f"/api/v1/workflows/{UUID}/jobs/j1/none").status_code == 404
    assert client.get(f"/api/v1/workflows/{UUID}%2Fstatus").status_code == 404
