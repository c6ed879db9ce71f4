"""Colours: text can be read (WCAG 2.2, contrast AA), and what is beside each other can be told apart."""

from __future__ import annotations

import itertools
import re
from importlib import resources

import pytest

from stampede.export.svg.palette import DOING, INK, MUTED, PAPER, SERIES


def _channels(colour: str) -> list[float]:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * d for d in digits)
    return [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]


def _luminance(colour: str) -> float:
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """The ratio that WCAG 2.2 defines."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_of_pictures_can_be_read(theme: str) -> None:
    paper = getattr(PAPER, theme)
    assert contrast(getattr(INK, theme), paper) >= 7
    assert contrast(getattr(MUTED, theme), paper) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_runs_and_what_fails_stands_out_of_the_paper(theme: str) -> None:
    """Graphics need 3:1 (WCAG 1.4.11)."""
    paper = getattr(PAPER, theme)
    for name in ("run", "fail", "pre", "post"):
        assert contrast(getattr(DOING[name], theme), paper) >= 3, name


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_two_kinds_share_a_colour_nor_that_of_failure(theme: str) -> None:
    colours = [getattr(c, theme) for c in SERIES] + [getattr(DOING["fail"], theme)]
    for one, other in itertools.combinations(colours, 2):
        apart = sum((a - b) ** 2 for a, b in zip(_channels(one), _channels(other), strict=True)) ** 0.5
        assert apart > 0.15, (one, other)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_of_pages_can_be_read(theme: int) -> None:
    css = resources.files("stampede.export.report").joinpath("style.css").read_text()
    themes = [dict(re.findall(r"--(\w+):(#\w+)", block)) for block in re.findall(r":root\{([^}]*)\}", css)]
    colours = themes[theme]
    for ground in ("paper", "card"):
        for name in ("ink", "muted", "link", "good", "bad", "busy"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
