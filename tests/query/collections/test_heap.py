"""What failed tries printed, held in memory: it finds what reading all of them finds, and is as old as the reader."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from stampede.query import Reader, open_database
from stampede.query.collections import heap
from stampede.query.collections.heap import Heap, jobs_that_printed
from stampede.query.past import everything_as_it_stood
from stampede.store.sqlite import open_writer

_TRIES = (
    (1, "failed", "No such File: a.dat", None),
    (2, "failed", None, "segmentation fault"),
    (3, "success", "no such file: b.dat", ""),
    (4, "failed", "ÄÖÜ no such file", "twice"),
    (4, "failed", "TWICE", "once\0hidden"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "made.sqlite"
    connection = open_writer(f"sqlite:///{found}")
    for number, (job, outcome, error, output) in enumerate(_TRIES, 1):
        connection.execute(
            "INSERT INTO job_instance(job_instance_id, job_id, job_submit_seq, outcome, stderr_text, stdout_text) "
            "VALUES (?, ?, ?, ?, ?, ?)", (number, job, number, outcome, error, output),
        )  # fmt: skip
    connection.close()
    return found


@pytest.fixture
def reader(path: Path) -> Iterator[Reader]:
    with open_database(f"sqlite:///{path}") as one:
        yield one


@pytest.mark.parametrize(
    ("text", "jobs"),
    [
        ("no such file", [1, 4]),
        ("NO SUCH", [1, 4]),
        ("fault", [2]),
        ("twice", [4]),
        ("ÄÖÜ", [4]),
        ("äöü", []),  # as SQLite compares: only letters of ASCII are small and large
        ("a.dat", [1]),
        ("filesegm", []),  # one text does not go over into the next
        ("nowhere", []),
    ],
)
def test_the_jobs_that_printed_a_text(reader: Reader, text: str, jobs: list[int]) -> None:
    assert jobs_that_printed(reader, text, 10) == jobs


def test_more_jobs_than_are_wanted_are_not_told(reader: Reader) -> None:
    assert jobs_that_printed(reader, "no such file", 1) is None


def test_texts_are_read_again_when_somebody_wrote(path: Path, reader: Reader) -> None:
    assert jobs_that_printed(reader, "later", 10) == []
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE job_instance SET stdout_text = 'seen later' WHERE job_id = 2")
    connection.close()
    assert jobs_that_printed(reader, "later", 10) == [2]
    assert jobs_that_printed(reader, "segmentation", 10) == []


def test_texts_are_those_of_the_state_that_is_read(path: Path, reader: Reader) -> None:
    with reader.snapshot():
        assert jobs_that_printed(reader, "later", 10) == []
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE job_instance SET stdout_text = 'seen later' WHERE job_id = 2")
        connection.close()
        assert jobs_that_printed(reader, "later", 10) == []
    with reader.snapshot():
        assert jobs_that_printed(reader, "later", 10) == [2]


def test_too_many_texts_are_not_held(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "MOST_BYTES", 10)
    assert jobs_that_printed(reader, "twice", 10) is None


def test_a_look_back_reads_for_itself(reader: Reader) -> None:
    with everything_as_it_stood(reader, 100.0):
        assert jobs_that_printed(reader, "twice", 10) is None


def test_no_text_is_in_nothing() -> None:
    assert Heap(iter([])).jobs_with("x", 1) == []
