"""Who may write, but is no administrator, sends events of workflows of their own, and of new ones, which are theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from sent import UUID, run

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.intake.batch import make_batch
from stampede.intake.rights import Owners
from stampede.store.loader import Loader

_MINE, _THEIRS, _NOBODYS, _NEW = "mine", "theirs", "nobodys", "new"


@pytest.fixture
def owners(tmp_path: Path) -> Owners:
    """Of a database with a workflow of ada, one of bob, and one of which no user is known."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    with Loader(url) as loader:
        for uuid, user in ((_MINE, "ada"), (_THEIRS, "bob"), (_NOBODYS, None)):
            loader.apply([ev.WfPlan(ts=1.0, xwf_id=uuid, root_xwf_id=uuid, user=user, submit_hostname="here")])
    return Owners(url)


def _start(uuid: str) -> Event:
    return ev.XwfStart(ts=5.0, xwf_id=uuid, restart_count=0)


def _refused(events: list[Event]) -> list[bool]:
    return [isinstance(event, ev.Problem) and event.kind == "forbidden" for event in events]


def test_events_of_others_are_told_as_problems_and_not_stored(owners: Owners) -> None:
    sent = [_start(uuid) for uuid in (_MINE, _THEIRS, _NOBODYS, _NEW)]
    kept = owners.kept(sent, "ada")
    assert _refused(kept) == [False, True, True, False]
    assert [kept[0], kept[3]] == [sent[0], sent[3]]
    told = kept[1]
    assert isinstance(told, ev.Problem)
    assert told.xwf_id is None, "it is no matter of the workflow that was meant"
    assert "ada sent xwf.start" in told.message or "ada sent stampede.xwf.start" in told.message


def test_an_administrator_sends_all(owners: Owners) -> None:
    sent = [_start(uuid) for uuid in (_MINE, _THEIRS, _NOBODYS, _NEW)]
    assert owners.kept(sent, None) == sent


def test_a_new_workflow_is_of_who_sent_it_whatever_it_says(owners: Owners) -> None:
    (plan,) = owners.kept([ev.WfPlan(ts=1.0, xwf_id=_NEW, root_xwf_id=_NEW, user="bob")], "ada")
    assert isinstance(plan, ev.WfPlan)
    assert plan.user == "ada"
    assert _refused(owners.kept([_start(_NEW)], "ada")) == [False]
    assert _refused(owners.kept([_start(_NEW)], "bob")) == [True]


@pytest.mark.parametrize(
    "event", [
        ev.WfPlan(ts=1.0, xwf_id=_NEW, root_xwf_id=_THEIRS, parent_xwf_id=_THEIRS, user="ada"),
        ev.WfPlan(ts=1.0, xwf_id=_MINE, root_xwf_id=_THEIRS, user="ada"),
        ev.WfPlan(ts=1.0, xwf_id=_MINE, root_xwf_id=_MINE, parent_xwf_id=_THEIRS, user="ada"),
        ev.XwfMapSubwfJob(ts=1.0, xwf_id=_MINE, subwf_id=_THEIRS, job_id="j", job_inst_id=1),
    ],
)  # fmt: skip
def test_no_workflow_is_put_below_or_above_one_of_another(owners: Owners, event: Event) -> None:
    assert _refused(owners.kept([event], "ada")) == [True]
    assert _refused(owners.kept([event], None)) == [False]


def test_a_database_that_is_not_there_yet_has_workflows_of_nobody(tmp_path: Path) -> None:
    owners = Owners(f"sqlite:///{tmp_path / 'none.db'}")
    events = make_batch("a", 1, b"\n".join(run(3)), user="ada").events(1, 5)
    assert not any(_refused(owners.kept(events, "ada")))
    assert all(_refused(owners.kept([_start(UUID)], "bob")))
