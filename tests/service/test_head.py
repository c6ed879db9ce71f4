"""HEAD answers with what comes before the answer of GET, and nothing after it."""

from __future__ import annotations

import http.client
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from serving import Server

from service.conftest import FAILED_JOB, PEGASUS
from stampede.service.app import make_app
from stampede.service.settings import Settings

_TRY = f"/api/v1/workflows/{PEGASUS}/jobs/{FAILED_JOB}/attempts/1"


@pytest.mark.parametrize(
    "path", ["/api/v1", "/api/v1/workflows", f"/api/v1/workflows/{PEGASUS}/status", _TRY, f"{_TRY}/stdout", "/healthz",
             "/api/v1/openapi.json"],
)  # fmt: skip
def test_head_tells_what_get_begins_with(client: TestClient, path: str) -> None:
    got, told = client.get(path), client.head(path)
    assert (told.status_code, got.status_code) == (200, 200)
    same = ("content-type", "etag", "content-length")
    assert {n: told.headers.get(n) for n in same} == {n: got.headers.get(n) for n in same}


def test_head_of_what_is_not_there_is_a_404(client: TestClient) -> None:
    assert client.head("/api/v1/workflows/nowhere").status_code == 404
    assert client.put("/api/v1/workflows").status_code == 405


def test_every_path_that_is_asked_with_get_may_be_asked_with_head(urls: list[str]) -> None:
    app: Litestar = make_app(Settings(databases=tuple(urls)))
    for route in (r for r in app.routes if not r.path.startswith("/schema")):  # the framework's own
        methods = set(getattr(route, "methods", set()))
        assert "HEAD" in methods or "GET" not in methods, route.path


def test_head_of_a_stream_ends_and_leaves_the_connection_free(tmp_path: Path, urls: list[str]) -> None:
    with Server(databases=urls) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.settings["port"], timeout=10)
        for path in ("/api/v1/stream", f"/api/v1/workflows/{PEGASUS}/stream", f"{_TRY}/stdout", "/api/v1"):
            connection.request("HEAD", path)
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, b"")
        connection.close()
