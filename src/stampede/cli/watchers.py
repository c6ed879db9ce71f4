"""``stampede watch --list`` and ``--stop``: the watchers of the user."""

from __future__ import annotations

import os
import time

import click

from stampede.cli import output, text
from stampede.errors import UsageError
from stampede.query.registry import Watcher, look_up, watchers
from stampede.watching.detached import stop


def list_watchers(json_: bool) -> None:
    """Print the watchers that run."""
    found = watchers()
    if json_:
        output.print_json({"watchers": found})
        return
    if not found:
        click.echo("No watcher runs. Start one with: stampede watch SUBMIT_DIR")
        return
    table = output.table("pid", "host", "since", "seen", "workflows", "what", "log", right=("pid", "workflows"),
                         short=("what", "log"))  # fmt: skip
    for w in found:
        what = ("new runs below " if w.auto else "") + ", ".join(w.paths) + (f" ({w.note})" if w.note else "")
        since, seen = text.time(w.started_ts, seconds=False), text.ago(w.last_seen_ts, time.time())
        table.add_row(
            str(w.pid), text.clean(w.host), since, seen,
            str(len(w.wf_uuids)), output.text(what), output.text(w.log or "-"),
        )  # fmt: skip
    output.show(table)


def stop_watchers(name: str, json_: bool) -> int:
    """Stop the watchers that a name means; 0 when all of them ended. Raises UsageError when there is none."""
    found = [w for w in watchers() if _means(name, w)]
    if not found:
        raise UsageError(f"No watcher of {name!r} runs. See: stampede watch --list")
    stopped = {w.pid: stop(w) for w in found}
    if json_:
        output.print_json({"stopped": [w.pid for w in found if stopped[w.pid]],
                           "still_running": [w.pid for w in found if not stopped[w.pid]]})  # fmt: skip
    else:
        for w in found:
            how = "has ended" if stopped[w.pid] else "was told to, but has not ended yet"
            click.echo(f"Watcher {w.pid} of {', '.join(w.paths)} {how}.")
    return 0 if all(stopped.values()) else 1


def _means(name: str, w: Watcher) -> bool:
    if name == "all" or name == str(w.pid) or os.path.abspath(name) in w.paths:
        return True
    known = {e.wf_uuid for e in look_up(name)}
    return bool(known & set(w.wf_uuids))
