"""``stampede serve list`` and ``stop``: the services of the user."""

from __future__ import annotations

import time

import click

from stampede.cli import options, output, text
from stampede.errors import UsageError


@click.command("list", epilog=options.example("stampede serve list"))
@options.as_json
@options.common
def list_(json_: bool) -> None:
    """List the services of yours that run."""
    from stampede.service.running import services

    found = services()
    if json_:
        output.print_json({"services": found})
    elif not found:
        click.echo("No service runs. Start one with: stampede serve")
    else:
        made = output.table("pid", "host", "url", "since", "what", "log", right=("pid",), short=("what", "log"))
        for s in found:
            made.add_row(
                str(s.pid), output.text(s.host), output.text(s.url), text.ago(s.started_ts, time.time()),
                output.text(", ".join(s.databases) or "the registry"), output.text(s.log or "-"),
            )  # fmt: skip
        output.show(made)


@click.command(epilog=options.example("stampede serve stop", "stampede serve stop 8642"))
@click.argument("name", required=False, metavar="[PORT|PID|all]")
@options.as_json
@options.common
@click.pass_context
def stop(ctx: click.Context, name: str | None, json_: bool) -> None:
    """Stop a service of yours; which one has to be said only when there are several. Ends with 1 when it stays."""
    from stampede.service.running import services
    from stampede.service.running import stop as end

    running = services()
    found = [s for s in running if name in (None, "all", str(s.pid), s.url.rpartition(":")[2])]
    if not found:
        raise UsageError(f"No service {name or ''} runs. See: stampede serve list".replace("  ", " "))
    if name is None and len(found) > 1:
        raise UsageError(f"{len(found)} services run: name a port, a process or all. See: stampede serve list")
    ended = {s.pid: end(s) for s in found}
    if json_:
        output.print_json({"stopped": [pid for pid, gone in ended.items() if gone],
                           "still_running": [pid for pid, gone in ended.items() if not gone]})  # fmt: skip
    else:
        for s in found:
            how = "has ended" if ended[s.pid] else "was told to end, but has not yet"
            click.echo(f"Service {s.pid} at {s.url} {how}.")
    ctx.exit(0 if all(ended.values()) else 1)
