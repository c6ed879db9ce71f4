"""``stampede registry``: the workflows that were watched or loaded, wherever their databases are."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from stampede.cli import options, output, text
from stampede.cli.options import VERBOSE
from stampede.errors import NotAWorkflowError, UnknownWorkflowError, UsageError
from stampede.query.registry import Entry, entries, is_there, look_up, this_host, watchers
from stampede.query.space import size_of

_DAY_S = 86400


class _ListByDefault(click.Group):
    """A group whose ``list`` runs when no other of its verbs is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_ListByDefault, epilog=options.example("stampede registry", "stampede registry list --state running"))
def registry() -> None:
    """List the workflows that were watched or loaded, forget some, say where they have moved to.

    stampede watch writes the registry, so that a uuid or label names a workflow wherever its database is.
    """


@registry.command("list", epilog=options.example("stampede registry list --state failed"))
@click.option("--state", help="Only those in this state: running, success, failed, removed, halted, lost, unstarted.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--sizes", is_flag=True, help="With what their databases take on the disk.")
@options.as_json
@options.common
def list_(state: str | None, limit: int, sizes: bool, json_: bool) -> None:
    """List the workflows that were watched or loaded, the one seen last first, and what of them is not where it was."""
    found = entries(state=state, limit=limit)
    if json_:
        more = {"databases": {e.db_url: size_of(e.db_url) for e in found}} if sizes else {}
        output.print_json({"workflows": found, **more})
    elif not found:
        words = (
            "No workflow matches."
            if state
            else "No workflow was watched or loaded yet. Begin with: stampede watch SUBMIT_DIR"
        )
        output.show(output.text(words))
    else:
        _print(found)
        if sizes:
            _print_sizes(found)
        if len(found) == limit:
            output.hint(f"There may be more: --limit {limit * 10}")


def _print(found: list[Entry]) -> None:
    now = time.time()
    narrow = output.width() < 80
    made = output.table(
        "uuid", "label", "state", "done", "failed", *([] if narrow else ["held"]), "seen",
        *([] if narrow else ["directory"]), right=("done", "failed", "held"), short=("label", "directory"),
    )  # fmt: skip
    for e in found:
        made.add_row(
            e.wf_uuid[:8], output.text(e.label or e.dag or "-"), output.state(e.state), f"{e.done:,}/{e.total:,}",
            f"{e.failed:,}" if e.failed else "-", *([] if narrow else [f"{e.held:,}" if e.held else "-"]),
            text.ago(e.last_seen_ts, now), *([] if narrow else [output.text(e.submit_dir or "-")]),
        )  # fmt: skip
    output.show(made)
    lost = [e for e in found if e.missing]
    for e in lost:
        output.show(output.text((f"{e.wf_uuid[:8]}: {_trouble(e)}", "yellow")), wrap=False)
    if lost:
        output.hint(f"If it was moved: stampede registry relocate {lost[0].wf_uuid[:8]} NEW_DIR (or --find FOLDER)")


def _print_sizes(found: list[Entry]) -> None:
    """The databases of these workflows, the largest first."""
    sizes = {e.db_url: size_of(e.db_url) for e in found}
    made = output.table("size", "workflows", "database", right=("size", "workflows"), short=("database",))
    for url, size in sorted(sizes.items(), key=lambda one: (-(one[1] or 0), one[0])):
        made.add_row(text.size(size), f"{sum(e.db_url == url for e in found):,}", output.text(url))
    output.show(made)


def _trouble(e: Entry) -> str:
    """What of a workflow is gone, and where it was."""
    database = f"; its database is {e.db_url}" if is_there(e.db_url) else f"; its database was {e.db_url}"
    return f"{e.missing}; it was watched on {e.host} in {e.submit_dir or 'no directory'}{database}"


@registry.command(epilog=options.example("stampede registry forget 1b4e28ba", "stampede registry forget --missing"))
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--missing", is_flag=True, help="All that were watched or loaded on this host and whose database is gone."
)
@click.option("--ended", is_flag=True, help="All that have ended.")
@click.option("--older", type=click.FloatRange(0), metavar="DAYS", help="Of these only those not seen for so long.")
@options.as_json
@options.common
def forget(names: tuple[str, ...], missing: bool, ended: bool, older: float | None, json_: bool) -> None:
    """Strike workflows from the registry. Their databases and directories stay as they are.

    NAME is a uuid (or the start of it), a label or a submit directory. One that is watched comes back.
    """
    if names and (missing or ended or older is not None):
        raise UsageError("Name workflows, or say which by --missing, --ended and --older; not both.")
    if not names and not (missing or ended):
        raise UsageError("Name a workflow to forget, or say --missing or --ended (with --older DAYS).")
    chosen = [_one(name) for name in dict.fromkeys(names)] if names else _chosen(missing, ended, older)
    chosen = list({e.wf_uuid: e for e in chosen}.values())
    watched = {uuid for watcher in watchers() for uuid in watcher.wf_uuids} if chosen else set()
    gone = _strike([e.wf_uuid for e in chosen])
    if json_:
        output.print_json({"forgotten": gone})
        return
    for e in chosen:
        again = "; it is being watched, and will come back" if e.wf_uuid in watched else ""
        output.show(output.text(f"{_named(e)} is forgotten{again}."), wrap=False)
    if not chosen:
        output.show(output.text("No workflow matches."))
    if missing:
        _tell_of_other_hosts()


def _tell_of_other_hosts() -> None:
    kept = sum(e.host != this_host() and not is_there(e.db_url) for e in entries())
    if kept:
        output.hint(f"{text.count(kept, 'workflow')} of other hosts stay: their databases may lie on disks there.")


def _strike(uuids: list[str]) -> list[str]:
    if not uuids:
        return []
    from stampede import registration

    return registration.forget(uuids)


def _chosen(missing: bool, ended: bool, older: float | None) -> list[Entry]:
    """Those that all given conditions hold for."""
    host, now = this_host(), time.time()
    return [
        e for e in entries()
        if (not missing or (e.host == host and not is_there(e.db_url)))
        and (not ended or e.ended_ts is not None)
        and (older is None or now - e.last_seen_ts > older * _DAY_S)
    ]  # fmt: skip


@registry.command(
    epilog=options.example("stampede registry relocate 1b4e28ba /archive/run0001",
                           "stampede registry relocate diamond --find /archive")
)  # fmt: skip
@click.argument("name")
@click.argument("new_dir", required=False)
@click.option("--find", "below", metavar="FOLDER", help="Search below this folder instead.")
@options.as_json
@options.common
def relocate(name: str, new_dir: str | None, below: str | None, json_: bool) -> None:
    """Say where a workflow lies now. NEW_DIR has to hold that workflow; nothing is moved.

    NAME is its uuid (or the start of it), its label or the directory that it was in. A database that lay beside the run
    is looked for beside it again.
    """
    if (new_dir is None) == (below is None):
        raise UsageError("Name the directory where the workflow lies now, or a folder to search with --find.")
    from stampede import registration

    entry = _one(name)
    moved = registration.relocate(entry, Path(new_dir) if new_dir is not None else _search(entry, below or "."))
    if json_:
        output.print_json(moved)
        return
    output.show(output.text(f"{_named(entry)} is in {moved.submit_dir}."), wrap=False)
    if moved.has_database:
        output.show(output.text((f"  database {moved.db_url}", "dim")), wrap=False)
    else:
        again = options.command("load", moved.submit_dir, None)
        output.show(output.text(f"Its database is not there ({moved.db_url}). Make it anew with: {again}"), wrap=False)


def _search(entry: Entry, below: str) -> Path:
    from stampede import registration

    if not Path(below).is_dir():
        raise NotAWorkflowError(f"{below} is no directory.", path=below)
    with _progress() as progress:
        found = registration.search(entry, Path(below), progress)
    if found is None:
        raise NotAWorkflowError(f"No directory below {below} holds the workflow {_named(entry)}.", path=below)
    return found


@contextmanager
def _progress() -> Iterator[Callable[[int, str], None] | None]:
    """A line with the folder at hand, on a terminal; nothing otherwise."""
    if sys.stderr is None or not sys.stderr.isatty() or VERBOSE.quiet:
        yield None
        return
    with output.console(err=True).status("") as line:
        yield lambda count, place: line.update(output.text(f"{count:,} folders  {place[-60:]}"))


def _one(name: str) -> Entry:
    """The one workflow that a name means. Raises UnknownWorkflowError or UsageError."""
    found = look_up(name)
    if not found:
        raise UnknownWorkflowError(f"The registry has no workflow {name!r}. What it has: stampede registry list")
    if len(found) > 1:
        known = ", ".join(f"{e.wf_uuid[:13]} ({e.submit_dir or e.host})" for e in found[:5])
        raise UsageError(f"{name!r} means {len(found)} workflows. Name one by its uuid: {known}.")
    return found[0]


def _named(e: Entry) -> str:
    return f"{e.label} ({e.wf_uuid[:8]})" if e.label else e.wf_uuid
