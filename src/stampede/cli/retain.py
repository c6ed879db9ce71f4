"""``stampede retain``: delete old runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stampede.cli import options, output, text
from stampede.cli.age import Age
from stampede.cli.naming import database_of
from stampede.errors import UsageError

if TYPE_CHECKING:
    from stampede.retention import ArchiveFirst, Retained, Retention

_AGE = Age("hdwy", "2y, 26w, 90d or 12h")


@click.command(
    epilog=options.example("stampede retain --older 2y --dry-run", "stampede retain --older 90d --label 'test-*' --yes")
)
@click.argument("path", required=False)
@options.database
@click.option(
    "--older",
    type=_AGE,
    required=True,
    help="Runs whose last record is older: 2y, 26w, 90d or 12h.",
)
@click.option("--label", metavar="GLOB", help="Only those with this label; may hold *.")
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="STATE",
    help="Only those in this state: success, failed, removed, halted, lost, unstarted. May be repeated.",
)
@click.option("--archive", "archive", metavar="FOLDER", help="Only those that stampede archive has stored there.")
@click.option("--compact", is_flag=True, help="Give the room back to the file system. Takes as much while it works.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be deleted.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.as_json
@options.common
@click.pass_context
def retain(
    ctx: click.Context, path: str | None, db: str | None, older: float, label: str | None, states: tuple[str, ...],
    archive: str | None, compact: bool, dry_run: bool, yes: bool, json_: bool,
) -> None:  # fmt: skip
    """Delete old runs, each with all its sub-workflows, from all databases of the registry, or from one (--db, or PATH:
    the submit directory whose database is meant).

    Files of the runs stay. What runs or is watched is kept. One that is interrupted goes on when it is asked again.
    """
    from stampede import retention

    urls = [database_of(db, path)] if db or path else None
    archiving = _archiving(archive) if archive is not None else None
    before_ts = time.time() - older

    def asked(dry: bool) -> Retention:
        return retention.retain(
            urls, before_ts=before_ts, label=label, states=states, archive_first=archiving, dry_run=dry,
            smaller=compact, told=None if json_ else _tell,
        )  # fmt: skip

    if not dry_run and not yes:
        _confirm(asked(True), json_=json_)
    answer = asked(dry_run)
    if json_:
        output.print_json(answer)
    else:
        _print(answer, dry_run)
    ctx.exit(4 if answer.troubles else 0)


def _archiving(folder: str) -> ArchiveFirst:
    """What stores runs in an archive before they are deleted."""
    from stampede import archive as archives
    from stampede.query import open_database
    from stampede.query.workflows import of_uuid

    target = archives.Folder(Path(folder))

    def archive_first(url: str, uuids: Sequence[str]) -> list[str]:
        stored = []
        with open_database(url) as reader, reader.snapshot():
            for uuid in uuids:
                root = of_uuid(reader, uuid)
                if root is not None:
                    archives.archive(reader, root, target)
                    stored.append(uuid)
        return stored

    return archive_first


def _confirm(answer: Retention, *, json_: bool) -> None:
    count = answer.count("would be deleted")
    if not count:
        return
    if json_ or not sys.stdin.isatty():
        raise UsageError(f"{text.count(count, 'run')} would be deleted. Say --yes, or --dry-run to see them only.")
    click.confirm(f"Delete {text.count(count, 'run')}?", abort=True)


def _tell(one: Retained) -> None:
    run = one.run
    named = f"{run.label} ({run.wf_uuid[:8]})" if run.label else run.wf_uuid
    reason = f": {one.reason}" if one.reason else ""
    output.show(output.text(
        (f"{one.outcome:16}", "yellow" if one.outcome == "kept" else ""), f"  {named}, {run.state}, "
        f"{text.count(run.jobs, 'job')}, last record {text.time(run.last_ts)}{reason}",
    ), wrap=False)  # fmt: skip


def _print(answer: Retention, dry_run: bool) -> None:
    done = answer.count("would be deleted" if dry_run else "deleted")
    verb = "would be" if dry_run else "was" if done == 1 else "were"
    kept = f", {answer.count('kept'):,} kept" if answer.count("kept") else ""
    freed = f", {text.size(answer.freed_bytes)} given back" if answer.freed_bytes else ""
    output.show(output.text(f"{text.count(done, 'run')} {verb} deleted{kept}{freed}."))
    for url, trouble in answer.troubles.items():
        output.warn(f"{url}: {trouble}")
