"""A nodes.log that runs ahead of DAGMan: nothing of it is told too early, twice, or by halves."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.events.base import Event
from stampede.sources.dagman.clock import Clock
from stampede.sources.dagman.joblog import read_events
from stampede.sources.dagman.joblog_events import WANTED, enrich
from stampede.sources.follow import joblog as module
from stampede.sources.follow.joblog import LiveJobLog

UUID = "5b0c6c2e-0000-4000-8000-000000000001"
CORPUS = Path(__file__).resolve().parents[2] / "corpus"
WHOLE = (CORPUS / "dm_g_hold" / "dm_g_hold.dag.nodes.log").read_bytes()
#: every job of the log is a try of a node
JOBS = {
    f"{int(c)}.{int(p)}": (f"n{c}", int(c)) for c, p in re.findall(r"^\d{3} \((\d+)\.(\d+)\.", WHOLE.decode(), re.M)
}
#: later than all of it
END = 4e9


def expected(log: bytes = WHOLE) -> list[Event]:
    """What a load tells of the whole log, event by event."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(log)
        file.flush()
        events = list(read_events(Path(file.name), clock=Clock(), detailed=WANTED))
    return [told for e in events for told in enrich(UUID, [e], JOBS, own_log=False)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.dag.nodes.log"


def live(path: Path) -> LiveJobLog:
    return LiveJobLog(path, UUID, Clock())


def till_quiet(log: LiveJobLog, until: float | None = END) -> list[Event]:
    """Asked until nothing more comes (what is read in one question is told in the next)."""
    out: list[Event] = []
    for _ in range(4):
        out += log.news(until, JOBS)
    return out


def one_by_one(events: list[Event]) -> list[str]:
    """In an order of their own: sizes are told behind the events that were told with them."""
    return sorted(map(repr, events))


def offset_of(word: bytes) -> int:
    """Where the event begins in which a word stands for the first time."""
    return WHOLE.rindex(b"...\n", 0, WHOLE.index(word)) + 4


# ---- when -----------------------------------------------------------------------------------------------------------


def test_nothing_is_told_before_dagmans_log_has_come_to_its_time(path: Path) -> None:
    """Whatever time DAGMan's log has come to: exactly the events up to it are told, and they stay told."""
    path.write_bytes(WHOLE)
    log = live(path)
    assert till_quiet(log, None) == []
    times = sorted({e.ts for e in expected() if e.ts is not None})
    assert len(times) > 5
    told: list[Event] = []
    for ts in times:
        assert log.news(ts - 0.5, JOBS) == []
        told += log.news(ts, JOBS)
        assert one_by_one(told) == one_by_one([e for e in expected() if (e.ts or 0.0) <= ts])
    assert one_by_one(told) == one_by_one(expected())


def test_what_was_just_read_waits_for_the_next_question(path: Path) -> None:
    """DAGMan's log is read before this one: it may lack lines of the very second that this one has already."""
    path.write_bytes(WHOLE)
    log = live(path)
    assert log.news(END, JOBS) == []
    assert one_by_one(log.news(END, JOBS)) == one_by_one(expected())


def test_offset_is_behind_what_was_told(path: Path) -> None:
    """Reading begun anew at ``offset`` tells the rest, all of it and nothing twice."""
    path.write_bytes(WHOLE)
    first = live(path)
    middle = sorted(e.ts or 0.0 for e in expected())[len(expected()) // 2]
    told = till_quiet(first, middle)
    assert 0 < first.offset < len(WHOLE)
    second = live(path)
    second.go_on(first.offset, first.story)
    told += till_quiet(second)
    assert one_by_one(told) == one_by_one(expected())
    assert second.offset == len(WHOLE)


def test_nothing_read_is_offset_nought(path: Path) -> None:
    log = live(path)
    assert till_quiet(log) == []
    assert (log.offset, log.story, log.path) == (0, 0, path)


# ---- growing --------------------------------------------------------------------------------------------------------


def test_half_an_event_at_the_end_waits_for_its_end(path: Path) -> None:
    """However it is cut, no half event is told; the whole one is."""
    begin = offset_of(b"Job was held.")
    end = WHOLE.index(b"...\n", begin) + 4
    before = one_by_one(expected(WHOLE[:begin]))
    for cut in (begin + 1, begin + 30, begin + 70, end - 5, end - 4, end - 2, end - 1):
        path.write_bytes(WHOLE[:cut])
        log = live(path)
        told = till_quiet(log)
        assert one_by_one(told) == before, cut
        assert log.offset == begin
        with path.open("ab") as file:
            file.write(WHOLE[cut:])
        assert one_by_one(told + till_quiet(log)) == one_by_one(expected())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 3)), max_size=8))
def test_any_appends_and_any_questions_tell_every_event_once(parts: list[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.nodes.log"
        log, told, there = live(path), [], 0
        for size, questions in [*parts, (len(WHOLE), 4)]:
            with path.open("ab") as file:
                file.write(WHOLE[there : there + size])
            there += size
            for _ in range(questions):
                told += log.news(END, JOBS)
        assert one_by_one(told) == one_by_one(expected())


def test_jobs_that_no_node_has_are_passed_over(path: Path) -> None:
    path.write_bytes(WHOLE)
    log = live(path)
    log.news(END, {})
    assert log.news(END, {}) == []
    assert log.offset == len(WHOLE)


# ---- a log that does not only grow ----------------------------------------------------------------------------------


def test_a_log_that_dagman_emptied_for_its_next_run_is_told_from_its_beginning(path: Path) -> None:
    cut = offset_of(b"Job was held.")
    path.write_bytes(WHOLE[:cut])
    log = live(path)
    told = till_quiet(log)
    os.truncate(path, 0)
    assert till_quiet(log) == []
    with path.open("ab") as file:
        file.write(WHOLE[cut:])
    assert one_by_one(told + till_quiet(log)) == one_by_one(expected())


def test_what_waited_of_a_log_that_is_gone_is_not_told(path: Path) -> None:
    """Its places mean nothing any more; the end of the run reads what there is then."""
    path.write_bytes(WHOLE)
    log = live(path)
    assert till_quiet(log, None) == []
    path.write_bytes(WHOLE[offset_of(b"Job was held.") :])
    log.news(None, JOBS)
    assert one_by_one(till_quiet(log)) == one_by_one(expected(path.read_bytes()))


def test_another_log_is_not_gone_on_with(path: Path) -> None:
    """The place of an earlier reading counts only for the log it was noted for."""
    path.write_bytes(b"000 (001.000.000) 2026-11-20 21:06:19 Job submitted from host: <127.0.0.1>\n...\n")
    before = live(path)
    till_quiet(before)
    path.write_bytes(WHOLE)
    log = live(path)
    log.go_on(len(WHOLE) // 2, before.story)
    assert one_by_one(till_quiet(log)) == one_by_one(expected())


# ---- too much -------------------------------------------------------------------------------------------------------


def test_an_event_longer_than_a_piece_does_not_stop_those_behind_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stampede.sources.follow.tail._CHUNK", 20_000)
    endless = b"".join(b"\tline %d of a very long event\n" % number for number in range(3000))
    begin = offset_of(b"Job was held.")
    path.write_bytes(
        WHOLE[:begin] + b"021 (080.000.000) 2026-11-21 21:06:23 Error\n" + endless + b"...\n" + WHOLE[begin:]
    )
    log = live(path)
    told = [e for _ in range(20) for e in log.news(END, JOBS)]
    assert set(one_by_one(expected())) <= set(one_by_one(told))
    assert log.offset == path.stat().st_size


def test_more_than_can_wait_is_left_where_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not follow the length of a log that DAGMan says nothing of; nothing is lost by that."""
    monkeypatch.setattr("stampede.sources.follow.tail._CHUNK", 2_000)
    monkeypatch.setattr(module, "_MOST", 3)
    path.write_bytes(WHOLE)
    log = live(path)
    for _ in range(50):
        assert log.news(None, JOBS) == []
    assert len(log._waiting) < 20
    told = [e for _ in range(50) for e in log.news(END, JOBS)]
    assert one_by_one(told) == one_by_one(expected())
