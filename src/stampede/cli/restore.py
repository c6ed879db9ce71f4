"""``stampede restore``: workflows of an archive back into a database."""

from __future__ import annotations

from pathlib import Path

import click

from stampede import archive as archives
from stampede.archive import Folder, Restored
from stampede.cli import options, output
from stampede.errors import UsageError
from stampede.query import open_database
from stampede.query.registry import absolute, shown
from stampede.query.workflows import list_workflows
from stampede.watching.remember import remember


@click.command(epilog=options.example(
    "stampede restore montage --archive /archive --db sqlite:///back.db",
    "stampede restore --all --archive /archive --db sqlite:///back.db",
    "stampede restore 5b0c6c2e --archive /archive --events run.jsonl",
))  # fmt: skip
@click.argument("names", nargs=-1, metavar="[UUID|LABEL]...")
@options.archive
@click.option("--all", "every", is_flag=True, help="All workflows of the archive.")
@click.option("--events", metavar="FILE", type=click.Path(path_type=Path),
              help="Write the events of one workflow as JSON lines there, and no rows into a database.")  # fmt: skip
@click.option("--db", metavar="URL", envvar="STAMPEDE_DB",
              help="The database, made when there is none.  [env STAMPEDE_DB]")  # fmt: skip
@options.as_json
@options.common
def restore(
    names: tuple[str, ...], source: Path, every: bool, events: Path | None, db: str | None, json_: bool
) -> None:  # fmt: skip
    """Write workflows of an archive into a database, row by row as they were; others that are there are left alone.

    They are in the registry then, as after a load. Files are checked against their checksums first. A workflow that the
    database has is passed over.
    """
    folder = Folder(source).checked()
    if every == bool(names):
        raise UsageError("Name workflows of the archive, or give --all.")
    manifests = folder.manifests() if every else [folder.find(name) for name in names]
    if events is not None:
        if len(manifests) != 1:
            raise UsageError("--events takes one workflow.")
        count = archives.write_events(folder, manifests[0], events)
        if json_:
            output.print_json({"file": str(events), "events": count})
        else:
            output.show(output.text(f"{count:,} events in {events}"))
        return
    if db is None:
        raise UsageError("Say which database to write into: --db sqlite:///FILE.")
    done = [archives.restore(folder, manifest, db) for manifest in manifests]
    trouble = _remember(db, done)
    if json_:
        output.print_json({"db": shown(db), "workflows": done})
    else:
        for one in done:
            _print(one)
    if trouble is not None:
        output.warn(trouble)


def _remember(db: str, done: list[Restored]) -> str | None:
    """Enter what was restored into the user's registry, as a load does; what kept that from being done."""
    back = {one.wf_uuid for one in done if one.done == "restored"}
    if not back:
        return None
    with open_database(db) as reader, reader.snapshot():
        return remember(reader, absolute(db), [w for w in list_workflows(reader) if w.wf_uuid in back])


def _print(one: Restored) -> None:
    what = (f"restored: {sum(one.rows.values()):,} rows of {len(one.rows)} tables" if one.done == "restored"
            else "is there already, and was left alone")  # fmt: skip
    output.show(output.text((one.label or one.wf_uuid, "bold"), f" ({one.wf_uuid[:8]}) {what}"))
