"""Filters of events: what holds, and what is refused."""

from __future__ import annotations

import pytest

from stampede.consuming.where import fields, judge
from stampede.errors import FilterError
from stampede.events import catalogue as ev

END = ev.JobInstMainEnd(ts=1790000000.0, xwf_id="u", job_id="fit_1", job_inst_id=2, js_id=4, status=-1, exitcode=256)


@pytest.mark.parametrize(
    "text, holds",
    [
        ("status<0", True),
        ("status>=0", False),
        ("job_id~=fit_*", True),
        ("job_id!~fit_*", False),
        ("job_id=fit_1,fit_2&job_inst_id=2", True),
        ("job_id=fit_1&job_inst_id=3", False),
        ("event=stampede.job_inst.main.end", True),
        ("event~=*.start", False),
        ("ts>=2026-09-21T00:00:00Z", True),
        ("ts<2026-09-21T00:00:00Z", False),
        ("reason=null", True),
        ("reason!=null", False),
        ("dax_label=null", True),
        ("dax_label~=*", False),
        ("restart_count>0", False),
        ("", True),
    ],
)
def test_what_holds_of_an_event(text: str, holds: bool) -> None:
    assert judge(text)(END) is holds


@pytest.mark.parametrize("text", ["colour=red", "status~=x", "status<", "status<abc", "extra=1", "__class__=x"])
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(FilterError):
        judge(text)


def test_every_attribute_of_one_value_can_be_asked_for() -> None:
    known = fields()
    assert {"event", "ts", "xwf_id", "job_id", "exitcode", "message", "submit_dir"} <= known.keys()
    assert not known.keys() & {"extra", "NAME", "WIRE"}
