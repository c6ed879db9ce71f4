"""Findings that say the same become one group: messages are compared without what differs by chance."""

from __future__ import annotations

import re

from stampede.analysis.finding import Finding
from stampede.model import exits

_NUMBER = re.compile(r"\b(?:0x)?[0-9a-f]*\d[0-9a-f]*\b", re.I)
_PATH = re.compile(r"(?:/[\w.+@:%~-]+){2,}|\b(?:[\w-]+_)?ID\d+\b")


def normalise(message: str) -> str:
    """A message without what differs from one occurrence to the next: paths, numbers, addresses."""
    return _NUMBER.sub("N", _PATH.sub("P", message))[:160]


def grouped(findings: list[Finding]) -> list[list[Finding]]:
    """Groups of findings with the same label and, but for names and numbers, the same message or key."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for f in findings:
        raw = f.key or _exit_key(f) + normalise(_without_names(f))
        groups.setdefault((f.label, raw, "" if f.node else "workflow"), []).append(f)
    return _merged(list(groups.values()))


def _merged(groups: list[list[Finding]]) -> list[list[Finding]]:
    """Tries of one job that ended alike belong together although the output of the earlier ones is lost."""
    kept: list[list[Finding]] = []
    for group in sorted(groups, key=lambda g: (_mute(g), -max(len(f.message) for f in g))):
        same = next((k for k in kept if _same_end(k, group)), None)
        if same is not None:
            same += group
        else:
            kept.append(group)
    return kept


def _same_end(known: list[Finding], group: list[Finding]) -> bool:
    """Whether the tries of ``group`` are earlier ones of the jobs of ``known``, with nothing of their own to say."""
    one, other = known[0].one, group[0].one
    if one is None or other is None or not {f.node for f in group} <= {f.node for f in known}:
        return False
    if one.main_exitcode == other.main_exitcode:
        return known[0].label == group[0].label or (_mute(group) and bool(one.main_exitcode))
    if known[0].label != "exit_code" or not _mute(group) or any(f.one is not None and f.one.is_last for f in group):
        return False
    for f in group:
        f.consequences = [*f.consequences, f"an earlier try ended with {exits.from_raw(other.main_exitcode)}"]
    return True


def _mute(group: list[Finding]) -> bool:
    """Whether nothing is known of these tries but their exit: a later try wrote over their output."""
    return all(
        f.label == "exit_code" and f.one is not None and not f.one.stderr.strip() and not f.one.stdout.strip()
        and f.task is None
        for f in group
    )  # fmt: skip


def _exit_key(f: Finding) -> str:
    return "" if f.one is None else f"{f.one.main_exitcode if not f.task else ''}|"


def _without_names(f: Finding) -> str:
    text = f.message
    for name in filter(None, (f.one.job if f.one else None, f.node.split("/")[-1], f.task)):
        text = text.replace(name, "J")
    return text
