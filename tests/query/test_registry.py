"""What readers ask of the registry, and what they learn of things that were moved or removed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from stampede.errors import DatabaseError
from stampede.files import told
from stampede.places import url_of
from stampede.query import Reader
from stampede.query import registry as ask
from stampede.query.workflows import list_workflows
from stampede.store.registry import Registered, Registry


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "registry.sqlite"


def record(path: Path, run: Path, **values: Any) -> None:
    known: dict[str, Any] = {
        "wf_uuid": f"uuid-{run.name}", "label": "diamond", "host": "h", "submit_dir": str(run),
        "db_url": url_of(run / "x.sqlite"), "state": "running", "last_seen_ts": 1.0,
    }  # fmt: skip
    with Registry.open(path) as registry:
        registry.record(Registered(**(known | values)))


def make(run: Path) -> Path:
    run.mkdir(parents=True)
    (run / "x.sqlite").touch()
    return run


def missing(path: Path) -> list[str | None]:
    return [e.missing for e in ask.entries(path=path)]


def test_asking_makes_no_file(path: Path) -> None:
    assert ask.entries(path=path) == []
    assert ask.look_up("diamond", path=path) == []
    assert ask.watchers(path=path) == []
    assert ask.databases(path=path) == []
    assert not path.parent.exists()


def test_what_is_there_is_not_missing(path: Path, tmp_path: Path) -> None:
    record(path, make(tmp_path / "run"))
    assert missing(path) == [None]


def test_what_is_gone_is_told(path: Path, tmp_path: Path) -> None:
    run = make(tmp_path / "run")
    record(path, run)
    (run / "x.sqlite").rename(tmp_path / "elsewhere")
    assert missing(path) == ["the database is gone"]
    run.rmdir()
    assert missing(path) == ["the directory and the database are gone"]
    record(path, run, db_url=url_of(tmp_path / "elsewhere"))
    assert missing(path) == ["the directory is gone"]
    record(path, run, db_url=url_of(tmp_path / "elsewhere"), submit_dir=None)
    assert missing(path) == [None], "events from a stream have no directory"


@pytest.mark.parametrize("form", [os.fspath, told], ids=["bytes", "escaped"])
def test_a_directory_whose_name_is_no_utf8_is_there(path: Path, tmp_path: Path, form: Any) -> None:
    run = make(tmp_path / os.fsdecode(b"r\xffn"))
    record(path, run, wf_uuid="u", submit_dir=form(run))
    assert missing(path) == [None]
    assert [e.wf_uuid for e in ask.look_up(str(run), path=path)] == ["u"]


def test_a_folder_in_place_of_the_database_and_a_database_of_another_kind_are_not_there(tmp_path: Path) -> None:
    assert not ask.is_there(url_of(tmp_path))
    assert not ask.is_there("oracle://host/db")
    assert not ask.is_there("sqlite://")
    assert not ask.is_there("sqlite:////no/such\0file")
    assert not ask.is_there("")


def test_each_database_is_named_once_and_only_if_it_exists(path: Path, tmp_path: Path) -> None:
    one, other, gone = make(tmp_path / "one"), make(tmp_path / "other"), tmp_path / "gone"
    for seen, (run, db) in enumerate(((one, one), (other, one), (gone, gone), (tmp_path, other))):
        record(path, run, db_url=url_of(db / "x.sqlite"), last_seen_ts=float(seen))
    assert ask.databases(path=path) == [url_of(other / "x.sqlite"), url_of(one / "x.sqlite")]


def test_entries_are_filtered_and_cut(path: Path, tmp_path: Path) -> None:
    for number, state in enumerate(("failed", "running", "failed")):
        record(path, tmp_path / str(number), state=state, last_seen_ts=float(number))
    assert [e.wf_uuid for e in ask.entries(state="failed", path=path)] == ["uuid-2", "uuid-0"]
    assert [e.wf_uuid for e in ask.entries(limit=1, path=path)] == ["uuid-2"]


def test_watchers_that_are_gone_are_not_told_of(path: Path) -> None:
    with Registry.open(path) as registry:
        made = registry.begin_watch(paths=["/x"])
        assert ask.watchers(path=path) == [made]
        assert ask.alive(made)
        registry.end_watch(made.id)
    assert ask.watchers(path=path) == []


def test_a_database_holds_the_workflows_in_it(databases: dict[str, str], read: Any, tmp_path: Path) -> None:
    reader: Reader = read("pg_fail")
    uuid = list_workflows(reader)[0].wf_uuid
    assert ask.holds(databases["pg_fail"], uuid)
    assert not ask.holds(databases["pg_fail"], uuid[:8]), "the start of a uuid is another one"
    assert not ask.holds(databases["dm_g_hold"], uuid)
    assert not ask.holds(url_of(tmp_path / "none.sqlite"), uuid)
    (tmp_path / "junk.sqlite").write_bytes(b"junk" * 500)
    assert not ask.holds(url_of(tmp_path / "junk.sqlite"), uuid)


def test_a_registry_that_is_none_is_an_error_in_words(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"junk" * 500)
    for question in (ask.entries, ask.watchers, ask.databases):
        with pytest.raises(DatabaseError, match="not a database"):
            question(path=path)
