"""Reads rescue files (``x.dag.rescue001``): what DAGMan had done when it gave up, for the next run to start from.

Forms: 2.0.1 (HTCondor up to 23.x; ``DONE`` and ``RETRY`` lines) and 2.1.0 (25.x; no ``RETRY`` lines). A rescue file of
the very old full form is a DAG file: its ``JOB ... DONE`` lines are for
:func:`~stampede.sources.dagman.dagfile.parse_dag`, and only its header and its ``DONE`` and ``RETRY`` lines are told
here."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from stampede.files import open_regular
from stampede.sources.dagman.daglines import Lines
from stampede.sources.dagman.problem import FileProblem, Problems, quote

_SUFFIX = re.compile(r"\.rescue(\d+)(?:\.old)?$")
_HEADER = (
    ("created", "# Created "),
    ("version", "# Rescue DAG version: "),
    ("total", "# Total number of Nodes: "),
    ("premarked", "# Nodes premarked DONE: "),
    ("failed_count", "# Nodes that failed: "),
)
_DAG = re.compile(r"#\s+the (.+) DAG file$")
_END = "<ENDLIST>"


class Rescue(msgspec.Struct):
    """What a rescue file says.

    ``number`` is that of its name. ``created`` is as written: ``11/21/2026 21:05:27 UTC`` (always UTC). ``total`` and
    ``premarked`` count nodes; ``failed`` names the failed ones (the header's list, complete). ``done``: names in file
    order. ``retries``: tries left by node. ``partial``: the file only adds to its DAG (all since HTCondor 7.7.2);
    ``is_dag``: it has commands of its own and is a DAG by itself.
    """

    path: str
    number: int | None = None
    dag: str | None = None
    created: str | None = None
    version: str | None = None
    partial: bool = True
    is_dag: bool = False
    total: int | None = None
    premarked: int | None = None
    failed_count: int | None = None
    failed: list[str] = []
    done: list[str] = []
    retries: dict[str, int] = {}
    problems: list[FileProblem] = []


def read_rescue(path: Path) -> Rescue:
    """Read one rescue file. Content never raises; ``OSError`` does, when the file cannot be read."""
    named = _SUFFIX.search(path.name)
    rescue = Rescue(str(path), number=int(named[1][:9]) if named else None)
    problems = Problems()
    with open_regular(path) as file:
        lines = Lines(file, rescue.path, problems)
        in_failed = False
        for text in lines:
            if text.startswith("#"):
                in_failed = _header(rescue, text, in_failed)
            elif text:
                _command(rescue, text, lines, problems)
    for what, said, found in (
        ("done", rescue.premarked, len(rescue.done)),
        ("failed", rescue.failed_count, len(rescue.failed)),
    ):
        if said is not None and said != found and not rescue.is_dag:
            message = f"The header says {said} nodes {what}, the file names {found}: it may be cut. The names are used."
            problems.add("count-mismatch", message, rescue.path)
    rescue.problems = problems.all()
    return rescue


def _header(rescue: Rescue, text: str, in_failed: bool) -> bool:
    """One comment line; says whether the list of failed nodes goes on behind it."""
    if in_failed:
        names = [name for part in text[1:].split(",") if (name := part.strip())]
        rescue.failed.extend(name for name in names if name != _END)
        return _END not in names
    for field, start in _HEADER:
        if text.startswith(start):
            value = text[len(start) :].strip()
            if field in ("created", "version"):
                setattr(rescue, field, value)
            elif value.isdecimal() and len(value) < 10:
                setattr(rescue, field, int(value))
            if field == "version":
                version, _, rest = value.partition(" ")
                rescue.version = version
                rescue.partial = "partial" in rest or not version.startswith(("1.", "2.0"))
            return field == "failed_count"
    told = _DAG.match(text)
    if told:
        rescue.dag = told[1]
    return False


def _command(rescue: Rescue, text: str, lines: Lines, problems: Problems) -> None:
    word, *rest = text.split()
    upper = word.upper()
    if upper == "DONE" and len(rest) == 1:
        rescue.done.append(rest[0])
    elif upper == "RETRY" and len(rest) >= 2 and rest[1].isdecimal() and len(rest[1]) < 10:
        rescue.retries[rest[0]] = int(rest[1])
    elif upper in ("DONE", "RETRY"):
        problems.add(
            "bad-syntax", f"'{quote(text)}' cannot be understood: left out.", rescue.path, lines.offset, lines.line
        )
    else:
        rescue.is_dag = True
