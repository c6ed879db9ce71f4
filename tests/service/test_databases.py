"""Which databases are served."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
import time
from pathlib import Path

import pytest
from litestar.testing import TestClient

from service.conftest import PEGASUS
from stampede.errors import UnknownWorkflowError
from stampede.pipeline import load
from stampede.places import url_of
from stampede.service.app import make_app
from stampede.service.databases import LATELY_S, Databases
from stampede.service.settings import Settings
from stampede.service.visitor import KEY, Visitor
from stampede.store.registry import Registered, Registry


def _register(registry: Path, url: str, uuid: str) -> None:
    with Registry.open(registry) as found:
        found.record(Registered(wf_uuid=uuid, host="here", db_url=url, state="failed", last_seen_ts=1.0))


def test_without_a_name_the_registrys_are_served_and_new_ones_are_found(tmp_path: Path, urls: list[str]) -> None:
    registry = tmp_path / "registry.sqlite"
    with TestClient(make_app(Settings(registry=registry))) as client:
        assert client.get("/api/v1/workflows").json()["items"] == []
        _register(registry, urls[0], PEGASUS)
        assert [i["wf_uuid"] for i in client.get("/api/v1/workflows").json()["items"]] == [PEGASUS]
        _register(registry, urls[1], "another")
        assert len(client.get("/api/v1/workflows").json()["items"]) > 1
        assert client.get(f"/api/v1/workflows/{PEGASUS}/status").status_code == 200


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path, corpus: Path, urls: list[str]) -> None:
    path = tmp_path / "run.sqlite"
    url = url_of(path)
    load([corpus / "pg_fail"], url)
    with TestClient(make_app(Settings(databases=(url,)))) as client:
        assert client.get(f"/api/v1/workflows/{PEGASUS}").status_code == 200
        other = tmp_path / "other.sqlite"
        load([corpus / "dm_g_hold"], url_of(other))
        shutil.move(other, path)
        assert client.get(f"/api/v1/workflows/{PEGASUS}").status_code == 404
        (one,) = client.get("/api/v1/workflows").json()["items"]
        assert client.get(f"/api/v1/workflows/{one['wf_uuid']}/jobs").json()["items"]


def test_a_workflow_of_somebody_else_is_not_there(urls: list[str]) -> None:
    databases = Databases(Settings(databases=tuple(urls)))
    assert databases.find(PEGASUS, Visitor(user="wf")).database.url == urls[0]
    for visitor in (Visitor(user="other"), Visitor(), Visitor(user="")):
        with pytest.raises(UnknownWorkflowError):
            databases.find(PEGASUS, visitor)
    databases.close()


def test_lists_and_search_hold_only_what_a_visitor_may_see(urls: list[str]) -> None:
    """Whatever was kept for others."""

    def guard(app: object) -> object:
        async def found(scope: dict[str, object], receive: object, send: object) -> None:
            if scope["type"] == "http":
                name = dict(scope["headers"]).get(b"x-user", b"").decode()  # type: ignore[call-overload]
                scope[KEY] = Visitor(user=name, right="admin" if name == "root" else "read")
            await app(scope, receive, send)  # type: ignore[operator]

        return found

    app = make_app(Settings(databases=tuple(urls)), middleware=[guard])  # type: ignore[list-item]
    with TestClient(app) as client:
        for path in ("/api/v1/workflows", "/api/v1/jobs", "/api/v1/search?q=find", "/api/v1/hosts"):
            whole = client.get(path, headers={"x-user": "root"})
            own = client.get(path, headers={"x-user": "wf"})
            none = client.get(path, headers={"x-user": "other"})
            assert PEGASUS in whole.text
            assert PEGASUS in own.text
            assert PEGASUS not in none.text
            again = client.get(path, headers={"x-user": "other", "if-none-match": whole.headers["etag"]})
            assert again.status_code == 200
        for path in ("", "/status", "/jobs", "/jobs/findrange_ID0000003/attempts/1/stdout", "/gantt"):
            assert client.get(f"/api/v1/workflows/{PEGASUS}{path}", headers={"x-user": "wf"}).status_code == 200
            assert client.get(f"/api/v1/workflows/{PEGASUS}{path}", headers={"x-user": "other"}).status_code == 404


def test_a_master_database_of_pegasus_brings_those_that_it_names(tmp_path: Path, shared: Path) -> None:
    run = tmp_path / "run.stampede.db"
    found = next((shared / "corpus" / "runs" / "pg_notify" / "peer").glob("*.stampede.db.gz"))
    run.write_bytes(gzip.decompress(found.read_bytes()))
    master = tmp_path / "workflow.db"
    with sqlite3.connect(run) as theirs:
        (uuid,) = theirs.execute("SELECT wf_uuid FROM workflow").fetchone()
        layout = [
            sql
            for (sql,) in theirs.execute(
                "SELECT sql FROM sqlite_master WHERE sql LIKE 'CREATE TABLE%' AND name NOT LIKE 'sqlite%'"
            )
        ]
    before = run.read_bytes()
    with sqlite3.connect(master) as made:
        for sql in layout:
            made.execute(sql)
        made.execute(
            "INSERT INTO master_workflow(wf_id, wf_uuid, dax_label, timestamp, db_url, archived) "
            "VALUES (1, ?, 'listed', 1, ?, 0)", (uuid, url_of(run)),
        )  # fmt: skip
        made.execute(
            "INSERT INTO master_workflow(wf_id, wf_uuid, dax_label, timestamp, db_url, archived) "
            "VALUES (2, 'gone', 'gone', 1, 'sqlite:////nowhere/run.db', 0)"
        )
    with TestClient(make_app(Settings(databases=(url_of(master),)))) as client:
        listed = {i["wf_uuid"]: i for i in client.get("/api/v1/workflows?parent_wf_uuid=null").json()["items"]}
        assert set(listed) == {uuid, "gone"}
        assert listed[uuid]["total"] > 0
        for path in ("/status", "/triage", "/statistics", "/jobs", "/gantt", "/graph"):
            assert client.get(f"/api/v1/workflows/{uuid}{path}").status_code == 200
    assert run.read_bytes() == before


def test_a_workflow_whose_database_was_moved_is_found_where_it_is_now(tmp_path: Path, corpus: Path) -> None:
    first, second = tmp_path / "a.sqlite", tmp_path / "b.sqlite"
    load([corpus / "pg_fail"], url_of(first))
    with TestClient(make_app(Settings(databases=(url_of(first), url_of(second))))) as client:
        assert client.get(f"/api/v1/workflows/{PEGASUS}/status").status_code == 200
        first.rename(second)
        time.sleep(2 * LATELY_S)
        assert client.get(f"/api/v1/workflows/{PEGASUS}/status").status_code == 200
        second.unlink()
        time.sleep(2 * LATELY_S)
        assert client.get(f"/api/v1/workflows/{PEGASUS}/status").status_code == 404


def test_what_is_struck_from_the_registry_is_not_served_any_more(tmp_path: Path, urls: list[str]) -> None:
    registry = tmp_path / "registry.sqlite"
    _register(registry, urls[0], PEGASUS)
    with TestClient(make_app(Settings(registry=registry))) as client:
        assert client.get(f"/api/v1/workflows/{PEGASUS}").status_code == 200
        with Registry.open(registry) as found:
            found.forget(PEGASUS)
        assert client.get("/api/v1/workflows").json()["items"] == []
        assert client.get(f"/api/v1/workflows/{PEGASUS}").status_code == 404
