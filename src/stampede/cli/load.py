"""``stampede load``: read what DAGMan and Pegasus wrote into the database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from stampede import pipeline
from stampede.cli import options, output, text
from stampede.cli.options import VERBOSE
from stampede.cli.status import as_object, headline
from stampede.errors import BusyError, InputError, UnknownWorkflowError
from stampede.places import default_url
from stampede.query import Reader, open_database
from stampede.query.registry import absolute
from stampede.query.registry import shown as without_password
from stampede.query.status import WorkflowStatus
from stampede.query.status import status as ask
from stampede.query.workflows import Workflow, find
from stampede.watching.remember import remember

#: workflows listed at most after a load
_LISTED = 20


class _Done(msgspec.Struct):
    """One path after its load, with the workflows as they stand now."""

    path: str
    url: str
    loaded: pipeline.Loaded
    workflows: list[WorkflowStatus]


@click.command(epilog=options.example("stampede load runs/run0001", "stampede load run*/ --db sqlite:///all.db"))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@options.database
@click.option("--strict", is_flag=True, help="Refuse event files with events that break the schema.")
@options.as_json
@options.common
@click.pass_context
def load(ctx: click.Context, paths: tuple[str, ...], db: str | None, strict: bool, json_: bool) -> None:
    """Read submit directories, .dag files, dagman.out, job event logs or event files into the database.

    Each PATH goes into its own database beside it (in the state folder if it may only be read) unless --db names one.
    Loading again adds what is new. Ends with 3 when nothing could be read.
    """
    done: list[_Done] = []
    failed: list[InputError] = []
    for path in paths:
        try:
            done.append(_load(Path(path), db or default_url(Path(path)), strict))
        except InputError as e:
            failed.append(e)
    for error in failed[:-1] if not done else failed:
        output.warn(str(error))
    if not done:
        raise failed[-1]
    if json_:
        output.print_json({"loads": [_as_object(d) for d in done], "errors": [str(e) for e in failed]})
    else:
        for one in done:
            _print(one, named_db=db)
    ctx.exit(0)


def _load(path: Path, url: str, strict: bool) -> _Done:
    try:
        with _progress(str(path)) as progress:
            loaded = pipeline.load([path], url, strict=strict, progress=progress)
    except BusyError as e:  # what it would do is being done
        output.warn(f"{e} The database has what it has read so far.")
        loaded = pipeline.Loaded()
    with open_database(url) as reader, reader.snapshot():
        roots = [w for name in loaded.workflows or [str(path)] for w in _found(reader, name)]
        inside = {w.wf_uuid for w in roots}
        tops = [w for w in roots if w.parent_wf_uuid not in inside][:_LISTED]
        workflows = [s for w in tops for s in ask(reader, w)]
        trouble = remember(reader, absolute(url), roots)
    if trouble:
        output.warn(f"{trouble} The run is loaded; only a name will not find it.")
    return _Done(str(path), url, loaded, workflows)


def _found(reader: Reader, name: str) -> list[Workflow]:
    try:
        return find(reader, name)
    except UnknownWorkflowError:  # whoever reads it has only just begun
        return []


@contextmanager
def _progress(name: str) -> Iterator[pipeline.Progress | None]:
    """A bar with bytes and events per second on a terminal; nothing otherwise."""
    if sys.stderr is None or not sys.stderr.isatty() or VERBOSE.quiet:
        yield None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    with Progress(
        TextColumn("{task.description}", markup=False), BarColumn(16), DownloadColumn(),
        TextColumn("{task.fields[events]:,} events, {task.fields[rate]:,}/s"),
        console=output.console(err=True), transient=True, auto_refresh=False,
    ) as bar:  # fmt: skip
        task = bar.add_task(text.clean(name)[-24:], total=None, events=0, rate=0)

        # without refreshing by itself it has no thread, so that the load may fork readers
        def advance(done: int, total: int, events: int) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            bar.update(task, completed=done, total=max(total, done), events=events,
                       rate=round(events / elapsed) if elapsed > 0.05 else 0, refresh=True)  # fmt: skip

        yield advance


def _as_object(d: _Done) -> dict[str, Any]:
    return {
        "path": d.path,
        "db": d.url,
        "events": d.loaded.events,
        "skipped": d.loaded.skipped,
        "workflows": [as_object(s) for s in d.workflows],
        "problems": d.loaded.problems,
        "first_problems": [problem_object(p) for p in d.loaded.first_problems],
    }


def _print(d: _Done, *, named_db: str | None) -> None:
    new = text.count(d.loaded.events, "event")
    before = f", {d.loaded.skipped:,} were there already" if d.loaded.skipped else ""
    output.show(output.text((d.path, "bold"), f": {new} loaded{before}."))
    known = {s.wf_uuid for s in d.workflows}
    below = [s for s in d.workflows if s.parent_wf_uuid in known]
    shown = _worth_telling(below)
    for s in d.workflows:
        if s.parent_wf_uuid not in known:
            output.show(headline(s, lead="  ", uuid=True))
        elif s.wf_uuid in shown:
            output.show(headline(s, lead="    ", uuid=True))
    if len(below) > len(shown):
        output.show(output.text((f"    and {text.count(len(below) - len(shown), 'more sub-workflow')}", "dim")))
    print_problems(d.loaded.problems, d.loaded.first_problems)
    output.show(output.text((f"  database {without_password(d.url)}", "dim")), wrap=False)
    output.hint(f"  go on with: {options.command('status', d.path, named_db)}")


def _worth_telling(below: list[WorkflowStatus]) -> set[str]:
    """The sub-workflows that are listed: all of a few, else the first of those that did not end well, then the rest."""
    worst_first = sorted(below, key=lambda s: s.state == "success")
    return {s.wf_uuid for s in (worst_first if VERBOSE.asked else worst_first[:_LISTED])}


def print_problems(problems: dict[str, int], first: list[pipeline.Problem]) -> None:
    """How many of each kind there were, and the first of them with their places."""
    if not problems:
        return
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(problems.items(), key=lambda p: -p[1]))
    output.show(output.text(("  problems: ", "yellow"), kinds))
    shown = first if VERBOSE.asked else first[:3]
    for p in shown:
        place = f"{p.file or ''}{f' at byte {p.offset}' if p.offset is not None and p.offset >= 0 else ''}"
        output.show(output.text(f"    {place + ': ' if place else ''}{p.message} {p.remedy or ''}"))
    if len(first) > len(shown):
        output.hint("    (-v shows more)")


def problem_object(p: pipeline.Problem) -> dict[str, Any]:
    """A problem as JSON has it."""
    return {"kind": p.kind, "severity": p.severity, "file": p.file, "offset": p.offset, "message": p.message,
            "remedy": p.remedy, "wf_uuid": p.xwf_id, "ts": p.ts}  # fmt: skip
