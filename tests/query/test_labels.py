"""Labels: their runs, and what became of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stampede.query import Reader
from stampede.query.labels import RECENT, LabelLine, LabelRun, joined, labels, trend

Read = Callable[[str], Reader]


def _line(label: str, *took: float) -> LabelLine:
    runs = [
        LabelRun(wf_uuid=f"{label}{n}", state="success", started_ts=100.0 * n, duration_s=s) for n, s in enumerate(took)
    ]
    return LabelLine(label=label, runs=len(took), states={"success": len(took)}, tries=5, tries_failed=1, recent=runs)


def test_a_label_tells_its_runs_and_their_tries(read: Read) -> None:
    (line,) = labels(read("pg_fail"))
    assert (line.label, line.runs, line.states) == ("failing", 1, {"failed": 1})
    assert line.tries_failed > 0
    assert [r.state for r in line.recent] == ["failed"]


def test_lines_of_one_label_become_one() -> None:
    """Counts are added, the latest runs kept in order, and the median is that of all of them."""
    (line,) = joined([_line("a", 10.0, 20.0), _line("a", 60.0)], limit=10)
    assert (line.runs, line.tries, line.tries_failed, line.states) == (3, 10, 2, {"success": 3})
    assert [r.started_ts for r in line.recent] == [0.0, 0.0, 100.0]
    assert line.median_s == 20.0


def test_no_more_than_the_latest_runs_are_kept() -> None:
    (line,) = joined([_line("a", *[1.0] * RECENT), _line("a", *[2.0] * RECENT)], limit=10)
    assert line.runs == 2 * RECENT
    assert len(line.recent) == RECENT


def test_the_label_that_ran_last_comes_first() -> None:
    assert [x.label for x in joined([_line("old", 1.0), _line("new", 1.0, 1.0)], limit=1)] == ["new"]


def test_a_trend_counts_all_below_a_run(read: Read) -> None:
    reader = read("dm_e_subdag")
    (run,) = trend(reader, "dm_e_subdag", limit=5)
    assert run.total == (reader.one("SELECT sum(total) FROM workflow_summary") or (None,))[0]


def test_the_cost_of_failed_tries_is_their_time_on_machines(read: Read) -> None:
    reader = read("pg_fail")
    (run,) = trend(reader, "failing", limit=5)
    (seconds,) = reader.one("SELECT sum(local_duration) FROM job_instance WHERE outcome = 'failed'") or (0.0,)
    assert run.tries_failed > 0
    assert run.failed_s == pytest.approx(seconds)


def test_an_unknown_label_has_no_runs(read: Read) -> None:
    assert trend(read("pg_fail"), "'; --", limit=5) == []
