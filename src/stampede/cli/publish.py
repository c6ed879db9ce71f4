"""``stampede publish``: send what a submit host has to a bus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stampede.bus import open_bus
from stampede.cli import options, output, sending
from stampede.cli.watch_signals import BUS_S, Signals
from stampede.errors import UsageError
from stampede.pushing.carrier import FORMS, BusTarget


@click.command(epilog=options.example(
    "stampede publish --follow runs/run0001 --bus amqp://broker.example/site",
    "stampede publish run.bp --bus file:///shared/bus",
    "stampede publish --single --format json runs/run0001 --bus amqp://broker.example/site/monitoring",
))  # fmt: skip
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@options.bus()
@click.option("--follow", "-f", is_flag=True, help="Go on while the workflows run.")
@click.option("--single", is_flag=True, help="One event a message, its name as routing key, as Pegasus' monitor does.")
@click.option("--format", "form", type=click.Choice(tuple(FORMS)), help="Of single events.  [default: json]")
@click.option("--source", metavar="NAME", help="What loaders are to call the sender (default: machine and path).")
@click.option("--spool", metavar="DIR", type=click.Path(path_type=Path), help="Where events wait (default: the user's "
              "state folder).")  # fmt: skip
@click.option("--timeout", "timeout_s", type=float, metavar="SECONDS",
              help="Give up after so long; what was not taken waits for the next publish.")  # fmt: skip
@options.as_json
@options.common
@click.pass_context
def publish(
    ctx: click.Context, paths: tuple[Path, ...], bus_url: str, follow: bool, single: bool, form: Any,
    source: str | None, spool: Path | None, timeout_s: float | None, json_: bool,
) -> None:  # fmt: skip
    """Send submit directories, .dag files, logs or event files to a bus.

    Events go in batches that the bus confirms. They wait in a spool on the disk while it is away or full, and are sent
    in order afterwards; a publish that was killed goes on where it was when it is started again. Ends with 4 when the
    bus has not taken everything. Singly sent events carry no number: loaders cannot tell what of them is missing.
    """
    if form is not None and not single:
        raise UsageError("--format is about single events: give --single too.")
    bus = open_bus(bus_url)
    target = BusTarget(url=bus.name, bus=bus, single=(form or "json") if single else None, source=source, spool=spool)
    with Signals(within_s=BUS_S) as signals:
        sent = sending.send(list(paths), target, follow, sending.until(signals, timeout_s))
    if bus.notice:
        output.warn(bus.notice)
    waiting = sum(one.waiting for one in sent)
    if json_:
        output.print_json({"bus": bus.name, "paths": sent})
    else:
        for one in sent:
            sending.show(one, "taken", bus.name, "Publish")
    ctx.exit(130 if signals.interrupted and waiting else 4 if waiting else 0)
