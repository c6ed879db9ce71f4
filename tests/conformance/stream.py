"""BP event streams compared by which events they hold.

The reader here is its own, small and independent of the one under test: ``name=value`` with the value in double quotes
where it has blanks (a quote inside is written ``\\"``), as the peer writes them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

#: event name, then (attribute, value) of what tells the event from others of its kind
Identity: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]

_PAIR = re.compile(r'([0-9A-Za-z_.\-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))')
#: attributes that name what an event is about; the rest is its content
IDENTITY = frozenset(
    {
        "xwf.id", "subwf.id", "parent.xwf.id", "job.id", "job_inst.id", "js.id", "inv.id", "task.id",
        "parent.task.id", "child.task.id", "parent.job.id", "child.job.id", "lfn.id", "key", "pfn", "type",
        "file_type", "name", "restart_count", "status",
    }
)  # fmt: skip
#: on these the word ``type`` is content
_TYPE_IS_CONTENT = frozenset({"stampede.task.info", "stampede.job.info"})


def attributes(line: str) -> dict[str, str]:
    """The pairs of a line. Of a name that occurs twice the first counts: constant attributes trail the event's own."""
    pairs: dict[str, str] = {}
    for name, quoted, bare in _PAIR.findall(line):
        pairs.setdefault(name, quoted.replace('\\"', '"') or bare)
    return pairs


def identity(line: str) -> Identity:
    """Which event a line is."""
    pairs = attributes(line)
    event = pairs["event"]
    if not event.startswith("stampede."):
        event = "stampede." + event
    named = IDENTITY - {"type"} if event in _TYPE_IS_CONTENT else IDENTITY
    return event, tuple(sorted((name, value) for name, value in pairs.items() if name in named))


def identities(lines: Iterable[str]) -> Counter[Identity]:
    """How often each event occurs in a stream; empty lines don't count."""
    return Counter(identity(line) for line in lines if line.strip())


def difference(ours: Counter[Identity], theirs: Counter[Identity]) -> list[tuple[str, Identity, int]]:
    """Events on one side only: the side, the event, how many more times there."""
    return [
        *(("ours", event, count) for event, count in sorted((ours - theirs).items())),
        *(("theirs", event, count) for event, count in sorted((theirs - ours).items())),
    ]
