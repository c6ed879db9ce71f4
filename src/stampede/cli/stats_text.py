"""The statistics for people: one function a section."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import click

from stampede.analysis.statistics.calendar import Period
from stampede.analysis.statistics.groups import Group
from stampede.analysis.statistics.outcomes import Outcomes, WorkflowLine
from stampede.analysis.statistics.report import Statistics
from stampede.cli import output, text

if TYPE_CHECKING:
    from rich.text import Text

#: rows of a table that can be as long as there are machines or workflows
_MOST: Final = 50


def title(w: WorkflowLine, more: str = "") -> Text:
    """A workflow by name and state."""
    state = (w.state, output.STYLES.get(w.state, ""))
    return output.text((w.label or w.wf_uuid[:8], "bold"), f" ({w.wf_uuid[:8]}): ", state, more)


def heading(s: Statistics) -> Text:
    """Of what the statistics are."""
    known = {w.wf_uuid for w in s.workflows}
    roots = [w for w in s.workflows if w.parent_wf_uuid not in known]
    if not roots:
        return output.text("Nothing had begun at that time.")
    if len(roots) > 1:
        return output.text((f"{len(roots):,} workflows", "bold"), _below(len(s.workflows) - len(roots)))
    return title(roots[0], _below(len(s.workflows) - 1))


def _below(n: int) -> str:
    return f", with {text.count(n, 'sub-workflow')}" if n else ""


def show(s: Statistics, sections: Iterable[str], unit: str) -> None:
    """Print the sections."""
    for i, name in enumerate(sections):
        if i:
            click.echo()
        if name == "time":
            _time(s.periods, unit)
        else:
            _SHOWN[name](s)


def _title(words: str) -> None:
    output.show(output.text((words, "bold")))


def _summary(s: Statistics) -> None:
    made = output.table("", "succeeded", "failed", "incomplete", "total", "retries", "executed",
                        right=("succeeded", "failed", "incomplete", "total", "retries", "executed"))  # fmt: skip
    for name, counts in (("tasks", s.tasks), ("jobs", s.jobs), ("sub-workflows", s.sub_workflows)):
        if counts.total or name == "jobs":
            made.add_row(output.text(name), *_outcomes(counts))
    output.show(made)
    click.echo()
    output.show(output.facts(_facts(s)))


def _outcomes(o: Outcomes) -> list[Text]:
    failed = output.text((f"{o.failed:,}", "bold red" if o.failed else ""))
    rest = [output.text(f"{n:,}") for n in (o.incomplete, o.total, o.retries, o.executed)]
    return [output.text(f"{o.succeeded:,}"), failed, *rest]


def _facts(s: Statistics) -> list[tuple[str, str | Text]]:
    w, r, e = s.walls, s.all.retries, s.all.efficiency
    bad = f", of which {text.duration(w.bad_jobs_s)} in failed ones" if w.bad_jobs_s else ""
    bad_seen = f", of which {text.duration(w.bad_seen_s)} in failed tries" if w.bad_seen_s else ""
    rows: list[tuple[str, str | Text]] = [
        ("workflow wall time", text.duration(w.workflows_s) + (" so far" if w.running else "")),
        ("time of programs", text.duration(w.jobs_s) + bad),
        ("as seen by DAGMan", text.duration(w.seen_s) + bad_seen),
    ]
    if w.goodput is not None:
        rows.append(("goodput", _percent(w.goodput)))
    if s.restarts:
        rows.append(("started again", text.count(s.restarts, "time")))
    if r.retries:
        share = f" ({_percent(r.lost)} of all)" if r.lost else ""
        tries = text.count(r.retries, "try was", "tries were")
        rows.append(("retries", f"{tries} made again: {text.duration(r.lost_s)} as seen by DAGMan{share}, "
                                f"{text.duration(r.delay_s)} from beginning to end"))  # fmt: skip
    for count, word, seconds in ((r.holds, "hold", r.held_s), (r.evictions, "eviction", r.redone_s)):
        if count:
            rows.append((f"{word}s", f"{count:,}, {text.duration(seconds)}"))
    if e.cpu is not None:
        rows.append(("processor used", f"{_percent(e.cpu)} of {text.duration(e.cpu_wall_s)}{_of(e.with_cpu, s.all)}"))
    if e.memory_max_mb:
        told = f"p95 {text.megabytes(e.memory_mb.p95)}, most {text.megabytes(e.memory_max_mb)}"
        if e.memory is not None:
            over = f", {e.over_memory:,} over it" if e.over_memory else ""
            told = f"{_percent(e.memory)} of what was asked for{_of(e.with_memory, s.all)}{over}; {told}"
        rows.append(("memory used", told))
    if s.integrity.checks or s.integrity.errors:
        files = ", ".join(
            f"{c.files:,} {_CHECKS.get(c.type, c.type)} ({c.file_type or 'any'})" for c in s.integrity.checks
        )
        wrong = f"; {s.integrity.errors:,} wrong, {text.count(s.integrity.failures, 'job')} failed with it" \
            if s.integrity.errors else ""  # fmt: skip
        rows.append(("checksums", files + wrong))
    return rows


_CHECKS: Final = {"check": "compared", "compute": "made"}


def _of(known: int, all_: Group) -> str:
    return f" (known of {known:,} of {all_.tries:,} tries)" if known < all_.tries else ""


def _workflows(s: Statistics) -> None:
    right = ("restarts", "wall", "tasks", "jobs", "failed", "retries", "subs")
    made = output.table("workflow", "state", *right, right=right, short=("workflow",))
    for w in s.workflows[:_MOST]:
        made.add_row(
            output.text(f"{w.label or '-'} ({w.wf_uuid[:8]})"), output.state(w.state), _number(w.restarts),
            text.duration(w.wall_s), _part(w.tasks), _part(w.jobs), _number(w.jobs.failed), _number(w.jobs.retries),
            _part(w.sub_workflows),
        )  # fmt: skip
    output.show(made)
    _more(len(s.workflows))


def _part(o: Outcomes) -> str:
    return f"{o.succeeded:,}/{o.total:,}" if o.total else "-"


def _transformations(s: Statistics) -> None:
    _title("Invocations by transformation")
    right = ("count", "min", "mean", "p50", "p95", "p99", "max", "total", "memory p95", "max mem", "cpu")
    width = output.width()
    columns = right if width >= 150 else tuple(c for c in right if c not in ("min", "p99", "memory p95"))
    columns = columns if width >= 110 else ("count", "mean", "p95", "max", "total")
    made = output.table("transformation", "", *columns, right=right, short=("transformation",))
    for t in s.programs:
        cells = {
            "count": f"{t.count:,}", "min": text.duration(t.runtime_s.min), "mean": text.duration(t.runtime_s.mean),
            "p50": text.duration(t.runtime.p50), "p95": text.duration(t.runtime.p95),
            "p99": text.duration(t.runtime.p99), "max": text.duration(t.runtime_s.max),
            "total": text.duration(t.total_s), "memory p95": text.megabytes(t.memory.p95),
            "max mem": text.megabytes(t.memory_mb.max), "cpu": _percent(t.avg_cpu.mean),
        }  # fmt: skip
        mark = output.text(("ok", "green") if t.succeeded else ("failed", "bold red"))
        made.add_row(output.text(t.transformation or "-"), mark, *(cells[c] for c in columns))
    output.show(made)


def _phases(s: Statistics) -> None:
    _title("Where the time of jobs went")
    wide = output.width() >= 90
    right = ("time", "share", "mean", "p50", "p95", "p99") if wide else ("time", "share", "mean", "p95")
    made = output.table("phase", *right, "", right=right)
    size = 30 if wide else 12
    glyph = "█" if output.utf8() else "#"
    for p in s.phases:
        bar = glyph * max(round(size * (p.share or 0)), 1 if p.total_s else 0)
        spread = [text.duration(getattr(p.spread, name)) for name in right[2:]]
        made.add_row(
            output.text(p.phase), text.duration(p.total_s), _percent(p.share), *spread, output.text((bar, "cyan")),
        )  # fmt: skip
    output.show(made)


def _efficiency(s: Statistics) -> None:
    for i, (what, groups) in enumerate((("type", s.types), ("transformation", s.transformations), ("site", s.sites))):
        if i:
            click.echo()
        _groups(what, groups)


def _groups(what: str, groups: list[Group]) -> None:
    _title(f"Tries by {what}")
    right = ("tries", "failed", "time", "badput", "run p50", "run p95", "queue p95", "cpu", "memory", "mem p95",
             "retries", "lost")  # fmt: skip
    columns = right if output.width() >= 110 else ("tries", "failed", "time", "run p95", "queue p95", "cpu", "memory")
    made = output.table(what, *columns, right=right, short=(what,))
    for g in groups[:_MOST]:
        e = g.efficiency
        cells = {
            "tries": f"{g.tries:,}", "failed": _number(g.failed), "time": text.duration(g.wall_s),
            "badput": text.duration(g.bad_wall_s or None), "run p50": text.duration(g.run.p50),
            "run p95": text.duration(g.run.p95), "queue p95": text.duration(g.queue.p95), "cpu": _percent(e.cpu),
            "memory": _percent(e.memory), "mem p95": text.megabytes(e.memory_mb.p95),
            "retries": _number(g.retries.retries), "lost": text.duration(g.retries.lost_s or None),
        }  # fmt: skip
        made.add_row(output.text(g.name or "-"), *(cells[c] for c in columns))
    output.show(made)
    _more(len(groups))


def _hosts(s: Statistics) -> None:
    right = ("tries", "failed", "rate", "time", "badput", "invocations")
    wide = output.width() >= 150
    columns = (*right, "from", "to") if wide else right[:5]
    made = output.table("host", "site", *columns, right=right, short=("host",))
    for h in s.hosts[:_MOST]:
        cells: dict[str, Any] = {
            "tries": f"{h.tries:,}", "failed": _number(h.failed),
            "rate": output.text((_percent(h.failure_rate), "bold red")) if h.failed else "-",
            "time": text.duration(h.tries_s), "badput": text.duration(h.bad_s or None),
            "invocations": f"{h.invocations:,}", "from": text.time(h.first_ts, seconds=False),
            "to": text.time(h.last_ts, seconds=False),
        }  # fmt: skip
        made.add_row(output.text(h.hostname), output.text(h.site or "-"), *(cells[c] for c in columns))
    output.show(made)
    _more(len(s.hosts))


def moment(ts: float, unit: str) -> str:
    """``2026-11-21``, or ``2026-11-21 22:00``, in the local zone."""
    return datetime.fromtimestamp(ts).strftime("%Y-%m-%d" if unit == "day" else "%Y-%m-%d %H:%M")


def _time(periods: list[Period], unit: str) -> None:
    hosts = any(p.hostname is not None for p in periods)
    right = ("tries", "time", "failed", "invocations", "their time")
    made = output.table(unit, *(("host", "site") if hosts else ()), *right, right=right)
    for p in periods:
        where = (output.text(p.hostname or "-"), output.text(p.site or "-")) if hosts else ()
        made.add_row(
            moment(p.start_ts, unit), *where, f"{p.tries:,}", text.duration(p.tries_s), _number(p.failed),
            f"{p.invocations:,}", text.duration(p.invocations_s),
        )  # fmt: skip
    output.show(made)


def _integrity(s: Statistics) -> None:
    if not s.integrity.checks and not s.integrity.errors:
        output.show(output.text("No checksums were compared or made."))
        return
    made = output.table("checksums", "files", "count", "time", right=("count", "time"))
    for c in s.integrity.checks:
        made.add_row(output.text(_CHECKS.get(c.type, c.type)), output.text(c.file_type or "-"), f"{c.files:,}",
                     text.duration(c.duration_s))  # fmt: skip
    output.show(made)
    errors, failures = text.count(s.integrity.errors, "checksum"), text.count(s.integrity.failures, "job")
    output.show(output.text(f"{errors} wrong in all tries; {failures} failed in the end with a wrong one."))


_SHOWN: Final[dict[str, Callable[[Statistics], None]]] = {
    "summary": _summary, "workflows": _workflows, "transformations": _transformations, "phases": _phases,
    "efficiency": _efficiency, "hosts": _hosts, "integrity": _integrity,
}  # fmt: skip


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.3g} %" if share < 0.995 else f"{100 * share:.0f} %"


def _number(n: int) -> str:
    return f"{n:,}" if n else "-"


def _more(n: int) -> None:
    if n > _MOST:
        output.hint(f"and {n - _MOST:,} more: --csv or --json tells all")
