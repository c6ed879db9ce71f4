"""Who a workflow is: its uuid, where it lies, what its local times mean.

A Pegasus workflow carries its uuid in braindump. A plain DAG has none: it gets one (UUID version 5) from what never
changes about its run, travels with its files and stands in what DAGMan writes first: the time and the process id in
the banner of its dagman.out. So the same run has the same uuid wherever and as soon as a copy of it is read.
"""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path

import msgspec

from stampede.files import open_regular, present, real, told
from stampede.sources.dagman.clock import Clock, infer_offset, system_zone
from stampede.sources.dagman.metrics import read_metrics
from stampede.sources.pegasus.braindump import Braindump, read_braindump
from stampede.sources.pegasus.records import RecordProblem

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://stampede-wf.org/dagman")

_HEAD = 64 << 10
_STAMP = re.compile(rb"^(\S+ \d\d:\d\d:\d\d(?:\.\d+)?)", re.M)
_LOG = re.compile(rb"Default node log file is: <(.+?)>")
_PID = re.compile(rb"^\S+ \S+ \*\* PID = (\d+)", re.M)
#: HTCondor starts DAGMan under a name that has the id of its job
_JOB = re.compile(rb"^\S+ \S+ \*\* \S*_exec\.(\d+\.\d+) \(\S+\) STARTING UP", re.M)
_MANY = re.compile(rb"Parsing (\d{1,4}) dagfiles")
_PARSING = re.compile(rb"Parsing (\S[^\n]*?) \.\.\.")
_STARTING_UP = b"STARTING UP"
_STARTING = re.compile(rb"(\S+ \d\d:\d\d:\d\d(?:\.\d+)?) ")


class Workflow(msgspec.Struct):
    """A workflow as found on disk. ``directory`` is where it lies now, ``recorded`` where it lay when it ran."""

    uuid: str
    directory: Path
    dag: Path
    dagman_out: Path
    recorded: str | None = None
    braindump: Braindump | None = None
    parent_uuid: str | None = None
    parent_job: str | None = None
    root_uuid: str | None = None
    first_stamp: str | None = None
    #: of its braindump, also when that is of no use
    problems: list[RecordProblem] = []

    @property
    def is_pegasus(self) -> bool:
        return self.braindump is not None

    def below(self, parent: Workflow, job: str) -> Workflow:
        """The same, as the sub-workflow that a job of ``parent`` runs."""
        self.parent_uuid, self.parent_job = parent.uuid, job
        self.root_uuid = parent.root_uuid or parent.uuid
        return self


def find_braindump(directory: Path) -> Braindump | None:
    """The braindump of a submit directory, new form or old."""
    for name in ("braindump.yml", "braindump.txt"):
        path = directory / name
        if present(path):
            found = read_braindump(path)
            if found is not None:
                return found
    return None


def identify(dagman_out: Path) -> Workflow:
    """The workflow whose DAGMan log this is (the log itself need not exist yet)."""
    directory = dagman_out.parent
    dag = dagman_out.with_name(dagman_out.name.removesuffix(".dagman.out"))
    head = _head(dagman_out)
    stamp = _STAMP.search(head)
    first = stamp[1].decode("ascii", "replace") if stamp else None
    dump = find_braindump(directory)
    if dump is not None and dump.dag is not None and os.path.basename(dump.dag) != dag.name:
        dump = None
    if dump is not None and dump.wf_uuid:
        return Workflow(
            dump.wf_uuid, directory, dag, dagman_out, recorded=dump.submit_dir, braindump=dump,
            root_uuid=dump.root_wf_uuid, first_stamp=first, problems=dump.problems,
        )  # fmt: skip
    recorded = _recorded(head)
    banner = _PID.search(head)
    run = banner[1].decode() if banner else recorded or str(real(directory))
    own = _JOB.search(head)
    if own is not None:  # process ids are not everywhere those of one machine
        run = f"{own[1].decode()}/{run}"
    key = told(f"{dag.name}#{run}@{first or ''}")
    return Workflow(
        str(uuid.uuid5(NAMESPACE, key)), directory, dag, dagman_out, recorded=recorded, first_stamp=first,
        problems=dump.problems if dump is not None else [],
    )  # fmt: skip


def recorded_folder(dagman_out: Path) -> str | None:
    """Where the workflow lay when it ran, as the beginning of its log says; None when it does not."""
    return _recorded(_head(dagman_out))


def _recorded(head: bytes) -> str | None:
    log = _LOG.search(head)
    return os.path.normpath(os.path.dirname(log[1].decode("utf-8", "replace"))) if log else None


def _head(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read(_HEAD)
    except OSError:
        return b""


def dag_files(dagman_out: Path) -> list[str]:
    """The DAG files that DAGMan read, as the beginning of its log names them; empty when it does not."""
    head = _head(dagman_out)
    count = _MANY.search(head)
    if count is None:
        return []
    names = [n.decode("utf-8", "replace") for n in _PARSING.findall(head, count.end())]
    return list(dict.fromkeys(names))[: int(count[1])]


def clock_of(wf: Workflow) -> Clock:
    """The clock of a workflow's local times: from its metrics, its braindump, else the machine's zone."""
    pairs: list[tuple[str, float]] = []
    metrics = wf.dag.with_name(wf.dag.name + ".metrics")
    try:
        started = read_metrics(metrics).start_ts
    except OSError:
        started = None
    last = _last_start(wf.dagman_out) if started is not None else None
    if started is not None and last is not None:
        pairs.append((last, started))
    dump = wf.braindump
    if dump is not None and dump.planned_at is not None and dump.utc_offset_s is not None and not pairs:
        local = dump.planned_at + dump.utc_offset_s
        pairs.append((Clock().local(local).strftime("%Y-%m-%d %H:%M:%S"), dump.planned_at))
    zone = system_zone()
    guess = infer_offset(pairs, machine_zone=zone)
    reference: float | None
    try:
        reference = wf.dagman_out.stat().st_mtime
    except (OSError, ValueError):
        reference = dump.planned_at if dump is not None else None
    return Clock(guess.zone if guess is not None else zone, reference=reference)


def _last_start(path: Path) -> str | None:
    """The stamp of the last line that tells of a start of DAGMan; reads the file backwards in blocks."""
    try:
        with open_regular(path) as file:
            end = file.seek(0, os.SEEK_END)
            tail = b""
            while end > 0:
                begin = max(0, end - (1 << 20))
                file.seek(begin)
                block = file.read(end - begin) + tail[:512]
                place = len(block)
                while (place := block.rfind(_STARTING_UP, 0, place)) != -1:
                    line = block.rfind(b"\n", 0, place) + 1
                    found = _STARTING.match(block, line) if line or not begin else None
                    if found is not None:
                        return found[1].decode("ascii", "replace")
                tail, end = block, begin
    except OSError:
        pass
    return None
