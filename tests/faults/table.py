"""What came of the faults, as a table.

``python -m tests.faults.table`` plays the long form (320 kills, or what ``STAMPEDE_FAULTS_KILLS`` says) and prints the
table as Markdown.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .lab import Outcome

#: set, the table is Markdown
MARKDOWN = "STAMPEDE_FAULTS_MARKDOWN"
_HEAD = (
    "fault", "runs", "tries", "rows", "lost", "doubled", "differing tables", "recovery p50 s", "max s",
)  # fmt: skip
_TEXT = (0, 6)


class Line(NamedTuple):
    """A fault, and what came of it; None when the test did not come to its end."""

    name: str
    outcome: Outcome | None


def rendered(lines: list[Line], *, markdown: bool) -> str:
    """The table: one line a fault, over all tests of it, and one for all."""
    names = sorted({line.name for line in lines})
    rows = [_HEAD, *(_row(name, [x for x in lines if x.name == name]) for name in names), _row("all", lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    out = []
    for row in rows:
        cells = [c.ljust(w) if at in _TEXT else c.rjust(w) for at, (c, w) in enumerate(zip(row, widths, strict=True))]
        out.append("| " + " | ".join(cells) + " |" if markdown else "  ".join(cells).rstrip())
    if markdown:
        out.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(out)


def _row(name: str, lines: list[Line]) -> tuple[str, ...]:
    done = [line.outcome for line in lines if line.outcome is not None]
    found = [d for outcome in done for d in outcome.differences]
    times = sorted(t for outcome in done for t in outcome.recoveries_s)
    failed = len(lines) - len(done)
    return (
        name, f"{len(lines)} ({failed} failed)" if failed else str(len(lines)), str(sum(o.tries for o in done)),
        f"{sum(d.rows for d in found):,}", str(sum(d.lost for d in found)), str(sum(d.doubled for d in found)),
        ", ".join(sorted({t for d in found for t in d.tables})) or "none",
        f"{times[len(times) // 2]:.2f}" if times else "-", f"{times[-1]:.2f}" if times else "-",
    )  # fmt: skip


def main() -> int:
    """Play the long form."""
    import pytest

    os.environ.setdefault("STAMPEDE_FAULTS_KILLS", "320")
    os.environ[MARKDOWN] = "1"
    return pytest.main([str(Path(__file__).parent), "-p", "no:cacheprovider", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
