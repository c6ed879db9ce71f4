"""Who overtook a waiting job is counted as one question for each of them would count it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.query.overtaking import Executions

#: tries as (job, submitted, seconds until it began, seconds that it ran; None: it still does)
TRIES = st.lists(
    st.tuples(
        st.sampled_from("ABC"), st.integers(0, 300), st.integers(0, 200), st.one_of(st.none(), st.integers(0, 200))
    ),
    max_size=30,
)


class Plain:
    """As much of a reader as is asked for."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:")
        self.db.execute("CREATE TABLE job (job_id, wf_id, exec_job_id, node_type, type_desc)")
        self.db.execute("CREATE TABLE job_instance (job_id, submit_ts, execute_ts, end_ts)")
        self.db.executemany("INSERT INTO job VALUES (?, 1, ?, 'job', 'compute')", [(n, n) for n in "ABC"])

    def rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return self.db.execute(sql, values).fetchall()

    def iterate(self, sql: str) -> Iterator[Any]:
        return iter(self.rows(sql))


@settings(max_examples=200, deadline=None)
@given(TRIES, st.integers(0, 300), st.integers(60, 400))
def test_counting_in_memory_is_counting_in_the_database(tries: list[Any], submit: int, waited: int) -> None:
    plain = Plain()
    for job, at, wait, ran in tries:
        end = None if ran is None else at + wait + ran
        plain.db.execute("INSERT INTO job_instance VALUES (?, ?, ?, ?)", (job, at, at + wait, end))
    until, half = submit + waited, submit + 30
    (one,) = plain.rows(
        """SELECT coalesce(sum(submit_ts > ? + 5 AND execute_ts < ?), 0),
                  coalesce(sum(execute_ts < ? - 1 AND coalesce(end_ts, 1e18) > ?), 0)
           FROM job_instance WHERE job_id <> 'A'""",
        (submit, until, until, half),
    )
    assert Executions(plain, "1").meanwhile("A", submit, until, half) == one  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["submit_ts", "end_ts"])
def test_times_that_are_not_known_count_for_nothing(missing: str) -> None:
    plain = Plain()
    plain.db.execute("INSERT INTO job_instance VALUES ('B', 20, 30, 500)")
    plain.db.execute(f"UPDATE job_instance SET {missing} = NULL")
    overtaken, running = Executions(plain, "1").meanwhile("A", 0, 100, 40)  # type: ignore[arg-type]
    assert (overtaken, running) == (0 if missing == "submit_ts" else 1, 1)
