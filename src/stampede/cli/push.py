"""``stampede push``: send what a submit host has to a server that cannot see its files."""

from __future__ import annotations

from pathlib import Path

import click

from stampede.cli import options, output, sending
from stampede.cli.watch_signals import Signals
from stampede.errors import UsageError
from stampede.pushing import Target

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
        sent = sending.send(paths, target, follow, sending.until(signals, timeout_s))
    waiting = sum(one.waiting for one in sent)
    if json_:
        output.print_json({"server": url, "paths": sent})
    else:
        for one in sent:
            sending.show(one, "stored", url, "Push")
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
