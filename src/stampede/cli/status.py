"""``stampede status``: how far a workflow and everything below it is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import msgspec

from stampede.cli import options, output, text
from stampede.cli.naming import workflows_of
from stampede.query import Reader
from stampede.query.past import as_it_stood
from stampede.query.status import WorkflowStatus
from stampede.query.status import status as ask
from stampede.query.workflows import Workflow
from stampede.query.workflows import forest as all_below

if TYPE_CHECKING:
    from rich.text import Text

    from stampede.analysis.forecast import Forecast
    from stampede.analysis.progress.progress import Progress

#: states that make the command end with 1
BAD = frozenset({"failed", "removed", "lost"})
#: sub-workflows of one workflow that are listed at most, unless all are asked for
_LISTED = 40


@click.command(epilog=options.example("stampede status runs/run0001", "stampede status diamond --json"))
@click.argument("name", required=False)
@options.database
@options.as_json
@options.as_of
@options.common
@click.pass_context
def status(ctx: click.Context, name: str | None, db: str | None, json_: bool, as_of: float | str | None) -> None:
    """How far a workflow is, with its sub-workflows.

    NAME is a submit directory, a uuid or its start, or a label; without it, the workflow of the current directory (or
    the one of --db that was started last). Ends with 1 when the workflow failed.
    """
    with workflows_of(db, name) as (reader, roots):
        seen = [_seen(reader, root, as_of) for root in roots]
    if json_:
        output.print_json({"workflows": [one for s in seen for one in s.objects()]})
    else:
        now = time.time() if as_of is None else None
        for i, s in enumerate(seen):
            if i:
                click.echo()
            _print(s, now)
            _go_on(s.forest, s.root.wf_uuid[:8] if name is None or len(seen) > 1 else name, db)
    ctx.exit(1 if any(s.state in BAD for one in seen for s in one.forest[:1]) else 0)


class Seen(NamedTuple):
    """A root workflow, all below it with it, and what is foretold of it while it runs."""

    root: Workflow
    forest: list[WorkflowStatus]
    progress: Progress | None
    forecast: Forecast | None

    def objects(self) -> list[dict[str, Any]]:
        """What JSON has of it: the root's object holds the forecasts."""
        own, *inner = [as_object(s) for s in self.forest] or [{}]
        told = {"progress": msgspec.to_builtins(self.progress), "forecast": msgspec.to_builtins(self.forecast)}
        return [{**own, **told}, *inner] if own else []


def _seen(reader: Reader, root: Workflow, as_of: float | str | None) -> Seen:
    at = options.time_of(as_of)
    with as_it_stood(reader, [root], at) as roots:
        forest = [s for then in roots for s in ask(reader, then)]
        progress = forecast = None
        if roots and roots[0].state == "running":
            from stampede.forecasting import forecast_in_passing
            from stampede.progressing import progress_of  # what has ended is told of without these

            then = root.last_ts if as_of == options.LAST else at
            progress = progress_of(reader, roots[0], then)
            moment = progress.as_of_ts if progress is not None else then or time.time()
            tries = sum(s.attempts.tries for s in forest)
            forecast = forecast_in_passing(reader, all_below(reader, roots[0]), moment, tries=tries)
    return Seen(root, forest, progress, forecast)


def as_object(s: WorkflowStatus) -> dict[str, Any]:
    """A status as JSON has it: the struct and ``percent_done``."""
    return {**msgspec.to_builtins(s), "percent_done": round(s.percent_done, 1)}


def sentence(s: WorkflowStatus) -> str:
    """State and counts in one line: ``running, 1 of 6 done, 2 executing, 4 held``."""
    n = s.nodes
    if s.state == "success" and n.done == n.total:
        return f"success, all {text.count(n.total, 'node')} done"
    parts = ["running, but halted: no new jobs are started" if s.halted else s.state, f"{n.done:,} of {n.total:,} done"]
    parts += [f"{number:,} {word}" for number, word in (
        (s.running, "executing"), (s.held, "held"), (s.idle, "idle"), (n.pre, "in PRE script"),
        (n.post, "in POST script"), (n.failed, "failed"), (n.futile, "can never run"),
    ) if number]  # fmt: skip
    return ", ".join(parts)


def headline(s: WorkflowStatus, *, lead: str = "", uuid: bool = False) -> Text:
    """Label and sentence, in colour."""
    name = (label(s), "bold")
    told = f" ({s.wf_uuid[:8]}): " if uuid else ": "
    return output.text(lead, name, told, (s.state, output.STYLES.get(s.state, "")), sentence(s).removeprefix(s.state))


def _print(seen: Seen, now: float | None) -> None:
    root, forest, progress, forecast = seen
    if not forest:
        output.show(output.text((label(root), "bold"), " had not begun at that time."))
        return
    s = forest[0]
    output.show(headline(s))
    output.show(bar(s, min(60, output.width() - 10)))
    output.show(output.facts([*_foretold(progress, forecast, now), *_details(root, s, now)]))
    if len(forest) > 1:
        click.echo()
        output.show(_tree(forest))


def label(w: Workflow | WorkflowStatus) -> str:
    """What a workflow is called: its label, else its DAG, else the start of its uuid."""
    return w.label or (w.dag or "").removesuffix(".dag") or w.wf_uuid[:8]


def bar(s: WorkflowStatus, size: int) -> Text:
    """Done, active, failed, and the rest, to scale; what there is at all gets at least one column."""
    n = s.nodes
    glyphs = "█▒×·" if output.utf8() else "#>x."
    styles = ("green", "cyan", "red", "dim")
    shares = text.to_scale((n.done, n.pre + n.queued + n.post, n.failed), n.total, size)
    pieces = [(glyph * share, style) for glyph, share, style in zip(glyphs, shares, styles, strict=True)]
    return output.text(*pieces, f" {int(s.percent_done):3d} %")


def _details(root: Workflow, s: WorkflowStatus, now: float | None) -> list[tuple[str, str | Text]]:
    a = s.attempts
    tries = [text.count(a.tries, "try", "tries") + (f" ({a.failed:,} failed)" if a.failed else "")]
    tries += [f"{a.submits:,} submitted", f"{a.executes:,} started"]
    tries += [text.count(c, word) for c, word in ((a.holds, "hold"), (a.evictions, "eviction")) if c]
    rows: list[tuple[str, str | Text]] = [("tries", ", ".join(tries)), ("time", _times(s, now))]
    if s.restart_count:
        rows.append(("runs", f"{s.restart_count + 1}: it was started again {_often(s.restart_count)}"))
    if s.reason:
        rows.append(("reason", s.reason))
    rows.append(("folder", f"{s.submit_dir or '-'} ({s.dag or '-'})"))
    if root.dagman_id:
        rows.append(("dagman", f"job {root.dagman_id}" + (f", HTCondor {root.dagman_version}" if root.dagman_version
                                                          else "")))  # fmt: skip
    rows.append(("uuid", s.wf_uuid))
    if s.problems:
        rows.append(("problems", f"{text.count(s.problems, 'record')} could not be read as they were"))
    return rows


def _foretold(progress: Progress | None, forecast: Forecast | None, now: float | None) -> list[tuple[str, str | Text]]:
    """The rows on what will be."""
    from stampede.cli.foretold import end, limit, risk, work

    rows: list[tuple[str, str | Text]] = []
    if progress is not None:
        rows += [("work", work(progress)), ("end", end(progress, now)), ("limit", limit(progress))]
    if forecast is not None and (forecast.doomed or forecast.probability is not None):
        rows.append(("risk", risk(forecast)))
    return rows


def _often(n: int) -> str:
    return "once" if n == 1 else f"{n} times"


def _times(s: WorkflowStatus, now: float | None) -> str:
    if s.started_ts is None:
        return "not started"
    took = text.duration(s.duration_s)
    if s.state == "running":
        last = text.ago(s.last_ts, now) if now is not None else text.time(s.last_ts)
        return f"since {text.time(s.started_ts)}, {took} so far, last record {last}"
    return f"{text.time(s.started_ts)} to {text.clock(s.last_ts, after=s.started_ts)}, {took}"


def _tree(forest: list[WorkflowStatus]) -> Any:
    known = {s.wf_uuid for s in forest}
    below: dict[str | None, list[WorkflowStatus]] = {}
    for s in forest:
        below.setdefault(s.parent_wf_uuid if s.parent_wf_uuid in known else None, []).append(s)
    made = output.table(
        "workflow", "state", "progress", "done", "failed", "held", "tries", "time",
        right=("done", "failed", "held", "tries", "time"), short=("workflow",),
    )  # fmt: skip
    size = 20 if output.width() >= 100 else 10

    def add(s: WorkflowStatus, prefix: str, branch: str) -> None:
        made.add_row(
            output.text((prefix + branch, "dim"), label(s)), output.state(s.state), bar(s, size),
            f"{s.nodes.done:,}/{s.nodes.total:,}", _number(s.nodes.failed), _number(s.held), f"{s.attempts.tries:,}",
            text.duration(s.duration_s),
        )  # fmt: skip
        children = below.get(s.wf_uuid, [])
        shown = _worth_listing(children)
        deeper = prefix + ({"": "", "├─ ": "│  ", "└─ ": "   "}[branch])
        for i, child in enumerate(shown):
            last = i == len(children) - 1
            add(child, deeper, "└─ " if last else "├─ ")
        if len(children) > len(shown):
            rest = f"{len(children) - len(shown):,} more (-v lists all)"
            made.add_row(output.text((deeper + "└─ ", "dim"), (rest, "dim")))

    for s in below.get(None, forest[:1]):
        add(s, "", "")
    return made


def _worth_listing(children: list[WorkflowStatus]) -> list[WorkflowStatus]:
    """All of a few sub-workflows; of many those in the worst states, in their order."""
    if len(children) <= _LISTED or options.VERBOSE.asked:
        return children
    ranks = {"failed": 0, "removed": 0, "lost": 0, "halted": 1, "running": 2, "unstarted": 3}
    worst = sorted(children, key=lambda s: (ranks.get(s.state, 4), -s.nodes.failed, -s.held))[:_LISTED]
    kept = {s.wf_uuid for s in worst}
    return [s for s in children if s.wf_uuid in kept]


def _number(n: int) -> str:
    return f"{n:,}" if n else "-"


def _go_on(forest: list[WorkflowStatus], name: str, db: str | None) -> None:
    if any(s.state in BAD or s.nodes.failed or s.held for s in forest):
        output.hint(f"\nWhy, and what to do: {options.command('triage', name, db)}")
