"""What is written is read back: event -> bytes -> the same event, in every form."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stampede.events import Event, encoder, read
from stampede.events.catalogue import InvEnd, StaticStart, TaskMonitoring, WfPlan, XwfMeta

from ..strategies import any_text, events, json_values

MODEST = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def back(data: bytes, form: str) -> tuple[list[Event], Any]:
    reader = read(io.BytesIO(data), format=form)
    return [event for batch, _ in reader for event in batch], reader


def text_numbers(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


@MODEST
@given(st.lists(events(), min_size=1, max_size=4))
@pytest.mark.parametrize("form", ["jsonl", "bson"])
def test_json_and_bson_return_equal_events(form: str, some: list[Event]) -> None:
    if form == "bson":
        some = [event for event in some if "\0" not in str(sorted(map(str, event.extra or {})))]
        some = [event for event in some if not _nul_key(event.extra)]
    found, reader = back(b"".join(map(encoder(form), some)), form)
    _same(found, some, reader)


def _nul_key(value: Any) -> bool:
    if isinstance(value, dict):
        return any("\0" in key or _nul_key(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_nul_key, value))


@MODEST
@given(st.lists(events(), min_size=1, max_size=4))
def test_bp_returns_equal_events_but_for_numbers_in_extra(some: list[Event]) -> None:
    found, reader = back(b"".join(map(encoder("bp"), some)), "bp")
    for event in some:
        if event.extra:
            event.extra = {key: text_numbers(value) for key, value in event.extra.items()}
    for event in found:
        if event.extra:
            event.extra = {key: text_numbers(value) for key, value in event.extra.items()}
    _same(found, some, reader)


def _same(found: list[Event], some: list[Event], reader: Any) -> None:
    workflow = None
    for event in some:
        if event.NAME.startswith("stampede.static.") and event.xwf_id is None:
            event.xwf_id = workflow
        workflow = event.xwf_id or workflow
    assert found == some
    assert reader.faults.count("reject") == 0
    assert all(fault.attribute in ("xwf.id",) or fault.kind == "pass" or "demands" in fault.message
               for fault in reader.faults)  # fmt: skip


@MODEST
@given(json_values, any_text)
def test_lists_mappings_and_truth_values_survive_bp(value: Any, text: str) -> None:
    event = TaskMonitoring(xwf_id="w-1234", job_id="job-1", job_inst_id=1, extra={"v": value, "t": text})
    found, _ = back(encoder("bp")(event), "bp")
    assert found[0].extra == {"v": text_numbers(value), "t": text}


@pytest.mark.parametrize("form", ["bp", "jsonl", "bson"])
@pytest.mark.parametrize("value", ["", "None", "null", "two\nlines", "a\\", '\\"', "\x1b[0m", "%0A", "100%", "\t"])
def test_free_text_is_kept_to_the_letter(form: str, value: str) -> None:
    event = XwfMeta(xwf_id="w-1234", key="k", value=value, ts=1.5)
    assert back(encoder(form)(event), form)[0] == [event]


@pytest.mark.parametrize("form", ["bp", "jsonl", "bson"])
@pytest.mark.parametrize("ts", [None, 0.0, -1.5, 1795301957.123456, 1e-9, 1e11, 1795301957.1234567, 1519.5, 2909.63])
def test_times_lose_nothing(form: str, ts: float | None) -> None:
    event = StaticStart(xwf_id="w-1234", ts=ts)
    assert back(encoder(form)(event), form)[0] == [event]


def test_every_bp_line_has_what_the_readers_of_pegasus_demand() -> None:
    """``ts`` and ``event`` first, one line, no control characters."""
    event = InvEnd(xwf_id="w-1234", job_id="job-1", job_inst_id=1, inv_id=1, argv='-c "a\nb" \\"')
    line = encoder("bp")(event)
    assert line.startswith(b"ts=1 event=stampede.inv.end ")
    assert line.count(b"\n") == 1
    assert b"\r" not in line
    assert b'\\\\"' not in line


def test_pure_output_carries_nothing_of_ours() -> None:
    event = WfPlan(xwf_id="w-1234", ts=1.0, engine="dagman", argv="two\nlines", extra={"flag": True, "l": [1]})
    line = encoder("bp", pure=True)(event)
    assert b"engine" not in line
    assert b"stmp." not in line
    assert b"argv=two%0Alines" in line
    assert b"flag=1" in line
    assert b"level=Info" in line


def test_numbers_beyond_64_bits_are_written_by_every_form() -> None:
    event = XwfMeta(xwf_id="w-1234", key="k", extra={"big": 2**70, "inf": float("inf"), "set": [1, {"x": 2**80}]})
    for form in ("bp", "jsonl", "bson"):
        found, _ = back(encoder(form)(event), form)
        assert found[0].extra is not None
        assert str(found[0].extra["big"]) == str(2**70)
