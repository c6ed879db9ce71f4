"""Findings that say the same become one group: messages are compared without what differs by chance."""

from __future__ import annotations

from hashlib import blake2b

from stampede.analysis.finding import Finding
from stampede.model import exits
from stampede.model.wording import normalise


def grouped(findings: list[Finding]) -> list[list[Finding]]:
    """Groups of findings with the same label and, but for names and numbers, the same message or key."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for f in findings:
        groups.setdefault(_key(f), []).append(f)
    return _merged(list(groups.values()))


def identity(group: list[Finding]) -> str:
    """A short name of a group that stays while more is found of the same: ``c`` and 12 hexadecimal digits, so that
    nothing takes it for a number."""
    words = "\0".join(_key(group[0])).encode("utf-8", "replace")
    return "c" + blake2b(words, digest_size=6).hexdigest()


def _key(f: Finding) -> tuple[str, str, str]:
    """What findings of one group have in common."""
    return f.label, f.key or _exit_key(f) + normalise(_without_names(f)), "" if f.node else "workflow"


def _merged(groups: list[list[Finding]]) -> list[list[Finding]]:
    """Tries of one job that ended alike belong together although the output of the earlier ones is lost."""
    kept: list[tuple[list[Finding], set[str]]] = []
    for group in sorted(groups, key=lambda g: (_mute(g), -max(len(f.message) for f in g))):
        nodes = {node for f in group for node in f.nodes}
        same = next((k for k, among in kept if nodes <= among and _same_end(k, group)), None)
        if same is not None:
            same += group
        else:
            kept.append((group, nodes))
    return [group for group, _ in kept]


def _same_end(known: list[Finding], group: list[Finding]) -> bool:
    """Whether the tries of ``group``, all of jobs of ``known``, may be earlier ones that tell nothing of their own."""
    one, other = known[0].one, group[0].one
    if one is None or other is None:
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
