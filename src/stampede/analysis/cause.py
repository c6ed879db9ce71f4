"""A cause: findings that say the same, with how many, where, what they touch, and what to do."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from string import Formatter

import msgspec

from stampede.analysis.finding import Finding
from stampede.analysis.grouping import identity
from stampede.analysis.lift import Lift, lifts
from stampede.analysis.rules import causes
from stampede.query.trouble import Evidence, TouchedFile, Try, WorkflowFacts

#: names listed of each cause; ``node_count`` has all of them
MOST_NODES = 1_000
_MOST_PLACES = 10
_MOST_TOUCHED = 20

#: what the store puts before the output of each task of a try
_MARK = re.compile(r"#@ \d+ std(?:out|err)")
#: what programs under kickstart wrote to stderr, which is kept with the job's stdout
_OWN_STDERR = re.compile(r"^#@ \d+ stderr\n ?(.*?)(?=^#@ \d+ std|\Z)", re.M | re.S)
#: nodes that will not be tried again
_OVER = frozenset({"done", "failed", "futile"})


class Cause(msgspec.Struct, kw_only=True):
    """One thing that is or was wrong.

    ``id`` names it as long as label and message are the same but for names and numbers. ``nodes`` are names with their
    sub-workflows (``inner/work``), ``JOB/TASK`` for a task of a clustered job; empty when it is about the workflow or
    the pool; at most ``MOST_NODES`` of ``node_count`` (``membership`` has all). ``kind``: the label or a closer word.
    ``attempts``: tries, ``share`` (0 to 1) of all that went wrong. ``resolved``: a later try went well, or it is over.
    ``tasks`` and ``files``: the abstract tasks and the files of the tries that were looked at. ``retries_left``:
    further tries that DAGMan will give its nodes. ``blocks``: nodes that can never run because of it; None when there
    are too many to say. ``command``: the next step as a command, where there is one. Times are epoch seconds.
    """

    id: str = ""
    label: str
    kind: str
    title: str
    message: str
    nodes: list[str] = []
    node_count: int = 0
    attempts: int = 0
    share: float = 0.0
    first_ts: float | None = None
    last_ts: float | None = None
    resolved: bool = False
    consequences: list[str] = []
    hosts: list[str] = []
    sites: list[str] = []
    transformations: list[str] = []
    lifts: list[Lift] = []
    tasks: list[str] = []
    files: list[TouchedFile] = []
    retries_left: int = 0
    blocks: int | None = 0
    sample_job: str | None = None
    sample_workflow: str | None = None
    sample_output: str = ""
    sample_files: list[str] = []
    next_step: str = ""
    command: str = ""
    retry_helps: bool = True


def cause_of(findings: list[Finding], facts: Evidence) -> Cause:
    """Put findings of one label together; all are told, the last that says most is shown."""
    shown = max(findings, key=lambda f: (not f.resolved, len(f.message) > 40, f.ts or 0, f.node))
    tries = {f.one.job_instance_id: f.one for f in findings if f.one is not None}
    places = _places(tries)
    nodes = list(dict.fromkeys(node for f in findings for node in f.nodes))
    attempts = sum(t.alike.count if t.alike is not None else 1 for t in tries.values())
    jobs = len({job for f in findings for job in f.jobs})
    first_ts, last_ts = _span(findings)
    one = shown.one
    kinds = Counter(f.kind or f.label for f in findings)
    kind = causes()[kinds.most_common(1)[0][0]]
    return Cause(
        id=identity(findings), label=shown.label, kind=kind.label, title=kind.title, message=shown.message,
        nodes=nodes[:MOST_NODES], node_count=len(nodes), attempts=attempts,
        share=round(attempts / facts.failing, 4) if facts.failing >= attempts > 0 else 0.0,
        first_ts=first_ts, last_ts=last_ts, resolved=all(f.resolved for f in findings),
        consequences=list(dict.fromkeys(c for f in findings for c in f.consequences))[:5],
        hosts=_most(places["host"]), sites=_most(places["site"]), transformations=_most(places["transformation"]),
        lifts=lifts(places, jobs, facts.spread), tasks=_tasks(findings)[:_MOST_TOUCHED], files=_files(tries),
        retries_left=_retries_left(tries), sample_job=one.path if one else None,
        sample_workflow=one.wf_uuid if one else None, sample_output=_sample(one) if one else "",
        sample_files=[f for f in (one.stdout_file, one.stderr_file, one.submit_file) if f] if one else [],
        next_step=kind.next, command=_command(kind.command, shown, facts), retry_helps=kind.retry,
    )  # fmt: skip


def _span(findings: list[Finding]) -> tuple[float | None, float | None]:
    times = [f.ts for f in findings if f.ts is not None]
    for f in findings:
        if f.one is not None and f.one.alike is not None:
            times += [ts for ts in (f.one.alike.first_ts, f.one.alike.last_ts) if ts is not None]
    return min(times, default=None), max(times, default=None)


def _places(tries: dict[int, Try]) -> dict[str, dict[str, int]]:
    """Tries by host, site and transformation."""
    found: dict[str, Counter[str]] = {"host": Counter(), "site": Counter(), "transformation": Counter()}
    for t in tries.values():
        if t.alike is not None:
            found["host"].update(t.alike.hosts)
            found["site"].update(t.alike.sites)
            found["transformation"].update(t.alike.transformations)
            continue
        for kind, name in (("host", t.host), ("site", t.site), ("transformation", t.transformation)):
            if name:
                found[kind][name] += 1
    return {kind: dict(counts) for kind, counts in found.items()}


def _most(counts: dict[str, int]) -> list[str]:
    return sorted(counts, key=lambda name: (-counts[name], name))[:_MOST_PLACES]


def _tasks(findings: list[Finding]) -> list[str]:
    """The failed tasks of clustered jobs; of other jobs all that they stand for."""
    named = [f.task for f in findings if f.task]
    return list(dict.fromkeys(named or [task for f in findings if f.one is not None for task in f.one.tasks]))


def _files(tries: dict[int, Try]) -> list[TouchedFile]:
    """The files that were read and written, those that were not there first."""
    found = dict.fromkeys(file for t in tries.values() for file in t.files)
    return sorted(found, key=lambda file: (not file.missing, file.output, file.lfn))[:_MOST_TOUCHED]


def _retries_left(tries: dict[int, Try]) -> int:
    """Tries that the nodes have left, without the one that is in the queue."""
    left: dict[str, int] = {}
    for t in tries.values():
        if t.node_state not in _OVER:
            under_way = t.outcome is None
            spare = max(0, t.max_retries + 1 - t.attempts_in_run - under_way)
            left[t.path] = spare * (len(t.alike.nodes) if t.alike is not None else 1)
    return sum(left.values())


def _sample(t: Try) -> str:
    """The last lines of what best tells why a try failed: the program's own stderr, else the job's, else any output."""
    own = [part for part in _OWN_STDERR.findall(t.stdout) if part.strip()]
    notes = [i.note for i in t.invocations if i.note]
    text = own[-1] if own else notes[-1] if notes else t.stderr if t.stderr.strip() else t.stdout
    lines = [line for line in text.splitlines() if line.strip() and not _MARK.fullmatch(line)]
    return "\n".join(lines[-12:])[-2000:]


# ---- the next step as a command -------------------------------------------------------------------------------------


def _command(template: str, shown: Finding, facts: Evidence) -> str:
    """The template with what the sample has in place of its names; empty when something that it needs is not known."""
    known = _known(shown, facts)
    needs = {name for _, name, _, _ in Formatter().parse(template) if name}
    if not needs <= known.keys():
        return ""
    return template.format_map(known)


def _known(shown: Finding, facts: Evidence) -> dict[str, str]:
    """What a command may name, quoted for a shell; a script is a command line already."""
    flow = _flow_of(shown, facts)
    values: dict[str, str | None] = {}
    if flow is not None:
        w = flow.workflow
        values = {"workflow": w.wf_uuid[:8], "dir": w.found_dir or w.submit_dir, "dag": w.dag, "dagman": w.dagman_id}
    one = shown.one
    script = None
    if one is not None:
        executable = next((i.executable for i in one.invocations if i.executable), None)
        values |= {"job": one.path, "id": one.sched_id, "host": one.host, "file": one.submit_file or None,
                   "executable": executable}  # fmt: skip
        script = one.pre_script if shown.label == "pre_script_failed" else one.post_script
    known = {name: shlex.quote(value) for name, value in values.items() if value}
    return known | ({"script": script} if script else {})


def _flow_of(shown: Finding, facts: Evidence) -> WorkflowFacts | None:
    """The workflow of a finding: its try's, the one that its node runs, or the root."""
    if shown.one is not None:
        return next((w for w in facts.workflows if w.workflow.wf_uuid == shown.one.wf_uuid), None)
    own = next((w for w in facts.workflows if w.node and w.node == shown.node), None)
    return own or next((w for w in facts.workflows if w.workflow.parent_wf_uuid is None), None)
