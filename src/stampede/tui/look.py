"""Signs, colours and words of the terminal screen.

A state is told by a sign and a word as well as by a colour. The colours are those that Okabe and Ito chose to be told
apart by everybody (https://jfly.uni-koeln.de/color/).
"""

from __future__ import annotations

from typing import Final

import msgspec

from stampede.query.status import Nodes
from stampede.words import clean, time, to_scale

GREEN, BLUE, ORANGE, RED, PINK, GREY = "#35b779", "#56b4e9", "#e69f00", "#ff7043", "#cc79a7", "#8a8a8a"

#: a piece of text and the style it is drawn in
Piece = tuple[str, str]


class Sign(msgspec.Struct, frozen=True):
    """How a state looks: one character, one for terminals that know ASCII only, a style."""

    glyph: str
    ascii: str
    style: str


SIGNS: Final[dict[str, Sign]] = {
    "running": Sign("►", ">", BLUE),
    "success": Sign("✓", "+", GREEN),
    "done": Sign("✓", "+", GREEN),
    "failed": Sign("✗", "x", f"bold {RED}"),
    "removed": Sign("⊘", "%", f"bold {RED}"),
    "lost": Sign("?", "?", f"bold {RED}"),
    "halted": Sign("‖", "=", f"bold {ORANGE}"),
    "held": Sign("■", "#", f"bold {PINK}"),
    "pre": Sign("◐", "(", BLUE),
    "post": Sign("◑", ")", BLUE),
    "queued": Sign("◌", "o", BLUE),
    "idle": Sign("◌", "o", BLUE),
    "ready": Sign("○", "o", ""),
    "futile": Sign("∅", "0", RED),
    "unready": Sign("·", ".", GREY),
    "unstarted": Sign("·", ".", GREY),
}
_UNKNOWN: Final = Sign(" ", " ", "")


def sign(word: str) -> Sign:
    """The sign of a state."""
    return SIGNS.get(word, _UNKNOWN)


def state(word: str, *, ascii_only: bool = False) -> list[Piece]:
    """A state as sign and word."""
    one = sign(word)
    return [(f"{one.ascii if ascii_only else one.glyph} {word}", one.style)]


def bar(n: Nodes, size: int, *, ascii_only: bool = False) -> list[Piece]:
    """Done, active, failed and the rest, to scale; what there is at all gets at least one column."""
    shares = to_scale((n.done, n.pre + n.queued + n.post, n.failed), n.total, size)
    glyphs = "#>x." if ascii_only else "█▒×·"
    styles = (GREEN, BLUE, f"bold {RED}", GREY)
    return [(glyph * share, style) for glyph, share, style in zip(glyphs, shares, styles, strict=True) if share]


def number(n: int) -> str:
    """A count in four columns: ``-`` for none, ``9,999``, ``12k``, ``3.4M``."""
    if n < 10_000:
        return f"{n:,}" if n else "-"
    return f"{n // 1000}k" if n < 1_000_000 else _cut(n)


def share(done: int, total: int) -> str:
    """``193/2100``; ``36.1k/100k`` where that would be long. What is not all done never looks as if it were."""
    if total < 10_000:
        return f"{done}/{total}"
    return f"{_cut(done)}/{_cut(total)}"


def _cut(n: int) -> str:
    """Three digits and a letter, never more than there are: ``999``, ``1.99k``, ``99.9k``, ``2M``."""
    if n < 1000:
        return str(n)
    for unit, factor in (("k", 1000), ("M", 1_000_000), ("G", 1_000_000_000)):
        if n < factor * 1000:
            decimals = 2 if n < factor * 10 else 1 if n < factor * 100 else 0
            text = f"{n * 10**decimals // factor / 10**decimals:.{decimals}f}"
            return (text.rstrip("0").rstrip(".") if decimals else text) + unit
    return f"{n // 1_000_000_000}G"


def span(seconds: float | None) -> str:
    """A duration in six columns: ``3 s``, ``5m12s``, ``2h05m``, ``3d04h``, ``264d``; ``-`` for None."""
    if seconds is None:
        return "-"
    if seconds < 0:
        return "-" + span(-seconds)
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, hours = whole // 60, whole // 3600
    if whole < 3600:
        return f"{minutes}m{whole % 60:02d}s"
    if hours < 24:
        return f"{hours}h{minutes % 60:02d}m"
    return f"{hours // 24}d{hours % 24:02d}h" if hours < 2400 else f"{hours // 24}d"


def when(ts: float | None, now: float) -> str:
    """A time in eleven columns: ``21:34:08`` within a day of now, ``11-21 21:34`` within half a year, else the date."""
    told = time(ts)
    if ts is None or len(told) < 19:
        return told
    if abs(now - ts) < 86_400 and told[:10] == time(now)[:10]:
        return told[11:19]
    return told[5:16] if abs(now - ts) < 180 * 86_400 else told[:10]


def rate(per_min: float | None) -> str:
    """Nodes per minute: ``0``, ``2.5``, ``140``, ``1.2k``; ``-`` when it is not known."""
    if per_min is None:
        return "-"
    if per_min < 10:
        return f"{per_min:.1f}".removesuffix(".0")
    return _cut(round(per_min))


def one_line(text: str) -> str:
    """Text from outside for one line of the screen: nothing in it steers the terminal, and it has no ends of lines."""
    return clean(" ".join(text.split("\n"))).replace("\t", " ")
