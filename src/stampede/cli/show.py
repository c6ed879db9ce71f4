"""``stampede show``: one job with all its tries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from stampede.cli import options, output, text
from stampede.cli.naming import storable, workflows_of
from stampede.errors import UsageError
from stampede.query.job import Amounts, Invocation, Job, Resources, Task, Try, find_job

if TYPE_CHECKING:
    from rich.text import Text

Rows = list[tuple[str, "str | Text"]]

_PHASES = {"pre": "PRE script", "queue": "waited", "run": "ran", "suspended": "suspended", "held": "held",
           "dagman": "in DAGMan's hands", "post": "POST script"}  # fmt: skip
_NOW = {"pre": "in its PRE script", "queue": "waiting for a machine", "run": "running", "suspended": "suspended",
        "post": "in its POST script"}  # fmt: skip
_LINES = 8
_NAMES = 6


_EXAMPLES = ("stampede show findrange_ID0000003 runs/run0001", "stampede show inner/work --full", "stampede show 83.0")


@click.command(epilog=options.example(*_EXAMPLES))
@click.argument("job")
@click.argument("workflow", required=False)
@click.option("--try", "number", type=click.IntRange(1), metavar="N", help="Only the Nth try of the job.")
@click.option("--full", is_flag=True, help="All output, all states, all files.")
@options.database
@options.as_json
@options.as_of
@options.common
def show(
    job: str, workflow: str | None, number: int | None, full: bool, db: str | None, json_: bool,
    as_of: float | str | None,
) -> None:  # fmt: skip
    """One job: what it is, and of every try where and how long it ran, how it ended and what it printed.

    JOB is a node name, INNER/NODE for a node of a sub-workflow, or an HTCondor id such as 83.0. WORKFLOW is a submit
    directory, a uuid or its start, or a label.
    """
    with workflows_of(db, workflow, options.time_of(as_of)) as (reader, roots):
        if not roots:
            raise UsageError("The workflow had not begun at that time.")
        found = find_job(reader, roots, storable(job))
    tries = list(enumerate(found.tries, 1))
    if number is not None:
        if number > len(tries):
            raise UsageError(f"{found.path} has {text.count(len(tries), 'try', 'tries')}, no number {number}.")
        tries = tries[number - 1 : number]
        found.tries = [one for _, one in tries]
    if json_:
        output.print_json(found)
        return
    _job(found, full)
    for i, one in tries:
        click.echo()
        _try(one, i, found.attempts, full=full, detailed=full or i == tries[-1][0])


def _job(j: Job, full: bool) -> None:
    tries = f" after {text.count(j.attempts, 'try', 'tries')}" if j.attempts else ", never tried"
    output.show(output.text((j.path, "bold"), " ", (j.state, output.STYLES.get(j.state, "")), tries,
                            f" (RETRY {j.max_retries})" if j.max_retries else ""))  # fmt: skip
    kind = j.type if j.node_type == "job" else f"{j.type} ({j.node_type} node)"
    rows: Rows = [("workflow", f"{j.workflow or '-'} ({j.wf_uuid[:8]})"), ("kind", kind)]
    if j.reason:
        rows.append(("reason", j.reason))
    for task in j.tasks[: None if full else 3]:
        rows += _task(task, full)
    if len(j.tasks) > 3 and not full:
        rows.append(("", f"and {len(j.tasks) - 3} more tasks (--full)"))
    if not j.tasks or full:
        rows.append(("command", f"{j.executable} {j.arguments or ''}".strip()))
    for name, script in (("PRE script", j.pre_script), ("POST script", j.post_script)):
        if script:
            rows.append((name, script))
    if j.submit_file:
        rows.append(("submit file", j.submit_file))
    for name, nodes in (("after", j.parents), ("before", j.children)):
        if nodes:
            rows.append((name, _some(nodes, full)))
    output.show(output.facts(rows))


def _task(t: Task, full: bool) -> Rows:
    rows: Rows = [("task", f"{t.task}: {t.transformation} {t.arguments or ''}".strip())]
    if t.inputs:
        rows.append(("", f"reads {_some(t.inputs, full)}"))
    if t.outputs:
        rows.append(("", f"writes {_some(t.outputs, full)}"))
    if full and t.metadata:
        rows.append(("", ", ".join(f"{k}={v}" for k, v in t.metadata.items())))
    return rows


def _some(names: list[str], full: bool) -> str:
    shown = names if full else names[:_NAMES]
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(shown) < len(names) else "")


def _try(t: Try, number: int, total: int, *, full: bool, detailed: bool) -> None:
    ended = {"success": ("success", "green"), "failed": ("failed", "bold red")}.get(
        t.outcome or "", ("held", "magenta") if t.state == "JOB_HELD" else (_now(t), "cyan")
    )
    how = f", {t.exit}" if t.exit.kind != "unknown" else ""
    scheduled = f", HTCondor job {t.htcondor_id}" if t.htcondor_id else ""
    again = f", start {t.run} of DAGMan" if t.run > 1 else ""
    output.show(output.text((f"Try {number} of {total}: ", "bold"), ended, f"{how}{scheduled}{again}"))
    output.show(output.facts(_facts(t, full=full, detailed=detailed), indent=2))
    if full:
        _states(t)
    if detailed or t.outcome == "failed":
        _output(t, full=full, lines=_LINES if detailed else 3)


def _now(t: Try) -> str:
    return _NOW.get(t.phases[-1].phase if t.phases else "", t.state or "not begun")


def _facts(t: Try, *, full: bool, detailed: bool) -> Rows:
    rows: Rows = []
    start = t.phases[0].start_ts if t.phases else None
    if t.phases:
        spans = ", ".join(f"{_PHASES[p.phase]} {text.duration(p.duration_s) if p.end_ts is not None else 'since then'}"
                          for p in t.phases if p.phase != "dagman" or full)  # fmt: skip
        rows.append(("when", f"{text.time(start)}: {spans}"))
    place = [x for x in (t.slot, t.hostname or t.ip, t.site and f"site {t.site}") if x]
    if place:
        rows.append(("where", ", ".join(place)))
    if t.directory and detailed:
        rows.append(("in", t.directory))
    for hold in t.holds:
        span = text.duration(hold.released_ts - hold.held_ts) if hold.released_ts is not None else "not released"
        code = f", code {hold.code}" + (f".{hold.subcode}" if hold.subcode else "") if hold.code is not None else ""
        when = text.clock(hold.held_ts, after=start)
        rows.append(("held", f"{when} ({span}{code}): {hold.reason or 'no reason given'}"))
    rows += [("evicted", f"{text.clock(s.ts, after=start)}: {s.reason or 'no reason given'}") for s in t.history
             if s.state == "JOB_EVICTED" and not any(abs(h.held_ts - s.ts) <= 2 for h in t.holds)]  # fmt: skip
    if t.remove_reason:
        rows.append(("removed", t.remove_reason))
    for name, code_ in (("PRE script", t.pre_exit), ("POST script", t.post_exit)):
        if code_ is not None and (not code_.ok or full):
            rows.append((name, str(code_)))
    if t.workflow_below:
        rows.append(("ran", f"sub-workflow {t.workflow_below}"))
    for invocation in t.invocations:
        if invocation.seq > 0 and (detailed or not invocation.exit.ok):
            rows += _invocation(invocation, full)
    if t.resources is not None and detailed:
        rows += _resources(t.resources)
    for transfer in t.transfers:
        if transfer.status or full:
            rows.append(("transfer", f"{transfer.source} -> {transfer.target}: {transfer.reason or 'well'}"))
    if detailed:
        rows += [(name, file) for name, file in t.files.items() if name != "submit"]
    return rows


def _invocation(i: Invocation, full: bool) -> Rows:
    name = f"{i.task}: {i.transformation}" if i.task else i.transformation
    used = [text.duration(i.duration_s)]
    if i.cpu_s is not None:
        used.append(f"CPU {text.duration(i.cpu_s)}")
    if i.max_rss_kb:
        used.append(f"memory {text.megabytes(i.max_rss_kb / 1024)}")
    rows: Rows = [("ran", f"{name}: {i.exit}, {', '.join(used)}")]
    if i.note:
        rows.append(("", i.note))
    if full:
        rows.append(("", f"{i.executable} {i.arguments or ''}".strip()))
    for direction, output_ in (("read", False), ("wrote", True)):
        files = [f for f in i.files if f.output is output_]
        told = []
        for f in files[: None if full else _NAMES]:
            about = [text.size(f.size_bytes)] if f.size_bytes is not None else []
            about += [f"from {f.producer}"] if f.producer else []
            about += ["does not exist" if f.error == 2 else f"errno {f.error}"] if f.error else []
            told.append(f.name + (f" ({', '.join(about)})" if about else ""))
        if told:
            rows.append((direction, _some(told, True) + (f" and {len(files) - len(told)} more" if len(files) > len(told)
                                                         else "")))  # fmt: skip
    return rows


_AMOUNTS: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("cpus", "CPUs", "{:g}".format),
    ("memory_mb", "memory", text.megabytes),
    ("disk_kb", "disk", lambda kb: text.size(kb * 1024)),
    ("gpus", "GPUs", "{:g}".format),
)


def _resources(r: Resources) -> Rows:
    kinds: dict[str, Amounts] = {"asked": r.requested, "given": r.allocated, "used": r.used}
    parts = []
    for what, name, shown in _AMOUNTS:
        told = [f"{kind} {shown(value)}" for kind, amounts in kinds.items()
                if (value := getattr(amounts, what)) is not None and (what != "gpus" or value)]  # fmt: skip
        if told:
            parts.append(f"{name} {', '.join(told)}")
    if r.bytes_received or r.bytes_sent:
        parts.append(f"moved {text.size(r.bytes_received)} in, {text.size(r.bytes_sent)} out")
    return [("resources", "; ".join(parts))] if parts else []


def _states(t: Try) -> None:
    made = output.table("  at", "state", "lasted", "reason", right=("lasted",), short=("reason",))
    before = None
    for s in t.history:
        made.add_row(f"  {text.clock(s.ts, after=before)}", output.text(s.state), text.duration(s.duration_s),
                     output.text((s.reason or "").replace("\n", " ")))  # fmt: skip
        before = s.ts
    output.show(made)


def _output(t: Try, *, full: bool, lines: int) -> None:
    bar = "  │ " if output.utf8() else "  | "
    limit = max(output.console().width - len(bar), 20)
    for piece in t.output:
        kept, left = text.shortened(piece.text, 0 if full else lines)
        of = f" of task {piece.seq}" if piece.seq > 1 or sum(o.stream == piece.stream for o in t.output) > 2 else ""
        more = f", last {len(kept)} of {len(kept) + left} lines" if left else ""
        output.show(output.text((f"  {piece.stream}{of}{more}:", "dim")))
        for line in kept:
            shown = text.clean(line)
            cut = shown if full or len(shown) <= limit else shown[: limit - 1] + "…"
            output.show(output.text((bar, "dim"), cut))
