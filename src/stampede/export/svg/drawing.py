"""One picture: elements are added in the order in which they are painted, text is made harmless on its way in."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from stampede.export.svg.palette import style
from stampede.words import clean

#: characters that no XML document may hold, beside those that ``clean`` makes visible; marks that turn text around
_FORBIDDEN = re.compile("[\ufdd0-\ufdef\ufffe\uffff\u200e\u200f\u061c]")
#: classes that are drawn with a pattern, not with a colour alone
PATTERNS: Final = frozenset({"fail", "held"})
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")


def safe(text: str) -> str:
    """Text from outside as it may stand in XML or HTML, between tags or in a quoted attribute.

    Control characters and marks that turn the direction of text are shown, not obeyed.
    """
    return escape(_FORBIDDEN.sub("\ufffd", clean(text)), quote=True)


def isolated(name: str) -> str:
    """A name within a sentence: where it is written from right to left, the sentence around it is not turned."""
    shown = clean(name)
    return f"\u2068{shown}\u2069" if _BEYOND_ASCII.search(shown) else shown


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


class Drawing:
    """An SVG document of a ``name`` (its ids begin with it) that screen readers read by title and description."""

    def __init__(self, name: str, width: float, title: str, description: str) -> None:
        self.name, self.width, self.height = name, width, 0.0
        self._title, self._description = title, description
        self._parts: list[str] = []

    def add(self, element: str) -> None:
        """An element, as it stands."""
        self._parts.append(element)

    def rect(self, x: float, y: float, width: float, height: float, kind: str, *, tip: str = "") -> None:
        """A rectangle of a class of the style sheet, with a text that is shown when it is pointed at."""
        self._shape(
            "rect",
            f'x="{number(x)}" y="{number(y)}" width="{number(max(width, 0.0))}" height="{number(max(height, 0.0))}"',
            kind, tip,
        )  # fmt: skip

    def path(self, d: str, kind: str, *, tip: str = "") -> None:
        """A path; nothing when it is empty."""
        if d:
            self._shape("path", f'd="{d}"', kind, tip)

    def _shape(self, tag: str, place: str, kind: str, tip: str) -> None:
        # what failed or is held has a pattern, whose parts have the class
        dress = f'fill="url(#{self.name}-{kind})"' if kind in PATTERNS else f'class="{kind}"'
        self.add(f"<{tag} {place} {dress}" + (f"><title>{safe(tip)}</title></{tag}>" if tip else "/>"))

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """A line."""
        self.add(f'<path d="M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}" class="{kind}"/>')

    def text(self, x: float, y: float, text: str, kind: str = "", *, anchor: str = "start", tip: str = "") -> None:
        """A line of text whose baseline is at ``y``."""
        place = f' text-anchor="{anchor}"' if anchor != "start" else ""
        given = f' class="{kind}"' if kind else ""
        title = f"<title>{safe(tip)}</title>" if tip else ""
        self.add(f'<text x="{number(x)}" y="{number(y)}"{place}{given}>{title}{safe(text)}</text>')

    def svg(self, *, styled: bool = True) -> str:
        """The document; without ``styled`` for a page that has the style sheet (:func:`palette.style`)."""
        size = f'width="{number(self.width)}" height="{number(self.height)}"'
        sheet = f"<style>{style()}</style>" if styled else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img" {size} '
            f'viewBox="0 0 {number(self.width)} {number(self.height)}" '
            f'aria-labelledby="{self.name}-title {self.name}-desc">'
            f'<title id="{self.name}-title">{safe(self._title)}</title>'
            f'<desc id="{self.name}-desc">{safe(self._description)}</desc>'
            f"{sheet}{self._patterns()}"
            f'<rect width="100%" height="100%" class="paper"/>{"".join(self._parts)}</svg>\n'
        )

    def _patterns(self) -> str:
        return (
            f'<defs><pattern id="{self.name}-fail" width="5" height="5" patternUnits="userSpaceOnUse">'
            '<rect width="5" height="5" class="fail"/><path d="M-1 1L1 -1M0 5L5 0M4 6L6 4" class="hatch"/></pattern>'
            f'<pattern id="{self.name}-held" width="4" height="4" patternUnits="userSpaceOnUse">'
            '<rect width="4" height="4" class="held"/><circle cx="1.5" cy="1.5" r=".8" class="held-dot"/>'
            "</pattern></defs>"
        )
