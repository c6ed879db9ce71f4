"""``stampede serve``: every answer over HTTP."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stampede.cli import options, output
from stampede.cli.naming import database_of
from stampede.cli.options import VERBOSE
from stampede.cli.serve_list import list_, stop
from stampede.cli.serve_tokens import password, token
from stampede.errors import UsageError
from stampede.query.registry import shown as without_password

if TYPE_CHECKING:
    from stampede.service.serving import Service
    from stampede.service.settings import Settings


#: processes that answer questions, unless more are asked for
_MOST_WORKERS = 4


class _StartByDefault(click.Group):
    """A group whose ``start`` runs when no other of its verbs is named, so that it takes paths."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["start", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_StartByDefault, epilog=options.example(
    "stampede serve", "stampede serve --detach runs/run0001", "stampede serve token create --user ada",
))  # fmt: skip
def serve() -> None:
    """Serve all answers over HTTP: the REST interface below /api/v1, figures at /metrics.

    Without a verb it starts, with the options of stampede serve start.
    """


@serve.command(epilog=options.example(
    "stampede serve", "stampede serve runs/run0001 --port 0",
    "stampede serve --host 0.0.0.0 --tls-certificate cert.pem --tls-key key.pem",
    "stampede serve --trust-proxy 127.0.0.1 --user-header X-Remote-User --admin ada",
))  # fmt: skip
@click.argument("paths", nargs=-1, metavar="[SUBMIT_DIR]...")
@click.option(
    "--db",
    "dbs",
    metavar="URL",
    multiple=True,
    help="Database, sqlite:///FILE or of a server; may be repeated.  [env STAMPEDE_DB; default: all of the registry]",
)
@click.option(
    "--intake", metavar="URL", help="Database for events that are sent in.  [default: the first that is served]"
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0: all (IPv4).")
@click.option("--port", type=click.IntRange(0, 65535), default=8642, show_default=True, help="0: any that is free.")
@click.option("--tls-certificate", "certificate", metavar="FILE", help="Certificate with its chain, in PEM.")
@click.option("--tls-key", "key", metavar="FILE", help="Its key, in PEM.")
@click.option("--passwords", metavar="FILE", help="Users for HTTP basic; see stampede serve password.")
@click.option(
    "--trust-proxy",
    "proxies",
    metavar="ADDRESS",
    multiple=True,
    help="Address or network of a reverse proxy whose headers are believed; may be repeated.",
)
@click.option("--user-header", metavar="NAME", default="", help="In which it names the user, such as X-Remote-User.")
@click.option("--admin", "admins", metavar="USER", multiple=True, help="A user of the proxy's who sees all workflows.")
@click.option("--name", "names", metavar="HOST", multiple=True, help="Another name by which the service is called.")
@click.option(
    "--workers",
    type=click.IntRange(0, 64),
    metavar="N",
    help="Processes that answer questions, beside the one that serves; 0: it answers them itself.  "
    "[default: one for each core, at most 4; 0 where there is one core]",
)
@click.option("--always-ask", is_flag=True, help="Ask for a credential on loopback too, also processes of yours.")
@click.option("--detach", is_flag=True, help="Go on in the background, with a log in the state folder.")
@click.option("--log-json", is_flag=True, help="Say what happens as JSON lines, for programs.")
@click.option("--log-requests", is_flag=True, help="Say a line for each request.")
@options.as_json
@options.common
def start(
    paths: tuple[str, ...], dbs: tuple[str, ...], detach: bool, log_json: bool, log_requests: bool, json_: bool,
    always_ask: bool, **given: Any,
) -> None:  # fmt: skip
    """Start to serve: the workflows of what is named (submit directories, databases), else all of the registry.

    On loopback your own processes need no credential; all others do, and everybody at any other address. It ends when
    interrupted or told to, and gives the answers under way first.
    """
    from stampede.service.logs import set_up
    from stampede.service.port import listening
    from stampede.service.serving import Service, check

    set_up(json=log_json, access=log_requests, verbose=VERBOSE.asked)
    settings = _settings(_databases(paths, dbs), always_ask, given)
    check(settings)
    sockets = listening(settings.host, settings.port)
    service = Service(settings, sockets)
    link = service.login_link() if _wants_link(settings, detach) else None
    if detach and _detached(service, link, json_):
        return
    if not detach:
        _tell(service, link, json_)
    from stampede.watching.detached import own_log

    service.run(own_log())


def _databases(paths: tuple[str, ...], dbs: tuple[str, ...]) -> tuple[str, ...]:
    """Absolute URLs of what is to be served; empty: what the registry has."""
    named = [*dbs, *(database_of(None, path) for path in paths)]
    if not named and os.environ.get("STAMPEDE_DB"):
        named = [os.environ["STAMPEDE_DB"]]
    from stampede.query.registry import absolute

    return tuple(dict.fromkeys(absolute(url) for url in named))


def _settings(databases: tuple[str, ...], always_ask: bool, given: dict[str, Any]) -> Settings:
    from stampede.service.settings import Settings

    for name in ("certificate", "key", "passwords"):
        given[name] = Path(os.path.abspath(given[name])) if given[name] else None
    if given["intake"]:
        from stampede.query.registry import absolute

        given["intake"] = absolute(given["intake"])
    for name in given["admins"]:
        if not given["user_header"]:
            raise UsageError(f"--admin {name} is about users that a proxy names: give --user-header too.")
    if given["workers"] is None:
        given["workers"] = _default_workers()
    return Settings(databases=databases, local=not always_ask, **given)


def _default_workers() -> int:
    cores = len(os.sched_getaffinity(0))
    return min(cores, _MOST_WORKERS) if cores > 1 else 0


def _wants_link(settings: Settings, detach: bool) -> bool:
    """Where a credential is asked for, and somebody at a terminal who may have none: never into a file or journal."""
    from stampede.service.port import is_loopback

    return (not settings.local or not is_loopback(settings.host)) and sys.stdout.isatty()


def _detached(service: Service, link: str | None, json_: bool) -> bool:
    """Whether this is the process that was asked, which has told what there is to tell."""
    from stampede.watching.detached import detach

    log = detach(f"port{service.url.rpartition(':')[2]}", "service")
    if log is None:
        return False
    _tell(service, link, json_, log=str(log))
    return True


def _tell(service: Service, link: str | None, json_: bool, log: str | None = None) -> None:
    """Where it is, before it answers: whoever comes waits in line for the moment that it takes."""
    settings = service.settings
    if json_:
        output.print_json_line({"url": service.url, "databases": settings.databases, "log": log, "login": link})
        return
    what = (
        f"{len(settings.databases)} databases"
        if len(settings.databases) > 1
        else "".join(map(without_password, settings.databases))
    )
    click.echo(f"Serving {what or 'the workflows of the registry'} at {service.url}" + (f"; log {log}" if log else ""))
    if link:
        click.echo(f"Log in once, within ten minutes, at {link}")
    for line in _remarks(settings):
        output.warn(line)
    output.hint("  stop: stampede serve stop" if log else "  stop: Ctrl-C")
    sys.stdout.flush()


def _remarks(settings: Settings) -> list[str]:
    from stampede.query.registry import entries
    from stampede.service.port import is_loopback

    found = []
    if not is_loopback(settings.host) and settings.certificate is None and not settings.proxies:
        found.append("without TLS everybody on the way can read credentials: give --tls-certificate and --tls-key.")
    if not settings.databases and not entries(limit=1):
        found.append("the registry has no workflow yet; those that are watched from now on are served at once.")
    return found


serve.add_command(list_)
serve.add_command(stop)
serve.add_command(token)
serve.add_command(password)
