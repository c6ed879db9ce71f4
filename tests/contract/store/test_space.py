"""What a database on a server takes is told, shared out, and given back."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede import operating, pipeline, retention
from stampede.query import open_database
from stampede.query.health import check
from stampede.query.space import size_of, usage
from stampede.store.compacting import compact

from .conftest import RUNS


@pytest.mark.parametrize("each", [False, True])
def test_shares_of_runs_add_up_to_the_tables(server: str, each: bool) -> None:
    with open_database(server) as reader, reader.snapshot():
        found = usage(reader, each=each)
    pages = sum(t.size_bytes + t.index_bytes for t in found.tables)
    assert {"job", "jobstate", "invocation"} <= {t.name for t in found.tables}
    assert pages + (found.free_bytes or 0) == found.size_bytes
    assert abs(sum(s.size_bytes for s in found.labels) - pages) <= len(found.labels)
    assert len(found.labels) >= len(RUNS) - 1


def test_the_size_is_told_of_a_server_too(server: str) -> None:
    with open_database(server) as reader:
        size = usage(reader).size_bytes
    assert size > 100_000
    assert size_of(server) == size
    (seen,) = operating.Figures().standing([server]).databases
    assert seen.size_bytes == size


def test_what_remains_after_retention_and_compacting_is_whole(empty: str, corpus: Path) -> None:
    pipeline.load([corpus / name for name in RUNS], empty)
    answer = retention.retain([empty], before_ts=4e9, label="failing", smaller=True)
    assert (answer.count("deleted"), answer.troubles) == (1, {})
    assert compact(empty) >= 0
    with open_database(empty) as reader, reader.snapshot():
        health = check(reader)
        assert health.ok, health
        labels = {share.label for share in usage(reader).labels}
    assert "failing" not in labels
    assert labels
