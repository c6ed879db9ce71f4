"""A finished directory taken apart: which files were there before the run, which lines and files came when.

Each line of each log is a step; the files that it tells of are put in place just before it. Sub-workflows that were
planned while the run went on appear as a whole just before their DAGMan's first line. Nothing here is Stampede's: what
belongs to whom is told by names and by the forms of the logs alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_STAMP = re.compile(rb"(\d\d)/(\d\d)/(\d\d) (\d\d:\d\d:\d\d)")
_ISO = re.compile(rb"\d{3} \([^)]*\) (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)")
_JOB_LOG = re.compile(rb"\d{3} \(\d+\.\d+\.\d+\) ")
_END = re.compile(
    rb"Event: ULOG_(JOB_TERMINATED|JOB_ABORTED|POST_SCRIPT_TERMINATED) for (?:HTCondor|Condor) Node (\S+)"
)
_NODE = re.compile(r"^\s*(?:JOB|SUBDAG\s+EXTERNAL|FINAL|PROVISIONER|SERVICE)\s+(\S+)", re.M | re.I)
_POST = re.compile(r"^\s*SCRIPT\s+(?:DEFER\s+\S+\s+\S+\s+)?POST\s+(\S+)", re.M | re.I)
_OUTPUT = re.compile(r"(.+?)\.(?:out|err|meta|state|log|pre\.(?:log|out|err))(?:\.(\d{3}))?$")
_RESCUE = re.compile(rb"Writing Rescue DAG to (\S+?)\.\.\.")
#: of other monitors, of the recording, and of us
_OTHERS = ("monitord.", "monitord-", "jobstate.log", "README.md", "truth.json")
#: written when DAGMan ends
_AT_THE_END = (".dag.metrics", ".dag.status", ".dag.lib.out", ".dag.lib.err", ".dag.jobstate.log")


class Step(NamedTuple):
    """A line of a log, and the files that are there once it is. Names are relative to the directory."""

    when: str
    log: str
    data: bytes
    files: tuple[str, ...] = ()


class Script(NamedTuple):
    """What is played. ``first`` are the files that lie there from the beginning, ``last`` come at the end."""

    source: Path
    first: list[str]
    steps: list[Step]
    last: list[str]

    @property
    def logs(self) -> list[str]:
        """DAGMan's logs, in the order of their appearance."""
        return list(dict.fromkeys(step.log for step in self.steps if step.log.endswith(".dagman.out")))


def take_apart(source: Path, *, nested_late: bool = True) -> Script:
    """The script of a finished directory."""
    names = sorted(str(p.relative_to(source)) for p in source.rglob("*") if p.is_file())
    names = [n for n in names if not Path(n).name.startswith(_OTHERS) and ".stampede." not in n]
    logs = {n for n in names if n.endswith((".dagman.out", ".nodes.log", ".dagman.log")) or _is_job_log(source / n)}
    steps = sorted((s for log in sorted(logs) for s in _lines(source, log)), key=lambda s: s[:2])
    lines = [step for _, _, step in steps]
    wanted = _outputs(source, [n for n in names if n not in logs], lines)
    wanted |= _rescues(names, lines)
    if nested_late:
        wanted |= {name: place for name, place in _nested(names, logs, lines).items() if name not in wanted}
    final = {step.log: at for at, step in enumerate(lines) if step.log.endswith(".dagman.out")}
    for name in names:
        dag = next((end for end in _AT_THE_END if name.endswith(end)), None)
        if dag is not None:
            wanted[name] = [final.get(name.removesuffix(dag) + ".dag.dagman.out", len(lines))]
    brought: dict[int, list[str]] = defaultdict(list)
    for name, places in wanted.items():
        for at in places:
            brought[at].append(name)
    for at, files in brought.items():
        if at < len(lines):
            lines[at] = lines[at]._replace(files=tuple(sorted(files)))
    first = [n for n in names if n not in logs and n not in wanted]
    return Script(source, first, lines, sorted(brought.get(len(lines), [])))


def _is_job_log(path: Path) -> bool:
    with path.open("rb") as file:
        return _JOB_LOG.match(file.read(64)) is not None


def _lines(source: Path, log: str) -> Iterator[tuple[str, tuple[int, str, int], Step]]:
    """The lines of a log with their time, which a line without one has from the line before; HTCondor writes an event
    of a job event log, which ends in a line of three dots, as a whole.

    At the same second HTCondor's logs come before DAGMan's, and what runs below a workflow before that.
    """
    rank = 3 if log.endswith(".dagman.log") else 2 if log.endswith(".dagman.out") else 1
    when, data = "", b""
    for number, line in enumerate((source / log).read_bytes().splitlines(keepends=True)):
        when = max(when, _time(line) or when)
        data += line
        if rank == 2 or line.startswith(b"..."):
            yield when, (rank, f"{99 - log.count('/'):02} {log}", number), Step(when, log, data)
            data = b""
    if data:
        yield when, (rank, log, 1 << 40), Step(when, log, data)


def _time(line: bytes) -> str | None:
    found = _STAMP.match(line)
    if found is not None:
        month, day, year, clock = (part.decode() for part in found.groups())
        return f"20{year}-{month}-{day} {clock}"
    found = _ISO.match(line)
    return f"{found[1].decode()} {found[2].decode()}" if found is not None else None


def _folder(log: str) -> str:
    return log.rpartition("/")[0]


def _outputs(source: Path, names: list[str], lines: list[Step]) -> dict[str, list[int]]:
    """Files of jobs, and the steps that they come with: the end of that try, or of each where all share one file."""
    ends: dict[tuple[str, str], list[int]] = defaultdict(list)
    posted: dict[str, set[str]] = {}
    nodes: dict[str, set[str]] = defaultdict(set)
    for log in {step.log for step in lines if step.log.endswith(".dagman.out")}:
        dag = source / log.removesuffix(".dagman.out")
        text = dag.read_text(errors="replace") if dag.exists() else ""
        posted[log] = set(_POST.findall(text))
        nodes[_folder(log)] |= set(_NODE.findall(text))
    for at, step in enumerate(lines):
        found = _END.search(step.data) if step.log in posted else None
        if found is not None:
            node = found[2].decode(errors="replace")
            if (found[1] == b"POST_SCRIPT_TERMINATED") == (node in posted[step.log]):
                ends[_folder(step.log), node].append(at)
    wanted: dict[str, list[int]] = {}
    folders = sorted(nodes, key=len, reverse=True)
    for name in names:
        owner = next((f for f in folders if not f or name.startswith(f + "/")), None)
        found_name = _OUTPUT.match(name.rpartition("/")[2])
        if owner is None or found_name is None or found_name[1] not in nodes[owner]:
            continue
        mine = ends.get((owner, found_name[1]), [])
        wanted[name] = mine or [len(lines)]
        if found_name[2] and mine:
            wanted[name] = [mine[min(int(found_name[2]), len(mine) - 1)]]
    return wanted


def _rescues(names: list[str], lines: list[Step]) -> dict[str, list[int]]:
    """Rescue files come when DAGMan says that it writes them."""
    wanted = {name: [len(lines)] for name in names if re.search(r"\.rescue\d{3}$", name)}
    for at, step in enumerate(lines):
        found = _RESCUE.search(step.data)
        if found is not None:
            name = "/".join(filter(None, (_folder(step.log), Path(found[1].decode()).name)))
            if name in wanted:
                wanted[name] = [at]
    return wanted


def _nested(names: list[str], logs: set[str], lines: list[Step]) -> dict[str, list[int]]:
    """Files of sub-workflows in folders of their own, which are planned just before their DAGMan starts."""
    first: dict[str, int] = {}
    for at, step in enumerate(lines):
        if step.log.endswith(".dagman.out"):
            first.setdefault(_folder(step.log), at)
    begun = {folder: at for folder, at in first.items() if any(f != folder and _below(folder, f) for f in first)}
    deepest = sorted(begun, key=len, reverse=True)
    owners = ((n, next((f for f in deepest if n.startswith(f + "/")), None)) for n in names if n not in logs)
    return {name: [begun[folder]] for name, folder in owners if folder is not None}


def _below(folder: str, other: str) -> bool:
    return not other or folder.startswith(other + "/")
