"""Sessions open what they are asked for, and ask several databases as if they were one."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import stampede
from stampede import pipeline
from stampede.api import Database, Session
from stampede.errors import DatabaseError, NoDatabaseError, UnknownWorkflowError, UsageError
from stampede.places import default_url, file_of
from stampede.query.collections import COLLECTIONS
from stampede.store.registry import Registered, Registry


def uuids(session: Session) -> dict[str | None, str]:
    return {w.label: w.wf_uuid for w in session.workflows("parent_wf_uuid=null")}


def test_a_session_opens_a_url_a_file_a_directory_and_what_the_registry_knows(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))
    run = tmp_path / "run"
    shutil.copytree(corpus / "pg_fail", run)
    with pytest.raises(NoDatabaseError):
        stampede.open(run)
    with pytest.raises(NoDatabaseError, match="registered"):
        stampede.open()
    url = default_url(run)
    uuid = pipeline.load([run], url).workflows[0]
    for where in (url, file_of(url), run, str(run)):
        with stampede.open(where) as session:
            assert session.workflow().wf_uuid == uuid
    monkeypatch.chdir(tmp_path)
    with Registry.open() as registry:
        registry.record(Registered(
            wf_uuid=uuid, label="failing", host="h", submit_dir=str(run), dag="failing-0.dag", db_url=url,
            state="failed", last_seen_ts=time.time(),
        ))  # fmt: skip
    for name in (None, uuid, uuid[:8], "failing"):
        with stampede.open(name) as session:
            assert session.workflow().wf_uuid == uuid
    with pytest.raises(NoDatabaseError):
        stampede.open("nowhere")
    with pytest.raises(UsageError, match="three slashes"):
        stampede.open("sqlite://x")
    with pytest.raises(UsageError, match="no database that Stampede knows"):
        stampede.open("oracle://h/x")
    (tmp_path / "torn.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 200)
    with pytest.raises(DatabaseError):
        stampede.open(tmp_path / "torn.sqlite")


def test_a_workflow_is_named_as_everywhere(forest: Session) -> None:
    root = forest.workflow()
    inner = forest.workflows("parent_wf_uuid!=null").first()
    assert inner is not None
    assert forest.workflow(inner.wf_uuid).facts().parent_wf_uuid is not None
    assert forest.workflow(root.wf_uuid[:8]).wf_uuid == root.wf_uuid
    with pytest.raises(UnknownWorkflowError):
        forest.workflow("none-such")


@pytest.mark.parametrize("name", ["workflows", "jobs", "job_instances", "jobstates", "events", "files"])
def test_several_databases_are_one_list(urls: dict[str, str], name: str) -> None:
    every = Session([Database(url) for url in urls.values()])
    alone = [Session([Database(url)]) for url in urls.values()]
    for column in [None, *(c for c in COLLECTIONS[name].columns if c.sortable and c.kind != "exit")]:
        for sign in ("", "-"):
            sort = None if column is None else sign + column.name
            whole = list(every.listing(name, sort=sort))
            assert sorted(map(repr, whole)) == sorted(repr(i) for s in alone for i in s.listing(name, sort=sort))
            paged: list[Any] = []
            after = None
            while True:
                page = every.listing(name, sort=sort).page(limit=7, after=after)
                paged += page.items
                after = page.next
                if after is None:
                    break
            assert list(map(repr, paged)) == list(map(repr, whole))
            if column is not None:
                values = [getattr(i, column.name) for i in whole]
                told = [v for v in values if v is not None]
                assert values == sorted(told, reverse=bool(sign)) + [None] * (len(values) - len(told))
    assert every.listing(name).count().value == len(whole)
    every.close()


def test_a_database_that_is_gone_hides_only_its_own_workflows(urls: dict[str, str], tmp_path: Path) -> None:
    session = Session([Database(f"sqlite:///{tmp_path}/gone.sqlite"), *(Database(url) for url in urls.values())])
    assert len(uuids(session)) == len(urls)
    assert session.workflow("failing").facts().label == "failing"
    with pytest.raises(UnknownWorkflowError):
        session.workflow("none-such")


def test_one_sees_only_what_belongs_to_a_user(urls: dict[str, str]) -> None:
    mine = Session([Database(urls["pg_fail"])], user="wf")
    theirs = Session([Database(urls["pg_fail"])], user="eve")
    assert mine.jobs().count().value == 14
    assert theirs.jobs().count().value == 0
    assert theirs.workflows().first() is None
    with pytest.raises(UnknownWorkflowError):
        theirs.workflow("failing")


def test_threads_share_a_session(failing: Session) -> None:
    found: list[int] = []

    def ask() -> None:
        for _ in range(20):
            found.append(len(list(failing.workflow().jobs("state=done"))))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [6] * 120


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys, stampede; print([m for m in sys.modules if m.startswith('stampede.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
    with pytest.raises(AttributeError):
        _ = stampede.nothing  # type: ignore[attr-defined]
