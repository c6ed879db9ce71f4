"""Which line of an output says why something failed, and what two messages have in common.

Pure text: the loader keeps a key of it with every try that went wrong (``alike``), so that tries which failed alike are
counted together without reading what they said.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from urllib.parse import unquote

#: what the store puts before the output of each task of a try
MARK = re.compile(r"#@ (\d+) (stdout|stderr)\n")
NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded|ENOSPC|errno 28\b|errno=28\b|\[Errno 28\]", re.I)
#: PegasusLite says in which part of a job it is; the last of these lines tells where it failed
LITE_STAGE = re.compile(r"\[Pegasus Lite\] (Staging in|Executing the user task|Staging out)", re.I)

_PATH = re.compile(r"(?:/[\w.+@:%~=-]+){2,}")
#: a word with a digit in it: a number, an address, the name of a slot, machine, file or node that is one of many
_COUNTED = re.compile(r"[\w.:@+-]*\d[\w.:@+-]*")
_NOISE = re.compile(
    r"^(?:#@ \d+ std(?:out|err)|\s*|PegasusLite: .*|\d{4}-\d\d-\d\d .*(?:User task failed|Job launched).*|#+.*"
    r"|pegasus-cluster: unable to become process group leader.*)$"
)
_TELLING = re.compile(
    r"error|fatal|fail|exception|traceback|denied|missing|cannot|can't|unable|not found|no such|killed|invalid|"
    r"segmentation|abort|timed? ?out|refused|no space",
    re.I,
)
#: characters at the end of an output in which the telling line is looked for
_TAIL = 6000
_MOST = 300


def normalise(message: str) -> str:
    """A message without what differs from one occurrence to the next: paths, numbers, addresses, numbered names."""
    return _COUNTED.sub("N", _PATH.sub("P", message))[:160]


def lines(text: str) -> list[str]:
    """The lines of an output that somebody wrote, without those of wrappers."""
    return [line.strip() for line in text.splitlines() if not _NOISE.match(line.strip())]


def last_telling(text: str) -> str:
    """The last line that speaks of a failure; empty when none does."""
    for line in reversed(text.splitlines()):
        stripped = line.strip()
        if _TELLING.search(stripped) and not _NOISE.match(stripped):
            return stripped[:_MOST]
    return ""


def last_line(text: str) -> str:
    """The last line that speaks of a failure, or the last of all."""
    return last_telling(text) or (lines(text) or [""])[-1][:_MOST]


def blocks(text: str) -> list[tuple[tuple[int, str], str]]:
    """The output of each task: its number and stream, and what it said."""
    parts = MARK.split(text)
    return [((int(parts[i]), parts[i + 1]), parts[i + 2]) for i in range(1, len(parts) - 2, 3)]


def alike(name: str, stdout: str | None, stderr: str | None, *reasons: str | None) -> int:
    """A number that tries have in common when they said the same but for names and numbers.

    ``name`` is that of the job; the outputs are as events carry them, percent-encoded. ``reasons`` are those of a hold
    or removal. It is only good for comparing: 63 bits of a hash.
    """
    out, err = _tail(stdout), _tail(stderr)
    own = [text for (_, stream), text in blocks(out) if stream == "stderr"]
    said = [last_telling(text) or last_line(text) for text in (*own[-1:], err)]
    stage = LITE_STAGE.findall(err)
    parts = [normalise(_nameless(part, name)) for part in (*said, *(r or "" for r in reasons))]
    if not any(said):
        parts.append(normalise(_nameless(last_line(out), name)))
    parts += [stage[-1] if stage else "", "full" if NO_SPACE.search(out) or NO_SPACE.search(err) else ""]
    return int.from_bytes(blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=8).digest()) >> 1


def _nameless(text: str, name: str) -> str:
    """The text without the job's own name, unless that is numbered, which ``normalise`` takes care of."""
    if not name or name not in text or any(c.isdigit() for c in name):
        return text
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "J", text)


def _tail(text: str | None) -> str:
    return unquote(text[-_TAIL:], errors="replace") if text else ""
