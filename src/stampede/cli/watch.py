"""``stampede watch``: follow workflows while they run."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stampede.cli import options, output
from stampede.cli.sending import Trouble
from stampede.cli.watch_report import Reporter, reporter
from stampede.cli.watch_signals import Signals
from stampede.cli.watchers import list_watchers, stop_watchers
from stampede.errors import NotAWorkflowError, UsageError
from stampede.files import told
from stampede.watching import Followed, Watching
from stampede.watching.bookkeeper import Bookkeeper
from stampede.watching.detached import detach, own_log
from stampede.watching.discovery import Discovery

if TYPE_CHECKING:
    from stampede.pushing.beside import Beside

#: what the terminal and the registry are told is looked up so often at most, in seconds, and takes no larger share
_SHOW_S, _SHARE = 1.0, 0.05
#: with --auto, a workflow that ended is kept in sight for so long: it may be rescued
_KEEP_S = 600.0
#: states of a root workflow that make the command end with 1
_BAD = frozenset({"failed", "removed", "lost", "halted"})


@click.command(epilog=options.example(
    "stampede watch runs/run0001", "stampede watch --detach runs/run0001 && stampede watch --list",
    "stampede watch --auto ~/runs", "stampede watch runs/run0001 --bus amqp://broker.example/site",
))  # fmt: skip
@click.argument("paths", nargs=-1, metavar="PATH...")
@options.database
@options.bus(required=False)
@click.option("--auto", is_flag=True, help="PATHs are folders: follow every submit directory that appears below them.")
@click.option("--detach", is_flag=True, help="Go on in the background, with a log in the state folder.")
@click.option("--wait", is_flag=True, help="Wait for a PATH that does not exist yet.")
@click.option("--poll", is_flag=True, help="Do without inotify: look at the logs now and then.  [env STAMPEDE_POLL]")
@click.option("--list", "list_", is_flag=True, help="List the watchers that run.")
@click.option("--stop", metavar="NAME|all", help="Stop the watcher of a path, uuid, label or process id.")
@options.as_json
@options.common
@click.pass_context
def watch(
    ctx: click.Context, paths: tuple[str, ...], db: str | None, bus_url: str | None, auto: bool, detach: bool,
    wait: bool, poll: bool, list_: bool, stop: str | None, json_: bool,
) -> None:  # fmt: skip
    """Follow workflows while they run, until they end.

    Each PATH is a submit directory, a .dag or a dagman.out, before or after it was submitted; sub-workflows, restarts
    and rescues are followed in place. What happens is in the database a moment later: ask with status, triage, jobs
    from anywhere. Interrupt it and start it again whenever you like, nothing is lost or doubled. Ends with 0 when all
    workflows succeeded, with 1 when one failed, was removed or is lost. With --bus the events go to a bus beside the
    database; stampede publish --follow does without a database.
    """
    if list_:
        list_watchers(json_)
        ctx.exit(0)
    if stop is not None:
        ctx.exit(stop_watchers(stop, json_))
    if not paths:
        raise UsageError("Name what to watch: stampede watch SUBMIT_DIR, or --auto FOLDER, or --list.")
    places = [Path(os.path.abspath(p)) for p in paths]
    _check(places, wait, auto)
    if detach and _detached(places, json_):
        ctx.exit(0)
    poll = poll or os.environ.get("STAMPEDE_POLL", "0") not in ("", "0")
    ctx.exit(_run(places, db, auto, poll, json_, _beside(bus_url) if bus_url else None))


def _beside(bus_url: str) -> Beside:
    """Who publishes what is watched."""
    from stampede.bus import open_bus
    from stampede.pushing.beside import Beside
    from stampede.pushing.carrier import BusTarget

    bus = open_bus(bus_url)
    return Beside(BusTarget(url=bus.name, bus=bus))


def _check(paths: list[Path], wait: bool, auto: bool) -> None:
    """Refuse what can never be a workflow, before anything is begun."""
    for path in paths:
        if os.path.isdir(path):
            continue
        if not os.path.exists(path):
            if not wait:
                raise NotAWorkflowError(f"{told(path)} does not exist. Wait for it with --wait.", path=str(path))
        elif auto or not path.name.endswith((".dag", ".dagman.out")):
            wanted = "folder" if auto else "submit directory, .dag or dagman.out"
            more = "" if auto else f" A finished log is read with: stampede load {told(path)}"
            raise NotAWorkflowError(f"{told(path)} cannot be watched: it is no {wanted}.{more}", path=str(path))


def _detached(paths: list[Path], json_: bool) -> bool:
    """Whether this is the process that was asked, which has told what there is to tell."""
    log = detach(paths[0].name)
    if log is None:
        return False
    if json_:
        output.print_json({"log": str(log), "paths": [told(p) for p in paths]})
    else:
        click.echo(f"Watching {', '.join(told(p) for p in paths)} in the background; its log is {log}.")
        output.hint("  see: stampede watch --list    stop: stampede watch --stop NAME")
    return True


class _Watch:
    """One run of the verb."""

    def __init__(
        self, watching: Watching, report: Reporter, books: Bookkeeper, db: str | None, beside: Beside | None
    ) -> None:  # fmt: skip
        self.watching = watching
        self.beside = beside
        self._trouble = Trouble("What is published waits in the spool; it is tried again.")
        self.report = report
        self.books = books
        self.db = db
        self._shown = 0.0
        self._registry_trouble: str | None = None
        self._ended: dict[Followed, float] = {}

    def add(self, path: Path) -> None:
        """Follow a path."""
        self.watching.add(path, self.db)
        if self.beside is not None:
            self.beside.add(path)

    def show(self, *, now: bool = False) -> None:
        """Tell terminal and registry how all stands, when it is time to."""
        began = time.monotonic()
        if not now and began < self._shown:
            return
        seen = self.report.look(self.watching.followed)
        for one in seen:
            self.books.note(one.url, one.whole, user=one.user)
        troubles = [f.trouble for f in self.watching.followed if f.trouble]
        self.books.beat((one.whole.root.wf_uuid for one in seen), troubles[0] if troubles else "")
        if self.books.trouble != self._registry_trouble:
            self._registry_trouble = self.books.trouble
            self.report.say(self._registry_trouble or "The registry takes entries again.")
        self.report.tell(self.watching)
        if self.beside is not None:
            self._trouble.tell(self.beside.trouble)
        self._shown = time.monotonic() + max(_SHOW_S, (time.monotonic() - began) / _SHARE)

    def take_up(self, discovery: Discovery) -> None:
        """Follow what has appeared, and let go of what ended a while ago."""
        now = time.monotonic()
        known = {f.path for f in self.watching.followed}
        for path in discovery.news(now):
            if path not in known:
                self.report.say(f"found {told(path)}")
                self.add(path)
        for one in list(self.watching.followed):
            if one.state != "ended":
                self._ended.pop(one, None)
            elif now - self._ended.setdefault(one, now) > _KEEP_S:
                self.watching.drop(one)
                del self._ended[one]


def _settle(beside: Beside, *, at_once: bool) -> None:
    """End publishing, and say what of it is left."""
    beside.close(at_once=at_once)
    waiting = sum(sent.waiting for sent in beside.sent)
    if waiting or beside.troubles:
        output.warn(f"{waiting:,} events were not published yet: {beside.trouble or 'there was no time left'}. "
                    "Watch or publish again to go on.")  # fmt: skip


def _run(paths: list[Path], db: str | None, auto: bool, poll: bool, json_: bool, beside: Beside | None) -> int:
    """Follow until all has ended, or somebody says so; the exit code."""
    with (
        Signals() as signals,
        Watching(polling=poll, interrupt=signals.descriptor, lasting=auto) as watching,
        reporter(json_) as report,
    ):
        books = Bookkeeper(paths, auto=auto, db=db, log=own_log())
        one = _Watch(watching, report, books, db, beside)
        discovery = Discovery(paths) if auto else None
        for path in [] if auto else paths:
            one.add(path)
        try:
            while not signals.received and (auto or not watching.ended):
                if discovery is not None:
                    one.take_up(discovery)
                watching.turn(_SHOW_S)
                one.show()
            one.show(now=True)
            bad = report.end(watching, signals.received)
        finally:
            books.close()
            if beside is not None:
                _settle(beside, at_once=bool(signals.received))
    if signals.received:
        return 130 if signals.interrupted else 0
    return 1 if bad & _BAD else 0
