"""The causes that triage names and the rules that recognise them, read from ``rules.toml`` when first asked for.

The file says what each field means. What is more than a pattern (which fact comes before which, what is a consequence
of what) is the code of ``judge``, ``engine``, ``pool`` and ``pace``.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

import msgspec


class CauseKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of cause in words: a heading, what it means, the next step, and whether trying again can help.

    ``command`` has ``{names}`` for what the sample has; ``under`` makes it a closer word for other labels; ``seen`` is
    what it rests on.
    """

    label: str
    title: str
    means: str
    next: str
    command: str = ""
    retry: bool = True
    under: list[str] = []
    seen: list[str] = []


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What makes a fact of a place (output, hold reason …) point to a label. The first rule that applies counts."""

    id: str
    place: str
    label: str
    seen: str
    match: str = ""
    unless: str = ""
    codes: list[int] = []
    says: str | None = None
    exits: list[int] = []

    def applies(self, text: str, code: int | None = None) -> bool:
        """Whether the text (and the hold code, None when it is unknown or in no rule) is what the rule looks for."""
        if code is not None and (self.codes or self.says is not None):
            if code not in self.codes:
                return False
        elif (self.codes and self.says is None) or (self.says and not _pattern(self.says).search(text)):
            return False
        if self.match and not _pattern(self.match).search(text):
            return False
        return not (self.unless and _pattern(self.unless).search(text))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.I)


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(resources.files("stampede.analysis").joinpath("rules.toml").read_text(encoding="utf-8"))


@cache
def causes() -> dict[str, CauseKind]:
    """All kinds of causes by label, in the order of the file."""
    return {kind.label: kind for kind in msgspec.convert(_file()["cause"], list[CauseKind])}


@cache
def rules() -> list[Rule]:
    """All rules, in the order of the file."""
    return msgspec.convert(_file()["rule"], list[Rule])


@cache
def _of_place(place: str) -> list[Rule]:
    return [rule for rule in rules() if rule.place == place]


@cache
def _ruled_codes() -> frozenset[int]:
    return frozenset(code for rule in rules() for code in rule.codes)


def first(place: str, text: str, *, code: int | None = None) -> Rule | None:
    """The first rule of a place that applies to a text; None when none does.

    A hold code that is in no rule counts as unknown.
    """
    known = code if code in _ruled_codes() else None
    return next((rule for rule in _of_place(place) if rule.applies(text, known)), None)


def first_of_exit(text: str, exit_code: int | None, *, started: bool = True) -> Rule | None:
    """The first rule for an exit code and what was said with it; what was not ``started`` said nothing."""
    for rule in _of_place("exit"):
        if not started or (exit_code in rule.exits and rule.applies(text)):
            return rule
    return None


def closer(label: str, text: str) -> str:
    """A closer word than the label, where the text gives one: ``out_of_memory`` for a signal; else the label."""
    for rule in _of_place("closer"):
        if label in causes()[rule.label].under and rule.applies(text):
            return rule.label
    return label
