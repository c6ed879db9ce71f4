"""``stampede workflows``: what is in a database."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from stampede.cli import options, output, text
from stampede.cli.naming import database_of
from stampede.query import open_database
from stampede.query.past import everything_as_it_stood
from stampede.query.workflows import SORTS, Workflow, list_workflows

if TYPE_CHECKING:
    from rich.text import Text


@click.command(epilog=options.example("stampede workflows --db sqlite:///all.db --state failed"))
@click.argument("path", required=False)
@options.database
@click.option("--state", help="Only those in this state: running, success, failed, removed, halted, lost, unstarted.")
@click.option("--label", metavar="GLOB", help="Only those with this label; may hold *.")
@click.option("--user", help="Only those of this user.")
@click.option("--sort", type=click.Choice(sorted(SORTS)), default="started", show_default=True)
@click.option("--reverse", is_flag=True, help="The other way round (newest, largest or last first is usual).")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--all", "sub", is_flag=True, help="Sub-workflows too.")
@options.as_json
@options.as_of
@options.common
def workflows(
    path: str | None, db: str | None, state: str | None, label: str | None, user: str | None, sort: str, reverse: bool,
    limit: int, sub: bool, json_: bool, as_of: float | str | None,
) -> None:  # fmt: skip
    """List the workflows of a database, newest first. PATH is a submit directory whose database is meant."""
    with (
        open_database(database_of(db, path)) as reader,
        reader.snapshot(),
        everything_as_it_stood(reader, options.time_of(as_of)),
    ):
        found = list_workflows(
            reader, state=state, label=label, user=user, sub=sub, sort=sort, descending=not reverse, limit=limit
        )
    if json_:
        output.print_json({"workflows": found})
    elif not found:
        output.show(output.text("No workflow matches."))
    else:
        _print(found, time.time() if as_of is None else None)
        if len(found) == limit:
            output.hint(f"There may be more: --limit {limit * 10}")


def _print(found: list[Workflow], now: float | None) -> None:
    sub = any(w.parent_wf_uuid for w in found)
    narrow = output.width() < (100 if sub else 90)
    left_out = {"failed", "user"} if narrow and sub else set() if sub else {"below"}
    columns = [c for c in ("uuid", "label", "below", "state", "done", "failed", "started", "took", "user")
               if c not in left_out]  # fmt: skip
    made = output.table(*columns, right=("done", "failed", "took"), short=("label", "user"))
    for w in found:
        took = w.last_ts - w.first_ts if w.last_ts is not None and w.first_ts is not None else None
        cells: dict[str, str | Text] = {
            "uuid": w.wf_uuid[:8], "label": output.text(w.label or w.dag or "-"),
            "below": (w.parent_wf_uuid or "-")[:8], "state": output.state(w.state),
            "done": f"{w.done:,}/{w.total:,}", "failed": f"{w.failed:,}" if w.failed else "-",
            "started": text.ago(w.first_ts, now) if now is not None and narrow else text.time(w.first_ts),
            "took": text.duration(took), "user": output.text(w.user or "-"),
        }  # fmt: skip
        made.add_row(*(cells[c] for c in columns))
    output.show(made)
