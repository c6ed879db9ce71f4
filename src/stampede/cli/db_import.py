"""``stampede db import``: what Pegasus keeps in its databases, into one of ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import msgspec

from stampede.cli import options, output, text
from stampede.cli.load import print_problems, problem_object
from stampede.cli.options import VERBOSE
from stampede.cli.status import as_object, headline
from stampede.errors import BusyError, InputError
from stampede.importing import Found, Imported, Missing, Progress, databases, import_database
from stampede.query import open_database
from stampede.query.registry import absolute, shown
from stampede.query.status import WorkflowStatus
from stampede.query.status import status as ask
from stampede.query.workflows import find
from stampede.watching.remember import remember

#: workflows and missing databases listed at most
_LISTED = 20


class _Done(msgspec.Struct):
    """One database after its import, with its workflows as they stand now; ``busy`` says who else imports it."""

    found: Found
    imported: Imported
    workflows: list[WorkflowStatus]
    busy: str | None = None


@click.command("import", epilog=options.example(
    "stampede db import runs/run0001/montage-0.stampede.db --db sqlite:///all.db",
    "stampede db import ~/.pegasus/workflow.db --db postgresql+psycopg://stampede@db.site/stampede",
    "stampede db import mysql://pegasus@db.site/pegasus --db sqlite:///all.db --json",
))  # fmt: skip
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@options.database
@options.as_json
@options.common
@click.pass_context
def import_(ctx: click.Context, sources: tuple[str, ...], db: str | None, json_: bool) -> None:
    """Write what Pegasus (3.1 to 5.1) keeps in its databases into one of Stampede. Nothing of theirs is changed.

    SOURCE is a database file, a submit directory with one, a URL (sqlite, postgresql, mysql), or a master database
    (~/.pegasus/workflow.db), of which all databases that it lists are imported. Importing again adds what is new.

    Ends with 2 when --db is missing, with 3 when nothing could be read, with 4 when a database cannot be reached.
    """
    if db is None:
        raise click.UsageError("Into which database? Name it with --db URL.")
    done: list[_Done] = []
    missing: list[Missing] = []
    failed: list[InputError] = []
    for source in sources:
        try:
            found, gone = databases(source)
        except InputError as e:
            failed.append(e)
            continue
        missing += gone
        done += [_import(one, db) for one in found]
    for error in failed[:-1] if not done else failed:
        output.warn(str(error))
    if not done:
        raise failed[-1]
    if json_:
        output.print_json({
            "db": shown(db), "imports": [_as_object(d) for d in done], "missing": missing,
            "errors": [str(e) for e in failed],
        })  # fmt: skip
        ctx.exit(0)
    for one in done:
        _print(one)
    _print_missing(missing)
    output.show(output.text((f"database {shown(db)}", "dim")), wrap=False)
    output.hint(f"go on with: {options.command('status', _first(done), shown(db))}")


def _first(done: list[_Done]) -> str:
    return next((w.wf_uuid[:8] for d in done for w in d.workflows), "")


def _import(found: Found, url: str) -> _Done:
    busy = None
    try:
        with _progress(found.name) as progress:
            imported = import_database(found, url, progress=progress)
    except BusyError as e:  # what it would do is being done
        busy = str(e)
        output.warn(f"{e} The database has what it has read so far.")
        imported = Imported(name=found.name)
    with open_database(url) as reader, reader.snapshot():
        roots = [w for uuid in imported.workflows for w in find(reader, uuid) if w.parent_wf_uuid is None]
        trouble = remember(reader, absolute(url), roots)
        workflows = [s for w in roots[:_LISTED] for s in ask(reader, w)]
    if trouble:
        output.warn(f"{trouble} The runs are imported; only a name will not find them.")
    return _Done(found, imported, workflows, busy)


@contextmanager
def _progress(name: str) -> Iterator[Progress | None]:
    """A bar with rows and events per second on a terminal; nothing otherwise."""
    if sys.stderr is None or not sys.stderr.isatty() or VERBOSE.quiet:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    with Bar(
        TextColumn("{task.description}", markup=False), BarColumn(16), MofNCompleteColumn(), TextColumn("rows"),
        TextColumn("{task.fields[events]:,} events, {task.fields[rate]:,}/s"),
        console=output.console(err=True), transient=True, auto_refresh=False,
    ) as bar:  # fmt: skip
        task = bar.add_task(text.clean(name)[-24:], total=None, events=0, rate=0)

        def advance(done: int, total: int, events: int) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            bar.update(task, completed=done, total=max(total, done), events=events,
                       rate=round(events / elapsed) if elapsed > 0.05 else 0, refresh=True)  # fmt: skip

        yield advance


def _as_object(d: _Done) -> dict[str, Any]:
    i = d.imported
    return {
        "source": i.name, "listed_by": d.found.listed_by, "events": i.events, "known_events": i.known_events,
        "imported": i.workflows, "left_alone": i.left_alone, "workflows": [as_object(s) for s in d.workflows],
        "problems": i.problems, "first_problems": [problem_object(p) for p in i.first_problems], "busy": d.busy,
    }  # fmt: skip


def _print(d: _Done) -> None:
    i = d.imported
    before = f", {i.known_events:,} were there already" if i.known_events else ""
    output.show(output.text((i.name, "bold"), f": {text.count(i.events, 'event')} imported{before}."))
    for s in d.workflows:
        if s.parent_wf_uuid is None:
            output.show(headline(s, lead="  ", uuid=True))
    if len(i.workflows) > _LISTED:
        output.show(output.text((f"  {text.count(len(i.workflows), 'workflow')} in all", "dim")))
    if i.left_alone:
        output.show(output.text(("  left alone: ", "yellow"), f"{text.count(len(i.left_alone), 'workflow')} that the "
                                "database has from elsewhere (loaded, watched or received)"))  # fmt: skip
    print_problems(i.problems, i.first_problems)


def _print_missing(missing: list[Missing]) -> None:
    shown_ = missing if VERBOSE.asked else missing[:3]
    if missing:
        output.show(output.text(("not imported: ", "yellow"), f"{text.count(len(missing), 'workflow')} whose database "
                                "cannot be read; only what the master database says of them is there"))  # fmt: skip
    for m in shown_:
        output.show(output.text(f"  {m.label or m.wf_uuid[:8]}: {m.url} {m.why}"))
    if len(missing) > len(shown_):
        output.hint("  (-v shows more)")
