"""Colours, by what they mean.

Hues are those of Okabe and Ito (2008) and of Paul Tol's muted scheme, which people with any of the usual colour
deficiencies can tell apart. Failure is vermilion **and** hatched, what is held is dotted: neither hangs on hue alone.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Colour(NamedTuple):
    """A colour on white and one on black."""

    light: str
    dark: str


PAPER: Final = Colour("#ffffff", "#14181d")
INK: Final = Colour("#1b1f24", "#e8eaed")
MUTED: Final = Colour("#4f5863", "#aab2bb")
GRID: Final = Colour("#e1e5ea", "#2c343d")
EDGE: Final = Colour("#8a939e", "#79828d")

#: what jobs do
DOING: Final[dict[str, Colour]] = {
    "waiting": Colour("#e4e7eb", "#2a3139"),
    "ready": Colour("#f3e9b6", "#6b6333"),
    "pre": Colour("#aa4499", "#cf86c4"),
    "queue": Colour("#ddcc77", "#b5a550"),
    "held": Colour("#e58fb1", "#e58fb1"),
    "suspended": Colour("#999933", "#b3b34d"),
    "stage_in": Colour("#88ccee", "#88ccee"),
    "run": Colour("#0072b2", "#3f9ddb"),
    "stage_out": Colour("#44aa99", "#44aa99"),
    "dagman": Colour("#b5bbc3", "#5d6771"),
    "post": Colour("#882255", "#c46a9b"),
    "done": Colour("#8fd0c0", "#2b7f6f"),
    "fail": Colour("#d55e00", "#ff7f2a"),
}

#: kinds told apart: no vermilion among them; the last is for all others
SERIES: Final[tuple[Colour, ...]] = (
    Colour("#0072b2", "#3f9ddb"),
    Colour("#e69f00", "#e6a91f"),
    Colour("#009e73", "#22b58b"),
    Colour("#88ccee", "#88ccee"),
    Colour("#aa4499", "#cf86c4"),
    Colour("#b8a800", "#d6c94a"),
    Colour("#6a51a3", "#9d88d0"),
    Colour("#8a939e", "#79828d"),
)

FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', Helvetica, Arial, sans-serif"


def _rules() -> list[tuple[str, str, Colour]]:
    found = [
        (".paper", "fill", PAPER), ("text", "fill", INK), (".muted", "fill", MUTED), (".grid", "stroke", GRID),
        (".axis", "stroke", EDGE), (".ink", "stroke", INK), (".gap", "stroke", PAPER), (".dot", "fill", INK),
        (".hatch", "stroke", PAPER), (".cross", "stroke", DOING["fail"]), (".mark", "fill", DOING["fail"]),
        (".held-dot", "fill", INK),
    ]  # fmt: skip
    found += [(f".{name}", "fill", colour) for name, colour in DOING.items()]
    found += [(f".k{i}", "fill", colour) for i, colour in enumerate(SERIES)]
    return found


def style() -> str:
    """The style sheet of all pictures; every rule is below ``svg.picture``, so that a page may hold it once."""
    light = "".join(f"svg.picture {which}{{{what}:{c.light}}}" for which, what, c in _rules())
    dark = "".join(f"svg.picture {which}{{{what}:{c.dark}}}" for which, what, c in _rules())
    return (
        f"svg.picture{{font-family:{FONT}}}"
        "svg.picture text{font-size:12px;unicode-bidi:plaintext}"
        "svg.picture text.title{font-size:17px;font-weight:600}"
        "svg.picture text.head{font-size:13px;font-weight:600}"
        "svg.picture text.small{font-size:10.5px}"
        "svg.picture text.number{font-variant-numeric:tabular-nums}"
        "svg.picture .line{fill:none;stroke-width:1.5}"
        "svg.picture .grid,svg.picture .axis{stroke-width:1;fill:none}"
        "svg.picture .hatch{stroke-width:1.6}"
        "svg.picture .cross{stroke-width:1.8;fill:none}"
        "svg.picture .soft{opacity:.35}"
        "svg.picture .hit{fill:transparent}"
        f"{light}@media (prefers-color-scheme: dark){{{dark}}}"
    )
