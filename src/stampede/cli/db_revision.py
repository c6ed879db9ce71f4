"""``stampede db upgrade`` and ``db downgrade``: bring a database to another revision of its tables."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from stampede.cli import options, output, text
from stampede.cli.naming import database_of

if TYPE_CHECKING:
    from stampede.pipeline import Moved, Step


@click.command(
    epilog=options.example(
        "stampede db upgrade --db postgresql+psycopg://stampede@db.site/stampede --dry-run",
        "stampede db upgrade runs/run1",
    )
)
@click.argument("path", required=False)
@options.database
@click.option("--to", type=int, metavar="REVISION", help="Only up to that revision.  [default: the newest]")
@click.option("--dry-run", is_flag=True, help="Print the SQL that would be run, and change nothing.")
@options.as_json
@options.common
@click.pass_context
def upgrade(ctx: click.Context, path: str | None, db: str | None, to: int | None, dry_run: bool, json_: bool) -> None:
    """Bring a database that an earlier release made to the newest revision of its tables.

    PATH is a submit directory whose database is meant. A file is upgraded by whoever writes to it, too; a database on
    a server only by this. Stop those who write to it with the earlier release first.
    """
    from stampede import pipeline

    url = database_of(db, path)
    _answer(ctx, pipeline.upgrade(url, to, dry_run=dry_run, told=None if json_ else _Progress()), json_=json_)


@click.command(
    epilog=options.example("stampede db downgrade --to 4 --db sqlite:///all.db --dry-run")
)  # fmt: skip
@click.argument("path", required=False)
@options.database
@click.option("--to", type=int, metavar="REVISION", required=True, help="The revision to go back to.")
@click.option("--lose", is_flag=True, help="Delete what the earlier revision has no place for.")
@click.option("--dry-run", is_flag=True, help="Print the SQL that would be run, and change nothing.")
@options.as_json
@options.common
@click.pass_context
def downgrade(
    ctx: click.Context, path: str | None, db: str | None, to: int, lose: bool, dry_run: bool, json_: bool
) -> None:  # fmt: skip
    """Bring a database back to an earlier revision of its tables, for an earlier release.

    PATH is a submit directory whose database is meant. Ends with 1, and changes nothing, when rows would be lost that
    cannot be worked out again; it says which and how many.
    """
    from stampede import pipeline

    url = database_of(db, path)
    told = None if json_ else _Progress()
    _answer(ctx, pipeline.downgrade(url, to, lose=lose, dry_run=dry_run, told=told), json_=json_)


class _Progress:
    """A line on standard error for each revision, and on a terminal how many of the statements are done."""

    def __init__(self) -> None:
        self._revision: int | None = None
        self._live = sys.stderr.isatty()

    def __call__(self, number: int, of: int, step: Step) -> None:
        if options.VERBOSE.quiet:
            return
        if step.revision != self._revision:
            self._revision = step.revision
            click.echo(f"{self._end()}revision {step.revision}: {step.title}", err=True)
        if self._live:
            click.echo(f"\r  {number} of {of} statements", err=True, nl=number == of)

    def _end(self) -> str:
        return "\r\033[K" if self._live else ""


def _answer(ctx: click.Context, moved: Moved, *, json_: bool) -> None:
    if json_:
        output.print_json(moved)
    else:
        _print(moved)
    ctx.exit(1 if moved.refused else 0)


def _print(moved: Moved) -> None:
    if not moved.done and not moved.refused:
        _print_sql(moved)
    if moved.refused:
        output.show(output.text(
            (f"{moved.db} keeps revision {moved.before}. ", "bold red"),
            f"Going back to {moved.target} would delete for good:",
        ), wrap=False)  # fmt: skip
        for lost in moved.lost:
            output.show(output.text(f"  {lost.what}: {text.count(lost.rows, 'row')}"))
        output.show(output.text(("To delete that, say --lose. Archive the runs first: stampede archive.", "dim")))
    elif moved.done and moved.statements:
        output.show(output.text(f"{moved.db}: revision {moved.before} became {moved.after}"
                                f"{_newest(moved)}."), wrap=False)  # fmt: skip
    elif not moved.statements:
        output.show(output.text(f"{moved.db} has revision {moved.before}{_newest(moved)}; there is nothing to do."),
                    wrap=False)  # fmt: skip


def _print_sql(moved: Moved) -> None:
    if not moved.statements:
        return
    inside = ("BEGIN;", *moved.statements, "COMMIT;") if moved.in_one_transaction else moved.statements
    click.echo(f"-- {moved.db}: revision {moved.before} would become {moved.after}")
    for statement in inside:
        click.echo(statement)


def _newest(moved: Moved) -> str:
    return ", the newest" if moved.after == moved.newest else f"; the newest is {moved.newest}"
