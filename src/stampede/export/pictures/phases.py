"""The words and classes of the phases of a try, in the order of a legend."""

from __future__ import annotations

from typing import Final

#: phase -> (class of the style sheet, word)
PHASES: Final[dict[str, tuple[str, str]]] = {
    "pre": ("pre", "PRE script"),
    "queue": ("queue", "in the queue"),
    "held": ("held", "held"),
    "suspended": ("suspended", "suspended"),
    "stage_in": ("stage_in", "on the machine, before the program (files in)"),
    "run": ("run", "runs"),
    "stage_out": ("stage_out", "after the program (files out)"),
    "dagman": ("dagman", "ended, not noticed yet"),
    "post": ("post", "POST script"),
}


def outcome(failed: bool | None, exit_words: str = "") -> str:
    """How a try ended, in words."""
    if failed is None:
        return "has not ended"
    return f"failed{f' ({exit_words})' if exit_words else ''}" if failed else "went well"
