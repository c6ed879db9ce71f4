"""``stampede consume``: the loader at the other end of a bus."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

import click

from stampede.bus import LOADERS, WHOLE, Bus, Part, open_bus
from stampede.cli import options, output, text
from stampede.cli.sending import Trouble
from stampede.cli.watch_signals import BUS_S, Signals
from stampede.consuming import Consume
from stampede.consuming.figures import Standing
from stampede.consuming.telling import MetricsFile, MetricsPort
from stampede.errors import UsageError

_MOST_PARTS: Final = 64


class _PartType(click.ParamType[Part]):
    """``1/2``: the first of two."""

    name = "part"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Part:
        if isinstance(value, Part):
            return value
        number, slash, of = str(value).partition("/")
        if slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= _MOST_PARTS:
            return Part(int(number), int(of))
        raise click.BadParameter(f"{value!r} is no part: 1/2 is the first of two, and there are {_MOST_PARTS} at most.")


@click.command(epilog=options.example(
    "stampede consume --bus amqp://broker.example/site --db sqlite:////var/lib/stampede/site.sqlite",
    "stampede consume --bus file:///shared/bus --db sqlite:///site.sqlite --until-idle 10",
    "stampede consume --bus amqp://broker.example/site --part 1/2 --db postgresql://loader@db1.example/site",
    "stampede consume --bus amqp://broker.example/site --buried",
))  # fmt: skip
@options.bus()
@options.database
@click.option("--group", metavar="NAME", default=LOADERS, show_default=True,
              help="Loaders of one group share the work and a database; each group gets everything.")  # fmt: skip
@click.option("--part", metavar="N/OF", type=_PartType(), default=WHOLE,
              help="Only the Nth of so many parts of the group, into a database of its own: 1/2 and 2/2.")  # fmt: skip
@click.option("--until-idle", "idle_s", type=click.FloatRange(0.1), metavar="SECONDS",
              help="End when nothing has come for so long.")  # fmt: skip
@click.option("--metrics", metavar="FILE|PORT",
              help="Figures as OpenMetrics: in a file, or on a port of loopback.")  # fmt: skip
@click.option("--every", "every_s", type=click.FloatRange(0.1), default=30.0, show_default=True, metavar="SECONDS",
              help="How often to tell how it stands.")  # fmt: skip
@click.option("--buried", is_flag=True, help="List what no loader could use, with reasons, and end.")
@click.option("--revive", is_flag=True, help="Publish again what no loader could use, and end.")
@options.as_json
@options.common
@click.pass_context
def consume(
    ctx: click.Context, bus_url: str, db: str | None, group: str, part: Part, idle_s: float | None,
    metrics: str | None, every_s: float, buried: bool, revive: bool, json_: bool,
) -> None:  # fmt: skip
    """Load what comes over a bus into a database.

    A message is acknowledged when its events are on the disk; what comes twice is passed over, what comes too early
    waits for what is before it, and what is missing becomes a problem. Start several to share the work: events of one
    workflow go to one of them, in order; with --part, each with a database of its own, since those of one database
    take turns. Messages that cannot be used are put aside with a reason. Ends with 0 when
    told to, with 4 when bus or database could not be used in the end.
    """
    bus = open_bus(bus_url)
    if buried or revive:
        _aside(bus, json_, revive=revive)
        ctx.exit(0)
    if db is None:
        raise UsageError("Which database? Name it with --db URL, or set STAMPEDE_DB.")
    ctx.exit(_run(bus, db, group, part, idle_s, metrics, every_s, json_))


def _run(
    bus: Bus, db: str, group: str, part: Part, idle_s: float | None, metrics: str | None, every_s: float, json_: bool
) -> int:  # fmt: skip
    """Consume until somebody says stop; the exit code."""
    teller = _Teller(bus, every_s, json_)
    with Signals(within_s=BUS_S) as signals, ExitStack() as stack:
        one = stack.enter_context(closing(Consume(bus, db, group=group, part=part)))
        figures = stack.enter_context(closing(_metrics(metrics, one))) if metrics else None

        def go_on() -> bool:
            return signals.received is None and (idle_s is None or time.monotonic() - one.idle_since < idle_s)

        while go_on():
            one.turn()
            teller.turn(one)
            if figures is not None:
                figures.turn()
    teller.last(one.figures.standing)
    if signals.interrupted:
        return 130
    return 4 if idle_s is not None and one.figures.trouble else 0


def _metrics(where: str, one: Consume) -> MetricsFile | MetricsPort:
    if where.isdecimal():
        if not 0 <= int(where) <= 65535:
            raise UsageError(f"{where} is no port.")
        return MetricsPort(int(where), one.figures.text)
    return MetricsFile(Path(where), one.figures.text)


class _Teller:
    """Says how a loader stands, now and then."""

    def __init__(self, bus: Bus, every_s: float, json_: bool) -> None:
        self._bus, self._every_s, self._json = bus, every_s, json_
        self._trouble = Trouble("It is tried again; nothing is lost meanwhile.")
        self._next = time.monotonic() + every_s
        self._notice = ""
        self._before = -1

    def turn(self, one: Consume) -> None:
        """Say it when it is time to."""
        self._trouble.tell(one.figures.trouble)
        if self._bus.notice != self._notice:
            self._notice = self._bus.notice
            output.warn(self._notice)
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + self._every_s
        standing = one.figures.standing
        if self._json:
            output.print_json_line(standing)
        elif standing.messages != self._before and not options.VERBOSE.quiet:
            click.echo(_sentence(standing))
        self._before = standing.messages

    def last(self, standing: Standing) -> None:
        """How it stood in the end."""
        if self._json:
            output.print_json_line(standing)
        else:
            click.echo(_sentence(standing))


def _sentence(s: Standing) -> str:
    more = [f"{n:,} {word}" for n, word in
            ((s.duplicates, "known already"), (s.buried, "put aside"), (s.gaps, "gaps")) if n]  # fmt: skip
    return f"{text.count(s.events, 'event')} stored of {text.count(s.messages, 'message')}" + (
        f" ({', '.join(more)})." if more else "."
    )


def _aside(bus: Bus, json_: bool, *, revive: bool) -> None:
    """What was put aside: list it, or publish it again."""
    if revive:
        number = bus.revive()
        if json_:
            output.print_json({"bus": bus.name, "revived": number})
        else:
            click.echo(f"{text.count(number, 'message')} published again.")
        return
    found = bus.buried()
    if json_:
        output.print_json({"bus": bus.name, "buried": [
            {"key": b.message.key, "source": b.message.source, "first": b.message.first, "count": b.message.count,
             "size_bytes": len(b.message.body), "buried_ts": b.buried_ts, "reason": b.reason}
            for b in found
        ]})  # fmt: skip
        return
    for one in found:
        where = f"{one.message.stream} from {one.message.first}" if one.message.source else one.message.key or "?"
        output.show(output.text((where, "bold"), f": {one.reason}"))
    if not found:
        click.echo("Nothing was put aside.")
