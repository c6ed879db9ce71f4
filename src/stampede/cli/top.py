"""``stampede top``: all watched workflows on a screen of the terminal."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import click
import msgspec

from stampede.cli import options, output
from stampede.cli.naming import database_of, storable
from stampede.cli.status import as_object
from stampede.errors import NoDatabaseError, UsageError
from stampede.util import find_db

if TYPE_CHECKING:
    from stampede.tui.reading import Reading, Watched
    from stampede.tui.tree import Branch


@click.command(epilog=options.example("stampede top", "stampede top runs/run0001 --interval 5", "stampede top --once"))
@click.argument("names", nargs=-1, metavar="[NAME|PATH]...")
@options.database
@click.option("--interval", type=click.FloatRange(0.2), default=2.0, show_default=True, metavar="S",
              help="Seconds between two readings, at least.")  # fmt: skip
@click.option("--once", is_flag=True, help="Print the first screen and end; so it is where there is no terminal.")
@options.as_json
@options.common
@click.pass_context
def top(ctx: click.Context, names: tuple[str, ...], db: str | None, interval: float, once: bool, json_: bool) -> None:
    """All watched workflows on a screen: how far they are, what is wrong, down to what a job printed.

    Without names: the workflows of the registry and those of the current directory. NAME is a uuid or its start, or a
    label; PATH is a submit directory. The screen needs the extra tui: pip install 'stampede-wf[tui]'. Press ? in it for
    its keys.
    """
    watched = _watched(names, db)
    everything = not names and db is None
    if once or json_ or not (sys.stdout.isatty() and sys.stdin.isatty()):
        _once(watched, json_)
        return
    try:
        from stampede.tui.app import TopApp
    except ModuleNotFoundError as e:
        if (e.name or "").partition(".")[0] != "textual":
            raise
        raise UsageError(
            "The terminal screen needs textual, which is not installed: pip install 'stampede-wf[tui]'. "
            "Without it: stampede top --once."
        ) from e
    app = TopApp(watched, interval=interval, find=(lambda: _watched((), None)) if everything else None)
    app.run()
    ctx.exit(app.return_code or 0)


def _watched(names: tuple[str, ...], db: str | None) -> list[Watched]:
    """The databases that are meant, each once, with the workflows of it that are."""
    from stampede.tui.reading import Watched

    if not names:
        return [Watched(url) for url in ([db] if db else _everything())]
    found: dict[str, Watched] = {}
    for name in names:
        url = database_of(db, name)
        known = found.get(url, Watched(url))
        if db is None and os.path.exists(name):
            found[url] = Watched(url, known.names, (*known.folders, storable(name)))
        else:
            found[url] = Watched(url, (*known.names, storable(name)), known.folders)
    return list(found.values())


def _everything() -> list[str]:
    """The databases of the registry and that of the current directory."""
    from stampede.query.registry import databases

    urls = databases()
    try:
        urls.append(find_db("."))
    except NoDatabaseError:
        if not urls:
            raise NoDatabaseError(
                "There is nothing to watch: no workflow is registered, and the current directory has no database. "
                "Name a submit directory, or a database with --db; or begin with: stampede load SUBMIT_DIR."
            ) from None
    return list(dict.fromkeys(urls))


def _once(watched: list[Watched], json_: bool) -> None:
    from stampede.tui.reading import Watch

    readings = [Watch(w).read() for w in watched]
    faults = [r.fault for r in readings if r.fault is not None]
    if len(faults) == len(readings):
        raise faults[0]
    if json_:
        output.print_json({
            "workflows": [one for r in readings for b in r.roots for one in _root_objects(b, r)],
            "faults": [{"database": r.url, "message": str(r.fault)} for r in readings if r.fault is not None],
        })  # fmt: skip
    else:
        _print(readings)


def _root_objects(b: Branch, r: Reading) -> list[dict[str, Any]]:
    """A root and those below it; its own object has its progress, as that of ``status`` has."""
    own, *inner = _objects(b, r.url)
    return [{**own, "progress": msgspec.to_builtins(r.progress.get(b.glance.wf_id))}, *inner]


def _objects(b: Branch, url: str) -> list[dict[str, Any]]:
    """A workflow and those below it, as JSON has them."""
    s = b.glance
    own = {
        "database": url, **as_object(s.status), "nodes_per_min": None if b.own.rate is None else round(b.own.rate, 2),
        "hold_reason": s.hold_reason, "halt_reason": s.halt_reason, "failed_job": s.failed_job,
    }  # fmt: skip
    return [own, *(one for inner in b.branches for one in _objects(inner, url))]


def _print(readings: list[Reading]) -> None:
    from stampede.tui.columns import fit, head, row
    from stampede.tui.forestrows import ForestRows, forest_lines
    from stampede.tui.tree import View

    rows = ForestRows(forest_lines(readings, View()), time.time(), ascii_only=not output.utf8())
    width = output.width()
    layout = fit(rows.columns, width)
    rows.fitted(layout)
    output.show(output.text(*head(rows.columns, layout)))
    for at in range(rows.count):
        cells = rows.cells(at)
        whole = len(cells) < len(rows.columns)  # a sentence, which may take several lines
        output.show(output.text(*(cells[0] if whole else row(cells, rows.columns, layout))))
