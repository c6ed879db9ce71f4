"""Files of every earlier revision, with recorded runs in them, hold the same after an upgrade as after a load today."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from stampede.errors import DatabaseError, UsageError
from stampede.store.loader import Loader
from stampede.store.migrations.verbs import downgrade, upgrade
from stampede.store.sqlite import open_reader, open_writer
from tests.contract.store.tables import all_tables, differences
from tests.store.migrations.expected import without_what_came_after
from tests.store.migrations.old import FROZEN, NEWEST, Rows, connect, exact_shape, make_file, shape


@pytest.fixture
def old(tmp_path: Path, recorded: Rows) -> Callable[[int], str]:
    """Makes a file of a revision, with the recorded runs: its URL."""

    def make(revision: int) -> str:
        path = tmp_path / f"{revision}.sqlite"
        make_file(path, shape(revision), recorded).close()
        return f"sqlite:///{path}"

    return make


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@pytest.mark.parametrize("revision", FROZEN)
def test_an_upgraded_file_holds_what_a_load_today_writes(
    old: Callable[[int], str], loaded: Path, revision: int
) -> None:
    url = old(revision)
    moved = upgrade(url)
    assert (moved.before, moved.after, moved.done) == (revision, NEWEST, True)
    Loader(url).close()  # adds the blocks of jobs up
    wanted = without_what_came_after(revision, all_tables(f"sqlite:///{loaded}"))
    assert not differences(wanted, without_what_came_after(revision, all_tables(url)))
    with closing(connect(_path(url))) as one, closing(connect(loaded)) as other:
        assert exact_shape(one) == exact_shape(other)


@pytest.mark.parametrize("revision", FROZEN)
def test_who_writes_to_a_file_brings_it_up(old: Callable[[int], str], loaded: Path, revision: int) -> None:
    url = old(revision)
    open_writer(url).close()
    with closing(connect(_path(url))) as one, closing(connect(loaded)) as other:
        assert exact_shape(one) == exact_shape(other)
        said = one.execute("SELECT value FROM stampede_meta WHERE key = 'schema_version'").fetchone()
    assert said == (str(NEWEST),)


def test_states_are_numbered_in_the_order_of_their_times(old: Callable[[int], str]) -> None:
    url = old(1)
    upgrade(url)
    with open_reader(url) as reader:
        times = [t for (t,) in reader.rows("SELECT timestamp FROM jobstate ORDER BY rowid")]
    assert len(times) > 50
    assert times == sorted(times)


def test_who_only_reads_changes_nothing(old: Callable[[int], str]) -> None:
    url = old(2)
    with closing(connect(_path(url))) as connection:
        before = exact_shape(connection)
    with open_reader(url) as reader:
        assert reader.one("SELECT count(*) > 0 FROM job") == (1,)
    with closing(connect(_path(url))) as connection:
        assert exact_shape(connection) == before


def test_a_dry_run_tells_the_statements_and_changes_nothing(old: Callable[[int], str]) -> None:
    url = old(1)
    before = _path(url).read_bytes()
    told = upgrade(url, dry_run=True)
    assert not told.done
    assert (told.before, told.after) == (1, NEWEST)
    assert _path(url).read_bytes() == before
    with closing(connect(_path(url))) as connection:
        for statement in told.statements:
            connection.execute(statement)
        with closing(make_file(":memory:", shape(NEWEST))) as made:
            assert exact_shape(connection) == exact_shape(made), "the statements are all there is to it, but for values"


def test_a_downgrade_that_would_lose_rows_is_refused_and_says_which(tmp_path: Path, loaded: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(loaded.read_bytes())
    with closing(connect(path)) as connection:
        connection.execute("UPDATE invocation SET note = 'no such file' WHERE invocation_id <= 3")
        (wf_id,) = connection.execute("SELECT min(wf_id) FROM workflow").fetchone()
        connection.execute(
            "INSERT INTO anomaly(wf_id, kind, subject, reason) VALUES (?, 'slow', 'x', 'r') ON CONFLICT DO NOTHING",
            (wf_id,),
        )
        (odd,) = connection.execute("SELECT count(*) FROM anomaly").fetchone()
        before = exact_shape(connection)
    url = f"sqlite:///{path}"
    refused = downgrade(url, 1)
    assert (refused.done, refused.refused, refused.after) == (False, True, NEWEST)
    lost = {one.what: one.rows for one in refused.lost}
    assert lost.keys() <= {"anomaly", "invocation.note", "resource_usage.unmet_requirements"}
    assert lost["anomaly"] == odd
    assert lost["invocation.note"] >= 3
    with closing(connect(path)) as connection:
        assert exact_shape(connection) == before
    done = downgrade(url, 1, lose=True)
    assert (done.done, done.refused, done.after, done.lost) == (True, False, 1, refused.lost)
    with closing(connect(path)) as connection, closing(make_file(":memory:", shape(1))) as made:
        assert exact_shape(connection) == exact_shape(made)


def test_what_can_be_worked_out_again_is_lost_without_a_word_and_is_there_again_after(
    tmp_path: Path, loaded: Path
) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(loaded.read_bytes())
    url = f"sqlite:///{path}"
    assert downgrade(url, 4).lost == []
    upgrade(url)
    Loader(url).close()
    assert not differences(all_tables(f"sqlite:///{loaded}"), all_tables(url))


def test_revisions_that_are_not_there_are_refused(old: Callable[[int], str]) -> None:
    url = old(3)
    for to in (0, NEWEST + 1):
        with pytest.raises(UsageError, match=f"no revision {to}"):
            upgrade(url, to)
    with pytest.raises(UsageError, match="downgrade --to 2"):
        upgrade(url, 2)
    with pytest.raises(UsageError, match="not later than 3"):
        downgrade(url, 3)
    assert upgrade(url, 3).statements == ["UPDATE stampede_meta SET value = '3' WHERE key = 'schema_version';"]


def test_a_database_of_pegasus_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE workflow (wf_id INTEGER PRIMARY KEY)")
    with pytest.raises(DatabaseError, match="not made by Stampede"):
        upgrade(f"sqlite:///{path}")


_DIES = """
import os, signal, sys
from stampede.store.migrations.verbs import upgrade
at = int(sys.argv[2])
upgrade(sys.argv[1], told=lambda number, of, step: number == at and os.kill(os.getpid(), signal.SIGKILL))
"""


@pytest.mark.parametrize("at", [2, 9, 30])
def test_an_upgrade_that_is_killed_leaves_the_file_as_it_was(old: Callable[[int], str], at: int) -> None:
    url = old(1)
    with closing(connect(_path(url))) as connection:
        before = exact_shape(connection)
    assert subprocess.run([sys.executable, "-c", _DIES, url, str(at)], check=False).returncode == -9
    with closing(connect(_path(url))) as connection:
        assert exact_shape(connection) == before
    assert upgrade(url).done


def test_several_upgrades_at_once_do_it_once(old: Callable[[int], str]) -> None:
    url = old(1)
    seen: list[int] = []
    threads = [
        threading.Thread(target=lambda: (upgrade(url, told=lambda number, of, step: seen.append(number)),))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == list(range(1, len(seen) + 1)), "each statement was run by one of them"
    assert upgrade(url).statements == []
