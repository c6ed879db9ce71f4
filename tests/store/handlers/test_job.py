"""Declared jobs."""

from __future__ import annotations

from pathlib import Path

from ..samples import attempt, counts, job, load_batches


def test_a_job_taken_for_a_node_that_turns_out_a_service_is_not_counted(database: Path) -> None:
    load_batches(database, [list(attempt("s", 1, 100)), [job("s", node_type="service"), job("a")]])
    assert (counts(database)["total"], counts(database)["done"]) == (1, 0)
