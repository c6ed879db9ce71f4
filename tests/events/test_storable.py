"""Names that are too long for a key: shortened the same wherever they occur, and told of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stampede.events import catalogue as ev
from stampede.events.storable import shortened


@given(st.lists(st.text(min_size=0, max_size=400), min_size=1, max_size=8, unique=True))
def test_names_stay_apart_and_fit(names: list[str]) -> None:
    events = [ev.JobEdge(xwf_id="w", parent_job_id=name, child_job_id=name[::-1]) for name in names]
    found = [e for e in shortened([*events], 100) if isinstance(e, ev.JobEdge)]
    assert len({e.parent_job_id for e in found}) == len(names)
    assert all(len(e.parent_job_id.encode("utf-8", "surrogatepass")) <= 100 for e in found)
    assert [e.parent_job_id for e in found if len(e.parent_job_id) < 20] == [n for n in names if len(n) < 20]


def test_a_shortened_event_is_told_of_each_time_and_the_one_given_is_left() -> None:
    """A batch that is stored once more after an outage tells the same again."""
    given_ = ev.RcPfn(ts=1.0, xwf_id="w", lfn_id="é" * 800, pfn="p" * 200, site="s" * 200)
    for _ in range(2):
        event, problem = shortened([given_], 100)
        assert isinstance(event, ev.RcPfn)
        assert isinstance(problem, ev.Problem)
        assert len(event.lfn_id.encode()) <= 300
        assert event.pfn == given_.pfn, "a path may be three times as long"
        assert len(event.site or "") < 100
        assert "lfn.id" in (problem.message or "")
        assert "site" in (problem.message or "")
    assert given_.site == "s" * 200
    assert shortened([], 10) == []
