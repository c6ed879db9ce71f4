"""What tells that a database was changed, and that asking for it takes no lock from anybody."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from stampede.query import open_database
from stampede.store.loader import Loader
from stampede.store.sqlite import change_stamp

_WRITE = """
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.execute("INSERT INTO stampede_meta(key, value) VALUES (?, 'x')", (sys.argv[2],))
c.commit()
c.close()
"""


def _settled() -> None:
    time.sleep(0.06)


def test_it_stands_still_until_something_is_committed(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    assert change_stamp(path) == b""
    with Loader(f"sqlite:///{path}"):
        pass
    _settled()
    before = change_stamp(path)
    assert change_stamp(path) == before
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO stampede_meta(key, value) VALUES ('k', 'x')")
    assert change_stamp(path) != before
    connection.close()


def test_each_of_many_quick_changes_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with Loader(f"sqlite:///{path}"):
        pass
    connection = sqlite3.connect(path, isolation_level=None)
    stamps = [change_stamp(path)]
    for n in range(300):
        connection.execute("INSERT INTO stampede_meta(key, value) VALUES (?, 'x')", (f"k{n}",))
        stamps.append(change_stamp(path))
    connection.close()
    assert len(set(stamps)) == len(stamps)


def test_a_reader_keeps_its_locks(tmp_path: Path) -> None:
    """A reader that stays open, others who write and close, stamps taken all the time: the reader sees all of it."""
    path = tmp_path / "a.sqlite"
    with Loader(f"sqlite:///{path}"):
        pass
    with open_database(f"sqlite:///{path}") as reader:
        for n in range(3):
            change_stamp(path)
            subprocess.run([sys.executable, "-c", _WRITE, str(path), f"n{n}"], check=True)
            change_stamp(path)
            assert reader.one("SELECT count(*) FROM stampede_meta WHERE key GLOB 'n*'") == (n + 1,)
