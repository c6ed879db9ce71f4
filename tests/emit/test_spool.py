"""The spool: what was appended is there after any end of the process, in order, each once."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.emit import segment, spool
from stampede.emit.errors import SpoolBusyError, SpoolError, SpoolFullError
from stampede.emit.spool import Spool

records = st.lists(st.binary(min_size=1, max_size=20).map(lambda b: b"{" + b.hex().encode() + b"}"), max_size=6)


def all_of(one: Spool, after: int = 0, most: int = 7) -> list[bytes]:
    found: list[bytes] = []
    while more := one.read(after + len(found), most, 50):
        found += more
    return found


def test_what_was_appended_is_read_again_by_the_next_process(tmp_path: Path) -> None:
    one = Spool(tmp_path / "s", "me")
    assert one.append([b"a", b"b"]) == 2
    assert one.append([b"c"]) == 3
    name = one.label.source
    one.close()
    again = Spool(tmp_path / "s", "me")
    assert (all_of(again), again.last, again.label.source) == ([b"a", b"b", b"c"], 3, name)


def test_a_spool_belongs_to_one_process_at_a_time(tmp_path: Path) -> None:
    one = Spool(tmp_path / "s", "me")
    with pytest.raises(SpoolBusyError):
        Spool(tmp_path / "s", "me")
    one.close()
    Spool(tmp_path / "s", "me").close()


def test_spools_of_one_name_are_different_sources(tmp_path: Path) -> None:
    """A spool that was deleted and made anew begins with 1 again: the server must not take that for what it has."""
    assert Spool(tmp_path / "a", "me").label.source != Spool(tmp_path / "b", "me").label.source


def test_a_full_spool_refuses_and_keeps_nothing_of_what_it_refuses(tmp_path: Path) -> None:
    one = Spool(tmp_path / "s", "me", most_bytes=100)
    one.append([b"x" * 60])
    with pytest.raises(SpoolFullError):
        one.append([b"y" * 30, b"z" * 30])
    assert one.append([b"w" * 10]) == 2
    assert all_of(one) == [b"x" * 60, b"w" * 10]


def test_what_is_stored_elsewhere_frees_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_SEGMENT_BYTES", 100)
    one = Spool(tmp_path / "s", "me")
    for n in range(100):
        one.append([b"%08d" % n])
    assert one.size_bytes == 900
    one.release(95)
    assert one.size_bytes < 200
    assert one.first <= 96
    one.release(100)
    one.append([b"next"])
    assert (one.last, all_of(one, 100)) == (101, [b"next"])
    one.close()
    again = Spool(tmp_path / "s", "me")
    assert (again.last, all_of(again, 100)) == (101, [b"next"])


def test_a_new_name_numbers_what_is_left_from_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_SEGMENT_BYTES", 20)
    one = Spool(tmp_path / "s", "me")
    for n in range(10):
        one.append([b"%08d" % n])
    one.release(5)
    before = one.label.source
    one.rename()
    assert one.label.source != before
    assert one.label.base == one.first - 1
    one.close()
    assert Spool(tmp_path / "s", "me").label == one.label


def test_a_damaged_label_is_no_spool(tmp_path: Path) -> None:
    Spool(tmp_path / "s", "me").close()
    (tmp_path / "s" / "spool.json").write_text("{")
    with pytest.raises(SpoolError, match="damaged"):
        Spool(tmp_path / "s", "me")


@settings(max_examples=60, deadline=None)
@given(st.lists(records, min_size=1, max_size=12), st.integers(0, 400), st.integers(20, 90))
def test_cut_off_anywhere_the_whole_records_before_are_there(
    groups: list[list[bytes]], cut: int, segment_bytes: int
) -> None:
    """A crash may leave the last file with any of its last bytes missing: no record is half, none is twice."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "_SEGMENT_BYTES", segment_bytes)
        one = Spool(Path(folder) / "s", "me")
        for group in groups:
            if group:
                one.append(group)
        written = [record for group in groups for record in group]
        one.close()
        newest = max((Path(folder) / "s").glob("*" + segment.SUFFIX), default=None)
        if newest is None:
            return
        size = newest.stat().st_size
        with open(newest, "r+b") as file:
            file.truncate(max(size - cut, 0))
        again = Spool(Path(folder) / "s", "me")
        found = all_of(again)
        assert found == written[: len(found)]
        assert again.last == len(found)
        again.append([b"{new}"])
        assert all_of(again) == [*found, b"{new}"]


@settings(max_examples=60, deadline=None)
@given(st.lists(records, min_size=1, max_size=12), st.integers(0, 400), st.integers(20, 90))
def test_records_and_their_note_are_kept_or_lost_together(
    groups: list[list[bytes]], cut: int, segment_bytes: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "_SEGMENT_BYTES", segment_bytes)
        one = Spool(Path(folder) / "s", "me", noted=True)
        done = [0]
        one.summary = lambda: b"%d" % done[0]
        for group in groups:
            one.append(group, b"%d" % (done[0] + 1))
            done[0] += 1
        one.close()
        newest = max((Path(folder) / "s").glob("*" + segment.SUFFIX))
        with open(newest, "r+b") as file:
            file.truncate(max(newest.stat().st_size - cut, 0))
        again = Spool(Path(folder) / "s", "me", noted=True)
        known = int(again.notes[-1]) if again.notes else 0
        assert all_of(again) == [record for group in groups[:known] for record in group]
