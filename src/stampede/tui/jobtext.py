"""A job and its tries in words: rows of the list of tries, and the texts beside it."""

from __future__ import annotations

from collections.abc import Sequence

from stampede.analysis.triage import Cause
from stampede.cli.text import clock, count, duration, megabytes, size, time
from stampede.query.job import Amounts, Invocation, Job, Try
from stampede.tui import look
from stampede.tui.columns import Column
from stampede.tui.jobrows import ended
from stampede.tui.look import GREY, Piece

_PHASES = {"pre": "PRE script", "queue": "waited", "run": "ran", "suspended": "suspended", "held": "held",
           "dagman": "in DAGMan's hands", "post": "POST script"}  # fmt: skip
_NAMES = 6


def word(t: Try) -> str:
    """How a try stands, in a word."""
    if t.outcome:
        return "success" if t.outcome == "success" else "failed"
    if t.state == "JOB_HELD":
        return "held"
    phase = t.phases[-1].phase if t.phases else ""
    return {"run": "running", "queue": "idle", "pre": "pre", "post": "post"}.get(phase, "unstarted")


class TryRows:
    """The tries of a job, the last one first."""

    columns: Sequence[Column] = (
        Column(name="try", least=3, right=True, rank=1),
        Column(name="state", least=9, rank=0),
        Column(name="exit", least=8, rank=2),
        Column(name="submitted", least=11, rank=6),
        Column(name="waited", least=6, right=True, rank=5),
        Column(name="ran", least=6, right=True, rank=3),
        Column(name="held", least=6, right=True, rank=8),
        Column(name="where", least=10, most=44, rank=4),
        Column(name="htcondor", least=9, rank=9),
        Column(name="site", least=8, most=16, rank=10),
    )

    def __init__(self, tries: Sequence[Try] = (), now: float = 0.0) -> None:
        self.tries = list(reversed(list(enumerate(tries, 1))))
        self._now = now

    @property
    def count(self) -> int:
        return len(self.tries)

    def fitted(self, layout: list[tuple[int, int]]) -> None:
        """Nothing here is drawn to scale."""

    def cells(self, at: int) -> Sequence[Sequence[Piece]]:
        n, t = self.tries[at]
        return [
            [(str(n), "bold")],
            look.state(word(t)),
            ended(t.exit),
            [(look.when(t.submit_ts, self._now), "")],
            [(look.span(self._spent(t, "queue")), "")],
            [(look.span(self._spent(t, "run")), "")],
            [(look.span(self._spent(t, "held")), "")],
            [(t.slot or t.hostname or "-", "")],
            [(t.htcondor_id or "-", GREY)],
            [(t.site or "-", GREY)],
        ]

    def _spent(self, t: Try, phase: str) -> float | None:
        spent = [(p.end_ts or self._now) - p.start_ts for p in t.phases if p.phase == phase]
        return sum(spent) if spent else None


def about(j: Job, cause: Cause | None) -> list[list[Piece]]:
    """What a job is, in three lines, and why it stands as it does in the last."""
    kind = j.type if j.node_type == "job" else f"{j.type} ({j.node_type} node)"
    retries = f", RETRY {j.max_retries}" if j.max_retries else ""
    runs = j.transformation or j.executable.rpartition("/")[2]
    lines: list[list[Piece]] = [
        [(" ", ""), *look.state(_state(j)), (f"  {count(j.attempts, 'try', 'tries')}{retries}; {kind}: {runs}", "")],
        [(f" command  {j.executable} {j.arguments or ''}", GREY)],
        [(f" after    {_some(j.parents)}", GREY), (f"   before {_some(j.children)}", GREY)],
    ]
    if cause is not None:
        return [*lines, [(f" {cause.title}: ", "bold"), (cause.message, "")]]
    return [*lines, [(f" {j.reason}" if j.reason else "", "")]]


def _state(j: Job) -> str:
    """The state of a job; of one in HTCondor's queue that of its last try, which tells more."""
    return word(j.tries[-1]) if j.state == "queued" and j.tries else j.state


def _some(names: list[str]) -> str:
    left = len(names) - _NAMES
    return (", ".join(names[:_NAMES]) or "-") + (f" and {left:,} more" if left > 0 else "")


def described(t: Try) -> str:
    """A try in words, a fact a line."""
    start = t.phases[0].start_ts if t.phases else None
    lines = [f"{time(start)}: " + ", ".join(
        f"{_PHASES[p.phase]} {duration(p.duration_s) if p.end_ts is not None else 'since then'}" for p in t.phases
    )] if t.phases else []  # fmt: skip
    for h in t.holds:
        lasted = duration(h.released_ts - h.held_ts) if h.released_ts is not None else "not released"
        code = f", code {h.code}.{h.subcode or 0}" if h.code is not None else ""
        lines.append(f"held at {clock(h.held_ts, after=start)} ({lasted}{code}): {h.reason or 'no reason given'}")
    lines += [f"evicted at {clock(s.ts, after=start)}: {s.reason or 'no reason given'}" for s in t.history
              if s.state == "JOB_EVICTED"]  # fmt: skip
    lines += [f"removed: {t.remove_reason}"] if t.remove_reason else []
    lines += [f"{name} script: {e}" for name, e in (("PRE", t.pre_exit), ("POST", t.post_exit)) if e is not None]
    lines += [f"in {t.directory}"] if t.directory else []
    lines += [f"sub-workflow {t.workflow_below}"] if t.workflow_below else []
    lines += [f"{i.transformation}: {i.exit}, {duration(i.duration_s)}{f'; {i.note}' if i.note else ''}"
              for i in t.invocations]  # fmt: skip
    lines += [f"transfer failed: {x.source} -> {x.target}: {x.reason or ''}" for x in t.transfers if x.status]
    lines += [f"{name} {amounts}" for name, amounts in _resources(t)]
    lines += [f"{name}: {file}" for name, file in t.files.items()]
    return "\n".join(lines) + "\n"


def _resources(t: Try) -> list[tuple[str, str]]:
    if t.resources is None:
        return []
    r = t.resources
    found = ((name, _amounts(a)) for name, a in (("asked for", r.requested), ("given", r.allocated), ("used", r.used)))
    return [(name, text) for name, text in found if text]


def _amounts(a: Amounts) -> str:
    told = [f"{a.cpus:g} CPUs"] if a.cpus is not None else []
    told += [f"memory {megabytes(a.memory_mb)}"] if a.memory_mb is not None else []
    told += [f"disk {size(a.disk_kb * 1024)}"] if a.disk_kb is not None else []
    told += [f"{a.gpus:g} GPUs"] if a.gpus else []
    return ", ".join(told)


def invocations(t: Try) -> str:
    """What a try ran, as kickstart recorded it."""
    return "\n".join(_invocation(i) for i in t.invocations)


def _invocation(i: Invocation) -> str:
    name = {-1: "PRE script", -2: "POST script"}.get(i.seq, f"invocation {i.seq}")
    lines = [f"{name}: {i.transformation}{f' (task {i.task})' if i.task else ''}",
             f"  command   {i.executable} {i.arguments or ''}".rstrip(), f"  ended     {i.exit}"]  # fmt: skip
    lines += [f"  note      {i.note}"] if i.note else []
    lines.append(f"  began     {time(i.start_ts)}, took {duration(i.duration_s)}")
    lines += [f"  CPU       {duration(i.cpu_s)}"] if i.cpu_s is not None else []
    lines += [f"  memory    {megabytes(i.max_rss_kb / 1024)}"] if i.max_rss_kb else []
    lines += [f"  host      {i.hostname}{f', site {i.site}' if i.site else ''}"] if i.hostname else []
    for f in i.files:
        about = [size(f.size_bytes)] if f.size_bytes is not None else []
        about += ["does not exist" if f.error == 2 else f"errno {f.error}"] if f.error else []
        more = f" ({', '.join(about)})" if about else ""
        lines.append(f"  {'wrote' if f.output else 'read '}     {f.name}{more}")
    return "\n".join(lines) + "\n"
