"""A text of any size is the same rows wherever one begins to read, and is never read as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.tui import longtext
from stampede.tui.longtext import START, File, LongText, Stored, wrapped


class Counted:
    """A source that tells how much of it was read; ``unit`` is repeated up to a size."""

    prose = False

    def __init__(self, unit: bytes, times: int) -> None:
        self._unit, self._times = unit, times
        self.taken = 0

    def size(self) -> int:
        return len(self._unit) * self._times

    def read(self, offset: int, n: int) -> bytes:
        n = max(min(n, self.size() - offset), 0)
        self.taken += n
        first = offset // len(self._unit)
        data = self._unit * (n // len(self._unit) + 2)
        return data[offset - first * len(self._unit) :][:n]


def everything(text: LongText) -> list[tuple[longtext.Place, str]]:
    return text.rows(START, 1 << 20)


@pytest.fixture
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(longtext, "BLOCK", 16)


LINES = st.lists(st.text(st.sampled_from("AZ \té€😀\x1b\r"), max_size=70), max_size=12)


@pytest.mark.usefixtures("_small_blocks")
@given(lines=LINES, width=st.integers(1, 9), ended=st.booleans())
@settings(deadline=None)
def test_rows_put_together_are_the_text(lines: list[str], width: int, ended: bool) -> None:
    stored = Stored("\n".join(lines) + ("\n" if ended else ""))
    shown = "".join(row for _, row in everything(LongText(stored, width)))
    assert [c for c in shown if c in "AZ"] == [c for c in "".join(lines) if c in "AZ"]
    assert shown.count("\\x1b") == "".join(lines).count("\x1b")
    assert "\x1b" not in shown
    assert "\r" not in shown


@pytest.mark.usefixtures("_small_blocks")
@given(lines=LINES, width=st.integers(1, 9), data=st.data())
@settings(deadline=None)
def test_going_back_finds_the_rows_that_were_met_on_the_way(lines: list[str], width: int, data: st.DataObject) -> None:
    text = LongText(Stored("\n".join(lines)), width)
    places = [place for place, _ in everything(text)]
    if not places:
        return
    at = data.draw(st.integers(0, len(places) - 1))
    n = data.draw(st.integers(0, len(places) + 2))
    assert text.back(places[at], n) == places[max(at - n, 0)]
    assert text.forward(places[at], n) == places[min(at + n, len(places) - 1)]
    assert text.last_page(n) == places[max(len(places) - n, 0)] if n else True
    assert [place for place, _ in text.rows(places[at], n)] == places[at : at + n]


@pytest.mark.parametrize("unit", [b"0123456789abcde\n", b"x" * 64], ids=["lines", "one line"])
def test_a_text_of_many_gigabytes_is_read_in_pieces(unit: bytes) -> None:
    source = Counted(unit, (64 << 30) // len(unit))
    text = LongText(source, 80)
    end = text.last_page(40)
    assert len(text.rows(end, 40)) == 40
    assert text.back(end, 40) < end
    assert text.rows((text.size // 2 // len(unit) * len(unit), 0), 40)
    assert source.taken < 100 * longtext.BLOCK


def test_a_line_of_tabs_is_laid_out_at_once() -> None:
    assert wrapped("a\tb\t\tc", 80) == ["a       b               c"]
    assert len("".join(wrapped("\t" * 100_000, 80))) == 800_000


def test_wide_characters_are_never_cut() -> None:
    assert wrapped("日本語テキスト", 5) == ["日本", "語テ", "キス", "ト"]


def test_prose_ends_between_words_and_goes_on_under_itself() -> None:
    assert wrapped("held: the disk is full", 12, prose=True) == ["held: the", "  disk is", "  full"]
    assert wrapped("", 12, prose=True) == [""]


def test_a_hit_is_the_next_line_that_has_it_in_any_case() -> None:
    text = LongText(Stored("Error one\nfine\nERROR two\nfine\n"), 80)
    first = text.find("error", START)
    assert first is not None
    assert text.rows(first, 1)[0][1] == "ERROR two"
    assert text.find("error", first) is None


@pytest.mark.usefixtures("_small_blocks")
def test_a_hit_across_two_blocks_is_found() -> None:
    text = LongText(Stored("head\n" + "y" * (16 * longtext.BLOCK - 8) + "\nneedle\n"), 80)
    found = text.find("needle", START)
    assert found is not None
    assert text.rows(found, 1)[0][1] == "needle"


def test_a_file_that_grows_is_longer_when_it_is_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("one\n")
    text = LongText(File(str(path)), 80)
    with path.open("a") as file:
        file.write("two\n")
    assert [row for _, row in everything(text)] == ["one"]
    text.again()
    assert [row for _, row in everything(text)] == ["one", "two"]


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="no regular file"):
        LongText(File(str(tmp_path / "pipe")), 80)
