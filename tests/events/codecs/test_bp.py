"""BP lines are taken as NetLogger takes them; the fast ways and the regular expression agree."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.errors import DecodeError
from stampede.events.codecs import bp

CONTEXT = "root.xwf.id=w dax=/x.yml dag=x.dag wf.ts=1 submit.dir=/r pegasus.version=5 submit.hostname=h wf.user=u"


def parse(line: str) -> tuple[dict[str, Any], list[str]]:
    junk: list[str] = []
    return bp.parse(line, junk), junk


@pytest.mark.parametrize(
    "line, record",
    [
        ("a=1 b=2", {"a": "1", "b": "2"}),
        ('a="x y" b=2', {"a": "x y", "b": "2"}),
        ('a="" b=', {"a": "", "b": ""}),
        (r'a="say \"hi\" now" b=2', {"a": 'say "hi" now', "b": "2"}),
        (r'a="C:\new\table" b=2', {"a": r"C:\new\table", "b": "2"}),
        (r'a="ends with \" b=2', {"a": "ends with \\", "b": "2"}),
        (r"a=C:\new b=2", {"a": r"C:\new", "b": "2"}),
        ("a=k=v b=2", {"a": "k=v", "b": "2"}),
        ('a="k=v" b=2', {"a": "k=v", "b": "2"}),
        ("a=None b=null", {"a": None, "b": None}),
        ('a="None" b="null"', {"a": "None", "b": "null"}),
        ("a=Nonesuch b=2", {"a": "Nonesuch", "b": "2"}),
        ("  a=1   b=2", {"a": "1", "b": "2"}),
        ("a=1\tb=2", {"a": "1", "b": "2"}),
        ('job_inst.id="7" x-y=1', {"job_inst.id": "7", "x-y": "1"}),
        ("a=%0A", {"a": "%0A"}),
    ],
)
def test_lines_are_read_by_the_rules(line: str, record: dict[str, Any]) -> None:
    found, junk = parse(line)
    assert found == record
    assert junk == []


@pytest.mark.parametrize(
    "line, record, junk",
    [
        ("a=1 words b=2", {"a": "1", "b": "2"}, ["words"]),
        ('a="x"y b=2', {"a": "x", "b": "2"}, ["y"]),
        ('a=1 b="open', {"a": "1", "b": ""}, ['"open']),
        ('a=1 "loose" b=2', {"a": "1", "b": "2"}, ['"loose"']),
    ],
)
def test_what_is_no_pair_is_reported(line: str, record: dict[str, Any], junk: list[str]) -> None:
    assert parse(line) == (record, junk)


@pytest.mark.parametrize("line", ["", "   ", "words", '"quoted"', "\x00\x00", "\t"])
def test_a_line_without_pairs_cannot_be_decoded(line: str) -> None:
    with pytest.raises(DecodeError):
        parse(line)


_names = st.sampled_from(["a", "b.c", "d_e", "event"])
_values = st.sampled_from(
    ["1", '"x y"', '""', "None", '"None"', r"\n", r'"q \" q"', '"a=b"', "k=v", '"', "é", "\u00a0"]
)
_gaps = st.sampled_from([" ", " ", "  ", "\t", " junk ", ""])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(_gaps, _names, _values), min_size=1, max_size=6), st.booleans())
def test_the_fast_ways_agree_with_the_regular_expression(parts: list[tuple[str, str, str]], context: bool) -> None:
    line = "".join(f"{gap}{name}={value}" for gap, name, value in parts).strip()
    line += f" {CONTEXT}" if context else ""
    slow_junk: list[str] = []
    slow = bp._parse_any(line, slow_junk)
    found, junk = parse(line)
    if "\u00a0" not in line and "" not in {gap for gap, _, _ in parts}:
        assert (found, junk) == (slow, slow_junk)


def test_repeated_context_is_copied_not_shared() -> None:
    first, _ = parse(f"a=1 {CONTEXT}")
    first["wf.user"] = "changed"
    second, _ = parse(f"a=2 {CONTEXT}")
    assert second["wf.user"] == "u"
    assert second["a"] == "2"


def test_context_inside_quotes_is_text() -> None:
    found, junk = parse(f'a="before {CONTEXT}" b=1')
    assert found == {"a": f"before {CONTEXT}", "b": "1"}
    assert junk == []


def test_the_memory_of_contexts_is_bounded() -> None:
    for i in range(1000):
        parse(f"a=1 {CONTEXT}{i}")
    assert len(bp._CONTEXTS) <= 256


def test_a_long_hostile_line_takes_linear_time() -> None:
    for line in ('a="' * 50_000, 'a="\\"' + '\\"' * 100_000, "a=" * 50_000, '"' * 100_001 + "a=1"):
        parse(line)
