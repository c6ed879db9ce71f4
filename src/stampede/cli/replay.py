"""``stampede replay``: a finished run, once more, as if it ran now."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stampede.cli import options, output, text
from stampede.cli.watch_signals import Signals

if TYPE_CHECKING:
    from rich.progress import Progress


@click.command(epilog=options.example("stampede replay runs/run0001 /tmp/again --speed 20",
                                      "stampede replay runs/run0001 /tmp/again --longest-pause 2"))  # fmt: skip
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--speed", type=click.FloatRange(min=0.001), default=10.0, show_default=True, metavar="X",
              help="So many times as fast as it was.")  # fmt: skip
@click.option("--longest-pause", "longest_pause_s", type=click.FloatRange(min=0), metavar="SECONDS",
              help="Cut pauses of the replay short to this.")  # fmt: skip
@options.as_json
@options.common
@click.pass_context
def replay(
    ctx: click.Context, run: Path, folder: Path, speed: float, longest_pause_s: float | None, json_: bool
) -> None:  # fmt: skip
    """Let a finished run happen once more in a new FOLDER, with times of now: to show what watching is like, to try
    rules and screens on, to look at a failure as it came about.

    The recorded RUN is only read. The new one has a uuid of its own; follow it with stampede watch FOLDER. Ends with
    130 when it is interrupted.
    """
    from stampede.replaying import Replay

    play = Replay(run, folder, speed=speed, longest_pause_s=longest_pause_s)
    play.begin()
    output.hint(f"  {text.duration(play.times.duration_s)} long; follow it with: stampede watch {folder}")
    with Signals() as signals, _bar(json_) as bar:
        task = bar.add_task("replay", total=len(play.script.steps))
        played = play.play(
            go_on=lambda: signals.received is None,
            tell=lambda at, _of: bar.update(task, completed=at),
        )
    if json_:
        output.print_json(played)
    else:
        click.echo(f"{folder}: {played.lines} lines in {text.duration(played.duration_s)}.")
    ctx.exit(0 if played.whole else 130)


def _bar(json_: bool) -> Progress:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        console=output.console(err=True), transient=True, disable=json_ or not sys.stderr.isatty(),
    )  # fmt: skip
