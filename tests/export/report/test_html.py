"""HTML from values: text is escaped once, tables can be sorted by what they mean."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stampede.export.report.html import Cell, Html, element, joined, name, page, table, text

from ..reading import HOSTILE
from ..reading import page as read


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_stays_text_wherever_it_stands(value: str) -> None:
    body = element("main", element("p", value, title=value), name(value), table([(value, "")], [[Cell(value, value)]],
                                                                               caption=value))  # fmt: skip
    found = read(page(value, body))
    assert found.tags.count("script") == 1
    assert found.tags.count("td") == 1


def test_what_is_html_is_not_escaped_again() -> None:
    assert element("p", element("b", "a<b")) == "<p><b>a&lt;b</b></p>"
    assert joined([Html("<i>x</i>"), "y & z"], ", ") == "<i>x</i>, y &amp; z"
    assert text(3) == "3"


def test_attributes_are_quoted_and_named_as_in_html() -> None:
    assert element("a", "x", class_="b", data_key='"', aria_label="l") == (
        '<a class="b" data-key="&quot;" aria-label="l">x</a>'
    )


def test_a_hostile_name_is_isolated_and_shown() -> None:
    shown = name(HOSTILE)
    assert shown.startswith("<bdi>&lt;/title&gt;&lt;script&gt;")
    assert not {"\x1b", "\u202e", "\u200f"} & set(shown)


def test_a_page_needs_nothing_from_outside() -> None:
    written = page("t", Html(""))
    read(written)
    assert "default-src &#x27;none&#x27;" in written or "default-src 'none'" in written
    assert "@import" not in written
    assert "url(http" not in written
