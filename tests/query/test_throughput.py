"""How fast a workflow gets on is counted from the tries that ended."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stampede.query import Reader
from stampede.query.throughput import PIECES, throughput
from stampede.query.workflows import forest, list_workflows

Read = Callable[[str], Reader]


@pytest.mark.parametrize("name", ["pg_fail", "dm_g_hold", "dm_c_rescue"])
def test_pieces_hold_every_try_of_a_short_run(read: Read, name: str) -> None:
    reader = read(name)
    (root,) = list_workflows(reader)
    found = throughput(reader, forest(reader, root), now=4e9)
    ended = dict(reader.rows("SELECT outcome, count(*) FROM job_instance WHERE end_ts IS NOT NULL GROUP BY outcome"))
    assert found is not None
    assert (len(found.done), len(found.failed)) == (PIECES, PIECES)
    assert sum(found.done) == ended.get("success", 0)
    assert sum(found.failed) == ended.get("failed", 0)
    assert found.end_ts == root.last_ts
    assert found.start_ts == found.end_ts - PIECES * found.step_s


def test_the_mean_is_of_nodes_over_the_whole_life(read: Read) -> None:
    reader = read("pg_fail")
    (root,) = list_workflows(reader)
    found = throughput(reader, [root], now=4e9)
    assert found is not None
    assert found.mean_per_min == pytest.approx(6 / (381 / 60))


def test_what_has_not_begun_has_no_rate(read: Read) -> None:
    reader = read("pg_fail")
    (root,) = list_workflows(reader)
    root.first_ts = None
    assert throughput(reader, [root], now=4e9) is None
