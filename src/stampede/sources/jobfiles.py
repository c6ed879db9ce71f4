"""What lies around a DAG: the submit files of its jobs, and what the jobs left behind.

``JobFiles`` answers the tracker (``sources.dagman.tracker.JobFiles``). A file that is missing, unreadable or damaged
takes nothing else with it: what can be said without it is said, and a problem event tells of the rest.
"""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import msgspec

from stampede.events import catalogue as ev
from stampede.events.base import Event
from stampede.files import read_regular, told
from stampede.sources.dagman.attempts import Attempt
from stampede.sources.dagman.dag import Node
from stampede.sources.dagman.rescue import read_rescue
from stampede.sources.outcome import Left, Outcome
from stampede.sources.pegasus.submit_file import SubmitFile, read_submit

_CACHE = 4096
MAX_OUTPUT = 64 << 20


class Job(msgspec.Struct, gc=False, array_like=True):
    """A job as its submit file describes it; file names are relative to the submit directory where they lie in it."""

    site: str | None
    stdin: str | None
    stdout: str | None
    stderr: str | None
    log: str | None
    submit: SubmitFile


class JobFiles:
    """The files around one DAG.

    ``directory`` is where the DAG lies now, ``recorded`` where it lay when it ran; ``base`` the folder DAGMan ran in
    (relative names start there). ``follow`` tells the uuid of the sub-workflow behind a dagman.out, or None.
    """

    def __init__(
        self,
        uuid: str,
        directory: Path,
        recorded: str | None,
        *,
        user: str | None = None,
        pmc: bool = False,
        follow: Callable[[Path, str, str | None], str | None] | None = None,
    ) -> None:
        self.uuid = uuid
        self.directory = directory
        self._here = str(directory)
        self.recorded = os.path.normpath(recorded) if recorded else None
        self.user = user
        self.pmc = pmc
        self.follow = follow
        self._jobs: OrderedDict[tuple[str, int], Job | None] = OrderedDict()
        self._told: set[str] = set()
        self._problems: list[Event] = []
        self._unread: dict[str, tuple[Attempt, Node, float]] = {}
        #: of the try told last, something was missing or damaged that may still come
        self.short = False
        self._met: set[str] = set()
        #: job event logs that submit files name, relative or absolute
        self.logs: dict[str, None] = {}

    # ---- where things are -------------------------------------------------------------------------------------------

    def place(self, name: str) -> Path:
        """Where a file named in a log or submit file lies now, moved directories considered."""
        return Path(self._place(name))

    def _place(self, name: str) -> str:
        clean = os.path.normpath(name) if name else name
        if clean[:1] == "/":
            if self.recorded and clean.startswith(self.recorded + os.sep):
                return f"{self._here}/{clean[len(self.recorded) + 1 :]}"
            return clean
        return f"{self._here}/{clean}"

    def relative(self, name: str | None) -> str | None:
        """The name as it is kept: relative to the directory when it lies below it."""
        if not name:
            return None
        clean = os.path.normpath(name)
        for root in (self.recorded, self._here):
            if root and clean.startswith(root + os.sep):
                return clean[len(root) + 1 :]
        return clean

    # ---- submit files -----------------------------------------------------------------------------------------------

    def job(self, node: Node | None, name: str, retry: int = 0) -> Job | None:
        """The job behind a node, from its submit file; None when there is none to read. Remembered until it ended."""
        if node is None or (not node.submit_file and node.inline_submit is None):
            return None
        key = submit_key(node, name, retry)
        if key in self._jobs:
            self._jobs.move_to_end(key)
            return self._jobs[key]
        job = self._read_job(node, name, retry)
        self._jobs[key] = job
        if len(self._jobs) > _CACHE:
            self._jobs.popitem(last=False)
        return job

    def submit_path(self, node: Node) -> str:
        """Where the submit file of a node lies now."""
        return self._place(os.path.join(node.dir, node.submit_file) if node.dir else node.submit_file)

    def forget(self) -> None:
        """Forget the submit files that were read: those that are needed are read again."""
        self._jobs.clear()

    def _read_job(self, node: Node, name: str, retry: int) -> Job | None:
        if node.inline_submit is not None:
            data = node.inline_submit.encode()
        else:
            try:
                data = read_regular(self.submit_path(node), MAX_OUTPUT)[0]
            except OSError as e:
                self._tell(ev.Problem(
                    xwf_id=self.uuid, kind="missing_file", severity="info", file=node.submit_file,
                    message=f"The submit file of {name} cannot be read ({e.strerror}); its site, executable and output "
                            "files are not known.",
                    remedy="Copy the submit files along with the logs, or give read permission.",
                ))  # fmt: skip
                return None
        macros = {"RETRY": str(retry), "JOB": name, "NODE_NAME": name, **node.vars}
        submit = read_submit(data, macros)
        site = submit.attributes.get("pegasus_site")
        folder = node.dir or submit.initialdir

        def named(value: str | None) -> str | None:
            if not value:
                return None
            return self.relative(value if not folder or os.path.isabs(value) else os.path.join(folder, value))

        job = Job(site, named(submit.input), named(submit.output), named(submit.error), named(submit.log), submit)
        if job.log is not None and "$(" not in job.log:
            self.logs[job.log] = None
        return job

    def _tell(self, problem: ev.Problem) -> None:
        key = f"{problem.kind}:{problem.file}"
        if key not in self._told and len(self._told) < 1000:
            self._told.add(key)
            self._problems.append(problem)

    def problems(self) -> list[Event]:
        """Problems met since the last call."""
        found, self._problems = self._problems, []
        return found

    # ---- what the tracker asks --------------------------------------------------------------------------------------

    def submitted(self, attempt: Attempt, node: Node | None) -> tuple[str | None, str | None, str | None, str | None]:
        """Site, stdin, stdout and stderr of a try."""
        self._unread.pop(attempt.node, None)
        job = self.job(node, attempt.node, attempt.retry)
        if job is None:
            if node is not None and node.type == "subdag":
                return "local", None, None, None
            if self.pmc:
                return None, None, f"{attempt.node}.out", f"{attempt.node}.err"
            return None, None, None, None
        if job.log is not None and "$(" in job.log:
            self.logs[late_name(job.log, attempt)] = None
        if attempt.execute is not None and job.submit.requirements is not None:
            self._met.add(job.submit.requirements)
        return job.site, job.stdin, _late(job.stdout, attempt), _late(job.stderr, attempt)

    def postpone(self, attempt: Attempt, node: Node, ts: float) -> None:
        """Read what the try left behind at the very end, should no other try of the node follow."""
        self._unread[attempt.node] = (msgspec.structs.replace(attempt), node, ts)

    def unread(self) -> list[Event]:
        """All that was postponed and not overtaken."""
        out: list[Event] = []
        for attempt, node, ts in self._unread.values():
            job = self.job(node, attempt.node, attempt.retry)
            out += self.outcome(job, attempt, node, ts, attempt.js, last=True)
        self._unread.clear()
        return out

    def ended(self, attempt: Attempt, node: Node | None, ts: float, js: int, *, last: bool) -> list[Event]:
        """All that is known of a try after it ended."""
        return self.outcome(self._last_look(node, attempt), attempt, node, ts, js, last=last)

    def _last_look(self, node: Node | None, attempt: Attempt) -> Job | None:
        """The job of a try that ended, forgotten with that when nothing more of it is to come."""
        job = self.job(node, attempt.node, attempt.retry)
        if attempt.exit.ok and node is not None:
            self._jobs.pop(submit_key(node, attempt.node, attempt.retry), None)
        return job

    def outcome(
        self, job: Job | None, attempt: Attempt, node: Node | None, ts: float, js: int, *, last: bool
    ) -> list[Event]:
        """As ``ended``, for a job whose submit file has been read."""
        left = self._left(attempt, node, job, last=last)
        if node is not None and attempt.phase == "ended" and attempt.execute is None and attempt.pre_start is not None:
            left.pre_log = self._pre_log(node, attempt)
        outcome = Outcome(self.uuid, attempt, node, job.submit if job else None, left, user=self.user,
                          work_dir=self.recorded or told(self.directory))  # fmt: skip
        if job is not None:
            outcome.names = (job.site, job.stdin, _late(job.stdout, attempt), _late(job.stderr, attempt))
        self.short = left.lacking or bool(outcome.output.problems)
        return [*outcome.events(ts, js), *self.problems()]

    def waiting(self, tries: list[tuple[Attempt, Node | None]]) -> list[Event]:
        """What jobs that never executed ask for, from their submit files."""
        out: list[Event] = []
        for attempt, node in tries:
            job = self.job(node, attempt.node, attempt.retry)
            if job is None:
                continue
            s = job.submit
            unmet = s.requirements if s.requirements not in self._met else None
            asked = (s.request_cpus, s.request_memory_mb, s.request_disk_kb, s.request_gpus, unmet)
            if any(v is not None for v in asked):
                out.append(ev.JobInstUsage(
                    xwf_id=self.uuid, job_id=attempt.node, job_inst_id=attempt.seq, sched_id=attempt.job or None,
                    req_cpus=s.request_cpus, req_memory_mb=s.request_memory_mb, req_disk_kb=s.request_disk_kb,
                    req_gpus=s.request_gpus, unmet_requirements=unmet,
                ))  # fmt: skip
        return out

    def settle(self, events: list[Event]) -> list[Event]:
        """The events with everything told; here nothing is left open (``job_reader`` leaves some for later)."""
        return events

    def close(self) -> None:
        """Nothing more will be asked."""

    def sub_workflow(self, attempt: Attempt, node: Node | None) -> str | None:
        """The uuid of the workflow that a sub-DAG node or a Pegasus sub-workflow job runs."""
        log = self._child_log(attempt, node)
        if log is None or self.follow is None:
            return None
        return self.follow(log, attempt.node, self.uuid)

    def _child_log(self, attempt: Attempt, node: Node | None) -> Path | None:
        if node is None:
            return None
        if node.type == "subdag" and node.subdag_file:
            name = os.path.join(node.dir, node.subdag_file) if node.dir else node.subdag_file
            return self.place(name + ".dagman.out")
        job = self.job(node, attempt.node, attempt.retry)
        if job is None or "_CONDOR_DAGMAN_LOG" not in (job.submit.environment_text or ""):
            return None
        log = job.submit.environment.get("_CONDOR_DAGMAN_LOG")
        if not log:
            return None
        place = self.place(log)
        # Pegasus plans a sub-workflow anew into <dir>.NNN with each try; a rescue goes on in .000
        for folder in (f"{place.parent}.{attempt.output_number:03d}", f"{place.parent}.000", str(place.parent)):
            if os.path.isdir(folder):
                return Path(folder) / place.name
        return None

    def rescued(self, number: int, name: str) -> list[str]:
        """Nodes that a rescue file marks done; none when it is gone."""
        candidates = [self.place(name)] if name else []
        if number:
            candidates += sorted(self.directory.glob(f"*.rescue{number:03d}*"))
        for path in candidates:
            try:
                return read_rescue(path).done
            except OSError:
                continue
        return []

    # ---- output files -----------------------------------------------------------------------------------------------

    def _left(self, attempt: Attempt, node: Node | None, job: Job | None, *, last: bool) -> Left:
        left = Left()
        if not attempt.job and not self.pmc and (attempt.phase == "ended" or attempt.submit_error):
            # it ended before HTCondor had it: what lies there is another try's
            return left
        if self.pmc and job is None:
            out, err = f"{attempt.node}.out", f"{attempt.node}.err"
        elif job is None:
            return left
        else:
            out, err = _late(job.stdout, attempt) or "", _late(job.stderr, attempt) or ""
        last = last or keeps_output(job)
        rotated = self.pmc or (node is not None and node.post_script is not None)
        suffix = f".{attempt.output_number:03d}"
        gone = attempt.aborted
        left.stdout_file, left.stdout = self._output(out, suffix, rotated=rotated, last=last, aborted=gone)
        left.stderr_file, left.stderr = self._output(err, suffix, rotated=rotated, last=last, aborted=gone)
        if left.stdout is None and left.stderr is None and not last and not rotated:
            left.overwritten = True
        elif attempt.execute is not None and (rotated or not gone):
            expected = ((out, left.stdout), (err, left.stderr))
            left.lacking = any(data is None and name and name != "/dev/null" for name, data in expected)
        if left.stdout is None and rotated and attempt.exit.ok and out.endswith(".out"):
            left.meta = self._bytes(self._place(out.removesuffix(".out") + ".meta"))
        if not attempt.exit.ok and out.endswith(".out"):
            left.promised = self._bytes(self._place(out + ".lof"))
        listed = _listed_in(job) if job is not None else None
        if listed:
            left.cluster_input = self._bytes(self._place(listed))
        return left

    def _output(
        self, name: str, suffix: str, *, rotated: bool, last: bool, aborted: bool
    ) -> tuple[str | None, bytes | None]:
        """The file of one try: Pegasus' post script moves it to ``.NNN``; else tries share one and the last wins."""
        if not name or name == "/dev/null":
            return name or None, None
        if rotated:
            data = self._bytes(self._place(name + suffix))
            if data is not None:
                return name + suffix, data
            if not last:
                return name + suffix, None
            if aborted:
                # a job that was removed wrote no output, so there was nothing to move
                suffix = ""
            data = self._bytes(self._place(name))
            return (name if data is not None else name + suffix), data
        return name, self._bytes(self._place(name)) if last else None

    def _bytes(self, path: str) -> bytes | None:
        """The content of a file, None when there is none; what cannot be read is told."""
        try:
            data, size = read_regular(path, MAX_OUTPUT)
        except FileNotFoundError:
            return None
        except OSError as e:
            self._tell(ev.Problem(
                xwf_id=self.uuid, kind="unreadable", severity="warning", file=self.relative(path),
                message=f"{os.path.basename(path)} cannot be read: {e.strerror}.",
                remedy="Give read permission and load again.",
            ))  # fmt: skip
            return None
        if size > MAX_OUTPUT:
            self._tell(ev.Problem(
                xwf_id=self.uuid, kind="huge_file", severity="info", file=self.relative(path), offset=MAX_OUTPUT // 2,
                message=f"{os.path.basename(path)} has {size} bytes; the first and last {MAX_OUTPUT // 2} were read.",
                remedy="Nothing to do, unless a record in its middle is missed: then split the file.",
            ))  # fmt: skip
        return data

    def _pre_log(self, node: Node, attempt: Attempt) -> bytes | None:
        """The planner's log of a sub-workflow (``-Dpegasus.log.*=FILE`` of the pre script), of this try."""
        for word in (node.pre_script or "").split():
            if word.startswith("-Dpegasus.log.") and "=" in word:
                path = self._place(word.split("=", 1)[1])
                data = self._bytes(f"{path}.{attempt.output_number:03d}")
                return data if data is not None else self._bytes(path)
        return None


def submit_key(node: Node, name: str, retry: int) -> tuple[str, int]:
    """For which tries a submit file once read holds: with VARS, its text may depend on the number of the retry."""
    return name, retry if node.vars else 0


def keeps_output(job: Job | None) -> bool:
    """Whether each try of a job writes into files of its own, so that none writes over those of another."""
    names = [name for name in (job.stdout, job.stderr) if name and name != "/dev/null"] if job is not None else []
    return bool(names) and all(_CLUSTER.search(name) for name in names)


_CLUSTER = re.compile(r"\$\(cluster(?:id)?\)", re.I)
_LATE = re.compile(r"\$\((cluster|clusterid|process|procid)\)", re.I)


def _late(name: str | None, attempt: Attempt) -> str | None:
    return None if name is None else late_name(name, attempt)


def late_name(name: str, attempt: Attempt) -> str:
    """A file name with the ids that only HTCondor knew put in."""
    if "$(" not in name:
        return name
    cluster, _, process = attempt.job.partition(".")
    return _LATE.sub(lambda m: cluster if m[1].lower().startswith("cluster") else process, name)


def _listed_in(job: Job) -> str | None:
    """The file that lists what a clustered job runs or a registration job registers; None for other jobs."""
    if job.submit.attributes.get("pegasus_job_class") == "4":
        # before Pegasus 5.1 the list was no input of the job but an argument
        words = (job.submit.arguments or "").split()
        named = words[words.index("--insert") + 1 :] if "--insert" in words else []
        return job.stdin or (named[0] if named else None)
    if job.submit.attributes.get("pegasus_cluster_size", "1") != "1":
        return job.stdin
    return None
