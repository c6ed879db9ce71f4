"""What the end of a try makes of its node."""

from __future__ import annotations

from pathlib import Path

from ..samples import attempt, job, load_batches, node_states, start


def test_a_retry_waits_and_the_last_failure_is_final(database: Path) -> None:
    first = [job("a", retries=1), start(), *attempt("a", 1, 100, exitcode=256)]
    load_batches(database, [first])
    assert node_states(database) == {"a": "ready"}
    load_batches(database, [list(attempt("a", 2, 200, exitcode=256))])
    assert node_states(database) == {"a": "failed"}
