"""A growing log: its whole lines, each once and in order, whatever is done to the file between two looks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stampede.files import open_regular
from stampede.sources.base import story
from stampede.sources.dagman.blocks import whole_lines
from stampede.sources.dagman.dagmanout import MAX_LINE
from stampede.sources.follow import tail as module
from stampede.sources.follow.tail import Piece, Tail

STORY = story(b"one\n")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "x.log"


def all_of(tail: Tail) -> list[Piece]:
    """Pieces until there is none; the places of each follow from those of the one before."""
    found = []
    while (piece := tail.read()) is not None:
        assert piece.offset + piece.size == tail.offset
        found.append(piece)
    return found


def text_of(tail: Tail) -> bytes:
    return b"".join(piece.data for piece in all_of(tail))


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


# ---- a log that only grows ------------------------------------------------------------------------------------------

#: no NUL: where a line begins with some, it follows a hole
_CONTENT = st.lists(st.sampled_from([b"\n", b"a", b"line of text", b"\xff\r", b"\n\n", b"\0" * 3]), max_size=40).map(
    lambda parts: b"x" + b"x".join(parts)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=_CONTENT, chunk=st.integers(1, 30), cuts=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3))))
def test_any_appends_and_any_looks_give_the_whole_lines_in_order(
    content: bytes, chunk: int, cuts: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pieces hold nothing but whole lines, follow each other without a gap, and at the end are the whole file."""
    monkeypatch.setattr(module, "_CHUNK", chunk)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "x.log"
        tail, pieces, there = Tail(log), [], 0
        for size, looks in [*cuts, (len(content), 99)]:
            append(log, content[there : there + size])
            there += size
            for _ in range(looks):
                piece = tail.read()
                if piece is None:
                    break
                pieces.append(piece)
        pieces += all_of(tail)
    whole = content[: content.rfind(b"\n") + 1]
    assert b"".join(p.data for p in pieces) == whole
    assert all(p.data.endswith(b"\n") and p.size == len(p.data) for p in pieces)
    assert [p.offset for p in pieces] == [0, *(p.offset + p.size for p in pieces)][: len(pieces)]
    assert tail.torn == 0


def test_a_line_is_told_once_its_end_is_there(log: Path) -> None:
    tail = Tail(log)
    append(log, b"one\ntw")
    assert text_of(tail) == b"one\n"
    assert text_of(tail) == b""
    append(log, b"o\nthree\n")
    assert text_of(tail) == b"two\nthree\n"
    assert tail.read() is None


def test_more_says_that_the_next_piece_is_there_already(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CHUNK", 8)
    append(log, b"one\ntwo\nthree\n")
    tail = Tail(log)
    first, second = tail.read(), tail.read()
    assert first is not None
    assert second is not None
    assert (first.data, first.more) == (b"one\ntwo\n", True)
    assert (second.data, second.more) == (b"three\n", False)


def test_nothing_is_read_beyond_stop(log: Path) -> None:
    """With ``stop`` behind a line, exactly what lies before it is read, then nothing; without it the rest."""
    append(log, b"one\ntwo\nthree\n")
    tail = Tail(log)
    piece = tail.read(stop=(STORY, 8))
    assert piece is not None
    assert piece.data == b"one\ntwo\n"
    assert tail.read(stop=(STORY, 8)) is None
    assert tail.obstacle is None
    assert text_of(tail) == b"three\n"


def test_reading_goes_on_where_an_earlier_one_ended(log: Path) -> None:
    append(log, b"one\ntwo\n")
    first = Tail(log)
    first.read(stop=(STORY, 4))
    tail = Tail(log)
    tail.go_on(first.offset, first.story)
    assert text_of(tail) == b"two\n"
    assert tail.torn == 0


def test_reading_does_not_go_on_in_another_log(log: Path) -> None:
    """Whatever file it is in: a log is known by its first line."""
    append(log, b"one\ntwo\n")
    first = Tail(log)
    first.read(stop=(STORY, 4))
    log.write_bytes(b"1st\n2nd\n")
    tail = Tail(log)
    tail.go_on(first.offset, first.story)
    assert b"".join(p.data for p in all_of_torn(tail)) == b"1st\n2nd\n"
    assert tail.torn == 1


def test_reading_goes_on_in_a_copy(log: Path, tmp_path: Path) -> None:
    append(log, b"one\ntwo\n")
    first = Tail(log)
    first.read(stop=(STORY, 4))
    copied = tmp_path / "copy"
    copied.write_bytes(log.read_bytes())
    tail = Tail(copied)
    tail.go_on(first.offset, first.story)
    assert text_of(tail) == b"two\n"


def test_size_is_that_of_the_file_at_the_last_look(log: Path) -> None:
    append(log, b"one\ntw")
    tail = Tail(log)
    tail.read()
    assert (tail.size, tail.offset, tail.story) == (6, 4, story(b"one\n"))


# ---- long lines -----------------------------------------------------------------------------------------------------


def _by_blocks(log: Path) -> list[tuple[bytes, int, int]]:
    """Lines as a load reads them."""
    with open_regular(log) as file:
        return _lines(whole_lines(file))


def _by_tail(log: Path) -> list[tuple[bytes, int, int]]:
    return _lines((piece.data, piece.size) for piece in all_of(Tail(log)))


def _lines(blocks: Iterable[tuple[bytes, int]]) -> list[tuple[bytes, int, int]]:
    """How each line begins, how much of it was given, and how many bytes it has in the file."""
    out = []
    for data, size in blocks:
        lines = data.splitlines(keepends=True)
        out += [(line[:4], len(line), len(line)) for line in lines[:-1]]
        out.append((lines[-1][:4], len(lines[-1]), size - sum(map(len, lines[:-1]))))
    return out


@pytest.mark.parametrize("length", [(256 << 10) - 1, 256 << 10, 300_000, MAX_LINE - 1, 3 * MAX_LINE + 17])
def test_a_long_line_is_cut_as_a_load_cuts_it(log: Path, length: int) -> None:
    """At the beginning of a file, every line comes out of both readers alike, and what follows it too."""
    append(log, b"x" * length + b"\nlast\n")
    found = _by_tail(log)
    assert found == _by_blocks(log)
    assert [size for _, _, size in found] == [length + 1, 5]
    assert found[0][1] == min(length, MAX_LINE) + 1


@pytest.mark.parametrize("before", [100_000, 200_000])
@pytest.mark.parametrize("length", [MAX_LINE + 10, MAX_LINE + 200_000, 2 * MAX_LINE])
def test_a_long_line_anywhere_is_cut_as_a_load_cuts_it(log: Path, before: int, length: int) -> None:
    append(log, b"y" * (before - 1) + b"\n" + b"x" * length + b"\nlast\n")
    assert _by_tail(log) == _by_blocks(log)


def test_a_long_line_is_told_once_its_end_is_there(log: Path) -> None:
    append(log, b"first\n" + b"x" * (2 * MAX_LINE))
    tail = Tail(log)
    assert text_of(tail) == b"first\n"
    append(log, b"x" * MAX_LINE)
    assert tail.read() is None
    append(log, b"\nnext\n")
    long, following = all_of(tail)
    assert long.size == 3 * MAX_LINE + 1
    assert long.data == b"x" * MAX_LINE + b"\n"
    assert long.more
    assert following.data == b"next\n"


# ---- a log that does not only grow ----------------------------------------------------------------------------------


def test_what_was_unread_of_a_rotated_log_comes_before_the_new_one(log: Path) -> None:
    append(log, b"one\n")
    tail = Tail(log)
    assert text_of(tail) == b"one\n"
    append(log, b"two\nthree\n")
    log.rename(f"{log}.old")
    append(log, b"four\n")
    pieces = all_of_torn(tail)
    assert [(p.data, p.offset) for p in pieces] == [(b"two\nthree\n", 4), (b"four\n", 0)]
    assert pieces[0].more
    assert tail.torn == 1


def all_of_torn(tail: Tail) -> list[Piece]:
    found = []
    while (piece := tail.read()) is not None:
        found.append(piece)
    return found


def test_a_rotated_log_without_a_new_one_is_waited_for(log: Path) -> None:
    """Between the renaming and the first line of the new log nothing is lost, and it is said what is missing."""
    append(log, b"one\n")
    tail = Tail(log)
    text_of(tail)
    append(log, b"two\n")
    log.rename(f"{log}.old")
    assert tail.read() is None
    assert tail.obstacle == "it is not there any more"
    append(log, b"three\n")
    assert b"".join(p.data for p in all_of_torn(tail)) == b"two\nthree\n"
    assert tail.obstacle is None


def test_an_old_log_that_is_another_one_is_not_read(log: Path) -> None:
    append(log, b"one\n")
    tail = Tail(log)
    text_of(tail)
    append(Path(f"{log}.old"), b"another\nnever seen\n")
    os.rename(log, f"{log}.kept")
    append(log, b"new\n")
    assert b"".join(p.data for p in all_of_torn(tail)) == b"new\n"


def test_a_log_rotated_twice_between_two_looks_goes_on_with_the_new_one(log: Path) -> None:
    append(log, b"one\n")
    tail = Tail(log)
    text_of(tail)
    for text in (b"lost\n", b"new\n"):
        log.rename(f"{log}.old")
        append(log, text)
    assert b"".join(p.data for p in all_of_torn(tail)) == b"new\n"


def test_a_log_that_was_emptied_is_read_from_its_beginning(log: Path) -> None:
    append(log, b"one\ntwo\n")
    tail = Tail(log)
    text_of(tail)
    os.truncate(log, 0)
    assert tail.read() is None
    append(log, b"three\n")
    assert b"".join(p.data for p in all_of_torn(tail)) == b"three\n"
    assert tail.torn == 1


def test_a_log_cut_to_a_part_is_not_told_again(log: Path) -> None:
    """What is left of the file was read; only what is written behind it is new."""
    append(log, b"one\n" * 100)
    tail = Tail(log)
    text_of(tail)
    os.truncate(log, 280)
    assert tail.read() is None
    append(log, b"four\n")
    piece = tail.read()
    assert piece is not None
    assert (piece.data, piece.offset) == (b"four\n", 280)
    assert tail.torn == 1


def test_a_shorter_log_with_another_beginning_is_all_new(log: Path) -> None:
    append(log, b"one\ntwo\nthree\n")
    tail = Tail(log)
    text_of(tail)
    with log.open("r+b") as file:  # the same file, written anew
        file.truncate(0)
        file.write(b"1st\n2nd\n")
    assert b"".join(p.data for p in all_of_torn(tail)) == b"1st\n2nd\n"


def test_a_log_replaced_by_another_file_is_all_new(log: Path, tmp_path: Path) -> None:
    """However long it is: it has another first line."""
    append(log, b"one\ntwo\n")
    tail = Tail(log)
    text_of(tail)
    append(tmp_path / "other", b"1\n2\n3\n4\n5\n6\n7\n8\n")
    (tmp_path / "other").rename(log)
    assert b"".join(p.data for p in all_of_torn(tail)) == b"1\n2\n3\n4\n5\n6\n7\n8\n"
    assert tail.torn == 1


def test_a_log_written_anew_and_longer_is_all_new(log: Path) -> None:
    """The same inode (file systems give that of a deleted file to the next one) and more bytes than before."""
    append(log, b"one\ntwo\n")
    tail = Tail(log)
    text_of(tail)
    with log.open("r+b") as file:
        file.truncate(0)
        file.write(b"1st\n2nd\n3rd\n4th\n")
    assert b"".join(p.data for p in all_of_torn(tail)) == b"1st\n2nd\n3rd\n4th\n"


def test_a_hole_is_stepped_over(log: Path) -> None:
    """A writer that goes on where it was in a file that had been cut leaves NULs before its line."""
    append(log, b"one\ntwo\n")
    tail = Tail(log)
    text_of(tail)
    with log.open("r+b") as file:
        file.truncate(0)
        file.seek(700_000)
        file.write(b"three\n")
    pieces = all_of_torn(tail)
    assert b"".join(p.data for p in pieces) == b"three\n"
    # the holes count, so that places stay those in the file
    assert tail.offset == 700_006
    assert all(p.offset + p.size <= 700_006 for p in pieces)


# ---- what cannot be read --------------------------------------------------------------------------------------------


def test_a_log_that_is_not_there_yet_is_no_obstacle(log: Path) -> None:
    tail = Tail(log)
    assert tail.read() is None
    assert tail.obstacle is None
    append(log, b"one\n")
    assert text_of(tail) == b"one\n"


def test_a_log_that_is_gone_is_an_obstacle_until_it_is_back(log: Path) -> None:
    append(log, b"one\n")
    tail = Tail(log)
    text_of(tail)
    log.rename(f"{log}.away")
    assert tail.read() is None
    assert tail.obstacle == "it is not there any more"
    Path(f"{log}.away").rename(log)
    append(log, b"two\n")
    assert text_of(tail) == b"two\n"
    assert tail.obstacle is None
    assert tail.torn == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_log_without_read_permission_is_an_obstacle_until_it_has_it(log: Path) -> None:
    append(log, b"one\n")
    log.chmod(0)
    tail = Tail(log)
    assert tail.read() is None
    assert tail.obstacle == "Permission denied"
    log.chmod(0o600)
    assert text_of(tail) == b"one\n"
    assert tail.obstacle is None


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["directory", "pipe"])
def test_what_is_no_file_is_an_obstacle_and_nobody_waits_for_it(log: Path, make: object) -> None:
    append(log, b"one\n")
    tail = Tail(log)
    text_of(tail)
    log.rename(f"{log}.away")
    make(log)  # type: ignore[operator]
    assert tail.read() is None
    assert tail.obstacle
    (log.rmdir if log.is_dir() else log.unlink)()
    Path(f"{log}.away").rename(log)
    append(log, b"two\n")
    assert text_of(tail) == b"two\n"
    assert tail.obstacle is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('{\n    "EventTime": "2026-11-21T21:00:00",\n    "Cluster": 1\n}\n',
         '{\n    "EventTime": "2026-11-21T21:00:00",\n    "Cluster": 2\n}\n'),
        ('<?xml version="1.0"?>\n<eventlog>\n<c>\n<a n="Cluster"><i>1</i></a>\n</c>\n',
         '<?xml version="1.0"?>\n<eventlog>\n<c>\n<a n="Cluster"><i>2</i></a>\n</c>\n'),
    ],
)  # fmt: skip
def test_job_event_logs_with_the_same_first_line_are_told_apart(first: str, second: str, tmp_path: Path) -> None:
    """In JSON and XML all logs begin alike: the first event tells which one it is, once it is whole."""
    path = tmp_path / "x.nodes.log"
    path.write_text(first[:-4])
    tail = Tail(path)
    assert tail.read() is None
    path.write_text(first + first)
    assert tail.read() is not None
    path.write_text(second + second)
    piece = tail.read()
    assert piece is not None
    assert (piece.offset, piece.data, tail.torn) == (0, (second + second).encode(), 1)
