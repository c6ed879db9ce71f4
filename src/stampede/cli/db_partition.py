"""``stampede db partition``: states of tries in partitions by month, on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from stampede.cli import options, output, text
from stampede.cli.naming import database_of

if TYPE_CHECKING:
    from stampede.pipeline import Partitioned

#: as ``store.months.verbs`` has it, which is imported when it is asked for
_AHEAD = 3
_MOST = 120


@click.command(epilog=options.example(
    "stampede db partition --by month --dry-run --db postgresql+psycopg://stampede@db.site/stampede",
    "stampede db partition --drop-empty -q --db postgresql+psycopg://stampede@db.site/stampede",
    "stampede db partition --list --db postgresql+psycopg://stampede@db.site/stampede",
))  # fmt: skip
@click.argument("path", required=False, metavar="[URL]")
@options.database
@click.option("--by", type=click.Choice(["month"]), help="Lay a database out by months that is not, and then as below.")
@click.option("--none", is_flag=True, help="Make it one table again.")
@click.option("--list", "list_", is_flag=True, help="Only show the months, the rows that they have, and their size.")
@click.option("--ahead", type=click.IntRange(0, _MOST), default=_AHEAD, show_default=True, metavar="N",
              help="Months to make ahead of the current one.")  # fmt: skip
@click.option("--drop-empty", is_flag=True, help="Drop months before the current one that have no rows.")
@click.option("--dry-run", is_flag=True, help="Print the SQL that would be run, and change nothing.")
@options.as_json
@options.common
def partition(
    path: str | None, db: str | None, by: Literal["month"] | None, none: bool, list_: bool, ahead: int,
    drop_empty: bool, dry_run: bool, json_: bool,
) -> None:  # fmt: skip
    """Keep the states of tries (the table jobstate) of a PostgreSQL in partitions by month.

    Makes the current month and those ahead, and the months that states are of which came without one: these are moved
    there, a month in a transaction. To be run once a month, by a timer; run again, it finds nothing to do.

    Ends with 2 where there are no partitions (files, MariaDB, or not laid out by months yet), with 4 when the database
    cannot be reached or others do not let go of it.
    """
    from stampede import pipeline

    if sum((by is not None, none, list_)) > 1 or ((none or list_) and drop_empty) or (list_ and dry_run):
        raise click.UsageError("--by, --none and --list go one at a time; the last two go without --drop-empty.")
    url = database_of(db or (path if path is not None and "://" in path else None), path)
    if list_:
        answer = pipeline.months(url)
    else:
        answer = pipeline.partition(
            url, "none" if none else by, ahead=ahead, drop_empty=drop_empty, dry_run=dry_run,
            told=None if json_ else _tell,
        )  # fmt: skip
    if json_:
        output.print_json(answer)
    elif list_:
        _print_parts(answer)
    elif dry_run:
        _print_sql(answer)
    else:
        _print(answer)


def _tell(said: str) -> None:
    if not options.VERBOSE.quiet:
        click.echo(said, err=True)


def _print_sql(answer: Partitioned) -> None:
    if not answer.transactions:
        _print(answer)
    for statements in answer.transactions:
        for statement in statements:
            click.echo(statement)


def _print(answer: Partitioned) -> None:
    laid = {"month": ["laid out by months"], "none": ["one table again"], None: []}[answer.laid]
    said = [
        *laid,
        *([f"made {', '.join(answer.made)}"] if answer.made else []),
        *([f"moved {text.count(answer.moved_rows, 'row')}"] if answer.moved_rows else []),
        *([f"dropped {', '.join(answer.dropped)}"] if answer.dropped else []),
    ]
    output.show(output.text((answer.db, "bold"), f": {'; '.join(said) or 'there is nothing to do'}."), wrap=False)


def _print_parts(answer: Partitioned) -> None:
    if not answer.partitioned:
        output.show(output.text((answer.db, "bold"), ": states are not laid out by months."), wrap=False)
        return
    made = output.table("month", "partition", "about rows", "size", "indexes", right=("about rows", "size", "indexes"))
    for part in answer.parts:
        month = part.month or ("the rest" if part.first_ts is None else "")
        rows = "?" if part.rows is None else f"{part.rows:,}"
        made.add_row(output.text(month), output.text(part.table), rows, text.size(part.size_bytes),
                     text.size(part.index_bytes))  # fmt: skip
    output.show(output.text((answer.db, "bold"), f": {text.count(len(answer.parts), 'partition')}."), wrap=False)
    output.show(made)
