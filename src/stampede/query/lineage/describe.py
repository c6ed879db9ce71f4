"""A walk told in words: what is known of each file and process that it reached."""

from __future__ import annotations

from stampede.model.exits import from_raw
from stampede.query.lineage import walk as walking
from stampede.query.lineage.facts import AUXILIARY, STAGING, Facts, Use
from stampede.query.lineage.graph import File, Place, Process, Trace
from stampede.query.lineage.subject import Subject
from stampede.query.lineage.walk import Walk, file_id, process_id
from stampede.query.workflows import Workflow
from stampede.store.reader import Reader

_ENOENT = 2


def trace(
    reader: Reader, workflows: list[Workflow], prefixes: dict[int, str], subject: Subject, *, up: bool = True,
    down: bool = True, depth: int | None = None,
) -> Trace:  # fmt: skip
    """What made the subject and what came of it, ``depth`` processes far (None: to the inputs and outputs)."""
    walk = Walk(Facts(reader, [w.wf_id for w in workflows]), walking.MOST)
    walk.begin(subject)
    for wanted, sign in ((up, -1), (down, 1)):
        if wanted:
            walk.follow(sign, depth)
    return _described(walk, {w.wf_id: w for w in workflows}, prefixes)


def _described(walk: Walk, workflows: dict[int, Workflow], prefixes: dict[int, str]) -> Trace:
    processes = _processes(walk, workflows, prefixes)
    known = {*map(file_id, walk.files), *(p.id for p in processes)}
    return Trace(
        subject=walk.subject,
        files=_files(walk, {p.id: p.path for p in processes}, prefixes),
        processes=processes,
        links=[link for link in walk.links if link.source in known and link.target in known],
        cut=walk.cut,
    )


def _processes(walk: Walk, workflows: dict[int, Workflow], prefixes: dict[int, str]) -> list[Process]:
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


def _files(walk: Walk, paths: dict[str, str], prefixes: dict[int, str]) -> list[File]:
    walk.look_at(walk.files)
    awaited = walk.awaited_by(walk.files)
    noted = walk.facts.checksums(walk.files)
    elsewhere: dict[str, list[Place]] = {}
    for lfn, pfn, site, source in walk.facts.places(walk.files):
        elsewhere.setdefault(lfn, []).append(Place(pfn, site, source))
    told = {
        use.process[0] for lfn in walk.files for use in walk.uses[lfn] if use.type in STAGING or use.error == _ENOENT
    }
    names = {row[0]: prefixes[row[1]] + row[2] for row in walk.facts.jobs(told)}
    return sorted(
        (_file(lfn, distance, walk.uses[lfn], noted.get(lfn, {}), elsewhere.get(lfn, []), names, lfn in awaited)
         for lfn, distance in walk.files.items()),
        key=lambda f: (abs(f.distance), f.distance, f.name),
    )  # fmt: skip


def _file(
    lfn: str,
    distance: int,
    uses: list[Use],
    noted: dict[str, str],
    elsewhere: list[Place],
    names: dict[int, str],
    awaited: bool,
) -> File:
    writers = [use for use in uses if use.output and use.type not in AUXILIARY]
    readers = [use for use in uses if not use.output and use.type not in AUXILIARY]
    sizes = [use.size_bytes for use in (*writers, *readers) if use.size_bytes is not None]
    sums = [use.checksum for use in (*writers, *readers) if use.checksum]
    seen = [Place(use.pfn, use.site, "record") for use in (*writers, *readers) if use.pfn and use.pfn != lfn]
    # a program that failed lists what it should have written as a file that is not there
    seen_last = [*readers, *writers][-1:]
    missing = any(use.error == _ENOENT for use in seen_last)
    due_from = [names[use.process[0]] for use in writers if missing and use.error == _ENOENT]
    return File(
        id=file_id(lfn), name=lfn, distance=distance,
        size_bytes=sizes[-1] if sizes else int(noted["size"]) if noted.get("size", "").isdigit() else None,
        checksum=sums[-1] if sums else noted.get("checksum.value"), input=not writers and not missing,
        output=not readers and not awaited and not missing, missing=missing,
        places=list(dict.fromkeys([*elsewhere, *seen])),
        due_from=list(dict.fromkeys(due_from)),
        moved_by=list(dict.fromkeys(names[use.process[0]] for use in uses if use.type in STAGING)),
    )  # fmt: skip
