"""Patterns of topics: words with dots between; ``*`` is any one word, ``#`` any number (AMQP 0-9-1, 3.1.3.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from stampede.errors import UsageError
from stampede.events.catalogue import EVENTS

PREFIX: Final = "stampede."
_WORD = re.compile(r"[A-Za-z0-9_*#-]+\Z")
_LONGEST: Final = 255

#: how much of a run is told: beginnings of names of events; none: all of them
LEVELS: Final[dict[str, tuple[str, ...]]] = {
    "workflow": ("stampede.wf.plan", "stampede.xwf.", "stampede.anomaly.", "stampede.problem"),
    "job": (
        "stampede.wf.plan", "stampede.xwf.", "stampede.anomaly.", "stampede.problem", "stampede.job.state",
        "stampede.job_inst.submit.", "stampede.job_inst.held.", "stampede.job_inst.main.", "stampede.job_inst.post.end",
        "stampede.job_inst.abort.", "stampede.job_inst.pre.end",
    ),
    "all": (),
}  # fmt: skip


def pattern(text: str) -> str:
    """A pattern as the bus takes it: ``stampede.`` may be left out. Raises UsageError for what is none."""
    words = text.strip().split(".")
    if not all(_WORD.match(word) for word in words) or len(text) > _LONGEST:
        raise UsageError(f"{text[:80]!r} is no pattern: names of events, with * for one word and # for any number.")
    known = text.strip().startswith((PREFIX, "#")) or words == ["*"]
    return text.strip() if known else PREFIX + text.strip()


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether a topic is like one of the patterns."""
    compiled = re.compile("|".join(f"(?:{_expression(one)})\\Z" for one in patterns))
    return lambda topic: compiled.match(topic) is not None


def wanted_names(patterns: Sequence[str], level: str) -> frozenset[str]:
    """The names of the catalogue that patterns and a level let through."""
    like, beginnings = matcher(patterns), LEVELS[level]
    return frozenset(n for n in EVENTS if like(n) and (not beginnings or n.startswith(beginnings)))


def _expression(text: str) -> str:
    """The pattern as a regular expression over the topic."""
    words = [word for n, word in enumerate(text.split(".")) if word != "#" or n == 0 or text.split(".")[n - 1] != "#"]
    if words == ["#"]:
        return ".*"
    # any number of words at the beginning have their dots behind them, elsewhere before them
    found, dot = ("(?:[^.]+\\.)*", "") if words[0] == "#" else ("", "")
    for word in words[1:] if words[0] == "#" else words:
        if word == "#":
            found += r"(?:\.[^.]+)*"
        else:
            found += dot + (r"[^.]+" if word == "*" else re.escape(word))
        dot = r"\."
    return found
