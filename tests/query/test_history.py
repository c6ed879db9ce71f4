"""Earlier runs of the same label, over the databases of a registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede.query import Reader, open_database
from stampede.query.ended import ended_tries
from stampede.query.history import past_runs, tries_of
from stampede.query.workflows import find, forest
from stampede.store.registry import Registered, Registry


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    """A registry that does not exist."""
    return tmp_path / "registry.sqlite"


def test_a_run_is_found_in_a_database_that_is_named(databases: dict[str, str], nothing: Path) -> None:
    url = databases["pg_fail"]
    with open_database(url) as reader:
        root = find(reader, None)[0]
        tries = ended_tries(reader, forest(reader, root))
    runs = past_runs("failing", urls=[url, url], registry=nothing)
    assert [(r.wf_uuid, r.state, r.nodes, r.done) for r in runs] == [(root.wf_uuid, "failed", 14, 6)]
    assert runs[0].makespan_s == root.last_ts - root.first_ts  # type: ignore[operator]
    assert tries_of(runs[0]) == tries


def test_a_run_is_found_through_the_registry(databases: dict[str, str], nothing: Path) -> None:
    entry = Registered(wf_uuid="u", host="here", db_url=databases["dm_c_rescue"], state="success", last_seen_ts=1.0)
    with Registry.open(nothing) as registry:
        registry.record(entry)
    assert [r.label for r in past_runs("dm_c_rescue", registry=nothing)] == ["dm_c_rescue"]


def test_only_databases_that_can_have_the_label_are_opened(
    databases: dict[str, str], nothing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the label, of none, or shared by several workflows; a registry has thousands of others."""
    known = [
        ("u1", "dm_c_rescue", "dm_c_rescue"), ("u2", None, "dm_g_hold"), ("u3", "failing", "pg_fail"),
        ("u4", "x", "dm_e_subdag"), ("u5", "y", "dm_e_subdag"),
    ]  # fmt: skip
    with Registry.open(nothing) as registry:
        for uuid, label, name in known:
            registry.record(Registered(wf_uuid=uuid, label=label, host="here", db_url=databases[name],
                                       state="success", last_seen_ts=1.0))  # fmt: skip
    opened: list[str] = []

    def noting(url: str) -> Reader:
        opened.append(url)
        return open_database(url)

    monkeypatch.setattr("stampede.query.history.open_database", noting)
    assert [r.label for r in past_runs("dm_c_rescue", registry=nothing)] == ["dm_c_rescue"]
    assert set(opened) == {databases[name] for name in ("dm_c_rescue", "dm_g_hold", "dm_e_subdag")}


def test_later_runs_other_labels_and_the_run_itself_are_left_out(databases: dict[str, str], nothing: Path) -> None:
    urls = list(databases.values())
    run = past_runs("failing", urls=urls, registry=nothing)[0]
    assert past_runs("failing", urls=urls, registry=nothing, before_ts=run.ended_ts - 1) == []
    assert past_runs("failing", urls=urls, registry=nothing, before_ts=run.ended_ts) == [run]
    assert past_runs("failing", urls=urls, registry=nothing, without=[run.wf_uuid]) == []
    assert past_runs("nobody", urls=urls, registry=nothing) == []


def test_a_database_that_cannot_be_read_has_no_history(tmp_path: Path, nothing: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all" * 100)
    assert past_runs("x", urls=[f"sqlite:///{broken}", f"sqlite:///{tmp_path / 'absent.db'}"], registry=nothing) == []
