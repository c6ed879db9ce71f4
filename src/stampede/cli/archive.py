"""``stampede archive``: finished workflows into a folder of Parquet files."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

from stampede import archive as archives
from stampede.archive import Archived, Folder, Manifest
from stampede.cli import options, output, text
from stampede.cli.age import Age
from stampede.cli.naming import database_of, workflows_of
from stampede.errors import StampedeError, UsageError
from stampede.query import Reader, open_database
from stampede.query.belonging import ended_before
from stampede.query.workflows import Workflow, of_uuid

_AGE = Age("hdwmy", "2y, 6m (months), 3w, 10d or 12h")


@click.command(epilog=options.example(
    "stampede archive runs/run0001 --to /archive", "stampede archive --older 2y --db sqlite:///all.db --to /archive",
    "stampede archive --to /archive",
))  # fmt: skip
@click.argument("names", nargs=-1, metavar="[RUN]...")
@click.option(
    "--to", "target", metavar="FOLDER", required=True, envvar="STAMPEDE_ARCHIVE", type=click.Path(path_type=Path),
    help="The archive.  [env STAMPEDE_ARCHIVE]",
)  # fmt: skip
@click.option(
    "--older",
    type=_AGE,
    help="All workflows of the database whose last record is older: 2y, 6m, 3w, 10d.",
)
@click.option("--label", metavar="GLOB", help="With --older: only those of this label; may hold *.")
@click.option("--no-events", is_flag=True, help="Leave out the events, which are read from the submit directory.")
@options.database
@options.as_json
@options.common
@click.pass_context
def archive(
    ctx: click.Context, names: tuple[str, ...], target: Path, older: float | None, label: str | None, no_events: bool,
    db: str | None, json_: bool,
) -> None:  # fmt: skip
    """Put finished workflows, with all below them, into a folder of Parquet files; the database stays as it is.

    What is in the archive already is not written again unless it has changed. Without RUN and --older the archive's
    workflows are listed. With --older, one that cannot be archived does not keep the others: it is named at the end.
    """
    folder = Folder(target)
    if not names and older is None:
        _list(folder, json_)
        return
    if label is not None and older is None:
        raise UsageError("--label goes with --older. Name the workflows, or say how old they have to be.")
    done: list[Archived] = []
    troubles: dict[str, str] = {}
    for reader, root in _wanted(names, older, label, db):
        try:
            done.append(archives.archive(reader, root, folder, events=not no_events))
        except StampedeError as e:
            if older is None:
                raise
            troubles[root.wf_uuid] = str(e)
        else:
            if not json_:
                _print(done[-1])
    if json_:
        output.print_json({"archive": str(target), "workflows": [_told(one) for one in done], "troubles": troubles})
    elif not done and not troubles:
        output.show(output.text("No workflow is as old as that."))
    for uuid, trouble in troubles.items():
        output.warn(f"{uuid[:8]} was not archived: {trouble}")
    ctx.exit(4 if troubles else 0)


def _wanted(
    names: tuple[str, ...], older: float | None, label: str | None, db: str | None
) -> Iterator[tuple[Reader, Workflow]]:
    """The workflows, one after the other, each inside a snapshot of its database."""
    for name in names:
        with workflows_of(db, name) as (reader, roots):
            for root in roots:
                yield reader, root
    if older is not None:
        with _snapshot(database_of(db, None)) as reader:
            for uuid in ended_before(reader, time.time() - older, label):
                old = of_uuid(reader, uuid)
                if old is not None:
                    yield reader, old


@contextmanager
def _snapshot(url: str) -> Iterator[Reader]:
    with open_database(url) as reader, reader.snapshot():
        yield reader


def _told(one: Archived) -> dict[str, object]:
    return {"done": one.done, **_facts(one.manifest)}


def _facts(m: Manifest) -> dict[str, object]:
    return {**msgspec.to_builtins(m), "rows": sum(p.rows for p in m.parts.values()), "size_bytes": m.size_bytes}


def _print(one: Archived) -> None:
    m = one.manifest
    words = {"new": "archived", "replaced": "archived anew, it had changed", "same": "was in the archive already"}
    rows = sum(part.rows for part in m.tables.values())
    events = f"{m.events.rows:,} events" if m.events is not None else f"no events: {m.events_note}"
    output.show(output.text((m.label or m.wf_uuid, "bold"), f" ({m.wf_uuid[:8]}) {words[one.done]}: {rows:,} rows of "
                            f"{len(m.tables)} tables, {events}, {text.size(m.size_bytes)}"))  # fmt: skip


def _list(folder: Folder, json_: bool) -> None:
    found = folder.checked().manifests()
    if json_:
        output.print_json({"archive": str(folder.path), "workflows": [_facts(m) for m in found]})
        return
    made = output.table("uuid", "label", "state", "began", "jobs", "events", "size", right=("jobs", "events", "size"),
                        short=("label",))  # fmt: skip
    for m in found:
        made.add_row(
            m.wf_uuid[:8], output.text(m.label or "-"), output.state(m.state),
            "-" if m.first_ts is None else text.time(m.first_ts, seconds=False), f"{m.jobs:,}",
            f"{m.events.rows:,}" if m.events is not None else "-", text.size(m.size_bytes),
        )  # fmt: skip
    output.show(made)
