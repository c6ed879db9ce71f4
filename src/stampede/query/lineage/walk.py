"""Following what was asked for, step by step: files to their writers and readers, processes to their files.

Where no file is known (plain DAGMan, a job that left no record) the edges of the workflow are followed instead: those
of the abstract tasks, else those of the jobs. A staging job only moves a file, and a clean-up job only removes it:
neither makes nor uses it. The node of a sub-workflow comes behind the last jobs of that, and before the first.
"""

from __future__ import annotations

from collections.abc import Collection

from stampede.query.lineage.facts import AUXILIARY, STAGING, Facts, Key, Use
from stampede.query.lineage.graph import Link, LinkKind
from stampede.query.lineage.subject import Subject

#: files and processes that are followed
MOST = 2_000


class Walk:
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
        if sign > 0:
            for lfn, later in self.awaited_by(lfns).items():
                found |= later
                for key in later:
                    self._link(file_id(lfn), process_id(key), "after")
        return found

    def awaited_by(self, lfns: Collection[str]) -> dict[str, set[Key]]:
        """Files that nobody has read, with the processes behind their writers that have not run and may be to read."""
        unread = [f for f in lfns if not any(u.type not in AUXILIARY and not u.output for u in self.uses[f])]
        writers = {f: {u.process for u in self.uses[f] if u.output and u.type not in AUXILIARY} for f in unread}
        processes = {key for keys in writers.values() for key in keys}
        behind: dict[Key, set[Key]] = {}
        for key, later in self.facts.task_edges(processes, up=False) if processes else []:
            behind.setdefault(key, set()).add(later)
        for job, later_job, kind in self.facts.behind({job for job, _ in processes}) if processes else []:
            if kind not in AUXILIARY:
                for key in processes - behind.keys():
                    if key[0] == job:
                        behind.setdefault(key, set()).add((later_job, ""))
        ran = self.facts.attempts({job for keys in behind.values() for job, _ in keys})
        found = {}
        for lfn, keys in writers.items():
            left = {later for key in keys for later in behind.get(key, ()) if later[0] not in ran}
            if left:
                found[lfn] = left
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
