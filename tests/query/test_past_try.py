"""A try knew of itself what its states had told by then."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stampede.query import Reader
from stampede.query.past_try import node_since, told_by

Read = Callable[[str], Reader]


def instance_of(reader: Reader, job: str) -> int:
    row = reader.one("SELECT last_job_instance_id FROM job WHERE exec_job_id = ?", (job,))
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(
    ("at", "state", "outcome", "holds", "end"),
    [
        (1795295183.0, "EXECUTE", None, 0, None),
        (1795295190.0, "JOB_HELD", None, 1, None),
        (1795295193.0, "JOB_RELEASED", None, 1, None),
        (1795295195.0, "JOB_TERMINATED", None, 1, 1795295195),
        (1795295196.0, "JOB_SUCCESS", "success", 1, 1795295195),
    ],
)
def test_a_try_is_in_the_last_state_it_had(
    read: Read, at: float, state: str, outcome: str | None, holds: int, end: float | None
) -> None:
    reader = read("dm_g_hold")
    then = told_by(reader, instance_of(reader, "licence"), at, post=False)
    told = then.columns
    assert (told["state"], told["outcome"], told["hold_count"], told["end_ts"]) == (state, outcome, holds, end)
    assert then.main_over == (outcome is not None)
    assert (told["hold_reason"] is None) == (holds == 0)
    assert told["exitcode"] == (0 if outcome else None)


def test_with_a_post_script_only_that_ends_a_try(read: Read) -> None:
    reader = read("pg_fail")
    then = told_by(reader, instance_of(reader, "preprocess_ID0000001"), 1795295626.0, post=True)
    assert then.main_over
    assert (then.columns["outcome"], then.columns["exitcode"], then.columns["post_exitcode"]) == (None, 0, None)


def test_a_node_is_queued_since_it_was_submitted_and_in_post_since_that_began(read: Read) -> None:
    reader = read("pg_fail")
    one = instance_of(reader, "preprocess_ID0000001")
    assert node_since(reader, one, 1795295625.0, "queued", True) == 1795295622
    assert node_since(reader, one, 1795295626.0, "post", True) == 1795295626
    assert node_since(reader, one, 1795295627.0, "done", True) == 1795295627
