"""Text of a recorded run, moved to now."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from stampede.replaying.stamps import Stamps
from stampede.replaying.times import TimeMap
from stampede.sources.dagman.clock import Clock

THEN = datetime(2026, 11, 21, 21, 13, 29, tzinfo=UTC).timestamp()
#: a day and a half later, twice as fast
NOW = datetime(2026, 11, 23, 9, 13, 29, tzinfo=UTC).timestamp()


@pytest.fixture
def stamps() -> Stamps:
    return Stamps(TimeMap([THEN, THEN + 600], start_ts=NOW, speed=2), Clock(), {b"/old/run": b"/new", b"u-1": b"u-2"})


@pytest.mark.parametrize("old, new", [
    (b"11/21/26 21:13:29 Event: x", b"11/23/26 09:13:29 Event: x"),
    (b"000 (1.0.0) 2026-11-21 21:14:29 Job", b"000 (1.0.0) 2026-11-23 09:13:59 Job"),
    (b"start: 2026-11-21T21:13:43.530+00:00", b"start: 2026-11-23T09:13:36.265+00:00"),
    (b"start: 2026-11-21T22:13:29+01:00", b"start: 2026-11-23T10:13:29+01:00"),
    (b'timestamp: "20261121T211311+0000"', b'timestamp: "20261123T091320+0000"'),
    (b'"start_time":1795295609.25', b'"start_time":1795425209.25'),
])  # fmt: skip
def test_each_form_of_a_time_is_moved(stamps: Stamps, old: bytes, new: bytes) -> None:
    assert stamps.moved(old) == new


@pytest.mark.parametrize("text", [
    b"01/02/03 04:05:06", b"1999-01-01T00:00:00Z", b"20010101T000000+0000", b"1234567890", b"99/99/99 99:99:99",
    b"2026-99-99T21:13:43Z", b"id-1795295609-x", b"\xff\xfe\x00",
])  # fmt: skip
def test_what_is_none_of_its_times_stays(stamps: Stamps, text: bytes) -> None:
    assert stamps.moved(text) == text


def test_folders_and_uuids_become_those_of_the_replay(stamps: Stamps) -> None:
    assert stamps.moved(b"dir=/old/run/00 uuid=u-1") == b"dir=/new/00 uuid=u-2"
