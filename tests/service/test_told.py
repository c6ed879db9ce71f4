"""A client is never told where a database lies; the log is, under a mark that both have."""

from __future__ import annotations

import logging
import re
import sqlite3
from pathlib import Path

import pytest
from litestar.testing import TestClient

from stampede.places import url_of
from stampede.service.app import make_app
from stampede.service.settings import Settings
from stampede.store.loader import Loader


def _client(path: Path) -> TestClient:
    return TestClient(make_app(Settings(databases=(url_of(path),))), raise_server_exceptions=False)


def _spoil(path: Path, how: str) -> None:
    if how == "missing":
        return
    if how == "no database":
        path.write_bytes(b"SQLite format 3\0" + b"nonsense" * 1000)
        return
    Loader(url_of(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE stampede_meta SET value = '99' WHERE key = 'schema_version'" if how == "future"
            else "DROP TABLE job"
        )  # fmt: skip
    connection.close()


@pytest.mark.parametrize("how", ["no database", "future", "damaged"])
def test_trouble_with_a_database_tells_no_path(tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "secret-folder" / "x.sqlite"
    path.parent.mkdir()
    _spoil(path, how)
    with _client(path) as client, caplog.at_level(logging.WARNING, "stampede.service"):
        answer = client.get("/api/v1/jobs")
    assert answer.status_code == 503
    assert "secret-folder" not in answer.text
    (mark,) = re.findall(r"under ([0-9a-f]{8})\.", answer.json()["detail"])
    (line,) = [r.getMessage() for r in caplog.records if mark in r.getMessage()]
    assert "x.sqlite" in line


@pytest.mark.parametrize("ask", ["POST", "GET"])
def test_trouble_with_the_database_of_the_intake_tells_no_path(tmp_path: Path, ask: str) -> None:
    path = tmp_path / "secret-folder" / "x.sqlite"
    path.parent.mkdir()
    _spoil(path, "no database")
    with _client(path) as client:
        if ask == "POST":
            answer = client.post("/api/v1/events", content=b"{}",
                                 headers={"stampede-source": "a", "stampede-sequence": "1"})  # fmt: skip
        else:
            answer = client.get("/api/v1/events/stored?source=a")
    assert answer.status_code == 503
    assert "secret-folder" not in answer.text
    assert answer.json()["type"] == "/problems/database"
