"""Messages are alike when they differ by chance only; the telling line of an output is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stampede.model.wording import alike, blocks, last_telling, lines, normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cannot read /data/run1/a.dat", "cannot read /scratch/x/b.dat"),
        ("at 0x7ffd12 line 14", "at 0x55aa line 9"),
        ("task ID0000003 of findrange_ID0000003", "task ID0000017 of findrange_ID0000017"),
        ("Error from slot1_8@node7.example.org: no start", "Error from slot1_12@node31.example.org: no start"),
        ("from <192.0.2.1:9618?addrs=192.0.2.1>", "from <198.51.100.7:9618?addrs=198.51.100.7>"),
    ],
)
def test_what_differs_by_chance_does_not_part_messages(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


def test_different_words_part_messages() -> None:
    assert normalise("no licence") != normalise("no memory")


def test_the_last_line_that_speaks_of_a_failure_tells() -> None:
    assert last_telling("starting\nERROR: no licence\nbye\n") == "ERROR: no licence"
    assert last_telling("PegasusLite: error\n") == ""


def test_lines_of_wrappers_are_left_out() -> None:
    assert lines("#@ 1 stdout\n\n### begin\nmine\n") == ["mine"]


def test_blocks_tell_tasks_and_streams_apart() -> None:
    text = "#@ 1 stdout\none\n#@ 2 stderr\ntwo\n"
    assert blocks(text) == [((1, "stdout"), "one\n"), ((2, "stderr"), "two\n")]


def test_tries_that_said_the_same_but_for_names_and_numbers_are_alike() -> None:
    one = alike("a", None, "a: FATAL: /data/1/x.dat: line 14 is bad%0A")
    other = alike("b", None, "b: FATAL: /data/2/y.dat: line 9 is bad%0A")
    assert one == other
    assert one != alike("a", None, "a: FATAL: no licence%0A")
    assert one != alike("a", None, "a: FATAL: /data/1/x.dat: line 14 is bad%0A", "held by a policy")


def test_the_own_words_of_a_task_come_before_what_it_printed() -> None:
    noisy = "#@ 1 stderr%0Aboom: no licence%0A"
    assert alike("a", noisy, None) == alike("a", "#@ 1 stdout%0Arows 5%0A" + noisy, None)


@given(st.text(max_size=80), st.text(max_size=200), st.text(max_size=200))
def test_any_text_has_a_key_that_a_database_can_hold(name: str, out: str, err: str) -> None:
    assert 0 <= alike(name, out, err) < 1 << 63
