"""The writer: whatever the text, the document is well-formed and says it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stampede.export.svg.drawing import Drawing, isolated, number, safe

from ..reading import HOSTILE, svg, words


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_is_well_formed_everywhere(text: str) -> None:
    drawing = Drawing("x", 100, text, text)
    drawing.text(0, 0, text, tip=text)
    drawing.rect(0, 0, 1, 1, "run", tip=text)
    drawing.path("M0 0", "run", tip=text)
    svg(drawing.svg())


def test_a_hostile_name_is_text_and_nothing_else() -> None:
    drawing = Drawing("x", 100, HOSTILE, HOSTILE)
    drawing.text(0, 0, HOSTILE, tip=HOSTILE)
    found = words(svg(drawing.svg()))
    assert '<script>alert("1")</script>' in found
    assert not {"\x1b", "\u202e", "\u200f", "\x00"} & set(found)


def test_it_has_a_title_and_a_description_for_screen_readers() -> None:
    root = svg(Drawing("x", 100, "jobs over time", "14 jobs").svg())
    named = {e.attrib["id"]: e.text for e in root.iter() if "id" in e.attrib}
    assert [named[i] for i in root.attrib["aria-labelledby"].split()] == ["jobs over time", "14 jobs"]


def test_names_from_right_to_left_do_not_turn_the_sentence() -> None:
    assert isolated("plain") == "plain"
    assert isolated("שלום") == "\u2068שלום\u2069"


@given(st.floats(-1e6, 1e6))
def test_a_coordinate_is_right_to_a_tenth(value: float) -> None:
    assert abs(float(number(value)) - value) <= 0.0500001


def test_quotes_are_escaped_too() -> None:
    assert safe("a\"b'c<d>&") == "a&quot;b&#x27;c&lt;d&gt;&amp;"
