"""The registry: what is written comes back, whoever writes at the same time and whatever lies in its place."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stampede.errors import DatabaseError, FutureDatabaseError
from stampede.store import registry_file, sqlite
from stampede.store.registry import Registered, Registry, Watcher, alive, start_ticks, this_host

UUID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
OTHER = "1b4e77aa-0000-4000-8000-000000000002"


def entry(**values: Any) -> Registered:
    known: dict[str, Any] = {
        "wf_uuid": UUID, "label": "diamond", "host": "submit1", "submit_dir": "/runs/run0001",
        "db_url": "sqlite:////runs/run0001/diamond.dag.stampede.sqlite", "state": "running", "last_seen_ts": 1000.0,
    }  # fmt: skip
    return Registered(**(known | values))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "registry.sqlite"


@pytest.fixture
def registry(path: Path) -> Iterator[Registry]:
    with Registry.open(path) as made:
        yield made


# what is kept


def test_every_field_of_a_workflow_comes_back(registry: Registry) -> None:
    full = entry(
        user="ada", dag="diamond.dag", percent_done=12.5, done=1, total=8, failed=2, held=3, started_ts=900.25,
        ended_ts=1000.5,
    )  # fmt: skip
    registry.record(full)
    assert registry.workflows() == [full]
    assert None not in msgspec.structs.astuple(full), "each field has a value that could be lost"


def test_a_workflow_is_kept_once_as_it_was_seen_last(registry: Registry) -> None:
    registry.record(entry(state="running", done=1, user="ada"))
    registry.record(entry(state="success", done=4, last_seen_ts=2000.0))
    assert registry.workflows() == [entry(state="success", done=4, last_seen_ts=2000.0)]


def test_the_workflow_seen_last_comes_first(registry: Registry) -> None:
    for number, seen in enumerate((5.0, 9.0, 7.0)):
        registry.record(entry(wf_uuid=f"uuid-{number}", last_seen_ts=seen, state="failed" if number else "success"))
    assert [w.wf_uuid for w in registry.workflows()] == ["uuid-1", "uuid-2", "uuid-0"]
    assert [w.wf_uuid for w in registry.workflows(state="failed", limit=1)] == ["uuid-1"]


def test_relative_paths_become_absolute(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    registry.record(entry(submit_dir="run", db_url="sqlite:///run/a%20b.db"))
    known = registry.workflows()[0]
    assert known.submit_dir == str(tmp_path / "run")
    assert known.db_url == f"sqlite:///{tmp_path}/run/a b.db"
    registry.record(entry(db_url="postgresql://host/db"))
    assert registry.workflows()[0].db_url == "postgresql://host/db"
    watcher = registry.begin_watch(paths=["run"], log="watch.log", db_url="sqlite:///x.db")
    assert watcher.paths == (str(tmp_path / "run"),)
    assert (watcher.log, watcher.db_url) == (str(tmp_path / "watch.log"), f"sqlite:///{tmp_path}/x.db")


def test_forgotten_and_relocated_workflows(registry: Registry) -> None:
    registry.record(entry())
    assert registry.relocate(UUID, "/archive/run0001", "sqlite:////archive/run0001/x.db")
    moved = registry.workflows()[0]
    assert (moved.submit_dir, moved.db_url) == ("/archive/run0001", "sqlite:////archive/run0001/x.db")
    assert registry.forget(UUID)
    assert registry.workflows() == []
    assert not registry.forget(UUID)
    assert not registry.relocate(UUID, "/archive", "sqlite:////archive/x.db")


# names


@pytest.mark.parametrize(
    "name",
    [UUID, UUID.upper(), "1b4e28", "1B4E28ba-2f", "diamond", "/runs/run0001", "/runs/run0001/", "/runs/./run0001"],
)
def test_a_workflow_is_found_by_each_of_its_names(registry: Registry, name: str) -> None:
    registry.record(entry())
    registry.record(entry(wf_uuid=OTHER, label="other", submit_dir="/runs/run0002", last_seen_ts=9999.0))
    assert [w.wf_uuid for w in registry.find(name)] == [UUID]


@pytest.mark.parametrize("name", ["", "1b4", "diamon", "run0001", "/runs", "1b4e28%", "x\0y", "\udcff", "%", "----"])
def test_what_names_no_workflow_finds_none(registry: Registry, name: str) -> None:
    registry.record(entry())
    assert registry.find(name) == []


def test_all_that_a_name_can_mean_are_found(registry: Registry) -> None:
    registry.record(entry())
    registry.record(entry(wf_uuid=OTHER, last_seen_ts=2000.0))
    assert [w.wf_uuid for w in registry.find("1b4e")] == [OTHER, UUID]
    assert [w.wf_uuid for w in registry.find("diamond")] == [OTHER, UUID]


def test_a_label_that_looks_like_a_uuid_is_found_when_no_uuid_begins_so(registry: Registry) -> None:
    registry.record(entry(label="cafe"))
    assert [w.wf_uuid for w in registry.find("cafe")] == [UUID]
    registry.record(entry(wf_uuid="cafe0000-0000-4000-8000-000000000003", label="x"))
    assert [w.label for w in registry.find("cafe")] == ["x"]


def test_a_directory_is_found_by_links_files_in_it_and_from_within(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "x.dag").touch()
    (tmp_path / "link").symlink_to(run)
    registry.record(entry(submit_dir=str(run)))
    for name in ("link", "run/x.dag", "run"):
        monkeypatch.chdir(tmp_path)
        assert len(registry.find(name)) == 1, name
    monkeypatch.chdir(run)
    assert len(registry.find(".")) == 1


@given(st.binary(min_size=1, max_size=30).filter(lambda b: b"\0" not in b))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_directories_of_any_bytes_come_back_and_are_found(registry: Registry, name: bytes) -> None:
    directory = os.path.abspath(os.fsdecode(b"/runs/" + name))
    registry.record(entry(submit_dir=directory))
    assert registry.workflows()[0].submit_dir == directory
    assert registry.find(directory)[0].submit_dir == directory
    watcher = registry.begin_watch(paths=[directory])
    assert registry.watchers()[0].paths == (directory,)
    registry.end_watch(watcher.id)


def test_text_that_no_file_system_has_is_kept_as_well_as_it_can_be(registry: Registry) -> None:
    registry.record(entry(label="a\ud800b\0c"))
    assert registry.workflows()[0].label == "a?b\0c"


# watchers


def test_a_watcher_is_entered_beats_and_ends(registry: Registry) -> None:
    made = registry.begin_watch(paths=["/runs"], auto=True, db_url="sqlite:////x.db", log="/w.log", note="waiting")
    assert registry.watchers() == [made]
    assert (made.host, made.pid, made.auto, made.note) == (this_host(), os.getpid(), True, "waiting")
    assert alive(made)
    before = time.time()
    assert registry.beat(made.id, wf_uuids=[UUID, OTHER], note="2 running")
    now = registry.watchers()[0]
    assert (now.wf_uuids, now.note, now.started_ts) == ((UUID, OTHER), "2 running", made.started_ts)
    assert now.last_seen_ts >= before
    assert registry.end_watch(made.id)
    assert registry.watchers() == []
    assert not registry.beat(made.id, wf_uuids=[], note="")
    assert not registry.end_watch(made.id)


def test_the_number_of_a_watcher_is_never_given_again(registry: Registry) -> None:
    first = registry.begin_watch(paths=["/a"])
    registry.end_watch(first.id)
    assert registry.begin_watch(paths=["/b"]).id != first.id


def watcher(**values: Any) -> Watcher:
    known: dict[str, Any] = {
        "id": 1, "host": this_host(), "pid": os.getpid(), "start_ticks": start_ticks(os.getpid()), "paths": (),
        "auto": False, "started_ts": 0.0, "last_seen_ts": 0.0,
    }  # fmt: skip
    return Watcher(**(known | values))


def test_a_recycled_process_number_is_not_the_watcher() -> None:
    mine = start_ticks(os.getpid())
    assert mine is not None
    assert alive(watcher()) is True
    assert alive(watcher(start_ticks=mine - 1)) is False


def test_of_other_hosts_nothing_is_known() -> None:
    assert alive(watcher(host="elsewhere")) is None
    assert alive(watcher(start_ticks=None)) is None


@pytest.mark.parametrize("pid", [0, -1, 1 << 62])
def test_numbers_that_no_process_has_are_not_alive(pid: int) -> None:
    assert alive(watcher(pid=pid)) is False


def test_a_process_that_ended_is_gone_also_while_its_corpse_lies_about() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        known = watcher(pid=process.pid, start_ticks=start_ticks(process.pid))
        assert alive(known) is True
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert Path(f"/proc/{process.pid}").exists(), "it has to be a zombie now"
        assert alive(known) is False
    assert alive(known) is False


def test_a_name_with_brackets_and_blanks_does_not_confuse(tmp_path: Path) -> None:
    shutil.copy(shutil.which("sleep") or "/bin/sleep", tmp_path / "x) R 1 (y")
    with subprocess.Popen([tmp_path / "x) R 1 (y", "60"]) as process:
        plain = Path(f"/proc/{process.pid}/stat").read_text()
        assert "(x) R 1 (y)" in plain
        assert start_ticks(process.pid) == int(plain.split()[21 + 3])
        process.kill()


def test_watchers_of_this_host_that_are_gone_are_struck_and_others_stay(registry: Registry, path: Path) -> None:
    kept = registry.begin_watch(paths=["/kept"])
    for changes in ("start_ticks = start_ticks + 1", "host = 'elsewhere'"):
        other = registry.begin_watch(paths=["/other"])
        with sqlite3.connect(path) as raw:
            raw.execute(f"UPDATE watcher SET {changes} WHERE id = ?", (other.id,))
        raw.close()
    with Registry.reading(path) as reading:
        assert len(reading.watchers()) == 2, "gone ones are left out"
        assert len(reading.watchers(prune=False)) == 3, "but not by a reader struck"
    assert len(registry.watchers(prune=False)) == 3
    assert {w.host for w in registry.watchers()} == {this_host(), "elsewhere"}
    assert len(registry.watchers(prune=False)) == 2
    assert kept.id in {w.id for w in registry.watchers()}


# several writers

WRITER = """
import sys
from pathlib import Path
from stampede.store.registry import Registered, Registry
path, who, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
for i in range(number):
    with Registry.open(path) as registry:
        for name in (f"{who}-{i}", "shared"):
            registry.record(Registered(wf_uuid=name, label=who, host="h", db_url="sqlite:////x", state="running",
                                       done=i, last_seen_ts=float(i)))
        if i % 2:
            w = registry.begin_watch(paths=["/x"])
            assert registry.beat(w.id, wf_uuids=[name], note="n")
            assert registry.end_watch(w.id)
"""


@pytest.mark.parametrize("network", [False, True], ids=["local", "network"])
def test_several_processes_write_at_once_from_the_first_moment_on(path: Path, network: bool) -> None:
    # they begin together, so that they also make the file together
    code = WRITER
    if network:
        code = "from stampede import places\nplaces.on_network = lambda path: True\n" + WRITER
    number = 15 if network else 40
    writers = [
        subprocess.Popen([sys.executable, "-c", code, path, who, str(number)], stdin=subprocess.PIPE,
                         stderr=subprocess.PIPE)
        for who in ("a", "b", "c", "d")
    ]  # fmt: skip
    for one in writers:
        assert one.stdin is not None
        one.stdin.write(b"go\n")
        one.stdin.flush()
    for one in writers:
        _, said = one.communicate(timeout=120)
        assert one.returncode == 0, said.decode()
    with Registry.reading(path) as registry:
        found = {w.wf_uuid for w in registry.workflows()}
        assert found == {f"{who}-{i}" for who in "abcd" for i in range(number)} | {"shared"}
        assert registry.watchers(prune=False) == []
    assert journal(path) == ("delete" if network else "wal")


def journal(path: Path) -> str:
    raw = sqlite3.connect(path)
    try:
        return str(raw.execute("PRAGMA journal_mode").fetchone()[0])
    finally:
        raw.close()


HOLDER = """
import sqlite3, sys, time
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
raw.execute("BEGIN IMMEDIATE")
raw.execute("DELETE FROM workflow")
print("held", flush=True)
time.sleep(60)
"""


def test_a_writer_that_is_killed_leaves_all_as_it_was_and_nobody_waiting(registry: Registry, path: Path) -> None:
    registry.record(entry())
    with subprocess.Popen([sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with Registry.reading(path) as reading:
            assert len(reading.workflows()) == 1, "readers do not wait for writers"
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
    registry.record(entry(wf_uuid=OTHER))
    assert {w.wf_uuid for w in registry.workflows()} == {UUID, OTHER}


def test_a_new_file_that_another_process_is_filling_is_waited_for(path: Path) -> None:
    path.parent.mkdir()
    raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("CREATE TABLE half_made(x)")
    release = threading.Timer(0.3, raw.rollback)
    release.start()
    with Registry.open(path) as registry:
        registry.record(entry())
    release.join()
    raw.close()
    assert journal(path) == "wal"


def test_a_writer_that_holds_on_for_too_long_is_an_error_in_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_file, "PATIENCE_S", 0.1)
    with Registry.open(path) as registry:
        raw = sqlite3.connect(path, isolation_level=None)
        raw.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseError, match=r"registry, cannot be used: database is locked"):
            registry.record(entry())
        raw.execute("ROLLBACK")
        raw.close()
        registry.record(entry())


# the file


def test_reading_makes_nothing(path: Path) -> None:
    with Registry.reading(path) as registry:
        assert registry.workflows() == []
        assert registry.watchers() == []
        assert registry.find("diamond") == []
        with pytest.raises(DatabaseError, match="opened for reading"):
            registry.record(entry())
    assert not path.parent.exists()


def test_the_state_folder_is_that_of_the_environment_and_for_the_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "a" / "state"))
    with Registry.open() as registry:
        registry.record(entry())
    with Registry.reading() as reading:
        assert len(reading.workflows()) == 1
    assert (tmp_path / "a" / "state").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a" / "state" / "registry.sqlite").stat().st_mode & 0o777 == 0o600


def test_an_empty_file_is_an_empty_registry(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with Registry.reading(path) as registry:
        assert registry.workflows() == []
    assert path.stat().st_size == 0
    with Registry.open(path) as registry:
        registry.record(entry())


def opened(path: Path) -> list[Any]:
    return [lambda: Registry.open(path), lambda: Registry.reading(path)]


def test_a_file_that_is_no_database_is_told_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\x00\xff no database" * 100)
    before = path.read_bytes()
    for open_it in opened(path):
        with pytest.raises(DatabaseError, match=r"file is not a database\. Move it away"):
            open_it()
    assert path.read_bytes() == before


def test_a_database_of_something_else_is_told_and_left_as_it_is(path: Path) -> None:
    sqlite.open_writer(f"sqlite:///{path}").close()
    before = path.read_bytes()
    for open_it in opened(path):
        with pytest.raises(DatabaseError, match=r"no registry of Stampede's"):
            open_it()
    assert path.read_bytes() == before


@pytest.mark.parametrize("version, error", [("2", FutureDatabaseError), ("x", DatabaseError), (b"\xff", DatabaseError)])
def test_another_version_is_told_and_left_as_it_is(path: Path, version: object, error: type[Exception]) -> None:
    Registry.open(path).close()
    change(path, "UPDATE registry_meta SET value = ?", version)
    for open_it in opened(path):
        with pytest.raises(error):
            open_it()


def change(path: Path, sql: str, *values: object) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute(sql, values)
    raw.close()


@pytest.mark.parametrize("kind", ["directory", "pipe"])
def test_what_is_no_file_is_told_without_waiting(path: Path, kind: str) -> None:
    path.parent.mkdir()
    path.mkdir() if kind == "directory" else os.mkfifo(path)
    for open_it in opened(path):
        with pytest.raises(DatabaseError, match="is no file"):
            open_it()


@pytest.mark.parametrize(
    "change_of",
    [
        "paths = 'no json'", "paths = '{}'", "paths = '[1]'", "paths = 7", "paths = '[[[['", "pid = 'many'",
        "wf_uuids = x'ff'", "last_seen_ts = 'yesterday'", "host = 5.5", "note = x'5b'",
    ],
)  # fmt: skip
def test_a_row_that_somebody_wrote_otherwise_is_told_or_read_but_never_a_traceback(
    registry: Registry, path: Path, change_of: str
) -> None:
    registry.begin_watch(paths=["/x"])
    change(path, f"UPDATE watcher SET {change_of}")
    if change_of.startswith(("note", "host")):
        assert len(registry.watchers(prune=False)) == 1
    else:
        with pytest.raises(DatabaseError, match=r"damaged .* Move it away"):
            registry.watchers()


def test_a_registry_without_a_column_is_told(registry: Registry, path: Path) -> None:
    change(path, "ALTER TABLE workflow DROP COLUMN held")
    with pytest.raises(DatabaseError, match="no such column: held"):
        registry.workflows()
    with pytest.raises(DatabaseError, match="held"):
        registry.record(entry())


def test_numbers_that_do_not_fit_are_refused_in_words(registry: Registry) -> None:
    with pytest.raises(DatabaseError, match="cannot be used"):
        registry.record(entry(done=1 << 70))
    with pytest.raises(DatabaseError, match=r"NOT NULL"):
        registry.record(entry(percent_done=float("nan")))


def test_a_state_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(DatabaseError, match="cannot be created"):
            Registry.open(folder / "registry.sqlite")
        with Registry.reading(folder / "registry.sqlite") as registry:
            assert registry.workflows() == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_state_folder_that_may_not_be_written_is_told_and_read(path: Path) -> None:
    with Registry.open(path) as registry:
        registry.record(entry())
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(DatabaseError), Registry.open(path) as registry:
            registry.record(entry())
        with Registry.reading(path) as reading:
            assert len(reading.workflows()) == 1
    finally:
        path.parent.chmod(0o700)
