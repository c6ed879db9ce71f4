"""``stampede push``: send what a submit host has to a server that cannot see its files."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import click

from stampede.cli import options, output, text
from stampede.cli.watch_signals import Signals
from stampede.errors import UsageError
from stampede.pushing import Push, Target
from stampede.pushing.leftover import send_leftover
from stampede.pushing.push import Sent, is_followed, leftover

#: what is in the way is said when it lasts so long, and again so often, in seconds
_TELL_S = (3.0, 60.0)
_SERVER = "STAMPEDE_SERVER"


@click.command(epilog=options.example("stampede push --follow runs/run0001 https://monitor.example:8642",
                                      "stampede push run.bp --to http://127.0.0.1:8642"))  # fmt: skip
@click.argument("what", nargs=-1, required=True, metavar="PATH... [URL]")
@click.option("--to", metavar="URL", envvar=_SERVER, help=f"The server, unless it is among the arguments [{_SERVER}].")
@click.option("--token", metavar="TOKEN", envvar="STAMPEDE_TOKEN",
              help="A credential that may write [STAMPEDE_TOKEN, where others do not see it].")  # fmt: skip
@click.option("--follow", "-f", is_flag=True, help="Go on while the workflows run.")
@click.option("--source", metavar="NAME", help="What the server is to call the sender (default: machine and path).")
@click.option("--spool", metavar="DIR", type=click.Path(path_type=Path), help="Where events wait (default: the user's "
              "state folder).")  # fmt: skip
@click.option("--certificate", metavar="FILE", help="Certificates to trust beside those of the system (PEM).")
@click.option("--timeout", "timeout_s", type=float, metavar="SECONDS",
              help="Give up after so long; what was not stored waits for the next push.")  # fmt: skip
@options.as_json
@options.common
@click.pass_context
def push(
    ctx: click.Context, what: tuple[str, ...], to: str | None, token: str | None, follow: bool, source: str | None,
    spool: Path | None, certificate: str | None, timeout_s: float | None, json_: bool,
) -> None:  # fmt: skip
    """Send submit directories, .dag files, logs or event files to a server, which stores each event once.

    Events wait in a spool on the disk while the server or the network is away; a push that was killed goes on where it
    was when it is started again. A PATH may also be the spool of a program that ended too early. Ends with 4 when the
    server has not stored everything.
    """
    paths, url = _sorted_out(what, to)
    target = Target(url=url, token=token, certificate=certificate, source=source, spool=spool)
    target.check()  # a wrong URL is refused before anything is read
    with Signals() as signals:
        go_on = _until(signals, timeout_s)
        sent = _send(paths, target, follow, go_on)
    waiting = sum(one.waiting for one in sent)
    if json_:
        output.print_json({"server": url, "paths": sent})
    else:
        for one in sent:
            _print(one, url)
    ctx.exit(130 if signals.interrupted and waiting else 4 if waiting else 0)


def _sorted_out(what: tuple[str, ...], to: str | None) -> tuple[list[Path], str]:
    """Paths, and the URL of the server."""
    urls = [one for one in what if one.startswith(("http://", "https://"))]
    paths = [Path(one) for one in what if one not in urls]
    if len(urls) > 1:
        raise UsageError("There can be one server only.")
    url = urls[0] if urls else to
    if url is None:
        raise UsageError(f"To which server? Write its URL behind the paths, or set {_SERVER}.")
    if not paths:
        raise UsageError("What is to be sent? Name a submit directory, a log or an event file.")
    return paths, url


def _until(signals: Signals, timeout_s: float | None) -> Callable[[], bool]:
    until = float("inf") if timeout_s is None else time.monotonic() + timeout_s
    return lambda: signals.received is None and time.monotonic() < until


def _send(paths: list[Path], target: Target, follow: bool, go_on: Callable[[], bool]) -> list[Sent]:
    spools = [path for path in paths if leftover(path)]
    runs = [path for path in paths if path not in spools]
    sent = [send_leftover(path, target, go_on) for path in spools]
    growing = [path for path in runs if follow and is_followed(path)]
    if follow and len(growing) < len(runs):
        raise UsageError("Only submit directories, .dag files and dagman.out can be followed.")
    if not runs:
        return sent
    with Push(runs, target) as pushing:
        pushing.go_on = _teller(pushing, go_on)
        if follow:
            pushing.follow()
        else:
            pushing.once()
        sent += pushing.sent
    return sent


def _teller(pushing: Push, go_on: Callable[[], bool]) -> Callable[[], bool]:
    """``go_on`` that says now and then what is in the way."""
    since: dict[str, float] = {}
    next_word = 0.0

    def told() -> bool:
        nonlocal next_word
        now = time.monotonic()
        trouble = next((one.trouble for one in pushing.sent if one.trouble), None)
        if trouble is None:
            since.clear()
        elif now - since.setdefault("trouble", now) > _TELL_S[0] and now >= next_word:
            next_word = now + _TELL_S[1]
            output.warn(f"{trouble}. Events wait in the spool; it is tried again.")
        return go_on()

    return told


def _print(one: Sent, url: str) -> None:
    news = f": {text.count(one.events, 'event')} read"
    if not one.waiting:
        output.show(output.text((one.path, "bold"), f"{news}, all stored by {url}."))
        return
    output.show(output.text((one.path, "bold"), f"{news}, ", (f"{one.waiting:,} not stored yet", "yellow"), "."))
    output.warn(f"{one.trouble or 'There was no time left'}. Push again to go on.")
