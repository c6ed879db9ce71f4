"""Readers: a question that takes too long is stopped, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede.errors import DatabaseError, TimeUpError
from stampede.store.sqlite import open_reader, open_writer

_ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n"


def test_a_question_is_stopped_when_its_time_is_over(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    open_writer(url).close()
    with open_reader(url) as reader:
        with pytest.raises(TimeUpError), reader.within(0.05), reader.snapshot():
            reader.rows(_ENDLESS.format("max(i)"))
        with pytest.raises(TimeUpError), reader.within(0.05):
            for _ in reader.iterate(_ENDLESS.format("i")):
                pass
        with pytest.raises(DatabaseError) as other, reader.within(5):
            reader.rows("SELECT nonsense")
        assert not isinstance(other.value, TimeUpError)
        assert reader.rows("SELECT 1") == [(1,)], "the reader is as good as before"


def test_a_question_bounded_by_steps_leaves_the_bound_by_time_in_place(tmp_path: Path) -> None:
    """Each looks in on the same question: the narrower one first, then the other again."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    open_writer(url).close()
    with open_reader(url) as reader:
        with reader.within(0.2):
            assert reader.rows_within(100_000, _ENDLESS.format("max(i)")) is None
            with pytest.raises(TimeUpError):
                reader.rows(_ENDLESS.format("max(i)"))
        assert reader.rows("SELECT 1") == [(1,)]


def test_a_short_question_is_never_cut_however_often_it_was_asked(tmp_path: Path) -> None:
    """SQLite counts the steps of a statement that is kept prepared over all its runs."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    open_writer(url).close()
    short = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT max(i) FROM n"
    with open_reader(url) as reader:
        for _ in range(500):
            assert reader.rows_within(10_000, short) == [(100,)]
