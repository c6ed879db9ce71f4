"""``stampede report``: a run as one HTML file, or many as a gallery."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Iterator

import click

from stampede import __version__
from stampede.analysis.statistics.groups import Group, groups
from stampede.cli import options, output
from stampede.cli.naming import workflows_of
from stampede.cli.picturing import Frame, deliver, folder_of, gathered, judged, subject_of, write_whole
from stampede.cli.status import label
from stampede.errors import NoDatabaseError, StampedeError, UsageError
from stampede.export.pictures.failures import bars_of
from stampede.export.pictures.sheet import WIDTH
from stampede.export.report.gallery import Card, render_gallery
from stampede.export.report.page import render
from stampede.export.report.run import Command, Jobs, Run
from stampede.query import Reader, open_database
from stampede.query.environment import environment
from stampede.query.jobs import JobRow, list_jobs
from stampede.query.pictures.album import KINDS
from stampede.query.statistics.scope import scope
from stampede.query.statistics.tries import tries_of
from stampede.query.status import status
from stampede.query.workflows import Workflow, forest, list_workflows
from stampede.util import find_db

#: jobs of which all are listed; of more, those that failed, that run and that ran longest
_ALL_JOBS = 2000
_FAILED, _RUNNING, _LONGEST = 500, 100, 200
#: runs of a gallery of one database
_MOST_RUNS = 500


@click.command(
    epilog=options.example(
        "stampede report runs/run0001 -o report.html",
        "stampede report --gallery public_html/runs",
        "stampede report --gallery pages runs/run0001 runs/run0002",
    )
)
@click.argument("names", nargs=-1, metavar="[WORKFLOW]...")
@click.option("--output", "-o", "target", metavar="FILE|-", default="-", show_default=True, help="Write there.")
@click.option("--gallery", metavar="FOLDER", help="A report of each workflow in FOLDER, and a page of all of them.")
@click.option(
    "--width", type=click.IntRange(600, 4000), default=WIDTH, show_default=True, help="Of pictures, in pixels."
)
@options.database
@options.as_json
@options.as_of
@options.common
def report(
    names: tuple[str, ...], target: str, gallery: str | None, width: int, db: str | None, json_: bool,
    as_of: float | str | None,
) -> None:  # fmt: skip
    """Write a run as one HTML page that needs nothing else: how it stands, why, how to go on, pictures, tables.

    With --gallery the named workflows, or all of --db, or (without --db) all of the registry and those of the current
    directory. --json gives what the page tells; with --gallery the list of pages.
    """
    at = options.time_of(as_of)
    if gallery is not None:
        _gallery(gallery, names, db, at, width, json_)
        return
    if len(names) > 1:
        raise UsageError("One page holds one workflow. Name a folder for several: --gallery FOLDER")
    name = names[0] if names else None
    with workflows_of(db, name, at) as (reader, roots):
        run = _run_of(reader, roots[:1], db, at, width)
    if len(roots) > 1:
        output.warn(f"there are {len(roots)} workflows in that folder; this is the page of {run.subject.label}.")
    if json_:
        output.print_json(run)
    else:
        deliver(render(run, bars_of(run.triage), width=width), target)


def _run_of(reader: Reader, roots: list[Workflow], db: str | None, at: float | None, width: int) -> Run:
    if not roots:
        raise UsageError("The workflow had not begun at that time.")
    root = roots[0]
    album = gathered(reader, roots, Frame(at_ts=at, width=width), KINDS)
    return Run(
        subject=subject_of(reader, roots), workflows=status(reader, root), triage=judged(reader, roots), album=album,
        transformations=_transformations(reader, roots), jobs=_jobs(reader, root),
        environment=environment(reader, root), commands=_commands(reader, root, db), version=__version__,
        made_ts=time.time(), as_of_ts=at,
    )  # fmt: skip


def _transformations(reader: Reader, roots: list[Workflow]) -> list[Group]:
    """The tries by transformation, but for those of jobs that are workflows: their jobs are counted themselves."""
    with scope(reader, roots) as one:
        return groups((t for t in tries_of(one) if not t.sub), lambda t: t.transformation)


def _jobs(reader: Reader, root: Workflow) -> Jobs:
    workflows = forest(reader, root)
    total = sum(w.total for w in workflows)
    if total <= _ALL_JOBS:
        return Jobs(total=total, folded=False, rows=list_jobs(reader, workflows, sort="started", limit=_ALL_JOBS))
    rows: dict[str, JobRow] = {}
    for part in (
        list_jobs(reader, workflows, state="failed", limit=_FAILED),
        list_jobs(reader, workflows, state="running", sort="started", limit=_RUNNING),
        list_jobs(reader, workflows, sort="duration", descending=True, limit=_LONGEST),
    ):
        for row in part:
            rows.setdefault(row.path, row)
    return Jobs(total=total, folded=True, rows=list(rows.values()))


def _commands(reader: Reader, root: Workflow, db: str | None) -> list[Command]:
    name = root.found_dir or root.submit_dir or root.wf_uuid[:8]
    if db:
        name = root.wf_uuid[:8]
    known = [("status", "how far it is now"), ("triage", "why, with all nodes and output"),
             ("jobs", "lists to filter and sort")]  # fmt: skip
    found = [Command(line=options.command(verb, name, db), tells=tells) for verb, tells in known]
    line = f"stampede plot gantt {shlex.quote(name)} --since TIME --until TIME -o part.svg"
    return [*found, Command(line=line + (f" --db {shlex.quote(db)}" if db else ""), tells="a part of the run, larger")]


# ---- the gallery ----------------------------------------------------------------------------------------------------


def _gallery(target: str, names: tuple[str, ...], db: str | None, at: float | None, width: int, json_: bool) -> None:
    folder = folder_of(target)
    cards: dict[str, Card] = {}
    left_out: list[str] = []
    for reader, root, where in _named(names, db, at, left_out):
        if root.wf_uuid in cards:
            continue
        try:
            run = _run_of(reader, [root], db or where, at, width)
        except StampedeError as e:
            left_out.append(f"{label(root)} ({root.wf_uuid[:8]}): {e}")
            continue
        file = f"{_slug(run.subject.label)}-{root.wf_uuid[:8]}.html"
        write_whole(folder / file, render(run, bars_of(run.triage), width=width))
        cards[root.wf_uuid] = _card(run, file, len(cards))
    shown = list(cards.values())
    write_whole(folder / "index.html", render_gallery(shown, left_out, version=__version__, made_ts=time.time()))
    if json_:
        runs = [{"file": c.file, "workflow": c.status} for c in shown]
        output.print_json({"folder": str(folder), "runs": runs, "left_out": left_out})
    else:
        output.hint(f"{len(shown):,} reports and index.html in {folder}")
        for why in left_out:
            output.warn(f"not shown: {why}")


def _named(
    names: tuple[str, ...], db: str | None, at: float | None, left_out: list[str]
) -> Iterator[tuple[Reader, Workflow, str]]:
    """The workflows that are meant, each with an open reader; what cannot be opened is told in ``left_out``."""
    for name in names:
        with workflows_of(db, name, at) as (reader, roots):
            for root in roots:
                yield reader, root, reader.url
    if names:
        return
    for url in [db] if db else _known():
        try:
            with open_database(url) as reader:
                uuids = [w.wf_uuid for w in list_workflows(reader, limit=_MOST_RUNS)]
        except StampedeError as e:
            left_out.append(str(e))
            continue
        for uuid in uuids:
            try:
                with workflows_of(url, uuid, at) as (reader, roots):
                    for root in roots:
                        yield reader, root, url
            except StampedeError as e:
                left_out.append(str(e))


def _known() -> list[str]:
    from stampede.query.registry import databases

    found = databases()
    try:
        found.insert(0, find_db("."))
    except NoDatabaseError:
        pass
    if not found:
        raise NoDatabaseError("No workflow was watched, and the current directory has no database. Name one with --db.")
    return list(dict.fromkeys(found))


def _slug(name: str) -> str:
    """The start of a file name: letters, digits and dashes."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:60].lower() or "workflow"


def _card(run: Run, file: str, number: int) -> Card:
    assert run.album.jobs is not None
    subject = run.subject.__class__(label=run.subject.label, sentence=run.subject.sentence, prefix=f"r{number}-")
    return Card(file=file, subject=subject, status=run.root, jobs=run.album.jobs)
