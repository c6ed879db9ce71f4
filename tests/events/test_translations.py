"""What the older dialects share is translated alike, by the names of each."""

from __future__ import annotations

from typing import Any

import pytest

from stampede.events import pegasus30, seed
from stampede.events.translations import host, invocation, job_type, kilobytes, raw_exit, rename, translation


def test_an_attribute_without_a_new_name_keeps_its_own() -> None:
    assert rename({"old": 1, "other": 2}, {"old": "new"}) == {"new": 1, "other": 2}


@pytest.mark.parametrize(
    ("regular", "raw"), [(0, 0), (1, 256), ("2", 512), (255, 65280), (256, 256), (-1, -1), ("0", "0"), ("x", "x")]
)
def test_only_regular_exit_codes_become_raw(regular: Any, raw: Any) -> None:
    record = {"exitcode": regular}
    raw_exit(record)
    assert record == {"exitcode": raw}


@pytest.mark.parametrize(("size_bytes", "size_kb"), [(2048, 2), ("1048576", 1024), ("much", "much"), (None, None)])
def test_only_numbers_become_kilobytes(size_bytes: Any, size_kb: Any) -> None:
    record = {"total_memory": size_bytes}
    kilobytes(record)
    assert record == {"total_memory": size_kb}


@pytest.mark.parametrize(
    ("told", "now"),
    [
        ({"type_desc": "create dir"}, {"type_desc": "create-dir", "type": 6}),
        ({"type_desc": "dag", "type": 3}, {"type_desc": "dag", "type": 3}),
        ({"type_desc": "of our own"}, {"type_desc": "of-our-own"}),
        ({}, {}),
    ],
)
def test_a_type_gets_a_number_where_its_word_has_one(told: dict[str, Any], now: dict[str, Any]) -> None:
    job_type(told)
    assert told == now


def test_what_is_not_there_is_not_made_up() -> None:
    record: dict[str, Any] = {}
    raw_exit(record)
    kilobytes(record)
    assert record == {}


def test_changes_see_the_names_of_today_and_leave_the_record_as_it_was() -> None:
    record = {"old": 7}
    translate = translation("stampede.x", {"old": "exitcode"}, raw_exit)
    assert translate(record) == [("stampede.x", {"exitcode": 7 << 8})]
    assert record == {"old": 7}


@pytest.mark.parametrize("names", [seed.RENAMED, pegasus30.RENAMED])
def test_invocations_and_hosts_go_by_the_names_of_their_dialect(names: dict[str, str]) -> None:
    assert invocation(names)({"wf.id": "w", "task.id": 1, "exitcode": 1}) == [
        ("stampede.inv.end", {"xwf.id": "w", "inv.id": 1, "exitcode": 256})
    ]
    assert host(names)({"ip_address": "192.0.2.1", "total_ram": 4096}) == [
        ("stampede.job_inst.host.info", {"ip": "192.0.2.1", "total_memory": 4})
    ]
