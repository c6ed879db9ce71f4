"""Values of records, and YAML read as text."""

from __future__ import annotations

import pytest

from stampede.model.exits import UNKNOWN, exited, signalled
from stampede.sources.pegasus.scalars import epoch, exit_of, integer, number, repaired, unescape, utc_offset, yes
from stampede.sources.pegasus.yamltext import YamlTextError, load_text


def test_stamps() -> None:
    assert epoch("2026-11-21T21:23:25.399+00:00") == 1795296205.399
    assert epoch("20261121T132325-0800") == 1795296205.0
    assert epoch("2026-11-21T21:23:25Z") == 1795296205.0
    assert [
        epoch(text) for text in (None, "", "2026-11-21T21:23:25", "soon", "9" * 5000, "0001-01-01T00:00:00+14:00")
    ] == ([None] * 5 + [-62135647200.0])
    assert utc_offset("20261121T132325-0800") == -28800
    assert utc_offset("x") is None


def test_numbers_that_are_none() -> None:
    assert [integer(text) for text in ("7", " -3 ", "1.5", "", None, "9" * 30, "nan")] == [7, -3] + [None] * 5
    assert [number(text) for text in ("7.5", "1e3", "nan", "inf", "", None, "x")] == [7.5, 1000.0] + [None] * 5
    assert [yes(text) for text in ("True", "true", "1", "False", "", None, 1)] == [True] * 3 + [False] * 4


def test_escapes() -> None:
    assert unescape(r"a\"b\\c\td\x41\u00e9\U0001F600\q") == 'a"b\\c\tdA\u00e9\U0001f600q'
    assert unescape(r"\ud800\U00110000") == "\ufffd\ufffd"
    assert repaired("gr\xc3\xbcn \xff") == "gr\u00fcn \ufffd"


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [(None, UNKNOWN), (0, exited(0)), (256, exited(1)), (-127, exited(-127)), (9, signalled(9)), (139, signalled(11)),
     (4991, signalled(19))],
)  # fmt: skip
def test_exits(raw: int | None, outcome: object) -> None:
    assert exit_of(raw) == outcome
    assert exit_of(raw) == outcome


def test_yaml_scalars_stay_text_and_plain_null_is_none() -> None:
    assert load_text('a: 0123\nb: 2026-01-01\nc: null\nd: "null"\ne: [~, yes]\nf:\n') == {
        "a": "0123", "b": "2026-01-01", "c": None, "d": "null", "e": [None, "yes"], "f": None,
    }  # fmt: skip
    assert load_text("") is None
    assert load_text("a: \x1b[1m") == {"a": "\ufffd[1m"}


@pytest.mark.parametrize("text", ["[" * 100_000, "a: &x 1\nb: *x", "[", "? [a]\n: b", "a: b: c"])
def test_yaml_that_is_refused(text: str) -> None:
    with pytest.raises(YamlTextError):
        load_text(text)
