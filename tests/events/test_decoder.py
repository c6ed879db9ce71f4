"""Streams: forms, offsets, hostile input. Nothing kills, nothing vanishes."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.errors import DecodeError, InputError, InvalidEventError, UsageError
from stampede.events import Decoder, Event, encoder, open_stream, read
from stampede.events.catalogue import JobEdge, Problem, StaticEnd, XwfEnd, XwfMeta
from stampede.events.decoder import BATCH_EVENTS, MAX_RECORD_BYTES

GOOD = b"ts=1795295520 event=stampede.job.edge xwf.id=w-1234 parent.job.id=first child.job.id=second\n"
EDGE = JobEdge(ts=1795295520.0, xwf_id="w-1234", parent_job_id="first", child_job_id="second")


def events_of(data: bytes, **options: Any) -> list[Event]:
    return [event for batch, _ in read(io.BytesIO(data), name="x.bp", **options) for event in batch]


def test_a_bad_line_is_a_problem_in_its_place_with_its_offset() -> None:
    found = events_of(GOOD + b"nonsense\n" + GOOD)
    assert found[0] == found[2] == EDGE
    problem = found[1]
    assert isinstance(problem, Problem)
    assert (problem.kind, problem.file, problem.offset) == ("undecodable", "x.bp", len(GOOD))
    assert "nonsense" in problem.message
    assert problem.remedy


@pytest.mark.parametrize(
    "line, kind",
    [
        (b"\x00\x00\x00\x00\n", "undecodable"),
        (b"\xff\xfe\n", "undecodable"),
        (b"ts=1 xwf.id=w-1234\n", "undecodable"),
        (b"ts=1 event=stampede.nothing xwf.id=w-1234\n", "unknown_event"),
        (b"ts=1 event=stampede.job.edge parent.job.id=first child.job.id=second\n", "unplaceable"),
        (b"ts=1 event=stampede.job.edge xwf.id=w-1234 parent.job.id=None child.job.id=second\n", "unplaceable"),
        (b"ts=1 event=stampede.inv.start xwf.id=w-1234 job.id=job-1 job_inst.id=x inv.id=1\n", "unplaceable"),
        (b"ts=1 event=stampede.xwf.meta xwf.id=w-1234 key=k-long v=1 stmp.pct=nope\n", "undecodable"),
        (b"ts=1 event=stampede.xwf.meta xwf.id=w-1234 key=k-long v=[ stmp.json=v\n", "undecodable"),
    ],
)
def test_what_cannot_be_used_is_told_by_kind(line: bytes, kind: str) -> None:
    found = events_of(GOOD + line + GOOD)
    assert [event.NAME for event in found] == ["stampede.job.edge", "stampede.problem", "stampede.job.edge"]
    assert isinstance(found[1], Problem)
    assert found[1].kind == kind


@pytest.mark.parametrize(
    "line", [b"{", b"[1,2]", b'"text"', b"{}", b'{"event": ["x"]}', b'{"event": null}', b"[" * 9999]
)
def test_bad_json_is_a_problem(line: bytes) -> None:
    good = encoder("jsonl")(EDGE)
    found = events_of(good + line + b"\n" + good)
    assert [type(event) for event in found] == [JobEdge, Problem, JobEdge]


def test_json_with_lists_where_names_belong_is_no_crash() -> None:
    document = {"event": "stampede.job_inst.main.end", "xwf_id": "w-1234", "job_id": "job-1", "job_inst_id": 1}
    odd = {"site": ["a"], "exitcode": {"x": 1}, "level": [1], "ts": [], "local_dur": {}, "status": []}
    found = events_of(json.dumps({**document, **odd}).encode() + b"\n")
    assert found[0].NAME == "stampede.job_inst.main.end"
    assert found[0].extra is not None
    assert found[0].extra["site"] == ["a"]
    assert found[0].extra["ts"] == []


def test_half_a_surrogate_and_nan_are_survived() -> None:
    line = b'{"event": "stampede.xwf.meta", "xwf_id": "w-1234", "key": "k", "value": "\\ud800", "x": NaN}\n'
    found = events_of(line)
    assert isinstance(found[0], XwfMeta)
    assert found[0].value == "?"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([None, "bp", "jsonl", "bson"]))
def test_any_bytes_give_events_and_end_at_the_end(data: bytes, form: str | None) -> None:
    decoder = Decoder(form)
    batches = [*decoder.feed(data), *decoder.finish()]
    assert all(isinstance(event, Event) for batch, _ in batches for event in batch)
    assert decoder.offset == len(data)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([GOOD, b"junk\n", "ts=1 é\n".encode(), b"\xff=1\n", b"\n"])), st.integers(1, 70))
def test_how_bytes_are_cut_changes_nothing(lines: list[bytes], size: int) -> None:
    data = b"".join(lines)
    decoder = Decoder("bp", name="x.bp")
    found: list[Event] = []
    for i in range(0, len(data), size):
        for batch, _ in decoder.feed(data[i : i + size]):
            found += batch
    for batch, _ in decoder.finish():
        found += batch
    assert found == events_of(data, format="bp")
    for event in found:
        if isinstance(event, Problem) and event.offset:
            assert data[event.offset - 1 : event.offset] == b"\n"


@pytest.mark.parametrize("form", ["bp", "jsonl", "bson"])
def test_a_reader_can_start_again_at_the_end_of_any_batch(form: str) -> None:
    made: list[Event] = [
        XwfMeta(xwf_id="w-1234", ts=float(i), key=f"key-{i}", value="é" * (i % 3)) for i in range(3 * BATCH_EVENTS)
    ]
    data = b"".join(map(encoder(form), made))
    batches = list(read(io.BytesIO(data), format=form))
    assert max(len(batch) for batch, _ in batches) <= BATCH_EVENTS
    done = 0
    for batch, end in batches:
        done += len(batch)
        rest = [event for again, _ in read(io.BytesIO(data[end:]), format=form) for event in again]
        assert rest == made[done:]
        if done > 2 * BATCH_EVENTS:
            break


def test_a_line_of_100_mb_is_skipped_in_constant_memory() -> None:
    class Endless(io.RawIOBase):
        left = 100 * 1024 * 1024

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            size = min(len(buffer), self.left)
            buffer[:size] = b"x" * size
            self.left -= size
            return size

    class Chained(io.RawIOBase):
        parts = [io.BytesIO(GOOD), Endless(), io.BytesIO(b"\n" + GOOD)]

        def read(self, size: int = -1) -> bytes:
            while self.parts:
                if data := self.parts[0].read(size):
                    return data
                self.parts.pop(0)
            return b""

    tracemalloc.start()
    found = [event for batch, _ in read(Chained(), name="x.bp") for event in batch]  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [event.NAME for event in found] == ["stampede.job.edge", "stampede.problem", "stampede.job.edge"]
    assert isinstance(found[1], Problem)
    assert (found[1].kind, found[1].offset) == ("oversized", len(GOOD))
    assert peak < 4 * MAX_RECORD_BYTES


def test_the_last_line_needs_no_line_end_and_windows_line_ends_are_taken() -> None:
    assert events_of(GOOD.replace(b"\n", b"\r\n") + GOOD.rstrip()) == [EDGE, EDGE]


def test_bytes_that_are_no_utf8_become_valid_text() -> None:
    reader = read(io.BytesIO(GOOD.replace(b"first", b"fi\xffrst")))
    ((batch, _),) = list(reader)
    assert batch[0].parent_job_id == "fi\\xffrst"  # type: ignore[attr-defined]
    assert reader.faults.get("*", "*", "repair") == 1


def test_text_between_pairs_is_counted() -> None:
    reader = read(io.BytesIO(GOOD.replace(b" xwf.id", b" loose words xwf.id")))
    assert next(iter(reader))[0] == [EDGE]
    assert reader.faults.get("stampede.job.edge", "*", "repair") == 1


def test_forms_and_gzip_are_found_out() -> None:
    for form in ("bp", "jsonl", "bson"):
        data = encoder(form)(EDGE) * 3
        for bytes_ in (data, gzip.compress(data), gzip.compress(data[: len(data) // 3]) + gzip.compress(data)[:]):
            reader = read(io.BytesIO(bytes_))
            assert {event for batch, _ in reader for event in [type(e) for e in batch]} == {JobEdge}
            assert reader.format == form


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert events_of(b"\xef\xbb\xbf" + GOOD * 2) == [EDGE, EDGE]


def test_a_truncated_gzip_gives_what_was_there_and_a_problem() -> None:
    lines = b"".join(GOOD.replace(b"first", b"%020d" % (i * 7919 % 10007)) for i in range(2000))
    found = events_of(gzip.compress(lines)[:-200])
    assert len(found) > 100
    assert isinstance(found[-1], Problem)
    assert found[-1].kind == "truncated"


def test_a_truncated_document_is_a_problem() -> None:
    data = encoder("bson")(EDGE)
    found = events_of(data + data[:-5], format="bson")
    assert [type(event) for event in found] == [JobEdge, Problem]


def test_strict_raises_at_the_first_fault_with_its_place() -> None:
    with pytest.raises(DecodeError, match=f"byte {len(GOOD)}"):
        events_of(GOOD + b"nonsense\n", strict=True)
    with pytest.raises(InvalidEventError, match="status"):
        events_of(GOOD + b"event=stampede.xwf.end xwf.id=w-1234 restart_count=0\n", strict=True)
    with pytest.raises(InvalidEventError, match=r"xwf\.id"):
        events_of(b"event=stampede.xwf.end restart_count=0\n", strict=True)


def test_marks_of_planners_belong_to_the_workflow_before_them() -> None:
    found = events_of(GOOD + b"event=stampede.static.end\n")
    assert found[1] == StaticEnd(xwf_id="w-1234")


def test_a_missing_status_is_taken_from_level_and_counted() -> None:
    reader = read(io.BytesIO(b"event=stampede.xwf.end xwf.id=w-1234 restart_count=0 level=Error\n"))
    assert next(iter(reader))[0] == [XwfEnd(xwf_id="w-1234", restart_count=0, level="Error", status=-1)]
    assert reader.faults.get("stampede.xwf.end", "status", "repair") == 1


def test_wrong_wishes_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="xml"):
        read(io.BytesIO(), format="xml")
    with pytest.raises(UsageError, match="klingon"):
        encoder("bp", "klingon")
    with pytest.raises(UsageError, match="yaml"):
        encoder("yaml")
    with pytest.raises(InputError, match="cannot be read"):
        open_stream(tmp_path / "absent.bp")
    with pytest.raises(DecodeError, match="zstd"):
        list(read(io.BytesIO(b"\x28\xb5\x2f\xfd1234")))


def test_an_empty_stream_has_no_events() -> None:
    assert events_of(b"") == []
    assert events_of(b"\n\n") == []
