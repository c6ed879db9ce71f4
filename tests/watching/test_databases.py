"""The databases of a watch: one loader each, opened when it is needed, anew when its file is another one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from stampede.errors import DatabaseError
from stampede.store.loader import Loader
from stampede.watching.databases import Database, Databases


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{path}")
    yield made
    made.close()


def away(path: Path) -> None:
    for one in path.parent.glob(path.name + "*"):
        one.unlink()


def test_the_file_is_made_when_it_is_first_needed(database: Database, path: Path) -> None:
    database.check(0.0)
    assert (path.exists(), database.generation) == (False, 0)
    loader = database.loader
    assert path.exists()
    assert database.loader is loader
    assert database.generation == 1


def test_a_file_that_stays_is_no_news(database: Database) -> None:
    loader = database.loader
    for now in range(1, 20):
        loader.connection.execute("INSERT OR REPLACE INTO stampede_meta VALUES ('k', 'v')")
        database.check(float(now))
    assert (database.loader is loader, database.generation) == (True, 1)


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_is_gone_or_another_one_is_said_once_and_opened_anew(
    database: Database, path: Path, replaced: bool
) -> None:
    database.loader.positions()
    if replaced:
        Loader(f"sqlite:///{path}.other").close()
    away(path) if not replaced else Path(f"{path}.other").rename(path)
    with pytest.raises(DatabaseError, match="taken away or replaced"):
        database.check(10.0)
    database.check(20.0)
    assert database.loader.positions() == {}
    assert database.generation == 2
    assert path.exists()


def test_the_file_is_looked_for_once_a_second(database: Database, path: Path) -> None:
    assert database.loader
    database.check(10.0)
    away(path)
    database.check(10.5)
    with pytest.raises(DatabaseError):
        database.check(11.1)


def test_dropped_it_is_opened_anew_and_that_is_another_generation(database: Database) -> None:
    """Whoever remembers something of it hears that it may be another one."""
    first = database.loader
    database.drop()
    database.drop()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        first.connection.execute("SELECT 1")
    assert database.loader is not first
    assert database.generation == 2


def test_closed_its_write_ahead_log_is_folded_into_it(database: Database, path: Path) -> None:
    database.loader.connection.execute("INSERT OR REPLACE INTO stampede_meta VALUES ('k', 'v')")
    database.close()
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    database.close()


def test_each_url_is_one_database(tmp_path: Path) -> None:
    databases = Databases()
    first, second = (f"sqlite:///{tmp_path}/{name}.db" for name in "ab")
    assert databases.of(first) is databases.of(first)
    assert databases.of(first) is not databases.of(second)
    databases.close()


def test_those_that_nobody_needs_are_closed(tmp_path: Path) -> None:
    databases = Databases()
    urls = [f"sqlite:///{tmp_path}/{name}.db" for name in "abc"]
    loaders = [databases.of(url).loader for url in urls]
    databases.keep({urls[1], None})
    for number, loader in enumerate(loaders):
        if number == 1:
            loader.positions()
        else:
            with pytest.raises(sqlite3.ProgrammingError):
                loader.connection.execute("SELECT 1")
    assert databases.of(urls[1]).loader is loaders[1]
    databases.close()
