"""``stampede db usage``: what databases take on the disk."""

from __future__ import annotations

import click

from stampede.cli import options, output, text
from stampede.cli.naming import database_of
from stampede.errors import StampedeError
from stampede.query import open_database
from stampede.query.registry import databases, shown
from stampede.query.space import Usage
from stampede.query.space import usage as look

#: tables that are shown of each database
_MOST = 8


@click.command(epilog=options.example("stampede db usage", "stampede db usage --db sqlite:///all.db --each"))
@click.argument("path", required=False)
@options.database
@click.option("--each", is_flag=True, help="Runs one by one, in place of labels.")
@options.as_json
@options.common
@click.pass_context
def usage(ctx: click.Context, path: str | None, db: str | None, each: bool, json_: bool) -> None:
    """What databases take on the disk, by table, and about how much of that runs have, by label.

    All databases of the registry, or one (--db, or PATH: the submit directory whose database is meant). Reads the whole
    database.
    """
    found: list[Usage] = []
    troubles: dict[str, str] = {}
    for url in [database_of(db, path)] if db or path else databases():
        try:
            with open_database(url) as reader, reader.snapshot():
                found.append(look(reader, each=each))
        except StampedeError as e:
            troubles[url] = str(e)
    found.sort(key=lambda one: -one.size_bytes)
    if json_:
        output.print_json({"databases": found, "troubles": troubles})
    else:
        for one in found:
            _print(one, each=each)
        total = sum(one.size_bytes for one in found)
        output.show(output.text(f"{text.count(len(found), 'database')}, {text.size(total)}."))
    for url, trouble in troubles.items():
        output.warn(f"{shown(url)}: {trouble}")
    ctx.exit(4 if troubles else 0)


def _print(one: Usage, *, each: bool) -> None:
    empty = "" if one.free_bytes is None else f", of which {text.size(one.free_bytes)} hold nothing"
    room = "" if one.disk_free_bytes is None else f"; {text.size(one.disk_free_bytes)} free on the disk"
    output.show(output.text((shown(one.url), "bold"), f": {text.size(one.size_bytes)}{empty}{room}"), wrap=False)
    if one.tables:
        made = output.table("table", "rows", "indexes", right=("rows", "indexes"))
        for t in one.tables[:_MOST]:
            made.add_row(output.text(t.name), text.size(t.size_bytes), text.size(t.index_bytes))
        output.show(made)
    made = output.table(
        "run" if each else "label", "runs", "jobs", "tries", "about", right=("runs", "jobs", "tries", "about")
    )
    for s in one.labels:
        made.add_row(output.text(s.label or "-"), f"{s.runs:,}", f"{s.jobs:,}", f"{s.tries:,}", text.size(s.size_bytes))
    output.show(made)
