"""Patterns of topics, as AMQP has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.bus.topics import LEVELS, matcher, pattern, wanted_names
from stampede.errors import UsageError

_WORDS = st.lists(st.sampled_from(["a", "b", "job_inst"]), min_size=1, max_size=4)
_PATTERNS = st.lists(st.sampled_from(["a", "b", "job_inst", "*", "#"]), min_size=1, max_size=4)


def _like(words: list[str], wanted: list[str]) -> bool:
    """The definition, word by word."""
    if not wanted:
        return not words
    if wanted[0] == "#":
        return any(_like(words[n:], wanted[1:]) for n in range(len(words) + 1))
    return bool(words) and wanted[0] in ("*", words[0]) and _like(words[1:], wanted[1:])


@given(_WORDS, _PATTERNS)
def test_a_topic_is_like_a_pattern_as_the_definition_says(words: list[str], wanted: list[str]) -> None:
    assert matcher([".".join(wanted)])(".".join(words)) == _like(words, wanted)


def test_one_of_several_patterns_is_enough() -> None:
    like = matcher(["stampede.xwf.*", "stampede.job.#"])
    assert [like(t) for t in ("stampede.xwf.end", "stampede.job.info", "stampede.inv.end")] == [True, True, False]


@pytest.mark.parametrize(
    "given, found",
    [("job_inst.main.*", "stampede.job_inst.main.*"), ("#", "#"), ("stampede.xwf.end", "stampede.xwf.end"),
     ("#.end", "#.end")],
)  # fmt: skip
def test_the_prefix_may_be_left_out(given: str, found: str) -> None:
    assert pattern(given) == found


@pytest.mark.parametrize("text", ["", "a..b", "a b", "x" * 300, "ä"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        pattern(text)


def test_levels_hold_each_other() -> None:
    workflow, job, everything = (wanted_names(["#"], level) for level in LEVELS)
    assert workflow < job < everything
    assert "stampede.xwf.end" in workflow
    assert "stampede.job_inst.main.end" in job - workflow
