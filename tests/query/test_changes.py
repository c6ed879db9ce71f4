"""What is new since a place: everything once, in pages of any size."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stampede import pipeline
from stampede.events import catalogue as ev
from stampede.query import Reader, open_database
from stampede.query.changes import BEGINNING, KINDS, Change, Position, changes, counts, newest, read_position
from stampede.store.loader import Loader


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = Path(__file__).resolve().parent.parent / "corpus"
    database = f"sqlite:///{tmp_path_factory.mktemp('changes') / 'all.sqlite'}"
    pipeline.load([folder / "dm_e_subdag", folder / "pg_fail"], database)
    return database


def _all(reader: Reader, after: Position = BEGINNING, limit: int = 10_000) -> list[Change]:
    found: list[Change] = []
    more = True
    while more:
        some, after, more = changes(reader, after, limit=limit)
        found += some
    assert after == newest(reader)
    return found


def test_there_is_a_change_for_each_row(url: str) -> None:
    with open_database(url) as reader, reader.snapshot():
        found = _all(reader)
        tables = dict(zip(KINDS, ("job_instance", "jobstate", "workflowstate", "workflow_event", "problem",
                                  "anomaly_change"), strict=True))  # fmt: skip
        for kind, table in tables.items():
            (rows,) = reader.rows(f"SELECT count(*) FROM {table}")[0]
            assert sum(c.kind == kind for c in found) == rows
        assert len({str(c.position) for c in found}) == len(found)


@given(st.integers(1, 60))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_of_any_size_add_up_to_the_same(url: str, limit: int) -> None:
    with open_database(url) as reader, reader.snapshot():
        assert _all(reader, limit=limit) == _all(reader)


@given(st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_from_the_place_of_any_change_the_rest_follows(url: str, data: st.DataObject) -> None:
    with open_database(url) as reader, reader.snapshot():
        everything = _all(reader)
        at = data.draw(st.integers(0, len(everything) - 1))
        assert _all(reader, everything[at].position) == everything[at + 1 :]


def test_up_to_another_place_is_what_lies_between(url: str) -> None:
    with open_database(url) as reader, reader.snapshot():
        everything = _all(reader)
        until = everything[40].position
        found, reached, more = changes(reader, everything[10].position, until=until)
        assert (found, reached, more) == (everything[11:41], until, False)


@given(st.lists(st.integers(0, 2**62), min_size=6, max_size=6))
def test_places_are_read_as_they_were_written(numbers: list[int]) -> None:
    position = Position(tuple(numbers))
    assert read_position(str(position)) == position


@given(st.text(max_size=40))
def test_text_that_is_no_place_is_none(text: str) -> None:
    found = read_position(text)
    assert found is None or str(found) == ".".join(str(int(part)) for part in text.split("."))


def test_an_anomaly_that_is_told_again_or_cleared_is_news(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite'}"
    with Loader(url) as loader:
        told = ev.AnomalyJob(xwf_id="uuid-1", subject="j", reason="slow", ts=5.0)
        loader.apply([told])
        with open_database(url) as reader:
            first, after, _ = changes(reader, BEGINNING)
            loader.apply([ev.AnomalyJob(xwf_id="uuid-1", subject="j", reason="slower", ts=6.0)])
            second, after, _ = changes(reader, after)
            loader.apply([ev.AnomalyCleared(xwf_id="uuid-1", kind="job", subject="j", ts=7.0)])
            third, after, _ = changes(reader, after)
            assert changes(reader, after)[0] == []
    news = [(c.item.subject, c.item.reason, c.item.cleared) for c in (*first, *second, *third)]
    assert news == [("j", "slow", False), ("j", "slower", False), ("j", None, True)]


def test_counts_are_those_of_the_summaries(url: str) -> None:
    with open_database(url) as reader, reader.snapshot():
        roots = counts(reader, limit=10)
        assert sorted(c.label or "" for c in roots) == ["dm_e_subdag", "failing"]
        forest = counts(reader, root=next(c.wf_uuid for c in roots if c.label == "dm_e_subdag"), limit=10)
        assert len(forest) == 5
        assert counts(reader, [forest[2].wf_uuid], limit=10) == [forest[2]]
