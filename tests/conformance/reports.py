"""What the peer's own reporting tools say about a database, in a form that can be compared."""

from __future__ import annotations

import difflib
import re
import shutil
from pathlib import Path

from bench import peer as peer_tools

#: a log line of the peer begins with the time and the place in its source
_LOG_HEAD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+:", re.MULTILINE)
#: the last lines of pegasus-statistics say where its files are, in a folder of this call
_WRITTEN_TO = re.compile(r"^(Summary|[A-Z][a-z ]+ statistics) +: \S*/(\S+)$", re.MULTILINE)


def place(database: Path, recording: Path, target: Path) -> Path:
    """A submit directory as the tools want it: complete, with this database under the name that they expect."""
    submit = peer_tools.copy_submit(recording / "submit", target, monitor_files=True)
    for left in submit.glob("*.stampede.db*"):
        left.unlink()
    dag = next(iter(sorted(submit.glob("*.dag"))))
    shutil.copyfile(database, submit / f"{dag.stem}.stampede.db")
    return submit


def normal(text: str, submit: Path) -> list[str]:
    """The lines of a report without what belongs to this very call: log times and the folder it was called on."""
    text = _LOG_HEAD.sub("", text.replace(str(submit), "SUBMIT"))
    text = _WRITTEN_TO.sub(r"\1: \2", text)
    return [line.rstrip() for line in text.splitlines()]


def of(peer: peer_tools.Peer, submit: Path) -> dict[str, list[str]]:
    """Every report of pegasus-statistics and pegasus-analyzer, and the codes they ended with."""
    statistics, files = peer_tools.statistics(peer, submit)
    analyzer = peer_tools.analyzer(peer, submit)
    reports = {name: normal(text, submit) for name, text in files.items()}
    reports["statistics"] = [f"code {statistics.code}", *normal(statistics.out, submit)]
    reports["analyzer"] = [f"code {analyzer.code}", *normal(analyzer.out, submit)]
    return reports


def differing_lines(ours: list[str], theirs: list[str]) -> list[str]:
    """The lines that only one side has, marked ``+`` (ours) and ``-`` (theirs)."""
    left = [line for line in difflib.ndiff(without_1970(_narrow(theirs)), _narrow(ours)) if line[:2] in ("+ ", "- ")]
    signed = {_plain(line[2:]): line for line in left if line[0] == "-" and _SIGNED.search(line)}
    for line in [line for line in left if line[0] == "+"]:
        theirs_signed = signed.pop(_plain(line[2:]), None)
        if theirs_signed is not None:
            left.remove(line)
            left.remove(theirs_signed)
    return left


#: the exit code at the end of a line, as of a signal: differences.md, "Unshifted exit codes"
_SIGNED = re.compile(r"-(?=\d+( +\S+)?$)")


def _plain(line: str) -> str:
    return " ".join(_SIGNED.sub("", line).split())


_BY_DAY = re.compile(r"^(\d{4}-\d\d-\d\d)( +[^\d\s]\S*)? +(\d+) +(\d+\.\d+)$")


def _narrow(lines: list[str]) -> list[str]:
    return [" ".join(line.split()) if _BY_DAY.match(line) else line for line in lines]


def without_1970(lines: list[str]) -> list[str]:
    """Tables by day without the day in 1970 on which the peer puts programs that never started: they are counted on the
    next day of the same host (differences.md, "Programs that never started")."""
    out: list[str] = []
    early: list[re.Match[str]] = []
    for line in lines:
        day = _BY_DAY.match(line)
        if day is not None and day[1] == "1970-01-01":
            early.append(day)
            continue
        for other in [e for e in early if day is not None and e[2] == day[2]]:
            assert day is not None
            early.remove(other)
            total = float(day[4]) + float(other[4])
            line = f"{day[1]}{day[2] or ''} {int(day[3]) + int(other[3])} {total:.3f}"
        out.append(line)
    return out + [e[0] for e in early]
