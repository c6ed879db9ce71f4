"""``stampede registry``: what it lists, forgets and relocates, and what it says when it cannot."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stampede import pipeline
from stampede.places import default_url, file_of
from stampede.query.registry import this_host
from stampede.store.registry import Registered, Registry

from .conftest import Run

Ask = Callable[..., Any]

UUID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
OTHER = "1b4e77aa-0000-4000-8000-000000000002"


def record(**values: Any) -> Registered:
    known: dict[str, Any] = {
        "wf_uuid": UUID, "label": "diamond", "host": this_host(), "submit_dir": "/no/run", "state": "running",
        "db_url": "sqlite:////no/run/x.sqlite", "last_seen_ts": time.time(),
    }  # fmt: skip
    entry = Registered(**(known | values))
    with Registry.open() as registry:
        registry.record(entry)
    return entry


@pytest.fixture
def loaded(submit_dir: Path) -> Registered:
    """A recorded run that was loaded and registered."""
    url = default_url(submit_dir)
    uuid = pipeline.load([submit_dir], url).workflows[0]
    return record(
        wf_uuid=uuid,
        label="hold",
        last_seen_ts=time.time() - 300,
        submit_dir=str(submit_dir),
        dag="dm_g_hold.dag",
        db_url=url,
    )


def known(ask: Ask) -> list[str]:
    return [w["wf_uuid"] for w in ask("registry", "list")["workflows"]]


# list


def test_before_anything_was_watched_it_says_how_to_begin(run: Run, ask: Ask) -> None:
    assert "stampede watch" in run("registry").output
    assert ask("registry") == {"workflows": []}
    assert not (Path(os.environ["STAMPEDE_STATE"]) / "registry.sqlite").exists()


def test_list_is_what_it_does_when_nothing_else_is_named(run: Run, ask: Ask) -> None:
    record(last_seen_ts=time.time() - 3600)
    assert run("registry").output == run("registry", "list").output
    assert ask("registry") == ask("registry", "list")
    assert ask("registry", "--state", "failed") == {"workflows": []}
    assert "Usage: stampede registry [OPTIONS] COMMAND" in run("registry", "-h").output


def test_the_list_tells_how_workflows_stand_and_where_they_are(run: Run, loaded: Registered) -> None:
    record(wf_uuid=OTHER, label="big", state="failed", done=1200, total=3000, failed=2, held=1, last_seen_ts=5.0)
    lines = run("registry").output.splitlines()
    assert lines[0].split() == ["UUID", "LABEL", "STATE", "DONE", "FAILED", "HELD", "SEEN", "DIRECTORY"]
    assert lines[1].split()[:3] == [loaded.wf_uuid[:8], "hold", "running"]
    assert lines[2].split()[:6] == [OTHER[:8], "big", "failed", "1,200/3,000", "2", "1"]


def test_on_a_narrow_terminal_labels_stay(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    record(label="a-label-of-some-length", state="unstarted", done=12, total=30000, last_seen_ts=5.0)
    monkeypatch.setenv("COLUMNS", "60")
    assert "a-label-o" in run("registry").output


def test_what_is_not_where_it_was_is_told_with_what_to_do(run: Run, ask: Ask, loaded: Registered) -> None:
    record(submit_dir=None)
    assert f"{loaded.wf_uuid[:8]}: " not in run("registry").output
    output = run("registry").output
    assert "1b4e28ba: the database is gone; it was watched on" in output
    assert "stampede registry relocate 1b4e28ba" in output
    missing = {w["wf_uuid"]: w["missing"] for w in ask("registry")["workflows"]}
    assert missing == {loaded.wf_uuid: None, UUID: "the database is gone"}


def test_json_has_all_that_is_known(ask: Ask) -> None:
    record(started_ts=0.0, last_seen_ts=1.5, percent_done=12.5, user="ada")
    one = ask("registry")["workflows"][0]
    assert set(one) == {*Registered.__struct_fields__, "missing"}
    assert (one["started_ts"], one["last_seen_ts"]) == ("1970-01-01T00:00:00Z", "1970-01-01T00:00:01.500000Z")
    assert (one["percent_done"], one["user"], one["ended_ts"]) == (12.5, "ada", None)


def test_the_list_is_filtered_and_cut(run: Run, ask: Ask) -> None:
    record()
    record(wf_uuid=OTHER, state="failed")
    assert [w["state"] for w in ask("registry", "list", "--state", "failed")["workflows"]] == ["failed"]
    assert len(ask("registry", "list", "--limit", "1")["workflows"]) == 1
    assert "--limit 10" in run("registry", "list", "--limit", "1").output
    assert "No workflow matches" in run("registry", "list", "--state", "halted").output


def test_sizes_are_those_of_the_files(run: Run, ask: Ask, loaded: Registered) -> None:
    size = file_of(loaded.db_url).stat().st_size
    assert ask("registry", "list", "--sizes")["databases"] == {loaded.db_url: size}
    assert "SIZE" in run("registry", "--sizes").output
    assert [one["size_bytes"] for one in ask("db", "usage")["databases"]] == [size]
    assert "job_instance" in run("db", "usage").output


def test_hostile_names_are_shown_and_not_obeyed(run: Run, ask: Ask) -> None:
    record(label="\x1b[31mred\udcff", submit_dir=os.fsdecode(b"/runs/\xff\x1b[2J"))
    output = run("registry").output
    assert "\x1b" not in output
    assert "\\x1b[31mred" in output
    assert ask("registry")["workflows"][0]["label"] == "\x1b[31mred?"


@pytest.mark.parametrize("verb", [["list"], ["forget", "x"], ["forget", "--missing"], ["relocate", "x", "."]])
def test_a_registry_that_is_none_is_an_error_in_words(run: Run, verb: list[str]) -> None:
    Path(os.environ["STAMPEDE_STATE"], "registry.sqlite").write_bytes(b"junk" * 500)
    result = run("registry", *verb)
    assert result.exit_code == 4
    assert "Move it away" in result.stderr


@pytest.mark.parametrize("verb", ["list", "forget", "relocate"])
def test_help_of_each_verb_has_an_example(run: Run, verb: str) -> None:
    result = run("registry", verb, "--help")
    assert "Example:" in result.output
    assert f"stampede registry {verb}" in result.output


# forget


def test_a_named_workflow_is_forgotten_and_its_database_stays(run: Run, ask: Ask, loaded: Registered) -> None:
    record()
    result = run("registry", "forget", "hold")
    assert f"hold ({loaded.wf_uuid[:8]}) is forgotten." in result.output
    assert known(ask) == [UUID]
    assert file_of(loaded.db_url).exists()
    assert ask("registry", "forget", "1b4e", UUID) == {"forgotten": [UUID]}
    assert known(ask) == []


def test_one_that_is_watched_will_come_back(run: Run) -> None:
    record()
    with Registry.open() as registry:
        registry.begin_watch(paths=["/no/run"], wf_uuids=[UUID])
    assert "will come back" in run("registry", "forget", UUID).output


def test_a_name_of_several_or_of_none_forgets_nothing(run: Run, ask: Ask) -> None:
    record()
    record(wf_uuid=OTHER)
    for name, said in (("diamond", "means 2 workflows"), ("1b4e", "means 2 workflows"), ("nobody", "has no workflow")):
        result = run("registry", "forget", UUID, name)
        assert result.exit_code == 2
        assert said in result.stderr
    assert UUID[:13] in run("registry", "forget", "diamond").stderr
    assert len(known(ask)) == 2


@pytest.mark.parametrize(
    "arguments", [[], ["--older", "3"], ["x", "--missing"], ["x", "--older", "1"], ["x", "--ended"]]
)
def test_forgetting_needs_a_choice_that_can_be_understood(run: Run, arguments: list[str]) -> None:
    record(label="x")
    result = run("registry", "forget", *arguments)
    assert result.exit_code == 2
    assert "--missing" in result.stderr


def test_those_without_a_database_are_forgotten_but_not_those_of_other_hosts(
    run: Run, ask: Ask, loaded: Registered
) -> None:
    record()
    record(wf_uuid=OTHER, host="elsewhere")
    result = run("registry", "forget", "--missing")
    assert "1 workflow of other hosts" in result.output
    assert set(known(ask)) == {loaded.wf_uuid, OTHER}
    assert "No workflow matches" in run("registry", "forget", "--missing").output


def test_those_that_ended_long_ago_are_forgotten(ask: Ask) -> None:
    now = time.time()
    record(ended_ts=now - 10 * 86400, last_seen_ts=now - 10 * 86400)
    record(wf_uuid=OTHER, ended_ts=now - 86400, last_seen_ts=now - 86400)
    record(wf_uuid="running", last_seen_ts=now - 99 * 86400)
    assert ask("registry", "forget", "--ended", "--older", "11") == {"forgotten": []}
    assert ask("registry", "forget", "--ended", "--older", "7.5") == {"forgotten": [UUID]}
    assert ask("registry", "forget", "--ended") == {"forgotten": [OTHER]}
    assert known(ask) == ["running"]


# relocate


def test_a_moved_run_is_relocated_and_named_as_before(run: Run, ask: Ask, loaded: Registered, tmp_path: Path) -> None:
    new = Path(loaded.submit_dir or "").rename(tmp_path / "archive")
    assert run("status", "hold").exit_code == 4
    moved = ask("registry", "relocate", "hold", str(new))
    assert moved == {
        "wf_uuid": loaded.wf_uuid, "submit_dir": str(new), "db_url": default_url(new), "has_database": True
    }  # fmt: skip
    assert ask("status", loaded.wf_uuid[:8])["workflows"][0]["wf_uuid"] == loaded.wf_uuid


def test_a_moved_run_is_named_by_the_directory_that_it_was_in(run: Run, loaded: Registered, tmp_path: Path) -> None:
    old = Path(loaded.submit_dir or "")
    new = old.rename(tmp_path / "archive")
    output = run("registry", "relocate", str(old), str(new)).output
    assert f"hold ({loaded.wf_uuid[:8]}) is in {new}." in output
    assert default_url(new) in output


def test_a_moved_run_is_searched_for(run: Run, ask: Ask, loaded: Registered, tmp_path: Path) -> None:
    (tmp_path / "archive" / "2026").mkdir(parents=True)
    Path(loaded.submit_dir or "").rename(tmp_path / "archive" / "2026" / "run")
    assert ask("registry", "relocate", "hold", "--find", str(tmp_path))["submit_dir"].endswith("archive/2026/run")
    (tmp_path / "none").mkdir()
    result = run("registry", "relocate", "hold", "--find", str(tmp_path / "none"))
    assert result.exit_code == 3
    assert "No directory below" in result.stderr
    assert run("registry", "relocate", "hold", "--find", "/no/such/folder").exit_code == 3


def test_the_search_shows_where_it_is_on_a_terminal(loaded: Registered, tmp_path: Path) -> None:
    Path(loaded.submit_dir or "").rename(tmp_path / "moved")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "stampede.cli.main", "registry", "relocate", "hold", "--find", str(tmp_path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=True)
    os.close(theirs)
    assert b"folders" in os.read(ours, 4096)
    os.close(ours)
    assert b"moved." in done.stdout


def test_another_directory_is_refused(run: Run, ask: Ask, loaded: Registered, corpus: Path) -> None:
    result = run("registry", "relocate", "hold", str(corpus / "dm_c_rescue"))
    assert result.exit_code == 3
    assert "does not hold the workflow hold" in result.stderr
    assert ask("registry")["workflows"][0]["submit_dir"] == loaded.submit_dir


def test_a_lost_database_is_told_with_how_to_make_it_anew(run: Run, loaded: Registered, tmp_path: Path) -> None:
    file_of(loaded.db_url).unlink()
    new = Path(loaded.submit_dir or "").rename(tmp_path / "new run")
    output = run("registry", "relocate", "hold", str(new)).output
    assert f"stampede load '{new}'" in output
    pipeline.load([new], default_url(new))
    assert run("status", "hold").exit_code == 1, "the workflow failed, and can be asked for"


@pytest.mark.parametrize("arguments", [["hold"], ["hold", ".", "--find", "."]])
def test_relocating_needs_one_place(run: Run, loaded: Registered, arguments: list[str]) -> None:
    result = run("registry", "relocate", *arguments)
    assert result.exit_code == 2
    assert "--find" in result.stderr


def test_an_unknown_workflow_cannot_be_relocated(run: Run) -> None:
    result = run("registry", "relocate", "nobody", ".")
    assert result.exit_code == 2
    assert "stampede registry list" in result.stderr


def test_a_registry_that_cannot_be_written_is_an_error_in_words(
    run: Run, loaded: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    from stampede.store import registry_file

    monkeypatch.setattr(registry_file, "PATIENCE_S", 0.1)
    raw = sqlite3.connect(Path(os.environ["STAMPEDE_STATE"]) / "registry.sqlite", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    result = run("registry", "forget", "hold")
    raw.close()
    assert result.exit_code == 4
    assert "locked" in result.stderr


def test_help_of_the_group_says_that_list_is_what_it_does(run: Run) -> None:
    assert "stampede registry list" in run("registry", "--help").output
    assert "relocate" in run("registry", "--help").output
    assert run("registry", "nonsense").exit_code == 2
