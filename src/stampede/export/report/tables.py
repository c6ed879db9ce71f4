"""Tables of a report: sub-workflows, transformations, machines, jobs; and the surroundings."""

from __future__ import annotations

from collections.abc import Callable

from stampede.export.report.header import badge, facts, utc
from stampede.export.report.html import Cell, Html, element, name, table
from stampede.export.report.run import Jobs, Run
from stampede.query.jobs import JobRow
from stampede.query.status import WorkflowStatus
from stampede.words import count, duration, megabytes

#: rows of the table of sub-workflows
_MOST_WORKFLOWS = 500


def _time(seconds: float | None) -> Cell:
    return Cell(duration(seconds), -1 if seconds is None else round(seconds, 3))


def _number(value: int) -> Cell:
    return Cell(f"{value:,}" if value else "–", value)


def _share(part: float | None) -> Cell:
    return Cell("–", -1) if part is None else Cell(f"{part:.0%}" if part >= 0.1 else f"{100 * part:.2g}%", part)


def workflows(run: Run) -> Html:
    """The sub-workflows, where there are any."""
    if len(run.workflows) < 2:
        return Html("")
    shown = run.workflows[:_MOST_WORKFLOWS]
    columns = [("workflow", ""), ("run by", ""), ("state", ""), ("jobs", "number"), ("done", "number"),
               ("failed", "number"), ("tries", "number"), ("time", "number")]  # fmt: skip
    caption = f"{count(len(run.workflows) - 1, 'sub-workflow')} below it" + (
        f", the first {_MOST_WORKFLOWS}" if len(shown) < len(run.workflows) else ""
    )
    rows = ([
        Cell(name(_label(s))), Cell(name(s.parent_job or "–")), Cell(badge(s.state), s.state),
        _number(s.nodes.total), _number(s.nodes.done), _number(s.nodes.failed), _number(s.attempts.tries),
        _time(s.duration_s),
    ] for s in shown)  # fmt: skip
    return element("section", element("h2", "Workflows", id="workflows"), table(columns, rows, caption=caption))


def _label(s: WorkflowStatus) -> str:
    return s.label or (s.dag or "").removesuffix(".dag") or s.wf_uuid[:8]


def statistics(run: Run) -> Html:
    """Each transformation: tries, time, distribution of run times, what was used of what was had."""
    if not run.transformations:
        return Html("")
    columns = [("transformation", ""), ("tries", "number"), ("failed", "number"), ("median", "number"),
               ("95 %", "number"), ("99 %", "number"), ("in all", "number"), ("of it failed", "number"),
               ("in the queue, 95 %", "number"), ("processor used", "number"), ("memory used", "number")]  # fmt: skip
    rows = ([
        Cell(name(g.name)), _number(g.tries), _number(g.failed), *(_time(x) for x in (g.run.p50, g.run.p95, g.run.p99)),
        _time(g.wall_s), _time(g.bad_wall_s), _time(g.queue.p95), _share(g.efficiency.cpu), _share(g.efficiency.memory),
    ] for g in run.transformations)  # fmt: skip
    caption = (
        "By transformation, all tries. Median, 95 % and 99 %: how long one try ran; memory used: of what was asked "
        "for. stampede stats tells more."
    )
    return table(columns, rows, caption=caption)


def machines(run: Run) -> Html:
    """Each machine: tries, failures, time."""
    hosts = run.album.hosts
    if hosts is None or not hosts.lanes:
        return Html("")
    columns = [("machine", ""), ("tries", "number"), ("failed", "number"), ("failed", "number"), ("busy", "number"),
               ("of it failed", "number")]  # fmt: skip
    rows = ([
        Cell(name(h.name if h.lanes == 1 else f"{h.name} ({h.lanes or 'many'})")), _number(h.tries), _number(h.failed),
        Cell(f"{h.failed / h.tries:.1%}", h.failed / h.tries), _time(h.busy_s), _time(h.wasted_s),
    ] for h in hosts.lanes)  # fmt: skip
    return table(columns, rows, caption=f"By machine ({hosts.hosts:,}{' or more' if hosts.more else ''}).")


def jobs(run: Run) -> Html:
    """The jobs, with a field to search them."""
    field = element("label", "Search: ", Html('<input type="search" data-table="job-table">'))
    columns = [("job", ""), ("transformation", ""), ("state", ""), ("tries", "number"), ("exit", ""),
               ("started", ""), ("took", "number"), ("where", "")]  # fmt: skip
    made = table(columns, (_job(j) for j in run.jobs.rows), caption=_of_all(run.jobs), id_="job-table")
    return element("section", element("h2", "Jobs", id="jobs"), element("p", field), made)


def _of_all(listed: Jobs) -> str:
    if not listed.folded:
        return f"All {count(listed.total, 'job')}."
    return (f"{len(listed.rows):,} of {listed.total:,} jobs: those that failed, that run, and that ran longest. "
            "stampede jobs lists all.")  # fmt: skip


def _job(j: JobRow) -> list[Cell]:
    kind = {"failed": "bad", "futile": "bad", "done": "good"}.get(j.word, "")
    return [
        Cell(name(j.path)), Cell(name(j.transformation or j.type)), Cell(element("span", j.word, class_=kind), j.word),
        _number(j.attempts), Cell(str(j.exit) if j.exit is not None else "–"),
        Cell(utc(j.execute_ts), j.execute_ts or 0), _time(j.duration_s), Cell(name(j.slot or j.site or "–")),
    ]  # fmt: skip


def environment(run: Run) -> Html:
    """With what it ran."""
    e = run.environment
    named: list[tuple[str, Callable[[], str | None]]] = [
        ("engine", lambda: e.engine), ("Pegasus", lambda: e.planner_version),
        ("HTCondor", lambda: e.dagman_version), ("DAGMan's job", lambda: e.dagman_id), ("DAG", lambda: e.dag),
    ]  # fmt: skip
    rows: list[tuple[str, object]] = [(title, name(value)) for title, ask in named if (value := ask())]
    columns = [("site", ""), ("machine", ""), ("system", ""), ("memory", "number")]
    lines = ([Cell(name(m.site)), Cell(name(m.hostname)), Cell(name(m.system or "–")),
              Cell(megabytes(m.memory_mb), m.memory_mb or -1)] for m in e.machines)  # fmt: skip
    more = f"; the first {len(e.machines)}" if e.machines_in_all > len(e.machines) else ""
    made = table(columns, lines, caption=f"Machines that told of themselves ({e.machines_in_all:,}{more}).")
    parts = [element("h2", "Environment", id="environment"), facts(rows), *([made] if e.machines else [])]
    return element("section", *parts)
