"""The forest as lines: what is folded away is counted, sorted and found."""

from __future__ import annotations

import pytest

from stampede.query.overview import Glance
from stampede.query.status import Attempts, Nodes, WorkflowStatus
from stampede.tui.forestrows import note
from stampede.tui.news import news, severity
from stampede.tui.tree import SMALL, SORTS, Branch, Line, Root, View, grow, lines


def glance(
    uuid: str, parent: str | None = None, *, state: str = "running", done: int = 0, failed: int = 0, held: int = 0,
    running: int = 0, started: float = 100.0, last: float = 200.0, hold_reason: str | None = None,
) -> Glance:  # fmt: skip
    """A workflow of ten nodes; its uuid is its name."""
    return Glance(
        wf_id=abs(hash(uuid)), hold_reason=hold_reason,
        status=WorkflowStatus(
            wf_uuid=uuid, parent_wf_uuid=parent, parent_job=None, label=uuid, dag=None, submit_dir=f"/runs/{uuid}",
            state=state, reason=None, halted=False, restart_count=0, nodes=Nodes(total=10, done=done, failed=failed),
            attempts=Attempts(), running=running, idle=0, held=held, started_ts=started, last_ts=last,
            duration_s=last - started, problems=0,
        ),
    )  # fmt: skip


FAMILY = [
    glance("root", done=1, running=1),
    glance("calm", "root", done=10, state="success"),
    glance("sick", "root", done=2, held=3, hold_reason="no disk"),
    glance("deep", "sick", done=4, failed=2, running=2, last=300.0),
]


def shown(branches: list[Branch], view: View) -> list[Line]:
    return list(lines([Root("db", b) for b in branches], view))


def names(found: list[Line]) -> list[str]:
    return [line.guide + line.branch.uuid for line in found if line.branch is not None]


def test_a_folded_line_counts_what_it_hides_and_an_unfolded_one_itself() -> None:
    view = View(everything=False)
    [folded] = shown(grow(FAMILY, {}), view)
    assert (folded.sums.nodes.total, folded.sums.nodes.done, folded.sums.nodes.failed) == (40, 17, 2)
    assert (folded.sums.running, folded.sums.held, folded.sums.last_ts) == (3, 3, 300.0)
    view.all(True)
    first = shown(grow(FAMILY, {}), view)[0]
    assert (first.sums.nodes.total, first.sums.running, first.sums.held) == (10, 1, 0)


def test_the_sums_of_a_tree_are_those_of_its_parts() -> None:
    [root] = grow(FAMILY, {g.wf_id: 1.5 for g in FAMILY[:2]})
    assert root.below == 3
    assert root.all.nodes.done == sum(g.status.nodes.done for g in FAMILY)
    assert root.all.rate == 3.0
    assert root.branches[1].all.rate is None


def test_strokes_lead_from_each_workflow_to_those_below() -> None:
    assert names(shown(grow(FAMILY, {}), View(sort="name"))) == ["root", "├─calm", "└─sick", "  └─deep"]


def test_small_trees_begin_unfolded_and_large_ones_folded() -> None:
    large = [glance("root"), *(glance(f"sub{i}", "root") for i in range(SMALL + 1))]
    assert len(shown(grow(large, {}), View())) == 1
    assert len(shown(grow(large[:-1], {}), View())) == SMALL + 1


def test_folding_one_line_leaves_the_others() -> None:
    view = View(sort="name")
    view.toggle("sick")
    assert names(shown(grow(FAMILY, {}), view)) == ["root", "├─calm", "└─sick"]
    view.toggle("sick")
    assert len(shown(grow(FAMILY, {}), view)) == 4


def test_only_failing_leaves_the_way_to_what_fails() -> None:
    assert names(shown(grow(FAMILY, {}), View(only_failing=True))) == ["root", "└─sick", "  └─deep"]
    assert shown(grow(FAMILY[:2], {}), View(only_failing=True)) == []


@pytest.mark.parametrize("text", ["DEEP", "/runs/deep"])
def test_a_search_unfolds_the_way_to_what_it_finds(text: str) -> None:
    assert names(shown(grow(FAMILY, {}), View(text=text, everything=False))) == ["root", "└─sick", "  └─deep"]


def test_a_sub_workflow_whose_parent_is_not_there_is_a_root() -> None:
    assert [b.uuid for b in grow(FAMILY[3:], {})] == ["deep"]


def test_workflows_of_all_databases_stand_in_one_order() -> None:
    told = (("old", 1.0, "running"), ("ended", 9.0, "failed"), ("new", 5.0, "running"))
    roots = [Root(db, grow([glance(db, started=at, state=state)], {})[0]) for db, at, state in told]
    assert [line.url for line in lines(roots, View())] == ["new", "old", "ended"]


def test_as_it_begins_lines_stay_where_they_are_while_workflows_run() -> None:
    before = grow([glance("a", last=10.0), glance("b", last=20.0)], {})
    after = grow([glance("a", last=40.0), glance("b", last=30.0)], {})
    assert names(shown(before, View())) == names(shown(after, View()))
    assert names(shown(before, View(sort="last"))) != names(shown(after, View(sort="last")))


@pytest.mark.parametrize(
    ("sort", "first"), [("failed", "sick"), ("progress", "sick"), ("name", "calm"), ("last", "sick")]
)
def test_each_order_has_its_first(sort: str, first: str) -> None:
    assert shown(grow(FAMILY, {}), View(sort=sort))[1].name[1] == first
    assert sort in SORTS


def test_the_worst_below_is_known_above() -> None:
    [root] = grow(FAMILY, {})
    assert root.worst.status.wf_uuid == "sick"
    assert root.trouble
    assert max(FAMILY, key=severity).status.wf_uuid == "sick"


def test_news_are_told_the_worst_first() -> None:
    def told(g: Glance, now: float = 210.0) -> str:
        return "".join(text for text, _ in news(g, now))

    assert told(FAMILY[2]) == "3 jobs held: no disk"
    assert told(FAMILY[1]) == "all is done"
    assert told(FAMILY[0]) == "it runs well"
    assert told(FAMILY[0], 200.0 + 3600) == "nothing was recorded for 1 h 00 min"
    assert told(glance("gone", state="lost", failed=1)).startswith("lost, DAGMan vanished; 1 job failed")


def test_under_the_list_stands_when_all_will_be_done_and_what_is_wrong_below() -> None:
    [root] = grow(FAMILY, {g.wf_id: 1.0 for g in FAMILY})
    [folded] = shown([root], View(everything=False))
    what, where = ("".join(text for text, _ in pieces) for pieces in note(folded, None, 210.0))
    assert what == "below, in sick: 3 jobs held: no disk"
    assert "about 5 min 15 s left at this rate" in where  # 21 nodes at 4 a minute
    [line, *_] = shown([root], View(everything=True))
    what, _ = ("".join(text for text, _ in pieces) for pieces in note(line, None, 210.0))
    assert what == "it runs well"
