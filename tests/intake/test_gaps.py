"""What a bus may do to batches: come twice, in any order, some of them late, some of them never."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stampede.intake import GapError
from stampede.intake.batch import Batch
from stampede.intake.database import Database
from stampede.intake.gaps import Gap
from stampede.intake.writer import Writer


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))


def _batch(first: int, last: int, *, torn: bool = False) -> Batch:
    lines = [
        b'{"event":"stampede.problem","ts":1,"kind":"n%d","message":"m","severity":"info"}' % n
        for n in range(first, last + 1)
    ]
    return Batch(source="s", first=first, lines=lines, patience_s=0.0, torn=torn, resent=False)


def _store(writer: Writer, batch: Batch) -> None:
    """As a loader does: what comes too early is given up waiting for."""
    try:
        writer.submit(batch).result(20)
    except GapError:
        batch.torn = True
        writer.submit(batch).result(20)


def _kinds(file: Path) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as connection:
        return dict(connection.execute("SELECT kind, count(*) FROM problem GROUP BY kind").fetchall())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=4), st.lists(st.integers(1, 4), min_size=6))
def test_in_any_order_and_with_repetitions_each_record_is_stored_once(
    tmp_path: Path, order: list[int], again: list[int], sizes: list[int]
) -> None:
    file = Path(tempfile.mkdtemp(dir=tmp_path)) / "db.sqlite"
    ends = [sum(sizes[: n + 1]) for n in range(6)]
    writer = Writer(f"sqlite:///{file}")
    for number in [*order, *again]:
        _store(writer, _batch(ends[number] - sizes[number] + 1, ends[number]))
    writer.close()
    stored = {kind: n for kind, n in _kinds(file).items() if kind.startswith("n")}
    assert stored == {f"n{n}": 1 for n in range(1, ends[-1] + 1)}
    database = Database(f"sqlite:///{file}")
    assert (database.stored("push:s"), database.gaps("push:s")) == (ends[-1], [])
    database.close()


def test_what_never_comes_is_told_once_and_kept_in_mind(tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite"
    writer = Writer(f"sqlite:///{file}")
    for first, last in ((1, 3), (7, 9), (10, 10), (5, 5), (5, 5)):
        _store(writer, _batch(first, last))
    writer.close()
    kinds = _kinds(file)
    assert kinds["gap"] == 1
    assert kinds["n5"] == 1
    database = Database(f"sqlite:///{file}")
    assert database.gaps("push:s") == [Gap(4, 4), Gap(6, 6)]
    database.close()


def test_a_sign_of_life_tells_that_the_last_records_are_missing(tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite"
    writer = Writer(f"sqlite:///{file}")
    _store(writer, _batch(1, 3))
    _store(writer, Batch(source="s", first=4, lines=[], patience_s=0.0, resent=False))
    assert "gap" not in _kinds(file)
    _store(writer, Batch(source="s", first=6, lines=[], patience_s=0.0, resent=False))
    _store(writer, _batch(4, 5))
    writer.close()
    assert _kinds(file)["gap"] == 1
    assert _kinds(file)["n5"] == 1


def test_who_does_not_number_is_stored_whenever_it_comes(tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite"
    writer = Writer(f"sqlite:///{file}")
    batch = _batch(1, 2)
    batch.first = 0
    assert writer.submit(batch).result(20).new == 2
    writer.close()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM source_position").fetchone() == (0,)
