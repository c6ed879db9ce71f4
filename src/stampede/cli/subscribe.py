"""``stampede subscribe``: hear what is published on a bus."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import IO

import click

from stampede.bus import open_bus
from stampede.bus.topics import LEVELS, pattern
from stampede.cli import options, output
from stampede.cli.sending import Trouble
from stampede.cli.watch_signals import BUS_S, Signals
from stampede.consuming import Subscribe
from stampede.errors import InputError, UsageError
from stampede.pipeline import encoded

FORMATS = ("bp", "jsonl", "bson")


@click.command(epilog=options.example(
    "stampede subscribe 'job_inst.main.*' --where 'status<0' --bus amqp://broker.example/site",
    "stampede subscribe '#' --level workflow --format jsonl --exec ./notify --bus file:///shared/bus",
))  # fmt: skip
@click.argument("patterns", nargs=-1, required=True, metavar="PATTERN...")
@options.bus()
@click.option("--where", metavar="FILTER", default="", help="Only events that fulfil it, such as 'exitcode!=0'.")
@click.option("--level", type=click.Choice(tuple(LEVELS)), default="all", show_default=True, help="How much is told.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="bp", show_default=True)
@click.option("--output", "-o", "target", metavar="FILE", help="Add to that file instead of to standard output.")
@click.option("--exec", "command", metavar="CMD", help="Start that command, and write the events to its input.")
@click.option("--count", "most", type=click.IntRange(1), metavar="N", help="End after so many events.")
@click.option("--timeout", "timeout_s", type=click.FloatRange(0.1), metavar="SECONDS", help="End after so long.")
@click.option("--json", "json_", is_flag=True, help="The same as --format jsonl.")
@options.common
@click.pass_context
def subscribe(
    ctx: click.Context, patterns: tuple[str, ...], bus_url: str, where: str, level: str, form: str,
    target: str | None, command: str | None, most: int | None, timeout_s: float | None, json_: bool,
) -> None:  # fmt: skip
    """Hear the events whose names are like one of the patterns, from now on.

    In a PATTERN * is any one word of a name and # any number; stampede. may be left out. The filter has the grammar of
    the lists (docs/reference/collections.md) over the attributes of the events, and event for the name. After an outage
    it goes on by itself, and says how many events were missed. Ends with 0, with 1 when the command failed, or
    with 4 when the bus did not let it go within 30 s.
    """
    if target is not None and command is not None:
        raise UsageError("Either into a file or into a command.")
    one = Subscribe(open_bus(bus_url), [pattern(p) for p in patterns], level=level, where=where)
    with Signals(within_s=BUS_S) as signals, ExitStack() as stack:
        stack.enter_context(closing(one))
        sink = _Sink(stack, target, command)
        until = time.monotonic() + timeout_s if timeout_s is not None else float("inf")
        _listen(one, sink, "jsonl" if json_ else form, most,
                lambda: signals.received is None and time.monotonic() < until)  # fmt: skip
    code = sink.code()
    if one.missed:
        output.warn(f"{one.missed:,} events were missed.")
    if code:
        output.warn(f"the command ended with {code}.")
    ctx.exit(130 if signals.interrupted else 1 if code else 4 if one.trouble else 0)


def _listen(one: Subscribe, sink: _Sink, form: str, most: int | None, go_on: Callable[[], bool]) -> None:
    trouble = Trouble("It is tried again; what is published meanwhile is missed.")
    told = 0
    while go_on() and (most is None or told < most) and not sink.gone:
        events = list(one.turn())
        if most is not None:
            events = events[: most - told]
        told += len(events)
        if events:
            sink.write(b"".join(encoded(events, form, "current")))
        trouble.tell(one.trouble)


class _Sink:
    """Where events are written. Raises InputError when a file or a command cannot be used."""

    def __init__(self, stack: ExitStack, target: str | None, command: str | None) -> None:
        self.gone = False
        self._process: subprocess.Popen[bytes] | None = None
        self._file: IO[bytes] = sys.stdout.buffer
        try:
            if command is not None:
                words = shlex.split(command)
                if not words:
                    raise UsageError("--exec wants a command.")
                self._process = subprocess.Popen(words, stdin=subprocess.PIPE)
                assert self._process.stdin is not None
                self._file = self._process.stdin
            elif target is not None and target != "-":
                self._file = stack.enter_context(open(target, "ab"))  # noqa: SIM115 - the stack closes it
        except OSError as e:
            raise InputError(f"{command or target} cannot be used: {e.strerror}.") from e
        except ValueError as e:
            raise UsageError(f"The command cannot be read: {e}.") from e

    def write(self, data: bytes) -> None:
        """At once, so that whoever reads sees it."""
        try:
            self._file.write(data)
            self._file.flush()
        except BrokenPipeError:
            if self._process is None:
                raise
            self.gone = True

    def code(self) -> int:
        """What the command ended with, after its input has ended; 0 without one."""
        if self._process is None:
            return 0
        try:
            self._file.close()
        except BrokenPipeError:
            pass
        return self._process.wait()
