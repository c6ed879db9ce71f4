"""The gallery: every run once, under its label, with the trend of the label."""

from __future__ import annotations

from stampede.export.pictures.sheet import Subject
from stampede.export.report.gallery import Card, render_gallery
from stampede.query.status import Attempts, Nodes, WorkflowStatus

from ..pictures.samples import a_stack, window_of
from ..reading import HOSTILE, page


def _card(number: int, label: str, state: str) -> Card:
    started = 1_795_000_000.0 + 3600 * number
    status = WorkflowStatus(
        wf_uuid=f"{number:08d}-0000", parent_wf_uuid=None, parent_job=None, label=label, dag=None, submit_dir=None,
        state=state, reason=None, halted=False, restart_count=0, nodes=Nodes(total=10, done=9), running=0,
        idle=0, held=0, attempts=Attempts(tries=12, failed=2), started_ts=started, last_ts=started + 60 * number,
        duration_s=60.0 * number, problems=0,
    )  # fmt: skip
    subject = Subject(label=label, sentence="so it stands", prefix=f"r{number}-")
    return Card(file=f"run-{number}.html", subject=subject, status=status, jobs=a_stack(window_of(10), 10))


def test_each_run_has_a_link_and_its_picture() -> None:
    cards = [_card(i, "diamond", "success") for i in range(1, 4)] + [_card(4, HOSTILE, "failed")]
    found = page(render_gallery(cards, ["x.db cannot be read"], version="1", made_ts=1_795_000_000.0))
    assert sorted(found.links) == [f"run-{i}.html" for i in range(1, 5)]
    # one picture a run, and the trend of the label that has several
    assert found.tags.count("svg") == 5
    text = " ".join(found.text)
    assert "4 runs of 2 workflows: 3 success, 1 failed." in text
    assert "x.db cannot be read" in text


def test_the_trend_marks_what_failed_without_colour() -> None:
    cards = [_card(1, "diamond", "success"), _card(2, "diamond", "failed"), _card(3, "diamond", "lost")]
    written = render_gallery(cards, [], version="1", made_ts=0.0)
    assert written.count('class="cross"') == 2
    assert "3 runs, longest 3 min 00 s; 1 went well" in written


def test_no_run_at_all_is_a_page_too() -> None:
    assert "0 runs of 0 workflows" in " ".join(page(render_gallery([], [], version="1", made_ts=0.0)).text)
