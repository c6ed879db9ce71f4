"""Databases on servers become what a new one is, from every revision, with recorded runs in them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from stampede.errors import DatabaseError, OutdatedDatabaseError
from stampede.query import open_database
from stampede.store.connection import Error, open_existing, open_writer
from stampede.store.loader import Loader
from stampede.store.migrations.comparing import differences as undeclared
from stampede.store.migrations.plan import Step
from stampede.store.migrations.revision import revisions
from stampede.store.migrations.shape import Standing, standing
from stampede.store.migrations.verbs import downgrade, upgrade
from stampede.store.server.connection import ServerConnection
from stampede.store.urls import kind_of
from tests.contract.store.tables import all_tables, differences
from tests.servers import SERVERS, database
from tests.store.migrations.conftest import loaded, recorded  # noqa: F401
from tests.store.migrations.expected import without_what_came_after
from tests.store.migrations.old import NEWEST, Rows, make_server, shape

pytestmark = pytest.mark.usefixtures("recorded")


def _bare(url: str) -> ServerConnection:
    """A connection to a database that may have no tables."""
    if kind_of(url) == "postgresql":
        from stampede.store import postgres

        return postgres._connected(url, 20)
    from stampede.store import mariadb

    return mariadb._connected(url, 20, mariadb.MariaConnection)


@pytest.fixture
def first(empty: str, recorded: Rows) -> str:  # noqa: F811
    """The URL of a database of revision 1 with the recorded runs."""
    with closing(_bare(empty)) as connection:
        make_server(connection, shape(1, kind_of(empty)), recorded)
    return empty


@pytest.fixture(scope="module", params=SERVERS)
def new(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a new database."""
    with database(request.param) as url:
        open_writer(url).close()
        yield url


def _standing(url: str) -> Standing:
    with closing(cast(ServerConnection, open_existing(url))) as connection:
        return standing(connection, kind_of(url))


def _not_as_declared(url: str) -> list[str]:
    with open_database(url) as reader, reader.snapshot():
        return undeclared(reader)


def test_an_upgraded_database_holds_what_a_load_today_writes(first: str, loaded: Path) -> None:  # noqa: F811
    """Until then it can be read, and who writes to it is told; a dry run leaves it as it is."""
    with pytest.raises(OutdatedDatabaseError, match=r"has revision 1 .* stampede db upgrade --db"):
        open_writer(first)
    with open_database(first) as reader:
        assert reader.one("SELECT count(*) > 0 FROM job") == (1,)
        before = reader.places()
        told = upgrade(first, dry_run=True)
        assert (told.done, told.before, told.after, reader.places()) == (False, 1, NEWEST, before)
    moved = upgrade(first)
    assert (moved.before, moved.after, moved.done) == (1, NEWEST, True)
    assert moved.statements == told.statements
    Loader(first).close()  # adds the blocks of jobs up
    wanted = without_what_came_after(1, all_tables(f"sqlite:///{loaded}"))
    assert not differences(wanted, without_what_came_after(1, all_tables(first)))
    assert _not_as_declared(first) == []


def test_each_revision_goes_up_from_and_down_to_with_rows_in_it(first: str) -> None:
    for number in range(2, NEWEST + 1):
        moved = upgrade(first, number)
        assert (moved.before, moved.after) == (number - 1, number)
        assert _standing(first)[:4] == (number, number, number, False)
    with closing(open_writer(first)) as connection:
        connection.execute("UPDATE invocation SET note = 'no such file' WHERE task_submit_seq = 1")
        (notes,) = connection.execute("SELECT count(*) FROM invocation WHERE note IS NOT NULL").fetchone()
    refused = downgrade(first, 1)
    assert (refused.done, refused.refused, refused.after) == (False, True, NEWEST)
    assert [(one.what, one.rows) for one in refused.lost] == [("invocation.note", notes)]
    assert notes
    for number in range(NEWEST - 1, 0, -1):
        moved = downgrade(first, number, lose=number == 1)
        assert (moved.before, moved.after, moved.done) == (number + 1, number, True)
        assert _standing(first)[:4] == (number, number, number, False)
    upgrade(first)
    assert _not_as_declared(first) == []


def test_a_new_database_is_as_declared_and_says_the_newest_revision(new: str) -> None:
    assert _not_as_declared(new) == []
    assert _standing(new)[:4] == (NEWEST, NEWEST, NEWEST, False)
    assert upgrade(new).statements == []


def test_a_database_that_says_nothing_of_its_revision_but_has_the_newest_can_be_written(new: str) -> None:
    with closing(_bare(new)) as connection:
        connection.execute("UPDATE stampede_meta SET value = '1' WHERE key = 'schema_version'")
    open_writer(new).close()
    assert _standing(new)[:4] == (1, NEWEST, NEWEST, False)
    upgrade(new)
    assert _standing(new).says == NEWEST


def test_a_writer_that_was_not_stopped_ends_at_its_next_transaction(new: str) -> None:
    with closing(open_writer(new)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("COMMIT")
        downgrade(new, NEWEST - 1)
        with pytest.raises(OutdatedDatabaseError, match="changed to another revision"):
            connection.execute("BEGIN IMMEDIATE")
        upgrade(new)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")


def test_what_is_not_as_declared_is_told(new: str) -> None:
    with closing(_bare(new)) as connection:
        connection.run("ALTER TABLE host DROP COLUMN uname")
        connection.run("ALTER TABLE host ADD COLUMN colour INTEGER")
        connection.run("DROP TABLE transfer")
        connection.run(f"DROP INDEX task_job_idx{'' if kind_of(new) == 'postgresql' else ' ON task'}")
    assert sorted(_not_as_declared(new)) == [
        "the column host.colour is not declared", "there is no column host.uname", "there is no index task_job_idx",
        "there is no table transfer",
    ]  # fmt: skip


def _die(url: str, way: str, at: int) -> None:
    """Change the revision in a process of its own, that is killed before the statement of that number, or the last."""

    def told(number: int, of: int, step: Step) -> None:
        if number == min(at, of):
            os.kill(os.getpid(), signal.SIGKILL)

    def change() -> None:
        if way == "up":
            upgrade(url, told=told)
        else:
            downgrade(url, 1, lose=True, told=told)

    child = multiprocessing.get_context("fork").Process(target=change)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL


def test_a_change_that_is_killed_is_as_before_or_goes_on_where_it_was(first: str, loaded: Path) -> None:  # noqa: F811
    """PostgreSQL changes tables in a transaction, MariaDB does not: there every second place is one to be killed at."""
    in_one = kind_of(first) == "postgresql"
    for at in (3, 20) if in_one else (2, 5, 8, 12, 18, 24, 4, 99):
        _die(first, "up", at)
        if in_one:
            assert _standing(first)[:4] == (1, 1, 1, False)
        with pytest.raises(OutdatedDatabaseError, match="revision 1 " if in_one else "broken off"):
            open_writer(first)
    assert upgrade(first).after == NEWEST
    Loader(first).close()
    wanted = without_what_came_after(1, all_tables(f"sqlite:///{loaded}"))
    assert not differences(wanted, without_what_came_after(1, all_tables(first)))
    assert _not_as_declared(first) == []
    for at in (3,) if in_one else (3, 4, 9, 14, 5):
        _die(first, "down", at)
    assert downgrade(first, 1, lose=True).after == 1
    assert _standing(first)[:4] == (1, 1, 1, False)
    with closing(_bare(first)) as connection:
        places = connection.places()
    assert not {mark for revision in revisions(kind_of(first)) for mark in revision.marks} & places


def test_several_upgrades_at_once_do_it_once(first: str) -> None:
    """One waits for the other, but not for ever."""
    with closing(open_existing(first)) as connection, closing(open_existing(first)) as second:
        assert isinstance(connection, ServerConnection)
        assert isinstance(second, ServerConnection)
        second.patience_s = 1.0
        second.opened()
        with connection.changing(), pytest.raises(Error, match=r"lock|another process"), second.changing():
            pytest.fail("both changed tables")
    run: list[tuple[int, int]] = []

    def one() -> None:
        upgrade(first, told=lambda number, of, step: run.append((number, of)))

    _at_once(one, 3)
    assert run == [(n, len(run)) for n in range(1, len(run) + 1)], "each statement was run by one of them, in order"
    assert _not_as_declared(first) == []


def _at_once(work: Callable[[], None], many: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_database_without_tables_of_ours_is_not_upgraded(empty: str) -> None:
    with pytest.raises(DatabaseError, match="no tables of Stampede"):
        upgrade(empty)
