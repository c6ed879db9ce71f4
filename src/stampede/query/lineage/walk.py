"""Following what was asked for, step by step: files to their writers and readers, processes to their files.

Where no file is known (plain DAGMan, a job that left no record) the edges of the workflow are followed instead: those
of the abstract tasks, else those of the jobs. A staging job only moves a file, and a clean-up job only removes it:
neither makes nor uses it. The node of a sub-workflow comes behind the last jobs of that, and before the first.
"""

from __future__ import annotations

from collections.abc import Collection

from stampede.model.exits import from_raw
from stampede.query.lineage.facts import AUXILIARY, STAGING, Facts, Key, Use
from stampede.query.lineage.graph import File, Link, LinkKind, Place, Process, Trace
from stampede.query.lineage.subject import Subject
from stampede.query.workflows import Workflow
from stampede.store.sqlite import Reader

#: files and processes that are followed
MOST = 2_000
_ENOENT = 2


def trace(
    reader: Reader, workflows: list[Workflow], prefixes: dict[int, str], subject: Subject, *, up: bool = True,
    down: bool = True, depth: int | None = None,
) -> Trace:  # fmt: skip
    """What made the subject and what came of it, ``depth`` processes far (None: to the inputs and outputs)."""
    walk = _Walk(Facts(reader, [w.wf_id for w in workflows]), MOST)
    walk.begin(subject)
    for wanted, sign in ((up, -1), (down, 1)):
        if wanted:
            walk.follow(sign, depth)
    return _described(walk, {w.wf_id: w for w in workflows}, prefixes)


class _Walk:
    """What was reached: how many processes far from the subject, and the links between."""

    def __init__(self, facts: Facts, most: int) -> None:
        self.facts = facts
        self.files: dict[str, int] = {}
        self.processes: dict[Key, int] = {}
        self.links: dict[Link, None] = {}
        self.uses: dict[str, list[Use]] = {}
        self.subject: list[str] = []
        self.cut = False
        self._most = most
        self._begin: tuple[set[str], set[Key]] = (set(), set())

    def begin(self, subject: Subject) -> None:
        """Start from the subject."""
        files = {subject.file} if subject.file is not None else set()
        self._begin = (files, set(subject.jobs))
        self.files = dict.fromkeys(files, 0)
        self.processes = dict.fromkeys(subject.jobs, 0)
        self.subject = [*map(file_id, files), *map(process_id, subject.jobs)]
        self.look_at(files)

    def follow(self, sign: int, depth: int | None) -> None:
        """One direction: -1 towards the inputs, 1 towards the outputs."""
        files, processes = set(self._begin[0]), set(self._begin[1])
        hops = 0
        while files or processes:
            touched, near = self._from_processes(processes, sign) if processes else (set(), set())
            files |= {f for f in touched if self._reach_file(f, sign * (hops + 1))}
            if depth is not None and hops >= depth:
                break
            hops += 1
            self.look_at(files)
            near |= self._from_files(files, sign)
            processes = {p for p in near if self._reach_process(p, sign * hops)}
            files = set()

    def look_at(self, lfns: Collection[str]) -> None:
        """Fetch who read and wrote files."""
        new = {f for f in lfns if f not in self.uses}
        if new:
            self.uses.update((f, []) for f in new)
            for use in self.facts.uses_of(new):
                self.uses[use.lfn].append(use)

    def _from_files(self, lfns: Collection[str], sign: int) -> set[Key]:
        """Their writers, or their readers."""
        found = set()
        for lfn in lfns:
            for use in self.uses[lfn]:
                if use.type not in AUXILIARY and use.output == (sign < 0):
                    found.add(use.process)
                    self._link_file(use)
        return found

    def _from_processes(self, processes: Collection[Key], sign: int) -> tuple[set[str], set[Key]]:
        """The files that they read or wrote, and the processes that come before or behind them without a file."""
        files: set[str] = set()
        with_files: set[Key] = set()
        for use in self.facts.uses_by(processes):
            output = use.type in _BRINGS if use.type in STAGING else use.output
            if use.type == "cleanup" or output != (sign > 0):
                continue
            files.add(use.lfn)
            with_files |= {use.process, (use.process[0], "")}
            self._link_file(use, output=output)
        near: set[Key] = set()
        without = {p for p in processes if p not in with_files}
        by_task = self.facts.task_edges(without, up=sign < 0) if without else []
        for key, other in by_task:
            near.add(other)
            self._link_after(key, other, sign)
        jobs = {job: task for job, task in processes if (job, task) not in {key for key, _ in by_task}}
        for first, second, kind in self.facts.before(jobs) if sign < 0 else self.facts.behind(jobs):
            here, there = (second, first) if sign < 0 else (first, second)
            key = (here, jobs[here])
            if kind == "cleanup" or (kind in AUXILIARY and key in with_files) or self._shares(key, there, files):
                continue
            near.add((there, ""))
            self._link_after(key, (there, ""), sign)
        # what was asked for comes behind its own inner jobs only: both would be a circle
        nodes = {job for job, task in processes if sign < 0 or (job, task) not in self._begin[1]}
        for outer, inner in self.facts.inside(nodes, last=sign < 0):
            near.add((inner, ""))
            self._link_after((outer, jobs.get(outer, "")), (inner, ""), sign)
        return files, near

    def _shares(self, key: Key, job: int, files: Collection[str]) -> bool:
        """Whether a file already says that the job comes before or behind the process."""
        self.look_at(files)
        mine = {use.lfn for lfn in files for use in self.uses[lfn] if use.process[0] == key[0]}
        return any(use.process[0] == job for lfn in mine for use in self.uses[lfn])

    def _link_file(self, use: Use, *, output: bool | None = None) -> None:
        written = use.output if output is None else output
        ends = (process_id(use.process), file_id(use.lfn)) if written else (file_id(use.lfn), process_id(use.process))
        self._link(*ends, "writes" if written else "reads")

    def _link_after(self, here: Key, there: Key, sign: int) -> None:
        first, second = (there, here) if sign < 0 else (here, there)
        self._link(process_id(first), process_id(second), "after")

    def _link(self, source: str, target: str, kind: LinkKind) -> None:
        self.links[Link(source, target, kind)] = None

    def _reach_file(self, lfn: str, distance: int) -> bool:
        return lfn not in self.files and self._room() and self.files.setdefault(lfn, distance) == distance

    def _reach_process(self, key: Key, distance: int) -> bool:
        return key not in self.processes and self._room() and self.processes.setdefault(key, distance) == distance

    def _room(self) -> bool:
        if len(self.files) + len(self.processes) < self._most:
            return True
        self.cut = True
        return False


#: staging jobs of which a file comes; the others only take it
_BRINGS = frozenset({"stage-in-tx"})


def file_id(lfn: str) -> str:
    """The id of a file in a trace."""
    return f"file:{lfn}"


def process_id(key: Key) -> str:
    """The id of a process in a trace, before its names are known."""
    return f"job:{key[0]}" + (f"/{key[1]}" if key[1] else "")


# ---- the answer -----------------------------------------------------------------------------------------------------


def _described(walk: _Walk, workflows: dict[int, Workflow], prefixes: dict[int, str]) -> Trace:
    processes = _processes(walk, workflows, prefixes)
    known = {*map(file_id, walk.files), *(p.id for p in processes)}
    return Trace(
        subject=walk.subject,
        files=_files(walk, {p.id: p.path for p in processes}, prefixes),
        processes=processes,
        links=[link for link in walk.links if link.source in known and link.target in known],
        cut=walk.cut,
    )


def _processes(walk: _Walk, workflows: dict[int, Workflow], prefixes: dict[int, str]) -> list[Process]:
    job_ids = {job for job, _ in walk.processes}
    jobs = {row[0]: row for row in walk.facts.jobs(job_ids)}
    tasks, attempts = walk.facts.tasks(job_ids), walk.facts.attempts(job_ids)
    found = []
    for (job, task), distance in walk.processes.items():
        _, wf_id, name, kind, transformation, state, tries = jobs[job]
        a = attempts.get(job)
        known = Process(
            id=process_id((job, task)), path=prefixes[wf_id] + name + (f"/{task}" if task else ""), distance=distance,
            wf_uuid=workflows[wf_id].wf_uuid, type=kind, transformation=transformation,
            tasks=[task] if task else tasks.get(job, []), state=state, tries=tries,
        )  # fmt: skip
        if a is not None:
            known.number, known.outcome, known.host, known.site = a.number, a.outcome, a.host, a.site
            known.execute_ts, known.end_ts = a.execute_ts, a.end_ts
            known.exit = None if a.raw is None else from_raw(a.raw)
        found.append(known)
    return sorted(found, key=lambda p: (abs(p.distance), p.distance, p.path))


def _files(walk: _Walk, paths: dict[str, str], prefixes: dict[int, str]) -> list[File]:
    walk.look_at(walk.files)
    noted = walk.facts.checksums(walk.files)
    elsewhere: dict[str, list[Place]] = {}
    for lfn, pfn, site, source in walk.facts.places(walk.files):
        elsewhere.setdefault(lfn, []).append(Place(pfn, site, source))
    movers = {use.process[0] for lfn in walk.files for use in walk.uses[lfn] if use.type in STAGING}
    names = {row[0]: prefixes[row[1]] + row[2] for row in walk.facts.jobs(movers)}
    return sorted(
        (_file(lfn, distance, walk.uses[lfn], noted.get(lfn, {}), elsewhere.get(lfn, []), names)
         for lfn, distance in walk.files.items()),
        key=lambda f: (abs(f.distance), f.distance, f.name),
    )  # fmt: skip


def _file(
    lfn: str, distance: int, uses: list[Use], noted: dict[str, str], elsewhere: list[Place], names: dict[int, str]
) -> File:
    writers = [use for use in uses if use.output and use.type not in AUXILIARY]
    readers = [use for use in uses if not use.output and use.type not in AUXILIARY]
    sizes = [use.size_bytes for use in (*writers, *readers) if use.size_bytes is not None]
    sums = [use.checksum for use in (*writers, *readers) if use.checksum]
    seen = [Place(use.pfn, use.site, "record") for use in (*writers, *readers) if use.pfn and use.pfn != lfn]
    # a program that failed lists what it should have written as a file that is not there
    seen_last = [*readers, *writers][-1:]
    missing = any(use.error == _ENOENT for use in seen_last)
    return File(
        id=file_id(lfn), name=lfn, distance=distance,
        size_bytes=sizes[-1] if sizes else int(noted["size"]) if noted.get("size", "").isdigit() else None,
        checksum=sums[-1] if sums else noted.get("checksum.value"), input=not writers and not missing,
        output=not readers, missing=missing,
        places=list(dict.fromkeys([*elsewhere, *seen])),
        moved_by=list(dict.fromkeys(names[use.process[0]] for use in uses if use.type in STAGING)),
    )  # fmt: skip
