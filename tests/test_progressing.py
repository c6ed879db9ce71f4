"""Progress from a database: at any time of a run, after its end, with earlier runs, and while it is followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from stampede import pipeline
from stampede.analysis.progress.progress import Progress
from stampede.progressing import Forecasts, earlier_tries, progress_of
from stampede.query import Reader, open_database
from stampede.query.past import as_it_stood
from stampede.query.status import status
from stampede.query.workflows import find, list_workflows


@pytest.fixture(autouse=True)
def _no_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAMPEDE_STATE", str(tmp_path / "state"))


def loaded(folder: Path, *runs: Path) -> str:
    url = f"sqlite:///{folder}/x.db"
    for run in runs:
        pipeline.load([run], url)
    return url


def told(reader: Reader, share: float) -> tuple[float, Progress | None]:
    root = find(reader, None)[0]
    assert root.first_ts is not None
    assert root.last_ts is not None
    at = root.first_ts + share * (root.last_ts - root.first_ts)
    with as_it_stood(reader, [root], at) as roots:
        return at, progress_of(reader, roots[0], at)


@pytest.mark.parametrize("name", ["pg_fail", "dm_e_subdag", "dm_c_rescue", "dm_g_hold"])
def test_at_any_time_of_a_run_the_end_lies_ahead_or_it_says_why_not(name: str, corpus: Path, tmp_path: Path) -> None:
    with open_database(loaded(tmp_path, corpus / name)) as reader:
        ends = 0
        for share in (0.05, 0.2, 0.4, 0.6, 0.8, 0.95):
            at, found = told(reader, share)
            if found is None:  # between two runs of DAGMan
                continue
            assert 0 <= found.percent_jobs <= 100
            assert 0 <= found.percent_work <= 100
            assert found.limited_by
            if found.eta_ts is None:
                assert found.no_eta
            else:
                ends += 1
                assert at < (found.eta_low_ts or 0) <= found.eta_ts <= (found.eta_high_ts or 0)
        assert ends > 1


def test_of_a_run_that_ended_nothing_is_foretold(corpus: Path, tmp_path: Path) -> None:
    with open_database(loaded(tmp_path, corpus / "pg_fail")) as reader:
        assert progress_of(reader, find(reader, None)[0]) is None


@pytest.mark.shared
def test_a_run_that_was_read_and_not_followed_is_told_of_as_of_its_last_record(shared: Path, tmp_path: Path) -> None:
    run = shared / "corpus" / "runs" / "pg_running_inprogress_1" / "submit"
    with open_database(loaded(tmp_path, run)) as reader:
        root = find(reader, None)[0]
        found = progress_of(reader, root)
        assert found is not None
        assert found.as_of_ts == root.last_ts
        assert found.limited_by == "slots"


@pytest.mark.shared
def test_earlier_runs_of_the_label_are_used_once_they_have_ended(shared: Path, tmp_path: Path) -> None:
    runs = [shared / "corpus" / "runs" / f"pg_series_{i}" / "submit" for i in (1, 2, 3)]
    with open_database(loaded(tmp_path, *runs)) as reader:
        last, *_, first = sorted(list_workflows(reader), key=lambda w: w.first_ts or 0, reverse=True)
        assert earlier_tries(reader, first, (first.last_ts or 0) - 1) == []
        assert len(earlier_tries(reader, last, last.last_ts or 0)) == 2
        at = (first.last_ts or 0) + 10
        with as_it_stood(reader, [last], at) as roots:
            found = progress_of(reader, roots[0], at)
        assert found is not None
        assert found.earlier_runs == 1


def test_while_it_is_followed_a_forecast_is_kept_for_some_seconds(corpus: Path, tmp_path: Path) -> None:
    with open_database(loaded(tmp_path, corpus / "dm_e_subdag")) as reader:
        root = find(reader, None)[0]
        at = (root.first_ts or 0) + 8
        forecasts = Forecasts()
        with as_it_stood(reader, [root], at) as roots:
            seen = status(reader, roots[0])[0]
            one = forecasts.of(reader, seen)
            assert one is not None
            assert forecasts.of(reader, seen) is one
        assert forecasts.of(reader, status(reader, root)[0]) is None  # it has ended
