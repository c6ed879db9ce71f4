"""What the validators do with values that are not plainly right."""

from __future__ import annotations

import io
from typing import Any

import pytest

from stampede.errors import InvalidEventError
from stampede.events import Event, Faults, read
from stampede.events.checks import parse_time
from stampede.events.faults import MAX_ENTRIES

BASE = "ts=1795295520 event=stampede.job_inst.main.end xwf.id=w-1234 job.id=job-1 job_inst.id=1 status=0 exitcode=0 "


def one(pairs: str) -> tuple[Any, Faults]:
    reader = read(io.BytesIO((BASE + pairs + "\n").encode()))
    ((batch, _),) = list(reader)
    assert isinstance(batch[0], Event)
    return batch[0], reader.faults


@pytest.mark.parametrize(
    "pairs, field, value",
    [
        ("site=None", "site", None),
        ("site=null", "site", None),
        ('site="None"', "site", None),
        ('site=""', "site", None),
        ("multiplier_factor=3", "multiplier_factor", 3),
        ("multiplier_factor=3.0", "multiplier_factor", 3),
        ("local.dur=1e2", "local_dur", 100.0),
        ("local.dur=None", "local_dur", None),
        ("cluster.start=1331642164.25", "cluster_start", 1331642164.25),
        ("cluster.start=2012-03-13T12:36:04.25Z", "cluster_start", 1331642164.25),
        ("cluster.start=2012-03-13T13:36:04.25+01:00", "cluster_start", 1331642164.25),
        ("stdin_file=a.in", "stdin_file", "a.in"),
        ("level=error", "level", "Error"),
        ("exit_unknown=True", "exit_unknown", 1),
    ],
)
def test_values_are_read_as_they_are_meant(pairs: str, field: str, value: Any) -> None:
    event, _ = one(pairs)
    assert getattr(event, field) == value
    assert event.extra is None


@pytest.mark.parametrize(
    "wire, text",
    [
        ("multiplier_factor", "9" * 12), ("multiplier_factor", "1_000"), ("multiplier_factor", "٣"),
        ("multiplier_factor", "2.5"), ("multiplier_factor", "x"), ("local.dur", "inf"), ("local.dur", "nan"),
        ("local.dur", "1e999"), ("cluster.start", "yesterday"), ("cluster.start", "20260101"*4), ("level", "Loud"),
        ("exit_unknown", "2"), ("sched.x", "y"), ("cluster.start", "9999-99-99T00:00:00Z"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_kept_in_extra_under_its_wire_name(wire: str, text: str) -> None:
    event, faults = one(f"{wire}={text}")
    assert event.extra == {wire: text}
    assert faults.count() == 1


def test_what_monitors_add_to_every_event_is_no_fault() -> None:
    event, faults = one("root.xwf.id=w-1234 dax=d dag=x.dag wf.ts=1 submit.dir=/r pegasus.version=5 wf.user=u")
    assert event.extra is not None
    assert event.extra["wf.user"] == "u"
    assert faults.count() == 0


def test_an_unknown_attribute_is_kept_and_counted() -> None:
    event, faults = one("colour=green")
    assert event.extra == {"colour": "green"}
    assert faults.get("stampede.job_inst.main.end", "colour", "pass") == 1


def test_the_number_of_different_faults_is_bounded() -> None:
    faults = Faults()
    for i in range(MAX_ENTRIES + 50):
        faults.add("e", f"a{i}", "pass", "m")
    assert len(faults) <= MAX_ENTRIES + 1
    assert faults.count() == MAX_ENTRIES + 50


def test_strict_faults_raise_but_unknown_attributes_pass() -> None:
    faults = Faults(strict=True)
    faults.add("e", "a", "pass", "kept")
    with pytest.raises(InvalidEventError, match="e: a: wrong"):
        faults.add("e", "a", "repair", "wrong", "x")


@pytest.mark.parametrize("text", ["", "1970", "2026-11-21", "1_0", "nan", "inf", "-", "2026-11-21T25:00:00Z"])
def test_times_that_are_none(text: str) -> None:
    if text == "1970":
        assert parse_time(text) == 1970.0
    else:
        with pytest.raises(ValueError):
            parse_time(text)
