"""``stampede db``: make, check, mend or upgrade a database, show what it takes, import what Pegasus wrote."""

from __future__ import annotations

import click
import msgspec

from stampede.cli import options, output
from stampede.cli.db_import import import_
from stampede.cli.db_partition import partition
from stampede.cli.db_revision import downgrade, upgrade
from stampede.cli.db_usage import usage
from stampede.cli.naming import database_of
from stampede.query import open_database
from stampede.query.health import Health
from stampede.query.health import check as look
from stampede.query.registry import shown


@click.group(epilog=options.example("stampede db check --db sqlite:///all.db"))
def db() -> None:
    """Make, check, mend or upgrade a database, show what it takes, import what Pegasus wrote."""


@db.command(epilog=options.example("stampede db check runs/run0001", "stampede db check --db sqlite:///all.db --json"))
@click.argument("path", required=False)
@options.database
@options.as_json
@options.common
@click.pass_context
def check(ctx: click.Context, path: str | None, db: str | None, json_: bool) -> None:
    """Whether the file is whole, tables are as declared, rows refer to rows that exist, and summaries equal a recount.

    PATH is a submit directory whose database is meant. Ends with 1 when something is wrong.
    """
    with open_database(database_of(db, path)) as reader, reader.snapshot():
        health = look(reader)
    if json_:
        output.print_json({"ok": health.ok, **msgspec.to_builtins(health)})
    else:
        _print(health)
    ctx.exit(0 if health.ok else 1)


def _print(health: Health) -> None:
    output.show(output.text((health.url, "bold"), f": revision {health.revision} of the tables, the newest is "
                            f"{health.newest_revision} (Pegasus {health.pegasus_version})"))  # fmt: skip
    output.show(output.text(", ".join(f"{n:,} rows in {table}" for table, n in health.rows.items() if n) or "empty"))
    for c in health.checks:
        mark, style = ("ok", "green") if not c.faults else ("WRONG", "bold red") if c.serious else ("note", "yellow")
        output.show(output.text((f"  {mark:6}", style), f"{c.name}{f': {c.faults:,}' if c.faults else ''}"))
        for sample in c.samples:
            output.show(output.text(f"          {sample}"))
        if c.faults and c.remedy:
            output.show(output.text((f"          {c.remedy}", "dim")))


@db.command(epilog=options.example("stampede db init --db postgresql+psycopg://stampede@db.site/stampede"))
@options.database
@click.option("--partition", "by", type=click.Choice(["month"]),
              help="Lay states out in partitions by month (PostgreSQL; see: stampede db partition).")  # fmt: skip
@options.as_json
@options.common
def init(db: str | None, by: str | None, json_: bool) -> None:
    """Make the tables of a database that has none, and say which schema it has. What is there is left as it is."""
    from stampede import pipeline

    if db is None:
        raise click.UsageError("Which database? Name it with --db URL.")
    pipeline.make_database(db, by_month=by is not None)
    with open_database(db) as reader:
        row = reader.one("SELECT value FROM stampede_meta WHERE key = 'schema_version'")
    if json_:
        version = row[0] if row else None
        output.print_json({"db": shown(db), "schema_version": version, "revision": int(version) if version else None})
    else:
        output.show(output.text(f"{shown(db)}: the tables of schema {row[0] if row else '?'} are there."))


@db.command("rebuild-summaries", epilog=options.example("stampede db rebuild-summaries --db sqlite:///all.db"))
@click.argument("path", required=False)
@options.database
@options.as_json
@options.common
def rebuild(path: str | None, db: str | None, json_: bool) -> None:
    """Count all summaries afresh, in one transaction. Not while a load writes to the same database."""
    from stampede import pipeline

    url = database_of(db, path)
    with open_database(url):
        pass  # refuses databases that do not exist, before one is made
    changed = pipeline.rebuild_summaries(url)
    if json_:
        output.print_json({"db": url, "changed": changed})
    else:
        output.show(output.text(f"{url}: {changed} of the summaries were wrong and are right now." if changed
                                else f"{url}: all summaries were right."))  # fmt: skip


db.add_command(downgrade)
db.add_command(upgrade)
db.add_command(import_)
db.add_command(partition)
db.add_command(usage)
