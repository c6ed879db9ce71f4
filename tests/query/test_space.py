"""What a database takes is shared out completely, and told by every interface alike."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stampede import pipeline
from stampede.query import open_database
from stampede.query.space import size_of, usage


@pytest.fixture
def url(corpus: Path, tmp_path: Path) -> str:
    pipeline.load([corpus / "pg_fail", corpus / "dm_e_subdag"], f"sqlite:///{tmp_path}/x.db")
    return f"sqlite:///{tmp_path}/x.db"


def test_tables_and_free_pages_are_the_file(url: str) -> None:
    with open_database(url) as reader, reader.snapshot():
        found = usage(reader)
    if not found.tables:
        pytest.skip("this SQLite cannot count pages")
    pages = sum(t.size_bytes + t.index_bytes for t in found.tables)
    assert pages + found.free_bytes == os.path.getsize(url.removeprefix("sqlite:///"))
    assert {"job", "jobstate", "invocation"} <= {t.name for t in found.tables}
    assert next(t for t in found.tables if t.name == "job").index_bytes > 0


@pytest.mark.parametrize("each", [False, True])
def test_shares_of_runs_add_up_to_the_tables(url: str, each: bool) -> None:
    with open_database(url) as reader, reader.snapshot():
        found = usage(reader, each=each)
    if not found.tables:
        pytest.skip("this SQLite cannot count pages")
    pages = sum(t.size_bytes + t.index_bytes for t in found.tables)
    assert abs(sum(s.size_bytes for s in found.labels) - pages) <= len(found.labels)
    assert sorted((s.runs, s.jobs) for s in found.labels) == [(1, 14), (1, 15)]


def test_what_is_not_there_has_no_size(tmp_path: Path) -> None:
    assert size_of(f"sqlite:///{tmp_path}/no.db") is None
    assert size_of("postgresql://host/x") is None
