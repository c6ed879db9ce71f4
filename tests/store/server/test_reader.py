"""Questions to servers end when their time is over."""

from __future__ import annotations

import json

import pytest

from stampede import pipeline
from stampede.errors import TimeUpError
from stampede.store.connection import open_reader
from tests.servers import SERVERS, database

#: a thousand million rows of nothing
_LONG = (
    "SELECT count(*) FROM json_each(?1) a, json_each(?1) b, json_each(?1) c "
    "WHERE a.value || b.value || c.value = 'nothing'"
)


@pytest.mark.parametrize("server", SERVERS)
def test_a_question_that_takes_too_many_steps_is_given_up_and_the_next_is_answered(server: str) -> None:
    with database(server) as url:
        pipeline.make_database(url)
        numbers = (json.dumps([str(n) for n in range(1000)]),)
        with open_reader(url) as reader:
            assert reader.rows_within(1, _LONG, numbers) is None
            assert reader.rows_within(1_000_000, "SELECT count(*) FROM job") == [(0,)]
            with reader.snapshot():
                assert reader.rows_within(1, _LONG, numbers) is None
                assert reader.rows("SELECT count(*) FROM job") == [(0,)]
                assert reader.rows_within(1_000_000, "SELECT count(*) FROM job") == [(0,)]
            with reader.within(0.2), pytest.raises(TimeUpError):
                reader.rows_within(50_000_000, _LONG, numbers)
            assert reader.rows("SELECT count(*) FROM job") == [(0,)]
